//! How far a playback can go: where both the bars that are shown and the candles that move the time are stored.

use tc_market::Candle;
use tc_store::Snapshot;

use super::{Playback, PlaybackOptions};
use crate::{ReadError, ReadModel, position::StoredSeries};

impl ReadModel {
    /// A playback at the oldest candle of the clock with which a stored bar is complete.
    pub(super) fn at_first(snapshot: &dyn Snapshot, options: PlaybackOptions) -> Result<Playback, ReadError> {
        let shown = options.series.clone();
        let stored = StoredSeries::open(snapshot, &shown)?.ok_or(ReadError::NoData)?;
        let bar = snapshot.first_time(stored.key)?.ok_or(ReadError::NoData)?;
        let mut playback = Playback {
            options,
            at: bar,
            clock_at: bar,
            first: bar,
            oldest: bar,
            last: bar,
            place: None,
        };
        if playback.options.clock.is_none() {
            return Ok(playback);
        }
        let clock = StoredSeries::open(snapshot, playback.clock())?.ok_or(ReadError::NoData)?;
        let head = snapshot.head_time(clock.key)?.ok_or(ReadError::NoData)?;
        let complete = snapshot.candles_between(clock.key, playback.end_of(bar), head, 1)?;
        playback.first = complete.first().map(Candle::time).ok_or(ReadError::NoData)?;
        playback.oldest = stored
            .floor(Some(playback.shown_by(playback.first)))?
            .ok_or(ReadError::NoData)?;
        Ok(playback)
    }

    /// Learns how far the history goes: to the newest candle that both ledgers cover.
    pub(super) fn find_last(snapshot: &dyn Snapshot, playback: &mut Playback) -> Result<(), ReadError> {
        let shown = playback.options.series.clone();
        let stored = StoredSeries::open(snapshot, &shown)?.ok_or(ReadError::NoData)?;
        let state = &stored.state;
        let heads = [state.factor_head, state.overlay_head];
        let processed = heads.into_iter().flatten().min().unwrap_or(playback.oldest);
        let end = stored
            .floor(Some(processed.seconds()))?
            .unwrap_or(playback.oldest);
        let last = match &playback.options.clock {
            None => end,
            Some(clock) => {
                let stored = StoredSeries::open(snapshot, clock)?.ok_or(ReadError::NoData)?;
                // The bar after the newest one may be forming.
                let until = end.seconds() + 2 * playback.options.series.timeframe().seconds();
                let until = until - clock.timeframe().seconds();
                stored.floor(Some(until))?.ok_or(ReadError::NoData)?
            }
        };
        playback.last = last.max(playback.first);
        Ok(())
    }
}
