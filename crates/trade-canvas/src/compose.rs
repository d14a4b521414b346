//! Composition: which implementations run, and how they are wired. Here and nowhere else.

mod clock;
mod demo;
mod options;
mod pipeline;
mod server;
mod storage;

pub use clock::{monotonic_micros, unix_seconds};
pub use pipeline::{fold_setup, ingest_pipeline};
pub use server::RunningServer;
pub use storage::open_store;
