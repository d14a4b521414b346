//! What live jobs are measured by.

use std::time::Duration;

use metrics::{Counter, Histogram, counter, histogram};
use tc_exchange::DisconnectReason;
use tc_ingest::{FlushReason, IngestReport};
use tc_market::{CandleTime, SeriesId};

/// Source label of log lines.
const SOURCE: &str = "binance_ws";

/// The meters of one job. Those that move with every frame are looked up once.
pub(super) struct Meters {
    series: SeriesId,
    forming: Counter,
    closed: Counter,
    bad: Counter,
    gap_filled: Counter,
    flush_ms: Histogram,
}

impl Meters {
    pub(super) fn new(series: &SeriesId) -> Self {
        let id = || series.to_string();
        let frames = |kind| counter!("market_ingest_loop_frames_total", "series_id" => id(), "kind" => kind);
        Self {
            forming: frames("forming"),
            closed: frames("closed"),
            bad: frames("bad"),
            gap_filled: counter!("market_ingest_loop_gap_filled_total", "series_id" => id()),
            flush_ms: histogram!("market_ingest_loop_flush_ms", "series_id" => id()),
            series: series.clone(),
        }
    }

    pub(super) fn forming(&self) {
        self.forming.increment(1);
    }

    pub(super) fn closed(&self) {
        self.closed.increment(1);
    }

    pub(super) fn bad(&self) {
        self.bad.increment(1);
    }

    pub(super) fn gap_filled(&self, rows: u64) {
        if rows > 0 {
            self.gap_filled.increment(rows);
        }
    }

    pub(super) fn disconnected(&self, reason: DisconnectReason) {
        let (id, cause) = (self.series.to_string(), reason.name());
        counter!("market_ingest_loop_reconnects_total", "series_id" => id, "cause" => cause).increment(1);
        if reason == DisconnectReason::Stall {
            counter!("market_ingest_loop_stalls_total", "series_id" => self.series.to_string()).increment(1);
        }
    }

    /// `publish_ms` is what the steps do not account for: queue, commit and publication.
    pub(super) fn flushed(&self, report: &IngestReport, rows: usize, took: Duration, reason: FlushReason) {
        let db_us: u64 = report.steps.iter().map(|step| step.duration_us).sum();
        let db_ms = u128::from(db_us / 1_000);
        tracing::info!(
            source = SOURCE, series_id = %self.series, rows, db_ms,
            publish_ms = took.as_millis().saturating_sub(db_ms),
            head_time = report.candle_head.map(CandleTime::seconds), reason = reason.name(),
            "market_ingest_batch"
        );
        self.flush_ms.record(took.as_secs_f64() * 1_000.0);
    }
}
