//! One coverage of one series, step by step.

use tc_exchange::HistoryClient;
use tc_ingest::{BackfillBounds, BackfillPlan, Missing, ProgressTracker};
use tc_market::{CandleTime, SeriesId};

use super::{Coverage, CoverageError, Covered, RestError, Standing, Window, standing::leading};
use crate::tasks::{FetchError, turn::Turn};

const REASON: &str = "tail_coverage";
const NOTE_DONE: &str = "tail_coverage_done";
const NOTE_PARTIAL: &str = "tail_coverage_partial";
const NOTE_FAILED: &str = "tail_coverage_best_effort_failed";
/// Candles that one REST request brings.
const REST_PAGE_CANDLES: usize = if cfg!(test) { 10 } else { 1_000 };
/// Errors that the progress names.
const NAMED_ERRORS: usize = 3;

/// Up to when the candles are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Now,
    Given,
}

pub(super) struct Run<'a> {
    coverage: &'a Coverage,
    series: &'a SeriesId,
    /// Of whoever wants the coverage; `None`: it needs none.
    turn: Option<&'a mut Turn>,
    target: u32,
    end: End,
    window: Window,
    /// As it was looked up last.
    standing: Standing,
    errors: Vec<String>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        coverage: &'a Coverage,
        series: &'a SeriesId,
        target: u32,
        wanted_end: Option<CandleTime>,
    ) -> Self {
        let timeframe = series.timeframe();
        let target = target.max(1);
        let closed = coverage.closed(series);
        let to = timeframe.align(wanted_end.map_or(closed, |end| end.min(closed)));
        let whole = BackfillBounds {
            range_candles: target,
            ..BackfillBounds::default()
        };
        let plan = BackfillPlan::window(to, target, timeframe, whole);
        let from = plan.ranges.first().map_or(to, |range| range.from);
        Self {
            coverage,
            series,
            turn: None,
            target,
            end: wanted_end.map_or(End::Now, |_| End::Given),
            window: Window { from, to },
            standing: Standing::default(),
            errors: Vec::new(),
        }
    }

    /// The same in this turn, which others get while there is only waiting to do.
    pub(super) const fn in_turn(mut self, turn: &'a mut Turn) -> Self {
        self.turn = Some(turn);
        self
    }

    pub(super) async fn run(mut self) -> Covered {
        self.look("count_before_failed").await;
        let tracked = !self.missing().is_nothing();
        if tracked {
            let missing = self.missing();
            self.tell(|tracker, series, now_s| tracker.begin(series, now_s, missing, REASON));
        }
        // A file behind a complete window would only add older candles, and fold the series again.
        let mut imported = if self.is_full() { 0 } else { self.import().await };
        if !self.is_full() && self.download().await {
            imported += self.import().await;
        }
        if !self.is_full() {
            self.roll_up().await;
        }
        if !self.is_full()
            && let Some(history) = self.rest()
        {
            if let Err(error) = self.fetch(&history).await {
                self.errors.push(format!("rest_backfill_failed:{error}"));
            }
            self.look("count_after_rest_failed").await;
        }
        if tracked {
            self.finish();
        }
        let candles = match self.end {
            End::Given => self.standing.covered,
            End::Now => self.standing.covered.max(imported),
        };
        Covered {
            candles,
            errors: self.errors,
        }
    }

    async fn import(&mut self) -> u64 {
        let rows = usize::try_from(self.target).unwrap_or(usize::MAX);
        let imported = self
            .coverage
            .import_tail(self.series, rows, self.window.to)
            .await
            .unwrap_or_else(|error| {
                self.errors.push(format!("tail_backfill_failed:{error}"));
                0
            });
        if imported > 0 {
            self.look("count_after_tail_failed").await;
            self.advance();
        }
        imported
    }

    /// Has newer candles put into the file, if somebody does that; whether there may be any.
    async fn download(&mut self) -> bool {
        match self.downloaded().await {
            Ok(downloaded) => downloaded,
            Err(error) => {
                self.errors.push(format!("download_failed:{error}"));
                false
            }
        }
    }

    async fn downloaded(&mut self) -> Result<bool, FetchError> {
        let Some(downloads) = &self.coverage.parts().downloads else {
            return Ok(false);
        };
        let Some(download) = downloads.begin(self.series, self.window.from)? else {
            return Ok(false);
        };
        match &mut self.turn {
            Some(turn) => turn.aside(download.ended()).await?,
            None => download.ended().await?,
        }
        Ok(true)
    }

    async fn roll_up(&mut self) {
        match self.coverage.roll_up(self.series, self.window).await {
            Ok(0) => {}
            Ok(_) => {
                self.look("count_after_rollup_failed").await;
                self.advance();
            }
            Err(error) => self.errors.push(format!("base_rollup_backfill_failed:{error}")),
        }
    }

    /// REST history, if it may be asked.
    fn rest(&self) -> Option<HistoryClient> {
        let allowed = self.end == End::Given || self.coverage.options().rest_on_read;
        self.coverage.parts().rest.clone().filter(|_| allowed)
    }

    /// The window without the requests at its beginning that would bring nothing new.
    async fn fetch(&self, history: &HistoryClient) -> Result<(), RestError> {
        let parts = self.coverage.parts();
        let leading = leading(&parts.readers, self.series, self.window)
            .await
            .map_err(CoverageError::from)?;
        let complete = leading - leading % REST_PAGE_CANDLES;
        let skipped_s = i64::try_from(complete).unwrap_or(0) * self.series.timeframe().seconds();
        let window = Window {
            from: self.window.from.shifted(skipped_s),
            ..self.window
        };
        let progress = |head| {
            let missing = self.missing_from(head);
            self.tell(|tracker, series, now_s| tracker.advance(series, now_s, missing));
        };
        self.coverage.fetch(history, self.series, window, progress).await
    }

    fn is_full(&self) -> bool {
        let Window { from, to } = self.window;
        let wanted = (to.seconds() - from.seconds()) / self.series.timeframe().seconds() + 1;
        i64::try_from(self.standing.covered).is_ok_and(|covered| covered >= wanted)
    }

    async fn look(&mut self, failure: &str) {
        let readers = &self.coverage.parts().readers;
        match Standing::read(readers, self.series, self.window).await {
            Ok(standing) => self.standing = standing,
            Err(error) => self.errors.push(format!("{failure}:{error}")),
        }
    }

    fn missing(&self) -> Missing {
        self.missing_from(self.standing.head)
    }

    fn missing_from(&self, head: Option<CandleTime>) -> Missing {
        Missing::between(head, self.window.to, self.series.timeframe())
    }

    fn advance(&self) {
        let missing = self.missing();
        self.tell(|tracker, series, now_s| tracker.advance(series, now_s, missing));
    }

    fn finish(&self) {
        let missing = self.missing();
        let lags = !missing.is_nothing();
        self.tell(|tracker, series, now_s| {
            if lags && !self.errors.is_empty() {
                let named = self.errors.len().min(NAMED_ERRORS);
                let error = self.errors[..named].join(";");
                tracker.fail(series, now_s, missing, NOTE_FAILED, error);
            } else {
                let note = if lags { NOTE_PARTIAL } else { NOTE_DONE };
                tracker.succeed(series, now_s, missing, note);
            }
        });
    }

    fn tell(&self, change: impl FnOnce(&mut ProgressTracker, &SeriesId, i64)) {
        let parts = self.coverage.parts();
        let now_s = parts.clock.now_s();
        parts
            .backfills
            .update(|tracker| change(tracker, self.series, now_s));
    }
}
