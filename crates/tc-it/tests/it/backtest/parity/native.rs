//! A case in the engine of this program, reported under freqtrade's names.

use serde_json::{Map, Value, json};
use tc_backtest::{
    ClosedTrades, FundingSeries, GroupKey, GroupLine, Metrics, PairInput, PairSeries, Period, Run, Side,
    Signal, SignalColumns, Trade, Trading, date_of, simulate,
};

use super::cases::{RandomCase, RandomPair};

const SIGNALS: [Signal; 4] = [
    Signal::EnterLong,
    Signal::ExitLong,
    Signal::EnterShort,
    Signal::ExitShort,
];

impl RandomCase {
    pub(super) fn run(&self) -> Run {
        let futures = matches!(self.config.trading, Trading::Futures { .. });
        let prepared = |pair: &RandomPair| {
            let market = pair.market.market.clone();
            PairSeries::prepare(market, &pair.candles, self.timeframe, self.range).unwrap()
        };
        let series: Vec<PairSeries> = self.pairs.iter().map(prepared).collect();
        let first_ms = series.iter().map(|series| series.time_ms(0)).min().unwrap();
        let span = self.range.span(first_ms, self.timeframe.seconds() * 1_000);
        let ready: Vec<_> = (self.pairs.iter().zip(series))
            .map(|(pair, series)| {
                let funding = futures.then(|| FundingSeries::new(&pair.rates, &pair.marks, span.clone()));
                (series, columns(pair), funding)
            })
            .collect();
        let inputs: Vec<_> = ready
            .iter()
            .map(|(series, signals, funding)| PairInput {
                series,
                signals,
                funding: funding.as_ref(),
            })
            .collect();
        simulate(&self.config, &inputs).unwrap()
    }
}

fn columns(pair: &RandomPair) -> SignalColumns {
    let mut columns = SignalColumns::new(pair.signals.len());
    for (at, row) in pair.signals.iter().enumerate() {
        for (signal, _) in SIGNALS.iter().zip(row.flags).filter(|(_, is_set)| *is_set) {
            columns.set(at, *signal);
        }
        if !row.enter_tag.is_empty() {
            columns.tag_entry(at, row.enter_tag.into());
        }
        if !row.exit_tag.is_empty() {
            columns.tag_exit(at, row.exit_tag.into());
        }
    }
    columns
}

/// The trades; every one of these fields is compared by its bits.
pub(super) fn trades(run: &Run) -> Value {
    run.trades.iter().map(|trade| fields(run, trade)).collect()
}

fn fields(run: &Run, trade: &Trade) -> Value {
    let (entry, exit) = match trade.side {
        Side::Long => ("buy", "sell"),
        Side::Short => ("sell", "buy"),
    };
    json!({
        "pair": run.pairs[trade.pair], "is_short": trade.side == Side::Short, "leverage": trade.leverage,
        "open_timestamp": trade.open_ms, "close_timestamp": trade.close_ms,
        "trade_duration": trade.duration_minutes(), "open_rate": trade.open_rate, "close_rate": trade.close_rate,
        "stake_amount": trade.stake_amount, "max_stake_amount": trade.stake_amount, "amount": trade.amount,
        "fee_open": trade.fee_open, "fee_close": trade.fee_close, "profit_abs": trade.profit_abs,
        "profit_ratio": trade.profit_ratio, "funding_fees": trade.funding_fees,
        "exit_reason": trade.exit_reason.as_str(), "enter_tag": trade.enter_tag.as_deref().unwrap_or_default(),
        "initial_stop_loss_abs": trade.initial_stop_loss_abs, "stop_loss_abs": trade.stop_loss_abs,
        "initial_stop_loss_ratio": trade.initial_stop_loss_ratio, "stop_loss_ratio": trade.stop_loss_ratio,
        "min_rate": trade.min_rate, "max_rate": trade.max_rate,
        "orders": [
            { "amount": trade.amount, "safe_price": trade.entry_rate, "ft_order_side": entry, "ft_is_entry": true,
              "order_filled_timestamp": trade.open_ms, "cost": trade.entry_cost },
            { "amount": trade.amount, "safe_price": trade.close_rate, "ft_order_side": exit, "ft_is_entry": false,
              "order_filled_timestamp": trade.close_ms, "cost": trade.exit_cost },
        ],
    })
}

/// Every number of the run that freqtrade has too.
pub(super) fn metrics(run: &Run) -> Value {
    let metrics = Metrics::of(run);
    let mut told = closed(&metrics.closed);
    for more in [of_run(run, &metrics), tables(&metrics), wallet(&metrics)] {
        told.extend(more.as_object().unwrap().clone());
    }
    if !run.trades.is_empty() {
        told.extend(of_trades(&metrics).as_object().unwrap().clone());
    }
    told.into()
}

fn closed(numbers: &ClosedTrades) -> Map<String, Value> {
    let told = json!({
        "wins": numbers.wins, "draws": numbers.draws, "losses": numbers.losses, "winrate": numbers.winrate,
        "profit_total_abs": numbers.profit_total_abs, "profit_total": numbers.profit_total,
        "profit_mean": numbers.profit_mean, "expectancy": numbers.expectancy,
        "expectancy_ratio": numbers.expectancy_ratio, "sharpe": numbers.sharpe, "sortino": numbers.sortino,
        "calmar": numbers.calmar, "sqn": numbers.sqn, "p_value": numbers.p_value,
        "profit_factor": numbers.profit_factor, "max_drawdown_account": numbers.max_drawdown_account,
        "max_drawdown_abs": numbers.max_drawdown_abs,
    });
    told.as_object().unwrap().clone()
}

