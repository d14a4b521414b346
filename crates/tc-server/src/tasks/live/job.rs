//! The state of a live job between two events.

use std::{sync::Arc, time::Duration};

use tc_exchange::{DisconnectReason, FormingThrottle, MarketEvent, SessionStatus};
use tc_ingest::{
    BackfillPlan, Batcher, FlushReason, IngestReport, Interruption, Job, JobInput, JobOrigin, LatePolicy,
    PipelineError, PublishPolicy, Pushed, Step,
};
use tc_market::{Candle, CandleBatch, CandleTime, FormingCandle, Gap, SeriesId};
use tokio::{task::JoinError, time::Instant};

use super::{
    LiveError, LiveRunner, PublishStrategy,
    derived::DerivedForming,
    fill::{Fill, FillOrder, Place},
    late,
    observe::Meters,
};
use crate::{tasks::JobStatus, threads::SubmitError};

/// Most holes that wait for another REST attempt; the oldest goes first.
const HOLES_MAX: usize = 64;
/// Most closed candles at or below the head that wait to be looked at; more are dropped.
const LATE_MAX: usize = 64;

pub(super) struct LiveJob<'a> {
    runner: &'a LiveRunner,
    series: SeriesId,
    status: Arc<JobStatus>,
    meters: Meters,
    started: Instant,
    batcher: Batcher,
    throttle: FormingThrottle,
    derived: DerivedForming,
    /// Everything up to here is stored, buffered, being fetched or given up for now.
    considered: Option<CandleTime>,
    /// Closed candles at or below the head.
    late: Vec<Candle>,
    /// The head is later than the exchange's open bucket, which was said.
    ahead_of_venue: bool,
    /// The connection is new: its first frame shows what was missed.
    unchecked: bool,
    disconnected: bool,
    /// What happened to the stream since the last commit.
    interrupted: Option<Interruption>,
    ahead: Vec<Gap>,
    /// What is being fetched: it is missing still when that fails in any way.
    filling: Option<Vec<Gap>>,
    holes: Vec<Gap>,
    retry_ms: u64,
    retry_at_ms: Option<u64>,
}

impl<'a> LiveJob<'a> {
    pub(super) fn new(
        runner: &'a LiveRunner,
        series: SeriesId,
        head: Option<CandleTime>,
        status: Arc<JobStatus>,
    ) -> Self {
        let options = &runner.options;
        if let Some(head) = head {
            status.committed(head);
        }
        let derived = DerivedForming::new(&series, options);
        Self {
            runner,
            meters: Meters::new(&series),
            series,
            status,
            started: Instant::now(),
            batcher: Batcher::new(options.batcher, head, 0),
            throttle: FormingThrottle::new(options.forming_min_interval_ms),
            derived,
            considered: head,
            late: Vec::new(),
            ahead_of_venue: false,
            unchecked: true,
            disconnected: false,
            interrupted: None,
            ahead: Vec::new(),
            filling: None,
            holes: Vec::new(),
            retry_ms: options.fill_retry.initial_ms,
            retry_at_ms: None,
        }
    }

    pub(super) fn on(&mut self, event: MarketEvent) -> Result<(), LiveError> {
        match event {
            MarketEvent::Forming { candle, .. } => self.on_forming(candle),
            MarketEvent::Closed { candle, .. } => self.on_closed(candle)?,
            MarketEvent::Status(status) => self.on_status(status),
        }
        Ok(())
    }

    fn on_forming(&mut self, candle: FormingCandle) {
        self.status.frame();
        self.meters.forming();
        if std::mem::take(&mut self.unchecked) {
            self.hold_against_venue(candle.time());
            self.look_before(candle.time());
        }
        let now_ms = self.now_ms();
        if self.throttle.admit(candle.time(), self.batcher.newest(), now_ms) {
            self.runner.hub.publish_forming(&self.series, candle);
            self.derived.shown(candle, now_ms);
        }
    }

    /// Shows the open buckets of derived series. Not while closed candles wait: one of them may close such a bucket,
    /// and its final candle comes first.
    pub(super) async fn show_derived(&mut self) {
        if self.batcher.is_empty() {
            self.derived.publish(self.runner).await;
        } else {
            self.derived.skip();
        }
    }

    fn on_closed(&mut self, candle: Candle) -> Result<(), LiveError> {
        self.status.frame();
        self.meters.closed();
        self.unchecked = false;
        self.look_before(candle.time());
        match self.batcher.push(candle)? {
            Pushed::Waiting => {}
            Pushed::Behind if self.late.len() < LATE_MAX => self.late.push(candle),
            Pushed::Behind => self.status.dropped(),
        }
        self.considered = self.considered.max(Some(candle.time()));
        Ok(())
    }

