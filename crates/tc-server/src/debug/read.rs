//! Events of the read path.

use serde_json::{Value, json};
use tc_market::{CandleTime, SeriesId};
use tc_read::{
    CandlePage, CandleQuery, DrawDelta, DrawQuery, DrawingsCheck, Finding, ReadError, WorldFrame, WorldRecord,
};

use super::{DebugEvent, Level, Pipe, times::utc};
use crate::tasks::WarmUp;

fn info(event: &'static str, series: &SeriesId, message: String, data: Value) -> DebugEvent {
    DebugEvent {
        pipe: Pipe::Read,
        event,
        series: Some(series.clone()),
        level: Level::Info,
        message,
        data,
    }
}

/// A page of candles was answered; nothing is told of an empty one.
pub(crate) fn candle_page(series: &SeriesId, query: &CandleQuery, page: &CandlePage) -> Option<DebugEvent> {
    let last = page.candles.last()?.time();
    let count = page.candles.len();
    Some(info(
        "read.http.market_candles",
        series,
        format!("{count} candles answered, up to {}.", utc(last)),
        json!({
            "since": query.since,
            "limit": query.limit,
            "count": count,
            "last_time": last.seconds(),
            "server_head_time": page.server_head_time.map(CandleTime::seconds),
        }),
    ))
}

/// Ledgers that were behind a read were brought forward, or could not be.
pub(crate) fn ledger_warm_up(series: &SeriesId, warm_up: &WarmUp) -> DebugEvent {
    let seconds = |time: Option<CandleTime>| time.map(CandleTime::seconds);
    let target = warm_up.target;
    let mut data = json!({
        "target_time": target.seconds(),
        "factor_head_before": seconds(warm_up.before.factor),
        "factor_head_after": seconds(warm_up.after.factor),
        "overlay_head_before": seconds(warm_up.before.overlay),
        "overlay_head_after": seconds(warm_up.after.overlay),
        "steps": warm_up.steps,
    });
    let (level, message) = match &warm_up.error {
        Some(error) => {
            data["error"] = json!(error);
            (
                Level::Warn,
                "The ledgers could not be brought forward after a read.".to_owned(),
            )
        }
        None => (
            Level::Info,
            format!("The ledgers were brought up to {} after a read.", utc(target)),
        ),
    };
    DebugEvent {
        level,
        ..info("read.http.market_candles_ledger_warmup", series, message, data)
    }
}

/// A draw delta was answered; nothing is told of one that leaves the client where it was.
pub(crate) fn draw_delta(series: &SeriesId, query: &DrawQuery, delta: &DrawDelta) -> Option<DebugEvent> {
    let next = delta.to.map_or(0, CandleTime::seconds);
    if delta.patch.is_empty() && next == query.cursor {
        return None;
    }
    let patch = delta.patch.len();
    Some(info(
        "read.http.draw_delta",
        series,
        match delta.to {
            Some(to) => format!("{patch} drawings answered, up to {}.", utc(to)),
            None => format!("{patch} drawings answered."),
        },
        json!({
            "cursor_version_id": query.cursor,
            "next_version_id": next,
            "at_time": query.at_time,
            "window_candles": query.window_candles,
            "patch": patch,
            "active": delta.active_ids.len(),
        }),
    ))
}

/// A frame was answered; `event` says by which route.
pub(crate) fn world_frame(event: &'static str, series: &SeriesId, frame: &WorldFrame) -> DebugEvent {
    let aligned = frame.aligned;
    info(
        event,
        series,
        format!("A frame of the candle at {} answered.", utc(aligned)),
        json!({
            "at_time": frame.at_time,
            "aligned_time": aligned.seconds(),
            "patch": frame.drawing.patch.len(),
            "active": frame.drawing.active_ids.len(),
        }),
    )
}

/// A poll was answered with a record.
pub(crate) fn world_record(series: &SeriesId, after_id: i64, record: &WorldRecord) -> DebugEvent {
    let to = record.to;
    info(
        "read.http.world_delta_poll",
        series,
        format!("What is new answered, up to {}.", utc(to)),
        json!({
            "after_id": after_id,
            "to_candle_time": to.seconds(),
            "patch": record.delta.patch.len(),
            "active": record.delta.active_ids.len(),
        }),
    )
}

/// A read found that stored drawings are not those of the factor ledger.
pub(crate) fn out_of_sync(series: &SeriesId, error: &ReadError) -> Option<DebugEvent> {
    let ReadError::Integrity { at, findings } = error else {
        return None;
    };
    let listed = |finding: &Finding| json!({ "count": finding.count, "ids": finding.ids });
    Some(DebugEvent {
        level: Level::Warn,
        ..info(
            "read.http.draw_delta.overlay_out_of_sync",
            series,
            format!("Stored drawings at {} differ from a fresh render.", utc(*at)),
            json!({
                "series_id": series.as_str(),
                "to": at.seconds(),
                "missing": listed(&findings.missing),
                "different": listed(&findings.different),
                "bogus": listed(&findings.bogus),
            }),
        )
    })
}

/// The drawings of a series were made again.
pub(crate) fn overlay_repair(series: &SeriesId, check: &DrawingsCheck, steps: &[&str]) -> DebugEvent {
    info(
        "read.http.overlay_repair",
        series,
        format!("The drawings were made again, up to {}.", utc(check.overlay_head)),
        json!({
            "aligned_time": check.aligned.seconds(),
            "factor_head_time": check.factor_head.seconds(),
            "overlay_head_time": check.overlay_head.seconds(),
            "steps": steps,
        }),
    )
}

/// A replay was prepared.
pub(crate) fn replay_prepared(series: &SeriesId, aligned: CandleTime, computed: bool) -> DebugEvent {
    let how = if computed { "were brought" } else { "reach" };
    info(
        "read.http.replay_prepare",
        series,
        format!("For a replay the ledgers {how} up to {}.", utc(aligned)),
        json!({ "aligned_time": aligned.seconds(), "computed": computed }),
    )
}
