//! Backtests: who runs them is a port, when they run and what is kept of them is decided here.

mod engine;
mod live;
mod record;
mod refusal;
mod runs;
#[cfg(test)]
mod tests;

pub use engine::{
    Answer, BacktestEngine, BiasFindings, BiasOrder, BiasRow, EngineAnswer, EngineName, Engines, GridAxis,
    MockAnswer, NativeEngine, PairTimeframes, Progress, Ready, ReadyBias, ReadyRun, ReadySweep, RunOrder,
    RunReport, RunResult, StrategyList, SweepOrder, SweepPoint, SweepReport, Venue,
};
pub(crate) use live::{LiveRun, RunState};
pub(crate) use record::{RunHead, RunKind, RunRecord};
pub use refusal::{BacktestRefusal, CandlesMissing, InputField};
pub use runs::{BacktestLimits, Backtests, BacktestsParts};
pub(crate) use runs::{CheckError, DeleteError, FindError, RunEnd, Wanted, Written};
