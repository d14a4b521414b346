//! freqtrade as a child process.
//!
//! Reads what a client may name ([`input`]), says before anything is started whether a run can go well ([`Freqtrade::prepare`]),
//! runs it ([`Freqtrade::run`]) and reads what it left behind ([`result`]). An exit code of 0 is never believed: freqtrade
//! ends so after a wrong configuration as well, and only a result that can be read is one.
//!
//! Runs of the native engine are told under the same names: [`record`]. Strategies that run in freqtrade send frames of
//! candles and get columns back: [`frame`].
//!
//! Deliberately absent: HTTP, the queue of runs, and where runs are kept. Options and variables of the process arrive in an
//! [`Installation`].
//!
//! Start reading at `runner.rs`.
//!
//! Invariants owned here: a value of a client never becomes an option or leaves a directory; nothing that was started
//! outlives its run; no key of the user's configuration but those about trading reaches a run.

pub mod base_config;
pub mod candles;
mod command;
mod files;
pub mod frame;
pub mod input;
mod installation;
pub mod listing;
pub mod mock;
pub mod offline;
mod preflight;
pub mod process;
pub mod record;
mod refusal;
pub mod result;
pub mod run_config;
mod runner;
mod stage;

pub use installation::Installation;
pub use preflight::{PairTimeframes, PreparedRun, RunRequest};
pub use refusal::{HistoryMissing, Refusal};
pub use runner::{FinishedRun, Freqtrade};
pub use stage::Stage;
