//! What comes later changes nothing: every candle after t is replaced by others, and what is said of t stays the same
//! to the bit.
//!
//! A pair is one candle t of one series together with one other future: a ledger that agrees with the base up to t and
//! has random candles after it, written on from a checkpoint before t and read at t as if it were old. That the ledger up
//! to t would come out of a run from genesis as well is checked for some of the pairs.

use std::{collections::BTreeMap, convert::Infallible};

use tc_factor::{
    FoldMode, LedgerEvent, SliceInput, SlicePart, WindowEvents,
    testing::{Dice, candle, market, moves, walk},
};
use tc_market::{Candle, CandleTime};

use super::{Stored, one_minute_series, setup};
use crate::{FoldOutput, LedgerSource, SeriesFold};

/// A series with everything that was said while each candle was the newest.
struct Base {
    stored: Stored,
    /// Candles of a slice.
    window_candles: i64,
    told: Vec<blake3::Hash>,
}

impl Base {
    fn new(candles: Vec<Candle>, dice: &mut Dice) -> Self {
        let width = |dice: &mut Dice| dice.below(3).cast_signed() + 1;
        let (major, minor) = (width(dice), width(dice));
        let overlay_window = 5 + u32::try_from(dice.below(30)).unwrap();
        let window_candles = 5 + dice.below(20).cast_signed();
        let every = 3 + dice.index(5);
        let stored = Stored::new(
            setup(major, minor, overlay_window),
            one_minute_series(),
            candles,
            every,
        );
        let mut fold = stored.reader();
        let told = stored.candles.iter().map(|candle| {
            stored.advance(&mut fold, candle.time(), false);
            told(&stored, &stored, &fold, window_candles)
        });
        let told = told.collect();
        Self {
            stored,
            window_candles,
            told,
        }
    }
}

/// Heads, slices and drawings at the newest candle of `fold`, as a hash of their bytes.
fn told<S: LedgerSource<Error = Infallible>>(
    stored: &Stored,
    source: &S,
    fold: &SeriesFold,
    window_candles: i64,
) -> blake3::Hash {
    let (at, graph) = (fold.head().unwrap(), &stored.setup.factors);
    let from = at.shifted(-window_candles * stored.series.timeframe().seconds());
    let events = source.complete_events(graph, from, at).unwrap();
    let mut text = Vec::new();
    for (position, spec) in graph.specs().enumerate() {
        text.extend_from_slice(spec.factor_name.as_bytes());
        text.extend(fold.factors().head_json(position).unwrap().unwrap_or_default());
        let input = SliceInput {
            position,
            events: WindowEvents::new(graph, &events),
            engine: fold.factors(),
            at,
            part: SlicePart::All,
        };
        if let Some(slice) = (spec.slice)(&input).unwrap() {
            text.extend(slice.history);
            text.extend(slice.head);
        }
    }
    text.extend(format!("{:?}", fold.drawing().unwrap()).into_bytes());
    blake3::hash(&text)
}

/// The ledger of a base up to a candle, and of other candles from there on.
struct Changed<'a> {
    base: &'a Stored,
    /// Candles of the base that are in it.
    kept: usize,
    /// Newest candle whose ledger is taken from the base.
    trusted: Option<CandleTime>,
    candles: Vec<Candle>,
    out: FoldOutput,
    checkpoints: BTreeMap<CandleTime, Vec<u8>>,
}

fn between<T>(rows: &[T], time: impl Fn(&T) -> CandleTime, from: CandleTime, to: CandleTime) -> &[T] {
    let first = rows.partition_point(|row| time(row) < from);
    let last = rows.partition_point(|row| time(row) <= to);
    &rows[first..last.max(first)]
}

impl LedgerSource for Changed<'_> {
    type Error = Infallible;

    fn checkpoint_at(&self, at: CandleTime) -> Result<Option<(CandleTime, Vec<u8>)>, Infallible> {
        let mut newest = self.checkpoints.range(..=at).next_back();
        if let (None, Some(trusted)) = (newest, self.trusted) {
            newest = self.base.checkpoints.range(..=at.min(trusted)).next_back();
        }
        Ok(newest.map(|(time, bytes)| (*time, bytes.clone())))
    }

    fn candles(&self, from: CandleTime, to: CandleTime) -> Result<Vec<Candle>, Infallible> {
        let kept = &self.base.candles[..self.kept];
        let parts = [kept, &self.candles].map(|candles| between(candles, Candle::time, from, to));
        Ok(parts.concat())
    }

    fn events(&self, from: CandleTime, to: CandleTime) -> Result<Vec<LedgerEvent>, Infallible> {
        let time = |event: &LedgerEvent| event.visible_time;
        let trusted = self.trusted.map_or(&[][..], |trusted| {
            between(&self.base.out.events, time, CandleTime::MIN, trusted)
        });
        let parts = [trusted, &self.out.events].map(|events| between(events, time, from, to));
        Ok(parts.concat())
    }
}

/// Up to a dozen random candles after `before`.
fn other_future(dice: &mut Dice, before: &Candle) -> Vec<Candle> {
    let count = 1 + dice.index(12);
    let seed = dice.roll();
    let candles = if dice.below(8) == 0 {
        market(seed, count)
    } else {
        walk(&moves(seed, count))
    };
    let shift =
        before.time().seconds() - candles[0].time().seconds() + 60 * (1 + dice.below(2).cast_signed());
    let moved = candles
        .iter()
        .map(|c| candle(c.time().seconds() + shift, c.open(), c.high(), c.low(), c.close()));
    moved.collect()
}

