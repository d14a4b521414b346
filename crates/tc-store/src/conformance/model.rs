//! Any sequence of operations gives the answers that the in-memory model gives.

use tc_factor::{KindId, LedgerEvent};
use tc_market::{Candle, CandleTime, SeriesId};
use tc_overlay::SettledRow;

use super::{
    Factory,
    fixture::{at, candle, drawing, event, id, named, state},
    gaps::{gap, rebuild},
};
use crate::{
    EventQuery, GapQuery, GapRecord, MemoryStorage, Names, Order, Payloads, Savepoint, SeriesKey,
    SeriesState, Snapshot, Storage, StoreError, StoredCheckpoint, WriteTxn,
};

/// Eight bytes that say what one step does and with which rows; every value is a valid step.
pub type Step = [u8; 8];

const SERIES: [&str; 3] = ["a:spot:X/Y:1m", "a:spot:X/Y:5m", "b:futures:Z:Z:1h"];

/// Number of times that a step can name.
const SLOTS: u8 = 40;

/// Runs the suite's share of [`check_script`]: fixed scripts from a seeded generator.
pub fn random_scripts_agree(factory: &dyn Factory) {
    let mut seed = 0x7c5f_0001_u64;
    let script: Vec<Step> = (0..400)
        .map(|_| {
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)).to_le_bytes()
        })
        .collect();
    check_script(factory, &script);
}

/// Applies `script` to a store of `factory` and to the model, and compares every answer on the way.
///
/// # Panics
/// When two answers differ, or when the store fails.
pub fn check_script(factory: &dyn Factory, script: &[Step]) {
    let mut known = names(0);
    let mut model = MemoryStorage::new(known.clone());
    let mut tested = factory.open(known.clone());
    let mut rest = script;
    while !rest.is_empty() {
        let end = run_transaction(&model, &*tested, &known, &mut rest);
        if let End::Reopen(variant) = end {
            known = names(variant);
            model = model.reopen(known.clone());
            drop(tested);
            tested = factory.open(known.clone());
        }
        compare_all(&*model.snapshot().unwrap(), &*tested.snapshot().unwrap());
    }
}

/// How a transaction ends.
enum End {
    Commit,
    Drop,
    Reopen(u8),
}

fn run_transaction(model: &MemoryStorage, tested: &dyn Storage, names: &Names, rest: &mut &[Step]) -> End {
    let before = (model.snapshot().unwrap(), tested.snapshot().unwrap());
    let mut pair = Pair {
        model: model.begin().unwrap(),
        tested: tested.begin().unwrap(),
        open: Vec::new(),
    };
    let mut end = End::Commit;
    while let Some((step, after)) = rest.split_first() {
        *rest = after;
        match step[0] % 28 {
            0 | 1 => break,
            2 => {
                end = End::Drop;
                break;
            }
            3 => {
                end = End::Reopen(step[1]);
                break;
            }
            4..=6 => pair.savepoint(step[1]),
            _ => pair.apply(*step, names),
        }
    }
    if !matches!(end, End::Drop) {
        pair.model.commit().unwrap();
        pair.tested.commit().unwrap();
    } else {
        drop(pair);
    }
    compare_all(&*before.0, &*before.1);
    end
}

/// The same transaction on both sides.
struct Pair<'m, 't> {
    model: Box<dyn WriteTxn + 'm>,
    tested: Box<dyn WriteTxn + 't>,
    open: Vec<Savepoint>,
}

impl Pair<'_, '_> {
    /// Runs `work` on both sides, with the key that each of them has for the series.
    fn both<T: PartialEq + std::fmt::Debug>(
        &mut self,
        series: &SeriesId,
        work: impl Fn(&mut dyn WriteTxn, SeriesKey) -> T,
    ) {
        let on = |txn: &mut dyn WriteTxn| {
            let key = txn.ensure_series(series).unwrap();
            (work(txn, key), key)
        };
        let (expected, model_key) = on(&mut *self.model);
        let (answer, tested_key) = on(&mut *self.tested);
        assert_eq!(answer, expected);
        compare_rows((&*self.model, model_key), (&*self.tested, tested_key));
    }

