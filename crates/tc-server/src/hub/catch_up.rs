//! Brings a new subscription from its cursor to the head of the store.

use std::sync::Arc;

use tc_market::{Candle, CandleTime, SeriesId, latest_closed};
use tc_read::{CandlePage, CandleQuery, ReadError};
use tc_store::Snapshot;

use super::{
    delivery::Hole,
    notice::{ClosedFrames, DrawHead, Notice},
    subscriber::{CatchUpFrames, Subscriber, count_healed},
};
use crate::{
    clock::MarketClock,
    threads::{ReadPoolError, ReaderPool},
    ws::messages::Since,
};

/// Why a catch-up failed; the connection cannot go on without it.
#[derive(Debug, thiserror::Error)]
pub(super) enum CatchUpError {
    #[error(transparent)]
    Pool(#[from] ReadPoolError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// What a catch-up did, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct CatchUpReport {
    pub(super) candles: usize,
    pub(super) payloads: usize,
    pub(super) gap: bool,
}

/// A page on its way from a reader thread.
struct Page {
    content: Content,
    /// Cursor of the next page; `None` at the head.
    next: Option<i64>,
    draw_head: Option<DrawHead>,
}

/// The candles of a page.
enum Content {
    Frames(CatchUpFrames),
    /// They begin behind a hole that has to be healed first.
    BehindHole(Hole, Vec<Candle>),
}

/// The cursor that a subscription begins with: one that lies ahead of the newest closed bucket, but not so far that
/// the clock does not fit the data, must not hide that bucket's own candle.
pub(super) fn first_cursor(since: Since, series: &SeriesId, now_s: i64) -> Option<CandleTime> {
    let Since::After(since) = since else { return None };
    let tf = series.timeframe().seconds();
    let closed = latest_closed(now_s, tf);
    Some(if since > closed && since <= closed.shifted(2 * tf) {
        closed
    } else {
        since
    })
}

/// Queues the catch-up page by page as the connection takes it, then lets the live notices through.
pub(super) async fn run(
    readers: &ReaderPool,
    clock: &Arc<dyn MarketClock>,
    subscriber: &Arc<Subscriber>,
    since: Since,
    limit: usize,
) -> Result<CatchUpReport, CatchUpError> {
    let mut report = CatchUpReport::default();
    let mut cursor_s = since.cursor_s();
    loop {
        let query = CandleQuery {
            since: cursor_s,
            limit,
            now_s: clock.now_s(),
        };
        let reading = Arc::clone(subscriber);
        let page = readers
            .read(move |snapshot| read_page(snapshot, &reading, &query))
            .await??;
        let content = match page.content {
            Content::Frames(content) => content,
            Content::BehindHole(hole, candles) => heal(readers, subscriber, hole, candles).await?,
        };
        report.candles += content.candles;
        report.payloads += content.frames.len();
        report.gap |= content.gap;
        let mut frames = content.frames.into_iter();
        while frames.len() > 0 {
            if !subscriber.outbound().room().await || !subscriber.queue_page(&mut frames) {
                return Ok(report);
            }
        }
        match page.next {
            Some(next) => cursor_s = Some(next),
            None => {
                let draw_head = page
                    .draw_head
                    .map(|head| Notice::draw_head(subscriber.series(), head));
                Subscriber::go_live(subscriber, draw_head);
                return Ok(report);
            }
        }
    }
}

/// The page with what could be recovered of the hole before it.
async fn heal(
    readers: &ReaderPool,
    subscriber: &Arc<Subscriber>,
    hole: Hole,
    candles: Vec<Candle>,
) -> Result<CatchUpFrames, CatchUpError> {
    let mut whole = subscriber.recover(hole).await;
    let recovered = !whole.is_empty();
    whole.extend(candles);
    let encoding = Arc::clone(subscriber);
    let encode =
        move |_: &dyn Snapshot| encoding.page_frames(&ClosedFrames::new(encoding.series().clone(), whole));
    let frames = readers.read(encode).await?;
    if recovered && !frames.gap {
        count_healed();
    }
    Ok(frames)
}

fn read_page(
    snapshot: &dyn Snapshot,
    subscriber: &Subscriber,
    query: &CandleQuery,
) -> Result<Page, ReadError> {
    let series = subscriber.series();
    let page = CandlePage::read(snapshot, series, query)?;
    let last = page.candles.last().map(|candle| candle.time());
    let more = query.since.is_some() && page.candles.len() >= query.limit && last < page.server_head_time;
    let next = last.filter(|_| more).map(CandleTime::seconds);
    let draw_head = if next.is_none() {
        draw_head(snapshot, series)?
    } else {
        None
    };
    let content = match subscriber.hole_to_heal(&page.candles) {
        Some(hole) => Content::BehindHole(hole, page.candles),
        None => Content::Frames(subscriber.page_frames(&ClosedFrames::new(series.clone(), page.candles))),
    };
    Ok(Page {
        content,
        next,
        draw_head,
    })
}

fn draw_head(snapshot: &dyn Snapshot, series: &SeriesId) -> Result<Option<DrawHead>, ReadError> {
    let Some(key) = snapshot.series_key(series)? else {
        return Ok(None);
    };
    let state = snapshot.series_state(key)?;
    Ok(state.overlay_head.map(|to| DrawHead {
        to,
        epoch: state.epoch,
    }))
}
