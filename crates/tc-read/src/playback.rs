//! Playing the stored history: standing at a candle, moving on bar by bar, going anywhere.
//!
//! A [`Playback`] keeps a fold of its own and follows the ledger with it, so a step costs one candle and not a frame. Each
//! call reads one snapshot; nothing is held between calls but values. Replay contract, section 15.

mod ends;
mod moments;
mod moves;

use std::sync::Arc;

use tc_factor::{FactorGraph, SlicePart};
use tc_market::{Candle, CandleTime, FormingCandle, SeriesId, merged};
use tc_overlay::{SeriesFold, patch};
use tc_replay::{DrawingTracker, FactorRow, SliceTracker};
use tc_store::{SeriesKey, Snapshot};

pub use self::moments::{Direction, Moment, MomentKind, UnknownMoment};
use crate::{
    DrawDelta, Ledger, ReadError, ReadModel, SliceSelection, WorldFrame,
    cache::Ledgers,
    draw::{Delta, active_ids},
    integrity::check_integrity,
    position::{Need, StoredSeries},
    slices::slices_at,
};

/// What is played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaybackOptions {
    /// The series that is shown.
    pub series: SeriesId,
    /// Series of the same market whose shorter candles move the time; `None`: the bars of the series itself do.
    pub clock: Option<SeriesId>,
    /// Length of the window, candles.
    pub window_candles: u32,
    /// Part of the slices that whole frames hold. Heads need no event of the window to be read.
    pub part: SlicePart,
    /// Whether moves tell what changes in the slices.
    pub slices: bool,
}

/// Somebody at a candle of the past.
#[derive(Debug)]
pub struct Playback {
    options: PlaybackOptions,
    /// The newest candle that is shown.
    at: CandleTime,
    /// The newest candle of the clock that has passed.
    clock_at: CandleTime,
    /// The oldest candle of the clock that can be gone to.
    first: CandleTime,
    /// The oldest bar that can be shown: the newest one that is complete with `first`.
    oldest: CandleTime,
    /// The newest candle of the clock that can be reached.
    last: CandleTime,
    /// What is followed; empty after a move that failed.
    place: Option<Place>,
}

/// The fold of a playback, and what was told of it.
#[derive(Debug)]
struct Place {
    ledgers: Ledgers,
    epoch: u32,
    fold: SeriesFold,
    drawings: DrawingTracker,
    /// Begins with the first move on, if moves tell of slices: whoever only looks around never needs it.
    slices: Option<SliceTracker>,
}

/// What somebody who stands at a candle sees.
#[derive(Debug, Clone, PartialEq)]
pub struct PlayedFrame {
    /// Epoch of the ledgers.
    pub epoch: u32,
    /// The candle.
    pub candle: Candle,
    /// Slices and drawing, whole.
    pub frame: WorldFrame,
}

/// What a move forward changes.
#[derive(Debug, Clone)]
pub struct PlayedDelta {
    /// Epoch of the ledgers.
    pub epoch: u32,
    /// The candle before the move.
    pub from: CandleTime,
    /// The bars of the move.
    pub candles: Vec<Candle>,
    /// The last of them.
    pub to: CandleTime,
    /// From the drawing at `from` to that at `to`.
    pub drawing: DrawDelta,
    /// From the slices at `from` to those at `to`; `None`: not wanted.
    pub rows: Option<Vec<FactorRow>>,
}

/// The shown bar that is not complete yet, by the candles of the clock that have passed.
#[derive(Debug, Clone, PartialEq)]
pub struct FormingBar {
    /// Epoch of the ledgers.
    pub epoch: u32,
    /// The bar so far.
    pub candle: FormingCandle,
    /// The newest candle of the clock in it.
    pub clock_time: CandleTime,
}

/// What is to be shown after a move.
#[derive(Debug, Clone)]
pub enum Sight {
    /// Everything anew.
    Frame(Box<PlayedFrame>),
    /// A change of what is shown.
    Delta(Box<PlayedDelta>),
}

/// What a move comes to.
#[derive(Debug, Clone, Default)]
pub struct Played {
    /// What is to be shown; `None`: the shown bars are the same.
    pub sight: Option<Sight>,
    /// The bar that is not complete.
    pub forming: Option<FormingBar>,
}