    fn savepoint(&mut self, choice: u8) {
        let deepest = self.open.last().copied();
        let sides: [&mut dyn WriteTxn; 2] = [&mut *self.model, &mut *self.tested];
        match (choice % 3, deepest) {
            (0, None) | (_, None) => {
                let opened = [Savepoint::Unit, Savepoint::Derived][usize::from(choice / 3 % 2)];
                sides.into_iter().for_each(|side| side.savepoint(opened).unwrap());
                self.open.push(opened);
            }
            (0, Some(Savepoint::Unit)) => {
                sides
                    .into_iter()
                    .for_each(|side| side.savepoint(Savepoint::Derived).unwrap());
                self.open.push(Savepoint::Derived);
            }
            (kind, Some(_)) => {
                let position = usize::from(choice / 3) % self.open.len();
                let closed = self.open[position];
                self.open.truncate(position);
                for side in sides {
                    if kind == 1 {
                        side.rollback_to(closed).unwrap();
                    } else {
                        side.release(closed).unwrap();
                    }
                }
            }
        }
    }

    fn apply(&mut self, step: Step, names: &Names) {
        let [kind, series, slot, count, stride, value, ord, local] = step;
        let series = id(SERIES[usize::from(series) % SERIES.len()]);
        let span = || (0..count % 12).map(move |n| (slot % SLOTS, n, n.saturating_mul(stride % 3 + 1)));
        let slots = || span().filter_map(|(first, n, offset)| Some((slot_time(first + offset)?, n)));
        match kind % 28 {
            7..=11 => {
                let candles: Vec<Candle> = slots()
                    .map(|(time, n)| candle(time, 100.0 + f64::from((value ^ n) % 4)))
                    .collect();
                self.both(&series, |txn, key| txn.put_candles(key, &candles).unwrap());
            }
            12 => {
                let times: Vec<CandleTime> = slots().map(|(time, _)| at(time)).collect();
                self.both(&series, |txn, key| txn.delete_candles(key, &times).unwrap());
            }
            13 => self.both(&series, |txn, key| {
                txn.trim_candles(key, u64::from(count % 24)).unwrap()
            }),
            14..=16 => {
                let kinds = names.event_kinds.len();
                let events: Vec<LedgerEvent> = slots()
                    .map(|(time, n)| {
                        let kind = pick(local ^ n, kinds);
                        let payload = vec![value; usize::from(n) * 7];
                        event(time, u16::from(ord % 4), kind, time / 2, &payload)
                    })
                    .collect();
                self.both(&series, |txn, key| txn.append_events(key, &events).unwrap());
            }
            17..=19 => {
                let kinds = names.drawings.len();
                let rows: Vec<SettledRow> = slots()
                    .map(|(time, n)| {
                        let last = slot_time((value ^ n) % SLOTS).unwrap_or_default();
                        drawing(time, u16::from(ord % 4), pick(local ^ n, kinds), last / 3, last)
                    })
                    .collect();
                self.both(&series, |txn, key| txn.append_settled(key, &rows).unwrap());
            }
            20 => {
                let time = slot_time(slot % SLOTS).unwrap_or_default();
                let checkpoint = StoredCheckpoint {
                    time: at(time),
                    bytes: vec![value; usize::from(count) * 20],
                };
                self.both(&series, |txn, key| txn.put_checkpoint(key, &checkpoint).unwrap());
            }
            21 => {
                let from = at(slot_time(slot % SLOTS).unwrap_or_default());
                self.both(&series, |txn, key| txn.discard_ledger_from(key, from).unwrap());
            }
            22 => {
                let from = at(slot_time(slot % SLOTS).unwrap_or_default());
                self.both(&series, |txn, key| txn.discard_settled_from(key, from).unwrap());
            }
            23..=25 => {
                let gaps: Vec<GapRecord> = slots()
                    .map(|(time, n)| gap(time, (time + 60).min(CandleTime::MAX.seconds()), value ^ n))
                    .collect();
                self.both(&series, |txn, key| txn.put_gaps(key, &gaps).unwrap());
            }
            26 => {
                let times: Vec<CandleTime> = slots().map(|(time, _)| at(time)).collect();
                self.both(&series, |txn, key| {
                    txn.delete_gaps(key, &times).unwrap();
                    txn.put_epoch(key, &rebuild(u32::from(value))).unwrap();
                });
            }
            _ => {
                let state = if value.is_multiple_of(4) {
                    SeriesState::default()
                } else {
                    state(value)
                };
                self.both(&series, |txn, key| txn.put_series_state(key, &state).unwrap());
            }
        }
    }
}

