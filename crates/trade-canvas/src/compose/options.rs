//! What the options of the program mean to each part.

use std::time::Duration;

use tc_exchange::{GuardrailOptions, SessionOptions, SessionTiming};
use tc_ingest::{BackfillBounds, BatcherOptions, SupervisorOptions};
use tc_market::SeriesId;
use tc_read::ReadOptions;
use tc_server::{
    HttpOptions, MarketListOptions, ReplayOptions,
    debug::DebugLog,
    hub::HubOptions,
    tasks::{LiveOptions, PublishStrategy},
};

use crate::config::Config;

/// The fan-out to sockets.
pub(super) fn hub(config: &Config) -> HubOptions {
    let ws = &config.market_ws;
    HubOptions {
        catchup_limit: ws.catchup_limit_candles,
        queue_frames: ws.queue_frames,
        queue_bytes: ws.queue_bytes,
        max_connections: ws.max_connections,
        max_subscriptions: ws.max_subscriptions,
        ..HubOptions::default()
    }
}

/// The HTTP interface.
pub(super) fn http(config: &Config) -> HttpOptions {
    let http = &config.http;
    HttpOptions {
        max_body_bytes: http.max_body_bytes,
        cors_origins: http.cors_origins.clone(),
        debug_api: http.debug_api,
        dev_api: http.dev_api,
        repair_api: http.repair_api,
        candle_health: http.candle_health,
        backfill_recent_s: i64::try_from(http.backfill_recent_s).unwrap_or(i64::MAX),
    }
}

/// Replay.
pub(super) const fn replay(config: &Config) -> ReplayOptions {
    ReplayOptions {
        enabled: config.replay.enabled,
        ensure_coverage: config.replay.ensure_coverage,
        drawing_packages: config.replay.drawing_packages,
        import_max_bytes: config.replay.import_max_bytes,
    }
}

/// The read side.
pub(super) fn reads(config: &Config) -> ReadOptions {
    ReadOptions {
        cache_bytes: config.storage.read_cache_bytes,
        strict_features: config.feature.strict_read,
    }
}

/// How long market lists are kept.
pub(super) fn market_lists(config: &Config) -> MarketListOptions {
    MarketListOptions {
        instruments_ttl: Duration::from_secs(config.exchange.symbols_ttl_s),
        tickers_ttl: Duration::from_secs(config.exchange.tickers_ttl_s),
    }
}

/// Debug events are kept while the debug API is on.
pub(super) fn debug_log(config: &Config) -> DebugLog {
    if config.http.debug_api {
        DebugLog::on()
    } else {
        DebugLog::off()
    }
}

/// The live jobs.
pub(super) fn live(config: &Config) -> LiveOptions {
    let (ingest, history) = (&config.ingest, &config.history);
    LiveOptions {
        batcher: BatcherOptions {
            batch_max: ingest.batch_max_candles,
            flush_ms: ingest.flush_ms,
            ..BatcherOptions::default()
        },
        backfill: BackfillBounds {
            bootstrap_candles: bounded(history.startup_sync_target_candles),
            hole_candles: bounded(history.gap_fill_max_candles),
            ..BackfillBounds::default()
        },
        derived: config.derived.timeframes.clone(),
        forming_min_interval_ms: ingest.forming_min_interval_ms,
        session: SessionOptions {
            timing: SessionTiming {
                stall_timeout_ms: ingest.stall_timeout_s.saturating_mul(1000),
                ..SessionTiming::default()
            },
            guardrail: guardrail(config),
            ..SessionOptions::default()
        },
        publish: if ingest.pipeline_publish {
            PublishStrategy::Unified
        } else {
            PublishStrategy::PrimaryFirst
        },
        ..LiveOptions::default()
    }
}

/// What holds failing jobs back.
pub(super) fn guardrail(config: &Config) -> GuardrailOptions {
    GuardrailOptions {
        enabled: config.ingest.loop_guardrail,
        ..GuardrailOptions::default()
    }
}

/// Who must be ingesting.
pub(super) fn supervisor(config: &Config, whitelist: &[SeriesId]) -> SupervisorOptions {
    let ingest = &config.ingest;
    SupervisorOptions {
        whitelist: whitelist.to_vec(),
        derived: config.derived.timeframes.clone(),
        whitelist_ingest: ingest.whitelist,
        ondemand_ingest: ingest.ondemand,
        ondemand_max_jobs: ingest.ondemand_max_jobs,
        ondemand_idle_ttl_ms: ingest.ondemand_idle_ttl_s.saturating_mul(1000),
        role: ingest.role,
        role_guard: ingest.role_guard,
    }
}

/// A number of candles that fits the counters of the parts.
pub(super) fn bounded(candles: usize) -> u32 {
    u32::try_from(candles).unwrap_or(u32::MAX)
}
