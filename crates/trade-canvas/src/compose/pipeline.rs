//! Factors, renderers and the write path.

use std::sync::Arc;

use anyhow::Context;
use tc_factor::{FactorGraph, FactorSettings, ParamValue, factors::FACTORS};
use tc_ingest::{IngestOptions, IngestPipeline};
use tc_overlay::{FoldSetup, OverlayGraph, OverlaySettings, renderers::RENDERERS};

use super::monotonic_micros;
use crate::config::{Config, FactorConfig};
use tc_server::clock::unix_ms;

/// The registered factors and renderers with the settings of `config`.
///
/// # Errors
/// When the registries or the settings do not fit together.
pub fn fold_setup(config: &Config) -> anyhow::Result<Arc<FoldSetup>> {
    let settings = factor_settings(&config.factor);
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

fn factor_settings(config: &FactorConfig) -> FactorSettings {
    let params = [
        ("pivot.window_major", config.pivot_window_major_candles),
        ("pivot.window_minor", config.pivot_window_minor_candles),
        ("sma.period_fast", config.sma_period_fast_candles),
        ("sma.period_slow", config.sma_period_slow_candles),
    ];
    FactorSettings {
        overrides: params
            .map(|(name, candles)| {
                let candles = i64::try_from(candles).unwrap_or(i64::MAX);
                (name.to_owned(), ParamValue::Int(candles))
            })
            .into(),
        logic_version_override: config.logic_version.clone(),
    }
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
        derived: config.derived.timeframes.clone(),
        derived_backfill_base_candles: config.derived.backfill_base_candles,
        engine_cache_bytes: config.storage.engine_cache_bytes,
    };
    IngestPipeline::new(setup, options, monotonic_micros()).stamped_by(Arc::new(unix_ms))
}
