//! What the write path is measured by.

use tc_ingest::{GapChanges, IngestReport, JobOrigin, PipelineError, StepReport};

/// Counts one job.
pub(super) fn count(origin: JobOrigin, outcome: &Result<IngestReport, PipelineError>) {
    let result = if outcome.is_ok() { "ok" } else { "error" };
    metrics::counter!("market_ingest_jobs_total", "source" => origin.name(), "result" => result).increment(1);
    match outcome {
        Ok(report) => count_report(report),
        Err(failure) => {
            metrics::counter!("market_ingest_errors_total", "step" => failure.step.name()).increment(1);
            if let Some(kept) = &failure.kept {
                count_report(kept);
            }
        }
    }
}

fn count_report(report: &IngestReport) {
    let late = report.work.late;
    for (kind, candles) in [
        ("new", report.inserted.saturating_sub(late)),
        ("late", late),
        ("corrected", report.changed),
        ("equal", report.equal),
    ] {
        if candles > 0 {
            metrics::counter!("market_ingest_candles_total", "kind" => kind).increment(candles as u64);
        }
    }
    if report.events > 0 {
        metrics::counter!("market_ingest_events_total").increment(report.events as u64);
    }
    for StepReport { name, duration_us } in &report.steps {
        let step = name.split_once(':').map_or(name.as_str(), |(step, _)| step);
        metrics::histogram!("market_ingest_step_duration_ms", "step" => step.to_owned())
            .record(milliseconds(*duration_us));
    }
    if let Some(rebuild) = &report.rebuilt {
        let reason = rebuild.reason.name();
        metrics::counter!("market_ingest_rebuilds_total", "reason" => reason).increment(1);
        metrics::counter!("market_ingest_rebuild_candles_total", "reason" => reason)
            .increment(rebuild.candles);
    }
    count_gaps(&report.gaps);
    report.derived.iter().for_each(count_report);
}

/// The totals of all series are set once at the start and moved by every job from there on.
#[expect(
    clippy::cast_precision_loss,
    reason = "a store holds far fewer than 2^53 missing candles"
)]
fn count_gaps(gaps: &GapChanges) {
    if gaps.open_count != 0 {
        metrics::gauge!("market_gap_open_count").increment(gaps.open_count as f64);
    }
    if gaps.open_missing != 0 {
        metrics::gauge!("market_gap_open_candles").increment(gaps.open_missing as f64);
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a step takes far less than 2^53 microseconds"
)]
const fn milliseconds(duration_us: u64) -> f64 {
    duration_us as f64 / 1_000.0
}