impl Playback {
    /// What is played.
    #[must_use]
    pub const fn options(&self) -> &PlaybackOptions {
        &self.options
    }

    /// The newest candle that is shown.
    #[must_use]
    pub const fn at(&self) -> CandleTime {
        self.at
    }

    /// The newest candle of the clock that has passed; `None` without a clock of its own.
    #[must_use]
    pub fn clock_at(&self) -> Option<CandleTime> {
        self.options.clock.as_ref().map(|_| self.clock_at)
    }

    /// The oldest candle that can be gone to, of the clock if there is one: with it a stored bar is complete.
    #[must_use]
    pub const fn first(&self) -> CandleTime {
        self.first
    }

    /// The newest candle that can be reached, of the clock if there is one.
    #[must_use]
    pub const fn last(&self) -> CandleTime {
        self.last
    }

    /// Whether nothing is left to move on to.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.clock_at >= self.last
    }

    /// The candle of the clock with which a shown bar is complete.
    #[must_use]
    pub fn end_of(&self, bar: CandleTime) -> CandleTime {
        bar.shifted(-self.lead_s())
    }

    fn clock(&self) -> &SeriesId {
        self.options.clock.as_ref().unwrap_or(&self.options.series)
    }

    /// Seconds by which the end of a clock candle lies after that of a shown one with the same open time; at most 0.
    fn lead_s(&self) -> i64 {
        self.clock().timeframe().seconds() - self.options.series.timeframe().seconds()
    }

    /// The newest shown candle that is complete when the clock candle at `clock_at` is.
    fn shown_by(&self, clock_at: CandleTime) -> i64 {
        clock_at.seconds() + self.lead_s()
    }
}

impl ReadModel {
    /// Stands at the newest candle at or before `at_time`, Unix seconds, as [`ReadModel::seek`] does.
    ///
    /// # Errors
    /// [`ReadError::NoData`] when no bar is complete with any candle of the clock, [`ReadError::OutOfSync`] and [`ReadError::Integrity`] as for frames.
    pub fn open_playback(
        &self,
        snapshot: &dyn Snapshot,
        options: PlaybackOptions,
        at_time: i64,
    ) -> Result<(Playback, Played), ReadError> {
        let mut playback = Self::at_first(snapshot, options)?;
        Self::find_last(snapshot, &mut playback)?;
        let played = self.seek(snapshot, &mut playback, at_time)?;
        Ok((playback, played))
    }

    /// Goes to the newest candle of the clock at or before `at_time`, Unix seconds, and shows the bars that are complete
    /// with it; goes to the oldest one when there is none.
    ///
    /// # Errors
    /// As [`ReadModel::open_playback`]; the playback stands where it stood.
    pub fn seek(
        &self,
        snapshot: &dyn Snapshot,
        playback: &mut Playback,
        at_time: i64,
    ) -> Result<Played, ReadError> {
        let wanted = CandleTime::clamped(at_time).min(playback.last);
        self.go_to_clock(snapshot, playback, wanted)
    }

    /// Goes to the newest candle of the clock at or before `clock_at`, or to the oldest one that can be gone to.
    fn go_to_clock(
        &self,
        snapshot: &dyn Snapshot,
        playback: &mut Playback,
        clock_at: CandleTime,
    ) -> Result<Played, ReadError> {
        let wanted = clock_at.max(playback.first).seconds();
        let clock = StoredSeries::open(snapshot, playback.clock())?.ok_or(ReadError::NoData)?;
        let clock_at = clock.floor(Some(wanted))?.ok_or(ReadError::NoData)?;
        let shown = playback.options.series.clone();
        let stored = StoredSeries::open(snapshot, &shown)?.ok_or(ReadError::NoData)?;
        let at = stored
            .floor(Some(playback.shown_by(clock_at)))?
            .ok_or(ReadError::NoData)?;
        self.go_to(&stored, playback, at, clock_at)
    }