impl<'a> Changed<'a> {
    /// The base up to candle number `t`, then `candles`, written on from the newest checkpoint that is `trusted`.
    fn write(base: &'a Stored, t: usize, candles: Vec<Candle>, trusted: Option<CandleTime>) -> Self {
        let mut changed = Self {
            base,
            kept: t + 1,
            trusted,
            candles,
            out: FoldOutput::default(),
            checkpoints: BTreeMap::new(),
        };
        let fingerprint = base.setup.fingerprint(&base.series);
        let at = base.candles[t].time();
        let resumed = SeriesFold::resume(
            &base.setup,
            &base.series,
            FoldMode::Compute,
            fingerprint,
            &changed,
            at,
        );
        let mut fold = resumed.unwrap().fold;
        changed.trusted = fold.head();
        let done = base
            .candles
            .partition_point(|candle| Some(candle.time()) <= fold.head());
        let mut out = FoldOutput::default();
        let rest = base.candles[done..=t].iter().chain(&changed.candles);
        for (n, candle) in rest.enumerate() {
            fold.compute(candle, &mut out).unwrap();
            if n % 3 == 2 {
                changed
                    .checkpoints
                    .insert(candle.time(), fold.checkpoint().unwrap().encode());
            }
        }
        changed.out = out;
        changed
    }

    /// What was written is the base up to candle number `t`, and of later candles only after it.
    fn check_written(&self, t: usize) {
        let (from, at) = (
            self.trusted.map_or(CandleTime::MIN, |time| time.shifted(1)),
            self.base.candles[t].time(),
        );
        let of_past = |rows: &[LedgerEvent]| between(rows, |event| event.visible_time, from, at).to_vec();
        assert_eq!(
            of_past(&self.out.events),
            of_past(&self.base.out.events),
            "events up to {at}"
        );
        let (past, later): (Vec<_>, Vec<_>) = self.out.settled.iter().partition(|row| row.version <= at);
        let expected = self
            .base
            .out
            .settled
            .iter()
            .filter(|row| (from..=at).contains(&row.version));
        assert!(past.into_iter().eq(expected), "settled drawings up to {at}");
        let events = self
            .out
            .events
            .iter()
            .skip_while(|event| event.visible_time <= at);
        for event in events {
            assert!(
                event.visible_time > at && event.anchor_time <= event.visible_time,
                "{event:?} belongs to {at}"
            );
        }
        assert!(later.iter().all(|row| row.version > at));
    }

    /// A reader of the whole ledger who asks for candle number `t`.
    fn told(&self, base: &Base, t: usize) -> blake3::Hash {
        let stored = &base.stored;
        let (fingerprint, at) = (stored.setup.fingerprint(&stored.series), stored.candles[t].time());
        let resumed = SeriesFold::resume(
            &stored.setup,
            &stored.series,
            FoldMode::Follow,
            fingerprint,
            self,
            at,
        );
        let mut fold = resumed.unwrap().fold;
        let from = fold.head().map_or(CandleTime::MIN, |head| head.shifted(1));
        let ticks = self.events(from, at).unwrap();
        for candle in self.candles(from, at).unwrap() {
            let tick = between(&ticks, |event| event.visible_time, candle.time(), candle.time());
            fold.follow(&candle, tick).unwrap();
        }
        told(stored, self, &fold, base.window_candles)
    }
}

/// One pair.
fn check(base: &Base, t: usize, dice: &mut Dice, pair: u64) {
    let stored = &base.stored;
    let candles = other_future(dice, &stored.candles[t]);
    let changed = Changed::write(stored, t, candles.clone(), Some(stored.candles[t].time()));
    changed.check_written(t);
    assert!(
        changed.told(base, t) == base.told[t],
        "what is told of candle {t} changed: pair {pair}"
    );
    if pair.is_multiple_of(250) {
        // Nothing taken from the base but its candles.
        let fresh = Changed::write(stored, t, candles, None);
        fresh.check_written(t);
        for past in (0..=t).rev().step_by(9) {
            assert!(
                fresh.told(base, past) == base.told[past],
                "what is told of candle {past} changed after {t}"
            );
        }
    }
}

/// Pairs of short series, all candles of each, several futures for each candle.
fn check_many(seed: u64, bases: usize) -> u64 {
    let mut dice = Dice::new(seed);
    let mut pairs = 0;
    for _ in 0..bases {
        let seed = dice.roll();
        let candles = if dice.below(4) == 0 {
            market(seed, 90)
        } else {
            walk(&moves(seed, 90))
        };
        let base = Base::new(candles, &mut dice);
        for t in 0..base.stored.candles.len() {
            for _ in 0..7 {
                check(&base, t, &mut dice, pairs);
                pairs += 1;
            }
        }
    }
    pairs
}

/// Four tests, so that they run beside each other: 100,800 pairs in all.
const PAIRS_EACH: u64 = 25_200;

#[test]
fn other_futures_change_nothing_1() {
    assert!(check_many(0x0f00, 40) >= PAIRS_EACH);
}

#[test]
fn other_futures_change_nothing_2() {
    assert!(check_many(0x1f00, 40) >= PAIRS_EACH);
}

#[test]
fn other_futures_change_nothing_3() {
    assert!(check_many(0x2f00, 40) >= PAIRS_EACH);
}

#[test]
fn other_futures_change_nothing_4() {
    assert!(check_many(0x3f00, 40) >= PAIRS_EACH);
}

/// Series so long that snapshots look at the newest 200 pivots a side only.
#[test]
fn other_futures_change_nothing_in_long_series() {
    let mut dice = Dice::new(0x4f00);
    for candles in [walk(&moves(7, 1_500)), market(9, 1_500)] {
        let base = Base::new(candles, &mut dice);
        for pair in 1..=400 {
            let t = 700 + dice.index(800);
            check(&base, t, &mut dice, pair);
        }
    }
}
