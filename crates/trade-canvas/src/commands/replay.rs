//! `trade-canvas replay export` and `trade-canvas replay inspect`.

use std::{fmt::Write, fs, path::PathBuf, process::ExitCode};

use anyhow::Context;
use serde_json::json;
use tc_replay::{RebuiltFrame, WindowContent, rebuild, unpack};
use tc_server::packages::read_archive;

use super::config_show::print;
use crate::{
    cli::{ReplayExportArguments, ReplayInspectArguments},
    compose::{ExportWish, export_package},
    config::Config,
};

/// Writes the frames of a stretch of the past into one file.
///
/// # Errors
/// When a server holds the store, the stretch lacks candles, its ledgers are behind, or the file cannot be written.
pub fn export(config: &Config, arguments: &ReplayExportArguments) -> anyhow::Result<ExitCode> {
    let ReplayExportArguments {
        series,
        to_time,
        candles,
        out,
    } = arguments;
    let wish = ExportWish {
        series: series.clone(),
        to_time: *to_time,
        candles: *candles,
    };
    let out = match out {
        Some(out) => out.clone(),
        None => {
            let name = series.as_str().replace([':', '/'], "-");
            PathBuf::from(format!("{name}.tcreplay"))
        }
    };
    let outlook = export_package(config, &wish, &out, |_, _| {})?;
    let size = fs::metadata(&out).map(|data| data.len())?;
    print(&format!(
        "wrote {}: {series}, {} bars up to {}, {size} bytes, key {}\n",
        out.display(),
        outlook.coverage.candles_ready,
        outlook.plan.to,
        outlook.cache_key
    ))
}

/// Checks a package file and says what is in it; with a bar, its frame.
///
/// # Errors
/// When the file cannot be read or is no whole package, or it has no such bar.
pub fn inspect(arguments: &ReplayInspectArguments) -> anyhow::Result<ExitCode> {
    let ReplayInspectArguments { file, frame } = arguments;
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut windows = Vec::new();
    let (_, manifest) = read_archive(&bytes, |_, bytes| {
        windows.push(bytes.to_vec());
        Ok(())
    })
    .with_context(|| format!("{} is no replay package", file.display()))?;
    let metadata = &manifest.metadata;
    if let Some(idx) = frame {
        let position = metadata.window_of(*idx);
        let window = position.and_then(|position| windows.get(position));
        let window = window.with_context(|| format!("the package has {} bars", metadata.total_candles))?;
        let content: WindowContent = serde_json::from_slice(&unpack(window)?)?;
        let frame = rebuild(&metadata.series_id, &content, *idx)?;
        return print(&format!("{:#}\n", frame_json(&frame)));
    }
    let mut text = format!(
        "series     {}\nbars       {} from {} to {}, {} s each\nmade       {} (Unix ms), epoch {}, key {}\n",
        metadata.series_id,
        metadata.total_candles,
        metadata.from_candle_time,
        metadata.to_candle_time,
        metadata.timeframe_s,
        manifest.created_at_ms,
        manifest.key_payload.epoch,
        manifest.cache_key,
    );
    for factor in &metadata.factor_schema {
        writeln!(
            text,
            "factor     {}: history {}; head {}",
            factor.factor_name,
            words(&factor.history_keys),
            words(&factor.head_keys)
        )?;
    }
    for window in &manifest.windows {
        writeln!(
            text,
            "window     {}: bars {}..{}, {} bytes",
            window.window_index, window.start_idx, window.end_idx, window.bytes
        )?;
    }
    let bars = metadata.total_candles.max(1) as u64;
    writeln!(
        text,
        "size       {} bytes, {} per bar",
        bytes.len(),
        bytes.len() as u64 / bars
    )?;
    print(&text)
}

fn words(keys: &[String]) -> String {
    match keys {
        [] => "none".to_owned(),
        keys => keys.join(", "),
    }
}

fn frame_json(frame: &RebuiltFrame) -> serde_json::Value {
    json!({
        "candle": frame.bar,
        "drawing": frame.drawing,
        "slices": frame.slices,
    })
}
