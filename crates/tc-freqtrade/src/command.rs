//! What freqtrade is told, always item by item.

use std::{ffi::OsString, path::Path};

use crate::{
    base_config::TradingMode,
    input::{Pair, Timeframe},
    installation::Installation,
    preflight::PreparedRun,
};

/// Files of one run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunFiles<'a> {
    pub(crate) config: &'a Path,
    pub(crate) results: &'a Path,
}

/// Arguments that list strategies.
pub(crate) fn list_strategies(installation: &Installation, recursive: bool) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["list-strategies".into(), "-1".into()];
    quiet(&mut arguments);
    option(&mut arguments, "--userdir", installation.user_dir());
    option(&mut arguments, "--strategy-path", &installation.strategy_dir);
    if recursive {
        arguments.push("--recursive-strategy-search".into());
    }
    arguments
}

/// Arguments of a run.
pub(crate) fn backtesting(
    installation: &Installation,
    prepared: &PreparedRun,
    files: RunFiles<'_>,
) -> Vec<OsString> {
    let wish = &prepared.wish;
    let mut arguments: Vec<OsString> = vec!["backtesting".into()];
    option(&mut arguments, "--strategy", wish.strategy.as_str());
    quiet(&mut arguments);
    option(&mut arguments, "--timeframe", wish.timeframe.as_str());
    option(&mut arguments, "--pairs", wish.pair.to_string());
    option(&mut arguments, "--userdir", installation.user_dir());
    option(&mut arguments, "--strategy-path", &installation.strategy_dir);
    option(&mut arguments, "-c", files.config);
    option(&mut arguments, "--datadir", &prepared.data_dir);
    match &wish.timerange {
        // Alone it would look like an option.
        Some(range) if range.as_str().starts_with('-') => {
            arguments.push(format!("--timerange={}", range.as_str()).into());
        }
        Some(range) => option(&mut arguments, "--timerange", range.as_str()),
        None => {}
    }
    option(&mut arguments, "--export", "trades");
    option(&mut arguments, "--backtest-directory", files.results);
    // A kept result is of the candles of then.
    option(&mut arguments, "--cache", "none");
    option(&mut arguments, "--data-format-ohlcv", prepared.format.as_str());
    arguments
}

/// A command that gets candles, for a person to read and type.
pub(crate) fn download_text(
    installation: &Installation,
    pair: &Pair,
    timeframe: &Timeframe,
    mode: TradingMode,
) -> String {
    let mut words = vec![installation.bin.display().to_string(), "download-data".to_owned()];
    if let Some(config) = &installation.config {
        words.extend(["-c".to_owned(), config.display().to_string()]);
    }
    words.extend([
        "--userdir".to_owned(),
        installation.user_dir().display().to_string(),
    ]);
    words.extend([
        "--pairs".to_owned(),
        pair.to_string(),
        "--timeframes".to_owned(),
        timeframe.to_string(),
    ]);
    if mode == TradingMode::Futures {
        words.extend(["--trading-mode".to_owned(), "futures".to_owned()]);
    }
    words.join(" ")
}

fn quiet(arguments: &mut Vec<OsString>) {
    option(arguments, "--logfile", "/dev/null");
    arguments.push("--no-color".into());
}

fn option(arguments: &mut Vec<OsString>, name: &str, value: impl Into<OsString>) {
    arguments.extend([name.into(), value.into()]);
}
