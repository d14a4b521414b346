//! Closed trades, as they are reported.

use std::{fmt, sync::Arc};

use crate::signals::Side;

/// Why a trade was closed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitReason {
    /// The profit of the table was reached.
    Roi,
    /// The fixed stop was hit.
    StopLoss,
    /// A stop that had followed the price was hit.
    TrailingStopLoss,
    /// The exchange would have closed the position.
    Liquidation,
    /// The strategy asked for it.
    ExitSignal,
    /// The strategy asked for it and said why.
    Tagged(Arc<str>),
    /// The candles ended.
    ForceExit,
}

impl ExitReason {
    /// The word used in reports.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Roi => "roi",
            Self::StopLoss => "stop_loss",
            Self::TrailingStopLoss => "trailing_stop_loss",
            Self::Liquidation => "liquidation",
            Self::ExitSignal => "exit_signal",
            Self::Tagged(tag) => tag,
            Self::ForceExit => "force_exit",
        }
    }
}

impl fmt::Display for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A closed trade. Money is in stake currency, amounts are in base currency, times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Trade {
    /// Position of the pair in the run.
    pub pair: usize,
    /// Way of the trade.
    pub side: Side,
    /// Money put in, eight decimals.
    pub stake_amount: f64,
    /// Amount traded, eight decimals.
    pub amount: f64,
    /// Leverage, 1 on a spot market.
    pub leverage: f64,
    /// Price of the entry on the grid of the pair.
    pub open_rate: f64,
    /// Price that the entry was filled at; it differs from [`Trade::open_rate`] where the grid is coarser than the price.
    pub entry_rate: f64,
    /// Price of the exit.
    pub close_rate: f64,
    /// Candle at whose open it was opened.
    pub open_ms: i64,
    /// Candle within which it was closed.
    pub close_ms: i64,
    /// Fee of the entry as a share.
    pub fee_open: f64,
    /// Fee of the exit as a share.
    pub fee_close: f64,
    /// What it brought, after fees and funding.
    pub profit_abs: f64,
    /// The same as a share of the stake.
    pub profit_ratio: f64,
    /// Funding received, below zero when paid.
    pub funding_fees: f64,
    /// Why it was closed.
    pub exit_reason: ExitReason,
    /// Tag of its entry signal.
    pub enter_tag: Option<Arc<str>>,
    /// Stop at the entry.
    pub initial_stop_loss_abs: f64,
    /// Distance of that stop as a share of the stake, at most zero.
    pub initial_stop_loss_ratio: f64,
    /// Stop at the exit.
    pub stop_loss_abs: f64,
    /// Distance that stop was set with, at most zero.
    pub stop_loss_ratio: f64,
    /// Price at which the exchange would have closed the position, on futures.
    pub liquidation_price: Option<f64>,
    /// Lowest price while it was open.
    pub min_rate: f64,
    /// Highest price while it was open.
    pub max_rate: f64,
    /// What the entry moved, fee included.
    pub entry_cost: f64,
    /// What the exit moved, fee included.
    pub exit_cost: f64,
}

impl Trade {
    /// How long it was open, in whole minutes.
    #[must_use]
    pub const fn duration_minutes(&self) -> i64 {
        (self.close_ms - self.open_ms).div_euclid(60_000)
    }
}
