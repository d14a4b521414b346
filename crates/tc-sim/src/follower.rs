//! One followed series between two events: what is missing, what waits, what is due.

use tc_exchange::{Bar, DisconnectReason, FormingThrottle, SessionStatus};
use tc_ingest::{
    BackfillBounds, BackfillPlan, Batcher, BatcherOptions, BufferFull, FlushReason, Interruption, Job,
    JobInput, JobOrigin, LatePolicy, PublishPolicy, Pushed, RunId,
};
use tc_market::{Candle, CandleBatch, CandleTime, Gap, Timeframe};

use crate::{
    desk::Desk,
    fill::{Fill, Place, Progress},
    writer::Writer,
};

const FORMING_INTERVAL_MS: u64 = 250;
const RETRY_INITIAL_MS: i64 = 1_000;
const RETRY_MAX_MS: i64 = 60_000;
/// Most holes that wait for another attempt; the oldest goes first.
const HOLES_MAX: usize = 64;

/// See the module.
pub(crate) struct Follower {
    pub(crate) run: RunId,
    /// Followed without a break since then, Unix milliseconds.
    pub(crate) since_ms: i64,
    series: usize,
    timeframe: Timeframe,
    batcher: Batcher,
    throttle: FormingThrottle,
    /// Everything up to here is stored, buffered, being fetched or given up for now.
    considered: Option<CandleTime>,
    unchecked: bool,
    disconnected: bool,
    /// What happened to the stream since the last commit.
    interrupted: Option<Interruption>,
    ahead: Vec<Gap>,
    fill: Option<Fill>,
    holes: Vec<Gap>,
    retry_ms: i64,
    retry_at_ms: Option<i64>,
}

impl Follower {
    pub(crate) fn new(desk: &Desk, series: usize, run: RunId, head: Option<CandleTime>) -> Self {
        Self {
            run,
            since_ms: desk.now_ms,
            series,
            timeframe: desk.series[series].id.timeframe(),
            batcher: Batcher::new(BatcherOptions::default(), head, desk.elapsed_ms()),
            throttle: FormingThrottle::new(FORMING_INTERVAL_MS),
            considered: head,
            unchecked: true,
            disconnected: false,
            interrupted: None,
            ahead: Vec::new(),
            fill: None,
            holes: Vec::new(),
            retry_ms: RETRY_INITIAL_MS,
            retry_at_ms: None,
        }
    }

    /// Whether it knows of candles that are not stored yet.
    pub(crate) fn is_behind(&self) -> bool {
        self.fill.is_some() || !self.ahead.is_empty() || !self.holes.is_empty() || !self.batcher.is_empty()
    }

    pub(crate) const fn on_status(&mut self, status: &SessionStatus) {
        match status {
            SessionStatus::Live => self.unchecked = true,
            SessionStatus::Disconnected { reason, .. } => {
                self.disconnected = true;
                self.interrupted = Some(match reason {
                    DisconnectReason::Stall => Interruption::Stall,
                    _ => Interruption::Disconnect,
                });
            }
            _ => {}
        }
    }

