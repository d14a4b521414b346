//! Events of the write path, made of what jobs report.

use serde_json::{Value, json};
use tc_ingest::{IngestReport, JobOrigin, PipelineError, Rebuild, RebuildReason, Step, StepReport};
use tc_market::{CandleTime, SeriesId};
use tc_store::{GapRecord, GapState};

use super::{DebugEvent, Level, Pipe, times::utc};
use crate::tasks::{StartupSyncReport, SyncedSeries};

fn event(event: &'static str, series: &SeriesId, level: Level, message: String, data: Value) -> DebugEvent {
    DebugEvent {
        pipe: Pipe::Write,
        event,
        series: Some(series.clone()),
        level,
        message,
        data,
    }
}

const fn milliseconds(duration_us: u64) -> u64 {
    duration_us / 1_000
}

fn step_ms(report: &IngestReport, step: Step) -> u64 {
    let of_step = |done: &&StepReport| done.name.split(':').next() == Some(step.name());
    let total_us = report
        .steps
        .iter()
        .filter(of_step)
        .map(|done| done.duration_us)
        .sum();
    milliseconds(total_us)
}

/// What a job tells of itself: a correction, a rebuild, then the derived steps.
pub(crate) fn outcome(
    origin: JobOrigin,
    outcome: &Result<IngestReport, PipelineError>,
) -> impl Iterator<Item = DebugEvent> {
    let report = match outcome {
        Ok(report) => Some(report),
        Err(failure) => failure.kept.as_deref(),
    };
    let derived = report.map_or(&[][..], |report| &report.derived);
    report.into_iter().chain(derived).flat_map(move |report| {
        let told = [
            corrected(origin, report),
            report.rebuilt.as_ref().map(|rebuild| rebuilt(report, rebuild)),
            factors_done(report),
            drawings_done(report),
        ];
        told.into_iter().flatten().chain(gaps(report))
    })
}

fn corrected(origin: JobOrigin, report: &IngestReport) -> Option<DebugEvent> {
    let first = report.work.first_changed?;
    Some(event(
        "write.market.candle_corrected",
        &report.series,
        Level::Warn,
        format!(
            "{} stored candles got other values, from {} on.",
            report.changed,
            utc(first)
        ),
        json!({ "candle_time": first.seconds(), "source": origin.name(), "candles": report.changed }),
    ))
}

/// The newest gaps that a job opened or healed. A job may make thousands; the ledger has them all.
const TOLD_GAPS: usize = 20;

fn gaps(report: &IngestReport) -> impl Iterator<Item = DebugEvent> {
    let opened = report.gaps.opened.iter().rev().take(TOLD_GAPS);
    let healed = report.gaps.healed.iter().rev().take(TOLD_GAPS);
    let opened = opened.map(|gap| {
        let message = format!(
            "{} candles are missing from {} to {}.",
            gap.missing,
            utc(gap.from),
            utc(gap.to)
        );
        gap_event(
            "write.market.gap_opened",
            Level::Warn,
            message,
            report,
            gap,
            ("cause", gap.cause.name()),
        )
    });
    let healed = healed.filter_map(|gap| {
        let GapState::Healed { from, .. } = gap.state else {
            return None;
        };
        let message = format!("The gap from {} to {} is filled.", utc(gap.from), utc(gap.to));
        let healed_from = ("healed_from", from.name());
        Some(gap_event(
            "write.market.gap_healed",
            Level::Info,
            message,
            report,
            gap,
            healed_from,
        ))
    });
    opened.chain(healed)
}

fn gap_event(
    code: &'static str,
    level: Level,
    message: String,
    report: &IngestReport,
    gap: &GapRecord,
    (key, value): (&'static str, &'static str),
) -> DebugEvent {
    let data = json!({
        "from_time": gap.from.seconds(),
        "to_time": gap.to.seconds(),
        "missing_candles": gap.missing,
        key: value,
    });
    event(code, &report.series, level, message, data)
}

fn rebuilt(report: &IngestReport, rebuild: &Rebuild) -> DebugEvent {
    let candles = rebuild.candles;
    match rebuild.reason {
        RebuildReason::Fingerprint | RebuildReason::Trim => event(
            "factor.fingerprint.rebuild",
            &report.series,
            Level::Info,
            format!("Logic or settings changed; {candles} candles were folded again."),
            json!({
                "series_id": report.series.as_str(),
                "fingerprint": report.work.fingerprint.map(|fingerprint| fingerprint.to_string()),
                "keep_candles": rebuild.keep_candles,
                "trimmed_rows": rebuild.trimmed,
            }),
        ),
        RebuildReason::LateCandle | RebuildReason::CorrectedCandle => event(
            "factor.late_candle.rebuild",
            &report.series,
            Level::Info,
            format!("Late or corrected candles came in; {candles} candles were folded again."),
            json!({
                "epoch": report.epoch,
                "from_time": rebuild.from.map(CandleTime::seconds),
                "candles": candles,
                "reason": rebuild.reason.name(),
            }),
        ),
        RebuildReason::Operator => event(
            "factor.operator.rebuild",
            &report.series,
            Level::Info,
            format!("An operator asked for it; {candles} candles were folded again."),
            json!({
                "epoch": report.epoch,
                "candles": candles,
                "replaced": report.changed,
                "added": report.inserted,
            }),
        ),
    }
}

