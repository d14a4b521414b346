//! Trades as freqtrade writes them.

use serde::Serialize;
use tc_backtest::{Run, Side, Trade, date_of, day_of, weekday};

/// The trades in the order in which they were closed.
#[must_use]
pub fn trades(run: &Run) -> Vec<TradeRecord<'_>> {
    run.trades
        .iter()
        .map(|trade| TradeRecord::of(run, trade))
        .collect()
}

/// A trade, written as JSON with freqtrade's names.
#[derive(Debug, Serialize)]
pub struct TradeRecord<'a> {
    pair: &'a str,
    stake_amount: f64,
    max_stake_amount: f64,
    amount: f64,
    open_date: String,
    close_date: String,
    open_rate: f64,
    close_rate: f64,
    fee_open: f64,
    fee_close: f64,
    trade_duration: i64,
    profit_ratio: f64,
    profit_abs: f64,
    exit_reason: &'a str,
    initial_stop_loss_abs: f64,
    initial_stop_loss_ratio: f64,
    stop_loss_abs: f64,
    stop_loss_ratio: f64,
    liquidation_price: Option<f64>,
    min_rate: f64,
    max_rate: f64,
    is_open: bool,
    enter_tag: Option<&'a str>,
    leverage: f64,
    is_short: bool,
    open_timestamp: i64,
    close_timestamp: i64,
    orders: [OrderRecord<'a>; 2],
    funding_fees: f64,
    weekday: i64,
}

#[derive(Debug, Serialize)]
struct OrderRecord<'a> {
    amount: f64,
    safe_price: f64,
    ft_order_side: &'static str,
    order_filled_timestamp: i64,
    ft_is_entry: bool,
    ft_order_tag: Option<&'a str>,
    cost: f64,
}

impl<'a> TradeRecord<'a> {
    fn of(run: &'a Run, trade: &'a Trade) -> Self {
        let (entry_side, exit_side) = match trade.side {
            Side::Long => ("buy", "sell"),
            Side::Short => ("sell", "buy"),
        };
        let (enter_tag, exit_reason) = (trade.enter_tag.as_deref(), trade.exit_reason.as_str());
        let entry = OrderRecord {
            amount: trade.amount,
            safe_price: trade.entry_rate,
            ft_order_side: entry_side,
            order_filled_timestamp: trade.open_ms,
            ft_is_entry: true,
            ft_order_tag: enter_tag,
            cost: trade.entry_cost,
        };
        let exit = OrderRecord {
            safe_price: trade.close_rate,
            ft_order_side: exit_side,
            order_filled_timestamp: trade.close_ms,
            ft_is_entry: false,
            ft_order_tag: Some(exit_reason),
            cost: trade.exit_cost,
            ..entry
        };
        Self {
            pair: run.pairs.get(trade.pair).map_or("", String::as_str),
            stake_amount: trade.stake_amount,
            max_stake_amount: trade.stake_amount,
            amount: trade.amount,
            open_date: date_text(trade.open_ms),
            close_date: date_text(trade.close_ms),
            open_rate: trade.open_rate,
            close_rate: trade.close_rate,
            fee_open: trade.fee_open,
            fee_close: trade.fee_close,
            trade_duration: trade.duration_minutes(),
            profit_ratio: trade.profit_ratio,
            profit_abs: trade.profit_abs,
            exit_reason,
            initial_stop_loss_abs: trade.initial_stop_loss_abs,
            initial_stop_loss_ratio: trade.initial_stop_loss_ratio,
            stop_loss_abs: trade.stop_loss_abs,
            stop_loss_ratio: trade.stop_loss_ratio,
            liquidation_price: trade.liquidation_price,
            min_rate: trade.min_rate,
            max_rate: trade.max_rate,
            is_open: false,
            enter_tag,
            leverage: trade.leverage,
            is_short: trade.side == Side::Short,
            open_timestamp: trade.open_ms,
            close_timestamp: trade.close_ms,
            orders: [entry, exit],
            funding_fees: trade.funding_fees,
            weekday: weekday(day_of(trade.close_ms)),
        }
    }
}

/// `2025-01-31 09:05:00+00:00`.
fn date_text(time_ms: i64) -> String {
    format!("{}+00:00", instant_text(time_ms))
}

/// `2025-01-31 09:05:00`, in UTC.
pub(super) fn instant_text(time_ms: i64) -> String {
    let second = time_ms.div_euclid(1_000).rem_euclid(86_400);
    let (hours, minutes, seconds) = (second / 3_600, second / 60 % 60, second % 60);
    format!(
        "{} {hours:02}:{minutes:02}:{seconds:02}",
        day_text(day_of(time_ms))
    )
}

/// `2025-01-31`.
pub(super) fn day_text(day: i64) -> String {
    let date = date_of(day);
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}