    pub(crate) fn on_bar(&mut self, bar: Bar, elapsed_ms: u64) -> Result<(), BufferFull> {
        match bar {
            Bar::Forming(candle) => {
                if std::mem::take(&mut self.unchecked) {
                    self.look_before(candle.time());
                }
                self.throttle
                    .admit(candle.time(), self.batcher.newest(), elapsed_ms);
            }
            Bar::Closed(candle) => {
                self.unchecked = false;
                self.look_before(candle.time());
                self.push(candle)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, candle: Candle) -> Result<(), BufferFull> {
        if self.batcher.push(candle)? == Pushed::Waiting {
            self.considered = self.considered.max(Some(candle.time()));
        }
        Ok(())
    }

    /// The bucket at `open` is here: everything before it is closed and should be stored.
    fn look_before(&mut self, open: CandleTime) {
        let latest_closed = open.shifted(-self.timeframe.seconds());
        if self.considered.is_some_and(|known| known >= latest_closed) {
            return;
        }
        let bounds = BackfillBounds::default();
        let plan = BackfillPlan::up_to(self.considered, latest_closed, self.timeframe, bounds);
        if !plan.is_empty() {
            self.considered = Some(latest_closed);
            self.ahead.extend(plan.ranges);
            self.batcher.hold(true);
        }
    }

    /// When something is due without a frame, Unix milliseconds.
    pub(crate) fn next_ms(&self) -> Option<i64> {
        let flush_ms = self.batcher.next_deadline_ms().map(Desk::at_ms);
        let fill_ms = match &self.fill {
            Some(fill) => fill.next_ms(),
            None if !self.ahead.is_empty() => Some(i64::MIN),
            None => self.retry_at_ms,
        };
        [flush_ms, fill_ms].into_iter().flatten().min()
    }

    /// Starts and continues the fill.
    pub(crate) fn step_fill(&mut self, desk: &mut Desk, writer: &mut Writer) {
        loop {
            if self.fill.is_none() {
                self.fill = self.next_fill(desk.now_ms);
            }
            let Some(mut fill) = self.fill.take() else { return };
            let progress = fill.step(desk, writer);
            if let (Some(head), Place::Ahead) = (fill.head, fill.place) {
                self.committed(head, desk.elapsed_ms());
            }
            match progress {
                Progress::Pending => {
                    self.fill = Some(fill);
                    return;
                }
                Progress::Done => {
                    desk.report.fills += 1;
                    self.retry_ms = RETRY_INITIAL_MS;
                }
                Progress::Failed => {
                    desk.report.failed_fills += 1;
                    self.give_up_for_now(fill.ranges, desk.now_ms);
                }
            }
            self.batcher.hold(!self.ahead.is_empty());
        }
    }

    /// A hole ahead comes before one behind.
    fn next_fill(&mut self, now_ms: i64) -> Option<Fill> {
        if !self.ahead.is_empty() {
            return Some(Fill::new(
                self.series,
                Place::Ahead,
                std::mem::take(&mut self.ahead),
            ));
        }
        self.retry_at_ms.take_if(|at_ms| *at_ms <= now_ms)?;
        Some(Fill::new(
            self.series,
            Place::Behind,
            std::mem::take(&mut self.holes),
        ))
    }

    fn give_up_for_now(&mut self, ranges: Vec<Gap>, now_ms: i64) {
        self.holes.extend(ranges);
        self.holes.sort_unstable();
        let surplus = self.holes.len().saturating_sub(HOLES_MAX);
        self.holes.drain(..surplus);
        self.retry_at_ms = Some(now_ms + self.retry_ms);
        self.retry_ms = (self.retry_ms * 2).min(RETRY_MAX_MS);
    }

    /// The batch that is due, if one is.
    pub(crate) fn due_batch(&mut self, desk: &Desk) -> Option<Job> {
        let reason = if std::mem::take(&mut self.disconnected) && self.batcher.next_deadline_ms().is_some() {
            Some(FlushReason::Disconnect)
        } else {
            self.batcher.due(desk.elapsed_ms())
        };
        reason.and_then(|_| self.batch(desk))
    }

    /// The oldest candles that wait, whether they are due or not.
    pub(crate) fn batch(&self, desk: &Desk) -> Option<Job> {
        let batch = CandleBatch::new(desk.series[self.series].id.clone(), self.batcher.batch())?;
        Some(Job {
            input: JobInput::Batch(batch),
            publish: PublishPolicy::Everything,
            late: LatePolicy::Fold,
            origin: JobOrigin::Stream(self.interrupted.unwrap_or(Interruption::HeadJump)),
        })
    }

    /// What became of the batch: the head of the store, or nothing was written.
    pub(crate) fn written(&mut self, outcome: Option<Option<CandleTime>>, elapsed_ms: u64) {
        match outcome {
            Some(head) => {
                let last = self.batcher.batch().last().map(Candle::time);
                if let Some(head) = head.or(last) {
                    self.committed(head, elapsed_ms);
                }
            }
            None => self.batcher.failed(elapsed_ms),
        }
    }

    fn committed(&mut self, head: CandleTime, elapsed_ms: u64) {
        self.batcher.committed(head, elapsed_ms);
        self.interrupted = None;
        self.considered = self.considered.max(Some(head));
    }
}