fn factors_done(report: &IngestReport) -> Option<DebugEvent> {
    let work = &report.work;
    let head = report.factor_head.filter(|_| work.folded > 0)?;
    Some(event(
        "write.factor.ingest_done",
        &report.series,
        Level::Info,
        format!("{} candles folded, {} events.", work.folded, report.events),
        json!({
            "up_to_candle_time": head.seconds(),
            "candles_read": work.folded,
            "events_planned": report.events,
            "db_changes": report.events + work.checkpoints,
            "duration_ms": step_ms(report, Step::Factor),
        }),
    ))
}

fn drawings_done(report: &IngestReport) -> Option<DebugEvent> {
    let work = &report.work;
    let head = work.drawn_to?;
    Some(event(
        "write.overlay.ingest_done",
        &report.series,
        Level::Info,
        format!(
            "{} drawings settled, complete up to {}.",
            work.drawn_rows,
            utc(head)
        ),
        json!({
            "up_to_candle_time": head.seconds(),
            "factor_rows": work.drawn_events,
            "rows_written": work.drawn_rows,
            "duration_ms": step_ms(report, Step::Overlay),
        }),
    ))
}

/// One ingest request over HTTP, from its start to its end.
#[derive(Debug, Clone)]
pub(crate) struct HttpWrite {
    series: SeriesId,
    codes: [&'static str; 3],
    data: Value,
}

impl HttpWrite {
    /// One candle.
    pub(crate) fn single(series: &SeriesId, candle_time: CandleTime) -> Self {
        Self {
            series: series.clone(),
            codes: [
                "write.http.ingest_candle_closed_start",
                "write.http.ingest_candle_closed_done",
                "write.http.ingest_candle_closed_error",
            ],
            data: json!({ "candle_time": candle_time.seconds() }),
        }
    }

    /// Many candles; `count` as received.
    pub(crate) fn batch(series: &SeriesId, count: usize, first: i64, last: i64, publish_ws: bool) -> Self {
        Self {
            series: series.clone(),
            codes: [
                "write.http.ingest_candles_closed_batch_start",
                "write.http.ingest_candles_closed_batch_done",
                "write.http.ingest_candles_closed_batch_error",
            ],
            data: json!({
                "count": count,
                "first_candle_time": first,
                "last_candle_time": last,
                "publish_ws": publish_ws,
            }),
        }
    }

    fn event(&self, code: usize, level: Level, message: &str, further: Value) -> DebugEvent {
        let mut data = self.data.clone();
        if let (Value::Object(data), Value::Object(further)) = (&mut data, further) {
            data.extend(further);
        }
        event(self.codes[code], &self.series, level, message.to_owned(), data)
    }

    /// The candles are handed to the writer.
    pub(crate) fn started(&self) -> DebugEvent {
        self.event(0, Level::Info, "Candles received.", Value::Null)
    }

    /// They are stored; `took_ms` from the start on.
    pub(crate) fn done(&self, report: &IngestReport, took_ms: u64) -> DebugEvent {
        let step = |step: &StepReport| json!({ "name": step.name, "ok": true, "duration_ms": milliseconds(step.duration_us) });
        let pipeline_us = report.steps.iter().map(|step| step.duration_us).sum();
        let further = json!({
            "factor_rebuilt": report.rebuilt.is_some(),
            "pipeline_duration_ms": milliseconds(pipeline_us),
            "steps": report.steps.iter().map(step).collect::<Vec<_>>(),
            "duration_ms": took_ms,
        });
        self.event(1, Level::Info, "Candles stored.", further)
    }

    /// A step failed.
    pub(crate) fn failed(&self, failure: &PipelineError) -> DebugEvent {
        let further = json!({
            "step": failure.step.name(),
            "series_id": failure.series.as_str(),
            "error": failure.to_string(),
            "compensated": failure.compensated(),
            "overlay_compensated": failure.overlay_compensated,
            "candle_compensated_rows": failure.candle_compensated_rows,
            "compensation_error": failure.compensation_error,
        });
        self.event(2, Level::Error, "A step of the write path failed.", further)
    }
}

/// The start-up sync is through with a series.
pub(crate) fn synced_series(synced: &SyncedSeries) -> DebugEvent {
    let (level, message) = match synced.error {
        Some(_) => (Level::Warn, "The start-up sync could not finish the series."),
        None => (Level::Info, "The start-up sync is through with the series."),
    };
    event(
        "write.startup.kline_sync.series_done",
        &synced.series,
        level,
        message.to_owned(),
        series_result(synced),
    )
}

fn series_result(synced: &SyncedSeries) -> Value {
    json!({
        "series_id": synced.series.as_str(),
        "target_time": synced.target_time.seconds(),
        "before_head_time": synced.before_head_time.map(CandleTime::seconds),
        "after_head_time": synced.after_head_time.map(CandleTime::seconds),
        "covered_candles": synced.covered_candles,
        "refreshed": synced.refreshed,
        "error": synced.error,
    })
}

/// The start-up sync is over.
pub(crate) fn sync_done(report: &StartupSyncReport) -> DebugEvent {
    let (total, errors, lagging) = (report.series.len(), report.errors(), report.lagging());
    DebugEvent {
        pipe: Pipe::Write,
        event: "write.startup.kline_sync.done",
        series: None,
        level: if errors > 0 { Level::Warn } else { Level::Info },
        message: format!("The start-up sync is over for {total} series."),
        data: json!({
            "enabled": true,
            "target_candles": report.target_candles,
            "series_total": total,
            "series_synced": total - errors - lagging,
            "series_lagging": lagging,
            "series_errors": errors,
            "duration_ms": report.duration_ms,
            "series_results": report.series.iter().map(series_result).collect::<Vec<_>>(),
        }),
    }
}
