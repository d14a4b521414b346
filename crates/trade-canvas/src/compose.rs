//! Composition: which implementations run, and how they are wired. Here and nowhere else.

mod annotate;
mod backtest;
mod clock;
mod demo;
mod download;
mod exchange;
mod history;
mod options;
mod pipeline;
mod rebuild;
mod replay;
mod server;
mod storage;

pub use annotate::FactorAnnotator;
pub use backtest::native_run;
pub use clock::{monotonic_micros, unix_seconds};
pub use pipeline::{fold_setup, ingest_pipeline};
pub use rebuild::Rebuilder;
pub use replay::{ExportWish, export_package};
pub use server::RunningServer;
pub use storage::open_store;
pub use tc_server::telemetry::Telemetry;
