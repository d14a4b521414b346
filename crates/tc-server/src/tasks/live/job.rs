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
};
use crate::{tasks::JobStatus, threads::SubmitError};

/// Most holes that wait for another REST attempt; the oldest goes first.
const HOLES_MAX: usize = 64;
/// Source label of metrics and log lines.
const SOURCE: &str = "binance_ws";

pub(super) struct LiveJob<'a> {
    runner: &'a LiveRunner,
    series: SeriesId,
    status: Arc<JobStatus>,
    started: Instant,
    batcher: Batcher,
    throttle: FormingThrottle,
    derived: DerivedForming,
    /// Everything up to here is stored, buffered, being fetched or given up for now.
    considered: Option<CandleTime>,
    /// The connection is new: its first frame shows what was missed.
    unchecked: bool,
    disconnected: bool,
    /// What happened to the stream since the last commit.
    interrupted: Option<Interruption>,
    ahead: Vec<Gap>,
    filling: Option<Place>,
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
            series,
            status,
            started: Instant::now(),
            batcher: Batcher::new(options.batcher, head, 0),
            throttle: FormingThrottle::new(options.forming_min_interval_ms),
            derived,
            considered: head,
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
        self.count_frame("forming");
        if std::mem::take(&mut self.unchecked) {
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
        self.count_frame("closed");
        self.unchecked = false;
        self.look_before(candle.time());
        match self.batcher.push(candle)? {
            Pushed::Waiting => self.considered = self.considered.max(Some(candle.time())),
            Pushed::Behind => self.status.dropped(),
        }
        Ok(())
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
                let (series, cause) = (self.series.to_string(), reason.name());
                metrics::counter!("market_ingest_loop_reconnects_total", "series_id" => series, "cause" => cause)
                    .increment(1);
                if reason == DisconnectReason::Stall {
                    metrics::counter!("market_ingest_loop_stalls_total", "series_id" => self.series.to_string())
                        .increment(1);
                }
            }
            SessionStatus::Waiting { guardrail, .. } => self.status.waiting(guardrail),
            SessionStatus::BadFrame(reason) => {
                self.status.dropped();
                self.count_frame("bad");
                tracing::debug!(series = %self.series, %reason, "frame dropped");
            }
            SessionStatus::Missed { closed } => {
                self.unchecked = true;
                tracing::warn!(series = %self.series, closed, "live candles came faster than they were taken");
            }
            SessionStatus::Refused { code, message } => {
                tracing::warn!(series = %self.series, code, message, "venue refused the stream");
            }
            SessionStatus::Connecting
            | SessionStatus::Connected
            | SessionStatus::Healthy
            | SessionStatus::Rotating => {}
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
        self.filling = Some(place);
        Some(FillOrder {
            series: self.series.clone(),
            ranges,
            place,
        })
    }

    pub(super) fn filled(&mut self, outcome: Result<Fill, JoinError>) {
        self.filling = None;
        match outcome {
            Ok(fill) => self.take(fill),
            Err(error) => tracing::error!(series = %self.series, %error, "fill task failed"),
        }
        self.batcher.hold(!self.ahead.is_empty());
    }

    fn take(&mut self, fill: Fill) {
        if fill.inserted > 0 {
            metrics::counter!("market_ingest_loop_gap_filled_total", "series_id" => self.series.to_string())
                .increment(fill.inserted);
        }
        if let (Some(head), Place::Ahead) = (fill.head, fill.place) {
            self.committed(head);
        }
        let Some((ranges, error)) = fill.failed else {
            tracing::info!(series = %self.series, rows = fill.inserted, "missing candles fetched");
            self.retry_ms = self.runner.options.fill_retry.initial_ms;
            return;
        };
        tracing::warn!(series = %self.series, %error, retry_ms = self.retry_ms, "missing candles cannot be fetched");
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
            origin: JobOrigin::Stream(self.interrupted.unwrap_or(Interruption::HeadJump)),
        };
        let begun = Instant::now();
        match self.runner.writer.submit(job).await {
            Ok(report) => {
                self.log_flush(&report, rows, begun.elapsed(), reason);
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

    /// `publish_ms` is what the steps do not account for: queue, commit and publication.
    fn log_flush(&self, report: &IngestReport, rows: usize, took: Duration, reason: FlushReason) {
        let db_us: u64 = report.steps.iter().map(|step| step.duration_us).sum();
        let db_ms = u128::from(db_us / 1_000);
        tracing::info!(
            source = SOURCE, series_id = %self.series, rows, db_ms,
            publish_ms = took.as_millis().saturating_sub(db_ms),
            head_time = report.candle_head.map(CandleTime::seconds), reason = reason.name(),
            "market_ingest_batch"
        );
        metrics::histogram!("market_ingest_loop_flush_ms", "series_id" => self.series.to_string())
            .record(took.as_secs_f64() * 1_000.0);
    }

    fn count_frame(&self, kind: &'static str) {
        if kind != "bad" {
            self.status.frame();
        }
        metrics::counter!("market_ingest_loop_frames_total", "series_id" => self.series.to_string(), "kind" => kind)
            .increment(1);
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
