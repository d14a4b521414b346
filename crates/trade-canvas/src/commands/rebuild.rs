//! `trade-canvas rebuild`.

use std::process::ExitCode;

use anyhow::Context;
use tc_server::tasks::RebuildError;

use super::config_show::print;
use crate::{cli::RebuildArguments, compose::Rebuilder, config::Config};

/// Folds everything derived of a series again, with the candles of a source if one is named.
///
/// # Errors
/// When a server holds the store, nothing is stored for the series, the source cannot be asked, or a write fails. The
/// ledgers are then as they were.
pub fn run(config: &Config, arguments: &RebuildArguments) -> anyhow::Result<ExitCode> {
    let RebuildArguments { series, source } = arguments;
    let rebuilder = Rebuilder::open(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime")?;
    let rebuilt = runtime.block_on(async {
        let rebuilt = rebuilder.rebuild(series, *source).await;
        rebuilder.close().await?;
        rebuilt.map_err(explain)
    })?;
    let changes = match (rebuilt.replaced, rebuilt.added) {
        (0, 0) => String::new(),
        (replaced, added) => format!(", {replaced} replaced, {added} added"),
    };
    print(&format!(
        "rebuilt {series}: {} candles{changes}, up to {}, epoch {}\n",
        rebuilt.candles, rebuilt.head_time, rebuilt.epoch
    ))
}

/// Adds what to do.
fn explain(error: RebuildError) -> anyhow::Error {
    let advice = match &error {
        RebuildError::NoData(_) => "import or ingest some first",
        RebuildError::Venue(_) => "nothing was rebuilt; try again, or rebuild from what is stored",
        RebuildError::Files(_) => "nothing was rebuilt; replace the file, or rebuild from what is stored",
        _ => return error.into(),
    };
    anyhow::anyhow!("{:#}; {advice}", anyhow::Error::new(error))
}
