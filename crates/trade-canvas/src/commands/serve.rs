//! `trade-canvas serve`.

use std::{future::Future, process::ExitCode};

use anyhow::Context;

use crate::{
    compose::{RunningServer, Telemetry},
    config::Config,
};

/// Runs the server until it is told to stop.
///
/// # Errors
/// When it cannot start, or fails while running.
pub fn run(config: Config) -> anyhow::Result<ExitCode> {
    let metrics = if config.process.runtime_metrics {
        Some(Telemetry::install()?)
    } else {
        None
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no runtime")?;
    runtime.block_on(async {
        // Before anything is started: a stop that comes early must be heard.
        let stop = stop_signal()?;
        let server = RunningServer::start_with_metrics(config, metrics).await?;
        tracing::info!("listening on http://{}", server.address());
        stop.await;
        tracing::info!("stopping");
        server.shutdown().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// Resolves at the first interrupt or termination signal.
#[cfg(unix)]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).context("interrupts cannot be heard")?;
    let mut terminate = signal(SignalKind::terminate()).context("terminations cannot be heard")?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves at the first interrupt.
#[cfg(not(unix))]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