    /// Stands at a stored candle of both series and looks.
    fn go_to(
        &self,
        stored: &StoredSeries<'_>,
        playback: &mut Playback,
        at: CandleTime,
        clock_at: CandleTime,
    ) -> Result<Played, ReadError> {
        let (place, frame) = self.look(stored, &playback.options, at)?;
        let forming = forming(stored.snapshot, playback, clock_at, place.epoch)?;
        playback.place = Some(place);
        playback.at = at;
        playback.clock_at = clock_at;
        Ok(Played {
            sight: Some(Sight::Frame(Box::new(frame))),
            forming,
        })
    }

    /// The whole frame at a stored candle, and the fold it was taken from.
    fn look(
        &self,
        stored: &StoredSeries<'_>,
        options: &PlaybackOptions,
        at: CandleTime,
    ) -> Result<(Place, PlayedFrame), ReadError> {
        stored.require_factors(at)?;
        stored.require_drawings(self, at)?;
        let candles = stored.snapshot.candles_between(stored.key, at, at, 1)?;
        let candle = *candles.first().ok_or(ReadError::NoData)?;
        let selection = SliceSelection {
            factors: None,
            part: options.part,
        };
        let from = stored.window_start(at, options.window_candles);
        let need = Need {
            window: Some(selection.window(from)),
            back_to: None,
        };
        let (fold, frame) = self.own_fold(stored, at, need, |fold, events| {
            check_integrity(stored, fold, at)?;
            let items = fold.items()?;
            let wanted = Delta {
                to: at,
                cursor: 0,
                from,
            };
            let frame = WorldFrame {
                at_time: at.seconds(),
                aligned: at,
                slices: slices_at(stored, at, fold, events, &selection)?,
                drawing: DrawDelta {
                    to: Some(at),
                    active_ids: active_ids(&items, &wanted),
                    patch: patch([], items),
                },
            };
            Ok(frame)
        })?;
        let mut drawings = DrawingTracker::default();
        drawings.take(fold.items()?);
        let place = Place {
            ledgers: stored.ledgers(self),
            epoch: stored.state.epoch,
            fold,
            drawings,
            slices: None,
        };
        let epoch = place.epoch;
        Ok((place, PlayedFrame { epoch, candle, frame }))
    }
}

/// The slices at the candle of the fold, to tell what changes from there.
fn tracked(
    stored: &StoredSeries<'_>,
    graph: &Arc<FactorGraph>,
    options: &PlaybackOptions,
    at: CandleTime,
    fold: &SeriesFold,
) -> Result<SliceTracker, ReadError> {
    let from = stored.window_start(at, options.window_candles);
    let mut complete = stored.snapshot.events(stored.key, from, at)?;
    stored.complete(graph, &mut complete)?;
    let window_s = i64::from(options.window_candles) * options.series.timeframe().seconds();
    let mut slices = SliceTracker::new(Arc::clone(graph), window_s);
    slices.advance(at, &complete);
    slices.take(fold)?;
    Ok(slices)
}

/// The bar that the clock stands in, as far as it has come.
fn forming(
    snapshot: &dyn Snapshot,
    playback: &Playback,
    clock_at: CandleTime,
    epoch: u32,
) -> Result<Option<FormingBar>, ReadError> {
    let Some((clock, key)) = clock_key(snapshot, playback)? else {
        return Ok(None);
    };
    let open = playback.options.series.timeframe().align(clock_at);
    if playback.shown_by(clock_at) >= open.seconds() {
        return Ok(None);
    }
    let most = usize::try_from(playback.options.series.timeframe().seconds() / clock.timeframe().seconds());
    let candles = snapshot.candles_between(key, open, clock_at, most.unwrap_or(usize::MAX))?;
    Ok(merged(&candles).map(|candle| FormingBar {
        epoch,
        candle: FormingCandle::new(candle.at(open)),
        clock_time: clock_at,
    }))
}

fn clock_key<'a>(
    snapshot: &dyn Snapshot,
    playback: &'a Playback,
) -> Result<Option<(&'a SeriesId, SeriesKey)>, ReadError> {
    let Some(clock) = &playback.options.clock else {
        return Ok(None);
    };
    Ok(snapshot.series_key(clock)?.map(|key| (clock, key)))
}

/// The ledgers end before the candle that is asked for.
const fn behind(at: CandleTime) -> ReadError {
    ReadError::OutOfSync {
        ledger: Ledger::Factor,
        at,
    }
}
