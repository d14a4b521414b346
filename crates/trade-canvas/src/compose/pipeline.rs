//! Factors, renderers and the write path.

use std::sync::Arc;

use anyhow::Context;
use tc_factor::{FactorGraph, FactorSettings, factors::FACTORS};
use tc_ingest::{IngestOptions, IngestPipeline};
use tc_overlay::{FoldSetup, OverlayGraph, OverlaySettings, renderers::RENDERERS};

use super::monotonic_micros;
use crate::config::Config;

/// The registered factors and renderers with the settings of `config`.
///
/// # Errors
/// When the registries or the settings do not fit together.
pub fn fold_setup(config: &Config) -> anyhow::Result<Arc<FoldSetup>> {
    let window = |candles: usize| i64::try_from(candles).unwrap_or(i64::MAX);
    let settings = FactorSettings {
        logic_version_override: config.factor.logic_version.clone(),
        ..FactorSettings::with_pivot_windows(
            window(config.factor.pivot_window_major_candles),
            window(config.factor.pivot_window_minor_candles),
        )
    };
    let factors = FactorGraph::build(FACTORS, &settings).context("the factors cannot run")?;
    let window_candles = u32::try_from(config.overlay.window_candles).unwrap_or(u32::MAX);
    let overlay = OverlayGraph::build(RENDERERS, OverlaySettings { window_candles })
        .context("the renderers cannot run")?;
    Ok(Arc::new(FoldSetup {
        factors: Arc::new(factors),
        overlay: Arc::new(overlay),
        settings,
    }))
}

/// The write path with the options of `config`.
#[must_use]
pub fn ingest_pipeline(config: &Config, setup: Arc<FoldSetup>) -> IngestPipeline {
    let options = IngestOptions {
        factor_ingest: config.factor.ingest,
        fingerprint_rebuild: config.factor.fingerprint_rebuild,
        rebuild_keep_candles: config.factor.rebuild_keep_candles.map(|candles| candles as u64),
        feature_ingest: config.feature.ingest,
        overlay_ingest: config.overlay.ingest,
        compensate_overlay_error: config.ingest.compensate_overlay_error,
        compensate_new_candles: config.ingest.compensate_new_candles,
        engine_cache_bytes: config.storage.engine_cache_bytes,
    };
    IngestPipeline::new(setup, options, monotonic_micros())
}
