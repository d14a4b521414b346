//! Moving by bars.

use tc_market::{Candle, CandleTime};
use tc_replay::SliceMeta;
use tc_store::Snapshot;

use super::{Place, Playback, Played, PlayedDelta, Sight, behind, forming, tracked};
use crate::{
    DrawDelta, ReadError, ReadModel,
    draw::{Delta, active_ids},
    position::StoredSeries,
};

impl ReadModel {
    /// Moves on by at most `bars` candles of the clock, not beyond `until` (a time of the clock). After the ledgers were
    /// folded again it answers the whole frame where it stands, and moves with the next call.
    ///
    /// # Errors
    /// As [`ReadModel::open_playback`]; the playback stands where it stood, and a later call tries again.
    pub fn forward(
        &self,
        snapshot: &dyn Snapshot,
        playback: &mut Playback,
        bars: usize,
        until: Option<CandleTime>,
    ) -> Result<Played, ReadError> {
        let shown = playback.options.series.clone();
        let stored = StoredSeries::open(snapshot, &shown)?.ok_or(ReadError::NoData)?;
        if playback
            .place
            .as_ref()
            .is_none_or(|place| place.ledgers != stored.ledgers(self))
        {
            let at = stored
                .floor(Some(playback.at.seconds()))?
                .ok_or(ReadError::NoData)?;
            let clock_at = if playback.options.clock.is_some() {
                playback.clock_at
            } else {
                at
            };
            return self.go_to(&stored, playback, at, clock_at);
        }
        let until = until.map_or(playback.last, |until| until.min(playback.last));
        let clock = StoredSeries::open(snapshot, playback.clock())?.ok_or(ReadError::NoData)?;
        let passed = snapshot.candles_between(clock.key, playback.clock_at.shifted(1), until, bars)?;
        let Some(clock_at) = passed.last().map(Candle::time) else {
            return Ok(Played::default());
        };
        let candles = match playback.options.clock {
            None => passed,
            Some(_) => {
                let to = CandleTime::clamped(playback.shown_by(clock_at));
                let most = bars.saturating_add(1);
                snapshot.candles_between(stored.key, playback.at.shifted(1), to, most)?
            }
        };
        let Some(mut place) = playback.place.take() else {
            return Ok(Played::default());
        };
        let delta = match candles.last() {
            Some(last) => {
                stored.require_factors(last.time())?;
                stored.require_drawings(self, last.time())?;
                let delta = self.follow(&stored, playback, &mut place, candles)?;
                playback.at = delta.to;
                Some(Sight::Delta(Box::new(delta)))
            }
            None => None,
        };
        let forming = forming(snapshot, playback, clock_at, place.epoch)?;
        playback.place = Some(place);
        playback.clock_at = clock_at;
        Ok(Played {
            sight: delta,
            forming,
        })
    }

    /// Moves the fold over these candles.
    fn follow(
        &self,
        stored: &StoredSeries<'_>,
        playback: &Playback,
        place: &mut Place,
        candles: Vec<Candle>,
    ) -> Result<PlayedDelta, ReadError> {
        let graph = &self.setup.factors;
        let from = playback.at;
        let to = candles.last().map(Candle::time).ok_or(behind(from))?;
        let mut events = stored.snapshot.events(stored.key, from.shifted(1), to)?;
        if playback.options.slices {
            stored.complete(graph, &mut events)?;
            if place.slices.is_none() {
                place.slices = Some(tracked(stored, graph, &playback.options, from, &place.fold)?);
            }
        }
        let mut rest = events.as_slice();
        for candle in &candles {
            let (tick, later) =
                rest.split_at(rest.partition_point(|event| event.visible_time <= candle.time()));
            rest = later;
            place.fold.follow(candle, tick)?;
            if let Some(slices) = &mut place.slices {
                slices.advance(candle.time(), tick);
            }
        }
        let items = place.fold.items()?;
        let wanted = Delta {
            to,
            cursor: from.seconds(),
            from: stored.window_start(to, playback.options.window_candles),
        };
        let drawing = DrawDelta {
            to: Some(to),
            active_ids: active_ids(&items, &wanted),
            patch: place.drawings.take(items).patch.into_iter().cloned().collect(),
        };
        let meta = SliceMeta {
            series: stored.series,
            epoch: place.epoch,
            at: to,
        };
        let rows = match &mut place.slices {
            Some(slices) => {
                let changes = slices.take(&place.fold)?;
                let rows = changes.iter().map(|change| change.row(&meta));
                Some(
                    rows.collect::<Result<_, _>>()
                        .map_err(tc_replay::RecordError::from)?,
                )
            }
            None => None,
        };
        Ok(PlayedDelta {
            epoch: place.epoch,
            from,
            candles,
            to,
            drawing,
            rows,
        })
    }

    /// Moves back by `bars` candles of the clock, at most to the first.
    ///
    /// # Errors
    /// As [`ReadModel::open_playback`]; the playback stands where it stood.
    pub fn back(
        &self,
        snapshot: &dyn Snapshot,
        playback: &mut Playback,
        bars: usize,
    ) -> Result<Played, ReadError> {
        let clock = StoredSeries::open(snapshot, playback.clock())?.ok_or(ReadError::NoData)?;
        let target = clock.candles_back(playback.clock_at, bars)?;
        self.go_to_clock(snapshot, playback, target)
    }

    /// Candles of the clock between where the playback stands and `until`, inclusive.
    ///
    /// # Errors
    /// [`ReadError::NoData`] when the series is gone, or what the storage says.
    pub fn bars_until(
        &self,
        snapshot: &dyn Snapshot,
        playback: &Playback,
        until: CandleTime,
    ) -> Result<usize, ReadError> {
        let clock = StoredSeries::open(snapshot, playback.clock())?.ok_or(ReadError::NoData)?;
        let bars = snapshot.count_between(clock.key, playback.clock_at.shifted(1), until)?;
        Ok(usize::try_from(bars).unwrap_or(usize::MAX))
    }

    /// Looks for candles that came since the end was found.
    ///
    /// # Errors
    /// [`ReadError::NoData`] when the series is gone, or what the storage says.
    pub fn look_for_more(&self, snapshot: &dyn Snapshot, playback: &mut Playback) -> Result<(), ReadError> {
        Self::find_last(snapshot, playback)
    }
}

impl StoredSeries<'_> {
    /// The candle `bars` before the one at `from`, or the first.
    fn candles_back(&self, from: CandleTime, bars: usize) -> Result<CandleTime, ReadError> {
        let timeframe_s = self.series.timeframe().seconds();
        let wanted = u64::try_from(bars).unwrap_or(u64::MAX);
        let first = self.snapshot.first_time(self.key)?.ok_or(ReadError::NoData)?;
        let end = from.shifted(-1);
        // Holes make a stretch hold fewer candles than it has room for.
        let mut span = i64::try_from(bars)
            .unwrap_or(i64::MAX)
            .saturating_mul(timeframe_s);
        loop {
            let begin = end.shifted(-span).max(first);
            if begin <= first || self.snapshot.count_between(self.key, begin, end)? >= wanted {
                let candles = self.snapshot.candles_between(self.key, begin, end, usize::MAX)?;
                let place = candles.len().saturating_sub(bars);
                return Ok(candles.get(place).map_or(first, Candle::time));
            }
            span = span.saturating_mul(2);
        }
    }
}
