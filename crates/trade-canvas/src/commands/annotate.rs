//! `trade-canvas annotate`.

use std::{
    io::{self, Read, Write},
    process::ExitCode,
};

use anyhow::Context;
use tc_server::annotate::{Annotator, MAX_FRAME_BYTES};

use crate::{cli::AnnotateArguments, compose::FactorAnnotator, config::Config};

/// Reads candles from the standard input and writes them with signals to the standard output.
///
/// # Errors
/// When the input is no frame of candles, a setting cannot be used, or the store cannot be read. That there are no signals
/// to give is an answer and no error.
pub fn run(config: &Config, arguments: &AnnotateArguments) -> anyhow::Result<ExitCode> {
    let AnnotateArguments { order, timeframe } = arguments;
    anyhow::ensure!(
        *timeframe == order.series.timeframe(),
        "--timeframe {timeframe} is not that of {}",
        order.series
    );
    let annotator = FactorAnnotator::reading(config)?;
    let most = u64::try_from(MAX_FRAME_BYTES).unwrap_or(u64::MAX);
    let mut frame = Vec::new();
    let read = io::stdin().lock().take(most + 1).read_to_end(&mut frame);
    read.context("the candles cannot be read")?;
    anyhow::ensure!(
        frame.len() <= MAX_FRAME_BYTES,
        "the candles take more than {MAX_FRAME_BYTES} bytes"
    );
    let answer = annotator.annotate(order, frame)?;
    let mut out = io::stdout().lock();
    out.write_all(&answer)
        .and_then(|()| out.flush())
        .context("the answer cannot be written")?;
    Ok(ExitCode::SUCCESS)
}
