//! Where something happens next.

use std::collections::BTreeSet;

use tc_factor::{CHECKPOINT_EVERY, FactorGraph, KindId, Mark, MomentSpec};
use tc_market::{Candle, CandleTime};
use tc_overlay::SeriesFold;
use tc_store::{EventQuery, Order, Payloads, Snapshot};

use super::Playback;
use crate::{
    ReadError, ReadModel,
    position::{Need, StoredSeries},
};

/// Candles that are looked through at once.
const PAGE_CANDLES: usize = 2_000;

/// Which way to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To later candles.
    Later,
    /// To earlier candles.
    Earlier,
}

/// Something to stop at.
#[derive(Debug, Clone, Copy)]
pub enum MomentKind {
    /// An event of the ledger becomes visible.
    Event(KindId),
    /// A mark is set that was not.
    Marked(MomentSpec),
}

/// No factor knows such a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there are no moments called {0}")]
pub struct UnknownMoment(pub String);

impl MomentKind {
    /// Names of all moments: event kinds, then marks.
    pub fn names(graph: &FactorGraph) -> impl Iterator<Item = &'static str> {
        let marks = graph.specs().flat_map(|spec| spec.moments);
        graph.kind_names().chain(marks.map(|moment| moment.name))
    }

    /// The moment called `name`.
    ///
    /// # Errors
    /// [`UnknownMoment`].
    pub fn named(graph: &FactorGraph, name: &str) -> Result<Self, UnknownMoment> {
        if let Some(kind) = graph.kind(name) {
            return Ok(Self::Event(kind));
        }
        let mut moments = graph.specs().flat_map(|spec| spec.moments);
        let moment = moments.find(|moment| moment.name == name);
        moment
            .map(|moment| Self::Marked(*moment))
            .ok_or_else(|| UnknownMoment(name.to_owned()))
    }
}

/// Where something happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The candle.
    pub at: CandleTime,
    /// What happens there, by the names of the kinds.
    pub kinds: Vec<&'static str>,
}

impl ReadModel {
    /// The nearest candle before or after the shown one at which one of `kinds` happens; `None`: there is none.
    ///
    /// # Errors
    /// [`ReadError::OutOfSync`] when the ledgers do not cover the candles, or what the storage says.
    pub fn next_moment(
        &self,
        snapshot: &dyn Snapshot,
        playback: &Playback,
        kinds: &[MomentKind],
        direction: Direction,
    ) -> Result<Option<Moment>, ReadError> {
        let stored = StoredSeries::open(snapshot, &playback.options.series)?.ok_or(ReadError::NoData)?;
        let range = match direction {
            Direction::Later => (
                playback.at.shifted(1),
                CandleTime::clamped(playback.shown_by(playback.last)),
            ),
            Direction::Earlier => (playback.oldest, playback.at.shifted(-1)),
        };
        if range.0 > range.1 {
            return Ok(None);
        }
        stored.require_factors(range.1.min(playback.at.max(range.0)))?;
        let mut found = self.event(&stored, kinds, range, direction)?;
        let marked: Vec<MomentSpec> = kinds
            .iter()
            .filter_map(|kind| match kind {
                MomentKind::Marked(moment) => Some(*moment),
                MomentKind::Event(_) => None,
            })
            .collect();
        if marked.is_empty() {
            return Ok(found);
        }
        // What is farther than the nearest event does not matter.
        let range = match (&found, direction) {
            (None, _) => range,
            (Some(event), Direction::Later) => (range.0, event.at),
            (Some(event), Direction::Earlier) => (event.at, range.1),
        };
        let mark = match direction {
            Direction::Later => self.first_mark(&stored, &marked, range)?,
            Direction::Earlier => self.last_mark(&stored, &marked, range)?,
        };
        if let Some(mark) = mark {
            match &mut found {
                Some(event) if event.at == mark.at => event.kinds.extend(mark.kinds),
                _ => found = Some(mark),
            }
        }
        Ok(found)
    }

