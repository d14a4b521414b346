//! Getting the fold of a series at a processed candle.

use tc_factor::{Fingerprint, FoldMode};
use tc_market::{CandleTime, SeriesId};
use tc_overlay::{ResumeError, SeriesFold};
use tc_store::{SeriesKey, SeriesLedger, SeriesState, Snapshot};

use crate::{Ledger, ReadError, ReadModel};

/// Candles that a fold may move forward while remembering what each changed.
const LIVE_STEPS: usize = 256;
/// Candles read at once while a fold moves forward.
const PAGE_CANDLES: usize = 20_000;

/// A stored series as one snapshot sees it.
pub(crate) struct StoredSeries<'a> {
    pub(crate) snapshot: &'a dyn Snapshot,
    pub(crate) series: &'a SeriesId,
    pub(crate) key: SeriesKey,
    pub(crate) state: SeriesState,
}

impl<'a> StoredSeries<'a> {
    /// `None` when nothing was ever written for the series.
    pub(crate) fn open(snapshot: &'a dyn Snapshot, series: &'a SeriesId) -> Result<Option<Self>, ReadError> {
        let Some(key) = snapshot.series_key(series)? else {
            return Ok(None);
        };
        let state = snapshot.series_state(key)?;
        Ok(Some(Self {
            snapshot,
            series,
            key,
            state,
        }))
    }

    /// The newest stored candle at or before `at`, or the newest of all.
    pub(crate) fn floor(&self, at: Option<i64>) -> Result<Option<CandleTime>, ReadError> {
        Ok(match at {
            None => self.snapshot.head_time(self.key)?,
            Some(at) if at < 0 => None,
            Some(at) => self.snapshot.floor_time(self.key, CandleTime::clamped(at))?,
        })
    }

    /// Overlay contract 11 for the factor ledger.
    pub(crate) fn require_factors(&self, at: CandleTime) -> Result<(), ReadError> {
        let covered = self.state.factor_head.is_some_and(|head| head >= at);
        let stale = self.state.stale_from.is_some_and(|stale| stale <= at);
        if covered && !stale {
            Ok(())
        } else {
            Err(ReadError::OutOfSync {
                ledger: Ledger::Factor,
                at,
            })
        }
    }

    /// Factor contract 12; rows of a series that waits for its fold count as factor, overlay contract 11.
    pub(crate) fn require_features(&self, at: CandleTime) -> Result<(), ReadError> {
        if self.state.feature_head.is_some_and(|head| head >= at) {
            return self.require_factors(at);
        }
        Err(ReadError::OutOfSync {
            ledger: Ledger::Feature,
            at,
        })
    }

    /// Overlay contract 11 for the drawings.
    pub(crate) fn require_drawings(&self, model: &ReadModel, at: CandleTime) -> Result<(), ReadError> {
        let covered = self.state.overlay_head.is_some_and(|head| head >= at);
        let same_key = self.state.render_key == Some(model.setup.overlay.render_key());
        if covered && same_key {
            Ok(())
        } else {
            Err(ReadError::OutOfSync {
                ledger: Ledger::Overlay,
                at,
            })
        }
    }

    fn fingerprint(&self, model: &ReadModel) -> Fingerprint {
        self.state
            .fingerprint
            .unwrap_or_else(|| model.setup.fingerprint(self.series))
    }
}

impl ReadModel {
    /// Runs `read` on the fold at the processed candle `at`, from the cache or the nearest checkpoint, and keeps it
    /// warm. Follows stored events only; nothing is written.
    pub(crate) fn with_fold<T>(
        &self,
        stored: &StoredSeries<'_>,
        at: CandleTime,
        read: impl FnOnce(&SeriesFold) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let (generation, fingerprint) = (stored.state.generation, stored.fingerprint(self));
        let mut fold = match self.folds.take(stored.series, at, generation, fingerprint) {
            Some(fold) if near(stored, &fold, at)? => fold,
            Some(fold) => {
                self.folds.put(stored.series, generation, fold);
                self.resume(stored, fingerprint, at)?
            }
            None => self.resume(stored, fingerprint, at)?,
        };
        advance(stored, &mut fold, at)?;
        let answer = read(&fold);
        self.folds.put(stored.series, generation, fold);
        answer
    }

    fn resume(
        &self,
        stored: &StoredSeries<'_>,
        fingerprint: Fingerprint,
        at: CandleTime,
    ) -> Result<SeriesFold, ReadError> {
        let source = SeriesLedger::new(stored.snapshot, stored.key);
        let resumed = SeriesFold::resume(
            &self.setup,
            stored.series,
            FoldMode::Follow,
            fingerprint,
            &source,
            at,
        );
        match resumed {
            Ok(resumed) => Ok(resumed.fold),
            Err(ResumeError::Source(error)) => Err(ReadError::Store(error)),
            Err(ResumeError::Fold(error)) => Err(ReadError::Fold(error)),
        }
    }
}

/// Whether going on from `fold` is no longer a way than from a checkpoint.
fn near(stored: &StoredSeries<'_>, fold: &SeriesFold, at: CandleTime) -> Result<bool, ReadError> {
    let Some(checkpoint) = stored.snapshot.checkpoint_at(stored.key, at)? else {
        return Ok(true);
    };
    Ok(fold.head() >= Some(checkpoint.time) || within_live_steps(stored, fold, at))
}

fn within_live_steps(stored: &StoredSeries<'_>, fold: &SeriesFold, at: CandleTime) -> bool {
    let live_s = i64::try_from(LIVE_STEPS).unwrap_or(i64::MAX) * stored.series.timeframe().seconds();
    fold.head()
        .is_some_and(|head| at.seconds() - head.seconds() <= live_s)
}

/// Moves the fold to `at`, tick by tick, with the stored events. Few steps are remembered for patches.
fn advance(stored: &StoredSeries<'_>, fold: &mut SeriesFold, at: CandleTime) -> Result<(), ReadError> {
    let live = within_live_steps(stored, fold, at);
    while fold.head().is_none_or(|head| head < at) {
        let from = fold.head().map_or(CandleTime::MIN, |head| head.shifted(1));
        let candles = stored
            .snapshot
            .candles_between(stored.key, from, at, PAGE_CANDLES)?;
        let Some(last) = candles.last() else {
            return Err(ReadError::OutOfSync {
                ledger: Ledger::Factor,
                at,
            });
        };
        let events = stored.snapshot.events(stored.key, from, last.time())?;
        let mut rest = events.as_slice();
        for candle in &candles {
            let (tick, later) =
                rest.split_at(rest.partition_point(|event| event.visible_time <= candle.time()));
            rest = later;
            if live {
                fold.follow_live(candle, tick)?
            } else {
                fold.follow(candle, tick)?
            }
        }
    }
    Ok(())
}
