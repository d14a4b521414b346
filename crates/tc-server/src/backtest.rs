//! Backtests: who runs them is a port, when they run and what is kept of them is decided here.

mod engine;
mod live;
mod record;
mod runs;
#[cfg(test)]
mod tests;

pub use engine::{
    Answer, BacktestEngine, BacktestRefusal, CandlesMissing, EngineAnswer, EngineName, Engines, InputField,
    MockAnswer, PairTimeframes, Progress, ReadyRun, RunOrder, RunReport, RunResult, StrategyList,
};
pub(crate) use live::{LiveRun, RunState};
pub(crate) use record::{RunHead, RunRecord};
pub use runs::{BacktestLimits, Backtests, BacktestsParts};
pub(crate) use runs::{DeleteError, FindError, RunEnd, Written};