    fn event(
        &self,
        stored: &StoredSeries<'_>,
        kinds: &[MomentKind],
        (from, to): (CandleTime, CandleTime),
        direction: Direction,
    ) -> Result<Option<Moment>, ReadError> {
        let events: Vec<KindId> = kinds
            .iter()
            .filter_map(|kind| match kind {
                MomentKind::Event(kind) => Some(*kind),
                MomentKind::Marked(_) => None,
            })
            .collect();
        if events.is_empty() {
            return Ok(None);
        }
        let query = EventQuery {
            from,
            to,
            kinds: Some(&events),
            order: match direction {
                Direction::Later => Order::Ascending,
                Direction::Earlier => Order::Descending,
            },
            limit: 1,
            payloads: Payloads::LeftOut,
        };
        let Some(nearest) = stored
            .snapshot
            .find_events(stored.key, &query)?
            .first()
            .map(|event| event.visible_time)
        else {
            return Ok(None);
        };
        let tick = EventQuery {
            from: nearest,
            to: nearest,
            order: Order::Ascending,
            limit: usize::MAX,
            ..query
        };
        let tick = stored.snapshot.find_events(stored.key, &tick)?;
        let graph = &self.setup.factors;
        let names: BTreeSet<&'static str> = tick
            .iter()
            .filter_map(|event| graph.kind_spec(event.kind))
            .map(|spec| spec.name)
            .collect();
        Ok(Some(Moment {
            at: nearest,
            kinds: names.into_iter().collect(),
        }))
    }

    /// The first candle of a range at which a mark is set that was not.
    fn first_mark(
        &self,
        stored: &StoredSeries<'_>,
        marked: &[MomentSpec],
        range: (CandleTime, CandleTime),
    ) -> Result<Option<Moment>, ReadError> {
        let mut first = None;
        self.watch(stored, marked, range, |moment| {
            first = Some(moment);
            false
        })?;
        Ok(first)
    }

    /// The last one: looks at the end of the range first, and at longer and longer stretches before it.
    fn last_mark(
        &self,
        stored: &StoredSeries<'_>,
        marked: &[MomentSpec],
        (from, to): (CandleTime, CandleTime),
    ) -> Result<Option<Moment>, ReadError> {
        let mut span =
            i64::try_from(CHECKPOINT_EVERY).unwrap_or(i64::MAX) * stored.series.timeframe().seconds();
        let mut end = to;
        while end >= from {
            let begin = end.shifted(-span).max(from);
            let mut last = None;
            self.watch(stored, marked, (begin, end), |moment| {
                last = Some(moment);
                true
            })?;
            if last.is_some() || begin <= from {
                return Ok(last);
            }
            end = begin.shifted(-1);
            span = span.saturating_mul(2);
        }
        Ok(None)
    }

    /// Tells `see` each candle of a range at which a mark is set that was not, until it wants no more.
    fn watch(
        &self,
        stored: &StoredSeries<'_>,
        marked: &[MomentSpec],
        (from, to): (CandleTime, CandleTime),
        mut see: impl FnMut(Moment) -> bool,
    ) -> Result<(), ReadError> {
        let before = stored.floor(Some(from.seconds() - 1))?;
        let mut fold = match before {
            Some(before) => self.own_fold(stored, before, Need::default(), |_, _| Ok(()))?.0,
            None => SeriesFold::genesis(&self.setup, stored.series, tc_factor::FoldMode::Follow),
        };
        let mut was: Vec<Vec<Mark>> = marked.iter().map(|moment| marks(moment, &fold)).collect();
        let mut next = from;
        loop {
            let candles = stored
                .snapshot
                .candles_between(stored.key, next, to, PAGE_CANDLES)?;
            let Some(last) = candles.last().map(Candle::time) else {
                return Ok(());
            };
            let events = stored.snapshot.events(stored.key, next, last)?;
            let mut rest = events.as_slice();
            for candle in &candles {
                let (tick, later) =
                    rest.split_at(rest.partition_point(|event| event.visible_time <= candle.time()));
                rest = later;
                fold.follow(candle, tick)?;
                let mut kinds = Vec::new();
                for (moment, was) in marked.iter().zip(&mut was) {
                    let now = marks(moment, &fold);
                    // Hardly a candle changes any mark.
                    if now != *was {
                        if now.iter().any(|mark| !was.contains(mark)) {
                            kinds.push(moment.name);
                        }
                        *was = now;
                    }
                }
                let at = candle.time();
                if !kinds.is_empty() && !see(Moment { at, kinds }) {
                    return Ok(());
                }
            }
            next = last.shifted(1);
        }
    }
}

fn marks(moment: &MomentSpec, fold: &SeriesFold) -> Vec<Mark> {
    let mut marks = Vec::new();
    (moment.marks)(fold.factors(), &mut marks);
    marks
}