    /// Stores what came late and fills an open gap; the rest is dropped.
    pub(super) async fn store_late(&mut self) {
        for candle in std::mem::take(&mut self.late) {
            let time = candle.time();
            match late::store_in_gap(self.runner, &self.series, candle, self.origin()).await {
                Ok(true) => tracing::info!(series = %self.series, %time, "late candle closes a gap"),
                Ok(false) => self.status.dropped(),
                Err(error) => {
                    self.status.dropped();
                    tracing::warn!(series = %self.series, %time, %error, "late candle cannot be stored");
                }
            }
        }
    }

    /// A head after the open bucket says nothing about what is missing up to that bucket.
    fn hold_against_venue(&mut self, open: CandleTime) {
        let Some(head) = self.considered.filter(|head| *head > open) else {
            return;
        };
        self.considered = Some(open.shifted(-self.series.timeframe().seconds()));
        if !std::mem::replace(&mut self.ahead_of_venue, true) {
            tracing::warn!(series = %self.series, %head, %open, "stored candles are later than the exchange's");
        }
    }

    const fn origin(&self) -> JobOrigin {
        JobOrigin::Stream(match self.interrupted {
            Some(interruption) => interruption,
            None => Interruption::HeadJump,
        })
    }

    fn on_status(&mut self, status: SessionStatus) {
        match status {
            SessionStatus::Live => {
                self.unchecked = true;
                self.status.live();
            }
            SessionStatus::Disconnected { reason, detail } => {
                self.disconnected = true;
                self.interrupted = Some(interruption(reason));
                self.status.disconnected();
                tracing::info!(series = %self.series, cause = reason.name(), detail, "live connection ended");
                self.meters.disconnected(reason);
            }
            SessionStatus::Waiting { guardrail, .. } => self.status.waiting(guardrail),
            SessionStatus::Healthy => self.status.recovered(),
            SessionStatus::BadFrame(reason) => {
                self.status.dropped();
                self.meters.bad();
                tracing::debug!(series = %self.series, %reason, "frame dropped");
            }
            SessionStatus::Missed { closed } => {
                self.unchecked = true;
                tracing::warn!(series = %self.series, closed, "live candles came faster than they were taken");
            }
            SessionStatus::Refused { code, message } => {
                tracing::warn!(series = %self.series, code, message, "venue refused the stream");
            }
            SessionStatus::Connecting | SessionStatus::Connected | SessionStatus::Rotating => {}
        }
    }

    /// The bucket at `open` is here: everything before it is closed and should be stored.
    fn look_before(&mut self, open: CandleTime) {
        let timeframe = self.series.timeframe();
        let latest_closed = open.shifted(-timeframe.seconds());
        if latest_closed == CandleTime::MIN || self.considered.is_some_and(|known| known >= latest_closed) {
            return;
        }
        let plan = BackfillPlan::up_to(
            self.considered,
            latest_closed,
            timeframe,
            self.runner.options.backfill,
        );
        if let Some(left_out) = plan.left_out {
            tracing::warn!(
                series = %self.series, from = %left_out.from, to = %left_out.to,
                "hole is too large to be fetched at once"
            );
        }
        if !plan.is_empty() {
            self.considered = Some(latest_closed);
            self.ahead.extend(plan.ranges);
            self.batcher.hold(true);
        }
    }

    /// The fill to start now, if any. A hole ahead comes before one behind.
    pub(super) fn next_fill(&mut self, idle: bool) -> Option<FillOrder> {
        if !idle {
            return None;
        }
        let (ranges, place) = if !self.ahead.is_empty() {
            (std::mem::take(&mut self.ahead), Place::Ahead)
        } else if self.retry_at_ms.is_some_and(|at| at <= self.now_ms()) {
            self.retry_at_ms = None;
            (std::mem::take(&mut self.holes), Place::Behind)
        } else {
            return None;
        };
        self.filling = Some(ranges.clone());
        Some(FillOrder {
            series: self.series.clone(),
            ranges,
            place,
            after: self.interrupted.unwrap_or(Interruption::HeadJump),
        })
    }

    pub(super) fn filled(&mut self, outcome: Result<Fill, JoinError>) {
        let ranges = self.filling.take().unwrap_or_default();
        match outcome {
            Ok(fill) => self.take(fill),
            Err(error) => {
                tracing::error!(series = %self.series, %error, "fill task failed");
                self.fetch_later(ranges);
            }
        }
        self.batcher.hold(!self.ahead.is_empty());
    }