/// The local ids of one variant mean other names in the next; the last one lacks a kind of each sort.
fn names(variant: u8) -> Names {
    match variant % 3 {
        0 => named(&["one", "two", "three"], &["dot", "ring"]),
        1 => named(&["three", "four", "one", "two"], &["ring", "cross", "dot"]),
        _ => named(&["two", "one"], &["ring"]),
    }
}

fn pick(byte: u8, count: usize) -> u16 {
    u16::try_from(usize::from(byte) % count).unwrap()
}

/// The times of the axis ascend from 0 to the greatest one, in dense and in sparse stretches.
fn slot_time(slot: u8) -> Option<i64> {
    let slot = i64::from(slot);
    match slot {
        0..20 => Some(slot * 60),
        20..38 => Some((1 << 31) + (slot - 20) * 40_000),
        38 => Some(CandleTime::MAX.seconds() - 1),
        39 => Some(CandleTime::MAX.seconds()),
        _ => None,
    }
}

/// Everything that can be asked.
fn compare_all(model: &dyn Snapshot, tested: &dyn Snapshot) {
    assert_eq!(tested.list_series().unwrap(), model.list_series().unwrap());
    for series in SERIES.map(id) {
        let expected = model.series_key(&series).unwrap();
        let answer = tested.series_key(&series).unwrap();
        assert_eq!(answer.is_some(), expected.is_some(), "{series}");
        if let (Some(expected), Some(answer)) = (expected, answer) {
            compare_series((model, expected), (tested, answer));
        }
    }
}

/// One side of a comparison.
type Side<'r> = (&'r dyn Snapshot, SeriesKey);

fn same<T: PartialEq + std::fmt::Debug>(
    model: Side<'_>,
    tested: Side<'_>,
    ask: impl Fn(&dyn Snapshot, SeriesKey) -> Result<T, StoreError>,
) {
    assert_eq!(ask(tested.0, tested.1).unwrap(), ask(model.0, model.1).unwrap());
}

/// Every row of one series.
fn compare_rows(model: Side<'_>, tested: Side<'_>) {
    let (first, last) = (CandleTime::MIN, CandleTime::MAX);
    same(model, tested, |read, key| read.series_state(key));
    same(model, tested, |read, key| read.newest_candles(key, usize::MAX));
    same(model, tested, |read, key| read.events(key, first, last));
    same(model, tested, |read, key| read.settled(key, first, last));
    same(model, tested, |read, key| read.checkpoint_at(key, last));
    let every_gap = GapQuery {
        healed: None,
        ..GapQuery::OPEN
    };
    same(model, tested, |read, key| read.gaps(key, &every_gap));
    same(model, tested, |read, key| read.open_gaps(key));
    same(model, tested, |read, key| read.epochs(key, 20));
    let minute = id(SERIES[0]).timeframe();
    same(model, tested, |read, key| {
        read.candle_steps(key, minute, (first, last), 7)
    });
}

/// Everything that can be asked about one series, at a few times.
fn compare_series(model: Side<'_>, tested: Side<'_>) {
    let probes = [0, 1, 5, 12, 25, 39].map(|slot| at(slot_time(slot).unwrap_or_default()));
    compare_rows(model, tested);
    same(model, tested, |read, key| read.head_time(key));
    same(model, tested, |read, key| read.first_time(key));
    same(model, tested, |read, key| read.existing_times(key, &probes));
    same(model, tested, |read, key| read.newest_candles(key, 3));
    for from in probes {
        same(model, tested, |read, key| read.floor_time(key, from));
        same(model, tested, |read, key| read.checkpoint_at(key, from));
        for to in probes.into_iter().filter(|&to| to >= from) {
            same(model, tested, |read, key| read.count_between(key, from, to));
            same(model, tested, |read, key| read.candles_between(key, from, to, 4));
            same(model, tested, |read, key| read.events(key, from, to));
            same(model, tested, |read, key| read.settled(key, from, to));
            compare_found(model, tested, from, to);
        }
    }
}

/// Events found by direction, kinds and limit.
fn compare_found(model: Side<'_>, tested: Side<'_>, from: CandleTime, to: CandleTime) {
    for (order, payloads) in [
        (Order::Ascending, Payloads::LeftOut),
        (Order::Descending, Payloads::Stored),
    ] {
        for (kinds, limit) in [(None, 5), (Some(&[KindId(1)][..]), 3)] {
            let query = EventQuery {
                from,
                to,
                kinds,
                order,
                limit,
                payloads,
            };
            same(model, tested, |read, key| read.find_events(key, &query));
        }
    }
}
