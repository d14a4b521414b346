//! What a run was worth, in numbers.
//!
//! Ratios of closed trades follow freqtrade to the last digit, odd ones included; those of the wallet and everything in
//! [`Extra`] are comparable with other toolkits. Ratios that divide by nothing are -100 where freqtrade says so and
//! `None` elsewhere.

mod closed;
mod days;
mod drawdown;
mod extra;
mod groups;
mod holding;
mod periods;
mod wallet;

use crate::{
    calendar::day_of,
    rounding::round_decimals,
    run::Run,
    signals::Side,
    statistics::{mean, median, sum},
};

pub use closed::ClosedTrades;
pub use days::DayStats;
pub use drawdown::{Drawdown, TradeDrawdown};
pub use extra::{Extra, MonthlyReturn};
pub use groups::{GroupKey, GroupLine, Groups};
pub use holding::{Holding, HoldingRange};
pub use periods::{Breakdown, Period};
pub use wallet::WalletStats;

/// Everything that is known about a run. Names are those of freqtrade's statistics.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics {
    /// Whole days of the run, at least 1.
    pub backtest_days: i64,
    /// Money at the start.
    pub starting_balance: f64,
    /// Money at the end.
    pub final_balance: f64,
    /// All trades together.
    pub closed: ClosedTrades,
    /// Growth of the balance, extrapolated to a year.
    pub cagr: f64,
    /// Number of long trades.
    pub trade_count_long: usize,
    /// Number of short trades.
    pub trade_count_short: usize,
    /// What long trades brought.
    pub profit_total_long_abs: f64,
    /// What short trades brought.
    pub profit_total_short_abs: f64,
    /// Median of the profit ratios.
    pub profit_median: f64,
    /// Mean stake.
    pub avg_stake_amount: f64,
    /// What all orders moved, fees included.
    pub total_volume: f64,
    /// Trades per day, two decimals.
    pub trades_per_day: f64,
    /// Mean change of the pairs.
    pub market_change: f64,
    /// Entry signals that found no free slot.
    pub rejected_signals: u64,
    /// Exits that were taken back because they were not filled in time.
    pub timedout_exit_orders: u64,
    /// Deepest fall of the closed profit; `None` without trades.
    pub drawdown: Option<TradeDrawdown>,
    /// How long trades were open, and streaks.
    pub holding: Holding,
    /// Profit per day.
    pub days: DayStats,
    /// Profit per period.
    pub periodic_breakdown: Breakdown,
    /// Tables by pair, tag and reason.
    pub groups: Groups,
    /// What the wallet did; `None` without any candle.
    pub wallet_stats: Option<WalletStats>,
    /// What other toolkits show.
    pub extra: Extra,
}

impl Metrics {
    /// Everything about a run.
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let all: Vec<_> = run.trades.iter().collect();
        let span = Span::of(run);
        let closed = ClosedTrades::of(&all, span);
        let side = |side: Side| -> Vec<f64> {
            let trades = all.iter().filter(|trade| trade.side == side);
            trades.map(|trade| trade.profit_abs).collect()
        };
        let (long, short) = (side(Side::Long), side(Side::Short));
        let ratios: Vec<f64> = all.iter().map(|trade| trade.profit_ratio).collect();
        let stakes: Vec<f64> = all.iter().map(|trade| trade.stake_amount).collect();
        let wallet_stats = WalletStats::of(&run.equity);
        Self {
            backtest_days: span.days,
            starting_balance: run.starting_balance,
            final_balance: run.final_balance,
            cagr: closed::cagr(span, run.final_balance),
            trade_count_long: long.len(),
            trade_count_short: short.len(),
            profit_total_long_abs: sum(&long),
            profit_total_short_abs: sum(&short),
            profit_median: median(&ratios).unwrap_or(0.0),
            avg_stake_amount: mean(&stakes).unwrap_or(0.0),
            total_volume: all
                .iter()
                .fold(0.0, |volume, trade| volume + (trade.entry_cost + trade.exit_cost)),
            trades_per_day: round_decimals(all.len() as f64 / span.days as f64, 2),
            market_change: run.market_change,
            rejected_signals: run.rejected_signals,
            timedout_exit_orders: run.timed_out_exits,
            drawdown: TradeDrawdown::of(&all, run.starting_balance),
            holding: Holding::of(&all),
            days: DayStats::of(&all),
            periodic_breakdown: Breakdown::of(&all),
            groups: Groups::of(run, span),
            extra: Extra::of(run, &closed),
            wallet_stats,
            closed,
        }
    }
}

/// Length and starting balance of a run: what ratios are taken by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// At least 1.
    pub(crate) days: i64,
    /// Whether the run has more than one candle.
    pub(crate) has_length: bool,
    pub(crate) start: f64,
}

impl Span {
    pub(crate) fn of(run: &Run) -> Self {
        Self {
            days: day_of(run.finish_ms - run.begin_ms).max(1),
            has_length: run.finish_ms > run.begin_ms,
            start: run.starting_balance,
        }
    }
}
