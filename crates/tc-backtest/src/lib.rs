//! Event-driven back-test over closed candles.
//!
//! Deliberately absent: files, clocks, sockets, storage, wire types. Candles, signals and parameters come in as values,
//! trades go out; the same input gives the same bits.
//!
//! Start reading at [`simulate`], then [`Config`] (what is traded with), [`PairSeries`] (what is traded on) and
//! [`SignalColumns`] (what a strategy asked for). Strategies of other programs get the same facts from [`annotate`].
//!
//! Invariants owned here: a signal acts on the open of the candle after the one that produced it; money is exact decimal
//! arithmetic on the numbers people write.

pub mod annotate;
mod bias;
mod calendar;
mod config;
mod decimal;
mod engine;
mod facts;
mod funding;
#[cfg(test)]
mod golden;
mod market;
mod metrics;
mod models;
mod rounding;
mod run;
mod series;
mod signals;
mod statistics;
mod strategies;
mod strategy;
mod sweep;
mod trade;

pub use bias::{
    BiasReport, ColumnChange, PrefixDifference, PrefixReport, STARTUP_LENGTHS, StartupReport, StartupRow,
    StrategySetup, StructuralReport, bias_report, prefix_test, startup_test, structural_test,
};
pub use calendar::{Date, date_of, day_of, weekday};
pub use config::{
    BeforeOffset, Config, ConfigError, ExitOptions, RoiStep, RoiTable, Shorts, Slots, Stake, Trading,
    Trailing,
};
pub use engine::{PairInput, simulate, simulate_with};
pub use facts::{FactorFacts, FactsRecorder, OpenLevel};
pub use funding::{FundingSeries, MarkCandle};
pub use market::{LeverageTier, Market, OrderLimits};
pub use metrics::{
    Breakdown, ClosedTrades, DayStats, Drawdown, Extra, GroupKey, GroupLine, Groups, Holding, HoldingRange,
    Metrics, MonthlyReturn, Period, TradeDrawdown, WalletStats,
};
pub use models::{
    FeeModel, FeeRates, FillModel, FlatFee, Models, NoSlippage, ProportionalSlippage, SlippageModel,
    TouchFill,
};
pub use rounding::{Tick, TickError, round8};
pub use run::{Equity, Run};
pub use series::{Bar, DataError, DataRange, PairSeries};
pub use signals::{Side, Signal, SignalColumns};
pub use strategies::{STRATEGIES, strategy};
pub use strategy::{
    ParamError, Sides, SignalSink, Strategy, StrategyParam, StrategyParams, StrategySpec, View, signals,
};
pub use sweep::{Axis, Cell, Knob, MAX_CELLS, Surface, Sweep, SweepControl, SweepError, SweepPair, sweep};
pub use trade::{ExitReason, Trade};