fn of_run(run: &Run, metrics: &Metrics) -> Value {
    let days = &metrics.days;
    json!({
        "total_trades": metrics.closed.trades, "trade_count_long": metrics.trade_count_long,
        "trade_count_short": metrics.trade_count_short, "profit_total_long_abs": metrics.profit_total_long_abs,
        "profit_total_short_abs": metrics.profit_total_short_abs, "profit_median": metrics.profit_median,
        "cagr": metrics.cagr, "backtest_start_ts": run.begin_ms, "backtest_end_ts": run.finish_ms,
        "backtest_days": metrics.backtest_days, "trades_per_day": metrics.trades_per_day,
        "market_change": metrics.market_change, "starting_balance": metrics.starting_balance,
        "final_balance": metrics.final_balance, "rejected_signals": metrics.rejected_signals,
        "timedout_exit_orders": metrics.timedout_exit_orders, "avg_stake_amount": metrics.avg_stake_amount,
        "total_volume": metrics.total_volume, "backtest_best_day": days.best, "backtest_worst_day": days.worst,
        "backtest_best_day_abs": days.best_abs, "backtest_worst_day_abs": days.worst_abs,
        "winning_days": days.winning, "draw_days": days.draws, "losing_days": days.losing,
        "max_consecutive_wins": metrics.holding.max_consecutive_wins,
        "max_consecutive_losses": metrics.holding.max_consecutive_losses,
    })
}

/// What only a run with trades has.
fn of_trades(metrics: &Metrics) -> Value {
    let (holding, drawdown) = (&metrics.holding, metrics.drawdown.unwrap());
    let day = |day: i64| {
        let date = date_of(day);
        format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
    };
    json!({
        "holding_avg_s": holding.avg_minutes * 60, "winner_holding_min_s": holding.winners.min_minutes * 60,
        "winner_holding_max_s": holding.winners.max_minutes * 60,
        "winner_holding_avg_s": holding.winners.avg_minutes * 60,
        "loser_holding_min_s": holding.losers.min_minutes * 60,
        "loser_holding_max_s": holding.losers.max_minutes * 60,
        "loser_holding_avg_s": holding.losers.avg_minutes * 60,
        "max_relative_drawdown": drawdown.fall.max_relative, "drawdown_start_ts": drawdown.start_ms,
        "drawdown_end_ts": drawdown.end_ms, "drawdown_duration_s": drawdown.duration_s(),
        "max_drawdown_high": drawdown.fall.high, "max_drawdown_low": drawdown.fall.low,
        "csum_min": drawdown.csum_min, "csum_max": drawdown.csum_max,
        "daily_profit": metrics.days.profits.iter().map(|(at, profit)| json!([day(*at), profit])).collect::<Value>(),
    })
}

fn tables(metrics: &Metrics) -> Value {
    let lines = |lines: &[GroupLine]| -> Value { lines.iter().map(line).collect() };
    let (groups, breakdown) = (&metrics.groups, &metrics.periodic_breakdown);
    json!({
        "results_per_pair": lines(&groups.pairs), "results_per_enter_tag": lines(&groups.enter_tags),
        "exit_reason_summary": lines(&groups.exit_reasons), "mix_tag_stats": lines(&groups.entry_and_exit),
        "left_open_trades": lines(&groups.left_open),
        "periodic_breakdown": {
            "day": periods(&breakdown.day), "week": periods(&breakdown.week), "month": periods(&breakdown.month),
            "year": periods(&breakdown.year), "weekday": periods(&breakdown.weekday),
        },
    })
}

fn line(line: &GroupLine) -> Value {
    let mut told = closed(&line.numbers);
    let key = match &line.key {
        GroupKey::Name(name) => json!(name),
        GroupKey::EntryAndExit {
            enter_tag,
            exit_reason,
        } => json!([enter_tag, exit_reason]),
        GroupKey::Total => json!("TOTAL"),
    };
    told.insert("key".into(), key);
    told.insert("trades".into(), line.numbers.trades.into());
    told.insert("cagr".into(), line.numbers.cagr.into());
    told.into()
}

fn periods(periods: &[Period]) -> Value {
    let period = |period: &Period| {
        json!({
            "date_ts": period.label, "profit_abs": period.profit_abs, "wins": period.wins, "draws": period.draws,
            "losses": period.losses, "trades": period.trades(), "profit_factor": period.profit_factor,
        })
    };
    periods.iter().map(period).collect()
}

fn wallet(metrics: &Metrics) -> Value {
    let wallet = metrics.wallet_stats.unwrap();
    json!({ "wallet_stats": {
        "start_balance": wallet.start_balance, "end_balance": wallet.end_balance,
        "high_balance": wallet.high_balance, "low_balance": wallet.low_balance, "high_ts": wallet.high_ms,
        "low_ts": wallet.low_ms, "sharpe": wallet.sharpe, "sortino": wallet.sortino, "calmar": wallet.calmar,
        "max_drawdown_account": wallet.drawdown.account, "max_relative_drawdown": wallet.drawdown.max_relative,
        "max_drawdown_abs": wallet.drawdown.abs, "max_drawdown_high": wallet.drawdown.high,
        "max_drawdown_low": wallet.drawdown.low, "drawdown_start_ts": wallet.drawdown_start_ms,
        "drawdown_end_ts": wallet.drawdown_end_ms,
    }})
}