    fn take(&mut self, fill: Fill) {
        self.meters.gap_filled(fill.inserted);
        if let (Some(head), Place::Ahead) = (fill.head, fill.place) {
            let interrupted = self.interrupted;
            self.committed(head);
            // What could not be fetched is missing for the same reason.
            self.interrupted = interrupted.filter(|_| fill.failed.is_some());
        }
        let Some((ranges, error)) = fill.failed else {
            tracing::info!(series = %self.series, rows = fill.inserted, "missing candles fetched");
            self.retry_ms = self.runner.options.fill_retry.initial_ms;
            return;
        };
        tracing::warn!(series = %self.series, %error, retry_ms = self.retry_ms, "missing candles cannot be fetched");
        self.fetch_later(ranges);
    }

    /// Another try after a pause; each is longer than the one before.
    fn fetch_later(&mut self, ranges: Vec<Gap>) {
        self.holes.extend(ranges);
        self.holes.sort_unstable();
        let surplus = self.holes.len().saturating_sub(HOLES_MAX);
        self.holes.drain(..surplus);
        self.retry_at_ms = Some(self.now_ms().saturating_add(self.retry_ms));
        self.retry_ms = self
            .retry_ms
            .saturating_mul(2)
            .min(self.runner.options.fill_retry.max_ms);
    }

    /// Whether a flush is due.
    pub(super) fn due(&mut self) -> Option<FlushReason> {
        let now_ms = self.now_ms();
        if std::mem::take(&mut self.disconnected) && self.batcher.next_deadline_ms().is_some() {
            return Some(FlushReason::Disconnect);
        }
        self.batcher.due(now_ms)
    }

    /// When something is due without an event.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let retry_ms = self.retry_at_ms.filter(|_| self.filling.is_none());
        let due_ms = [self.batcher.next_deadline_ms(), retry_ms]
            .into_iter()
            .flatten()
            .min()?;
        Some(self.started + Duration::from_millis(due_ms))
    }

    /// Flushes until nothing waits or a write fails.
    pub(super) async fn flush_all(&mut self, reason: FlushReason) -> Result<(), LiveError> {
        while !self.batcher.is_empty() {
            if !self.flush(reason).await? {
                break;
            }
        }
        Ok(())
    }

    /// Writes one batch; `false` when it stays in the buffer for another try.
    pub(super) async fn flush(&mut self, reason: FlushReason) -> Result<bool, LiveError> {
        let Some(batch) = CandleBatch::new(self.series.clone(), self.batcher.batch()) else {
            return Ok(false);
        };
        let (rows, last) = (batch.candles().len(), batch.last_time());
        let job = Job {
            input: JobInput::Batch(batch),
            publish: PublishPolicy::Everything,
            late: LatePolicy::Fold,
            origin: self.origin(),
        };
        let begun = Instant::now();
        match self.runner.writer.submit(job).await {
            Ok(report) => {
                self.meters.flushed(&report, rows, begun.elapsed(), reason);
                self.committed(report.candle_head.unwrap_or(last));
                self.published(report)?;
                Ok(true)
            }
            Err(SubmitError::Pipeline(error)) if keeps_candles(&error) => {
                tracing::error!(series = %self.series, %error, "derived step failed; the candles are stored");
                self.committed(last);
                Ok(true)
            }
            Err(error) => {
                tracing::error!(series = %self.series, %error, rows, "flush failed and is tried again");
                self.batcher.failed(self.now_ms());
                Ok(false)
            }
        }
    }

    pub(super) fn published(&self, report: IngestReport) -> Result<(), LiveError> {
        let Some(error) = report.publish_error else {
            return Ok(());
        };
        tracing::warn!(series = %self.series, %error, "publication failed");
        match self.runner.options.publish {
            PublishStrategy::Unified => Ok(()),
            PublishStrategy::PrimaryFirst => Err(error.into()),
        }
    }

    fn committed(&mut self, head: CandleTime) {
        let now_ms = self.now_ms();
        self.batcher.committed(head, now_ms);
        self.interrupted = None;
        self.derived.forget();
        self.considered = self.considered.max(Some(head));
        self.status.committed(head);
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// What the end of a connection may have cost.
const fn interruption(reason: DisconnectReason) -> Interruption {
    match reason {
        DisconnectReason::Stall => Interruption::Stall,
        _ => Interruption::Disconnect,
    }
}

/// Whether a failed job's candles were committed all the same.
fn keeps_candles(error: &PipelineError) -> bool {
    error.step != Step::Store && error.candle_compensated_rows == 0 && error.compensation_error.is_none()
}
