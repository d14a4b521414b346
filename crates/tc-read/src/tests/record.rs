//! Property of record, read side: at every candle slices and drawings are those of one fold over the final candles,
//! read cold or warm, now or later.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tc_factor::{FoldMode, SliceInput, SlicePart, WindowEvents, testing};
use tc_market::{Candle, CandleTime};
use tc_overlay::{Definition, FoldOutput, Instruction, SeriesFold, patch};

use super::{World, corrected, reader, series, setup, walk};
use crate::{DrawDelta, FactorSlice};

/// Slices and drawing of one candle.
struct Moment {
    time: CandleTime,
    slices: Vec<FactorSlice>,
    drawing: Vec<Instruction>,
}

/// Every moment of a series, from one fold that knows no store.
fn moments(world: &World, candles: &[Candle]) -> Vec<Moment> {
    let mut writer = SeriesFold::genesis(&world.setup, &world.series, FoldMode::Compute);
    let mut fold = SeriesFold::genesis(&world.setup, &world.series, FoldMode::Follow);
    let mut out = FoldOutput::default();
    let moments = candles.iter().map(|candle| {
        let first = out.events.len();
        writer.compute(candle, &mut out).unwrap();
        fold.follow(candle, &out.events[first..]).unwrap();
        let from = candle.time().shifted(-30 * 60);
        let complete = testing::complete(&world.setup.factors, &out.events);
        let window = &complete[complete.partition_point(|event| event.visible_time < from)..];
        let graph = fold.factors().graph();
        let slices = graph.specs().enumerate().filter_map(|(position, spec)| {
            let input = SliceInput {
                position,
                events: WindowEvents::new(graph, window),
                engine: writer.factors(),
                at: candle.time(),
                part: SlicePart::All,
            };
            let slice = (spec.slice)(&input).unwrap()?;
            Some(FactorSlice {
                factor_name: spec.factor_name,
                history: slice.history,
                head: slice.head,
            })
        });
        Moment {
            time: candle.time(),
            slices: slices.collect(),
            drawing: fold.drawing().unwrap(),
        }
    });
    moments.collect()
}

fn expected_delta(moments: &[Moment], n: usize, cursor: i64, resync_floor: CandleTime) -> DrawDelta {
    let now = &moments[n];
    let then = moments.iter().rfind(|moment| moment.time.seconds() <= cursor);
    let patch = match then {
        _ if cursor >= now.time.seconds() => Vec::new(),
        Some(then) if cursor > resync_floor.seconds() => patch(&then.drawing, &now.drawing),
        _ => patch(&[], &now.drawing),
    };
    let from = now.time.shifted(-20 * 60);
    let inside = now
        .drawing
        .iter()
        .filter(|item| item.definition.touches(from, now.time));
    let mut active_ids: Vec<String> = inside.map(|item| item.instruction_id.clone()).collect();
    active_ids.sort_unstable();
    DrawDelta {
        to: Some(now.time),
        active_ids,
        patch,
    }
}

/// A client that hears nothing but the answers to its polls, and polls when there is a new candle.
#[derive(Default)]
struct Client {
    cursor: i64,
    items: BTreeMap<String, Definition>,
}

impl Client {
    fn poll(&mut self, world: &World, now: &Moment) -> Result<(), TestCaseError> {
        if self.cursor == now.time.seconds() {
            return Ok(());
        }
        let delta = world.delta(self.cursor, None).unwrap();
        for item in &delta.patch {
            self.items
                .insert(item.instruction_id.clone(), item.definition.clone());
        }
        self.cursor = delta.to.unwrap().seconds();
        for item in &now.drawing {
            prop_assert_eq!(self.items.get(&item.instruction_id), Some(&item.definition));
        }
        Ok(())
    }
}

#[derive(Debug, Clone)]
struct Delivery {
    from: usize,
    count: usize,
    wrong: bool,
    defer: bool,
    restart: bool,
    looks: [prop::sample::Index; 3],
}

fn deliveries(candles: usize) -> impl Strategy<Value = Vec<Delivery>> {
    let chance = prop::bool::weighted;
    let looks = prop::array::uniform3(any::<prop::sample::Index>());
    let delivery = (
        0..candles,
        1_usize..25,
        chance(0.2),
        chance(0.2),
        chance(0.2),
        looks,
    );
    let delivery = delivery.prop_map(|(from, count, wrong, defer, restart, looks)| Delivery {
        from,
        count,
        wrong,
        defer,
        restart,
        looks,
    });
    prop::collection::vec(delivery, 1..10)
}

/// Compares the answers at candle `n` with the moment, for several cursors, warm and cold.
fn check_moment(world: &World, moments: &[Moment], n: usize, cursors: &[i64]) -> Result<(), TestCaseError> {
    let (now, state) = (&moments[n], world.state());
    let at = now.time.seconds();
    for reader in [&world.reader, &reader(&world.setup)] {
        let slices = world.slices_by(reader, at).unwrap();
        prop_assert_eq!(slices.aligned, Some(now.time));
        prop_assert_eq!(slices.epoch, state.epoch);
        prop_assert_eq!(&slices.factors, &now.slices, "slices at {}", at);
        for &cursor in cursors {
            let expected = expected_delta(moments, n, cursor, state.resync_floor);
            let delta = world.delta_by(reader, cursor, Some(at)).unwrap();
            prop_assert_eq!(delta, expected, "drawing at {} from {}", at, cursor);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn reads_equal_one_fold_over_the_final_candles(deliveries in deliveries(50), seed in any::<u64>(), major in 1_i64..4, window in 5_u32..60) {
        let candles = walk(seed, 50);
        let mut world = World::new(series(), setup(major, window));
        let mut stored: BTreeMap<CandleTime, Candle> = BTreeMap::new();
        let mut client = Client::default();
        for delivery in &deliveries {
            if delivery.restart {
                world.restart_writer();
            }
            let mut given = candles[delivery.from..(delivery.from + delivery.count).min(50)].to_vec();
            if delivery.wrong {
                given[0] = corrected(&given[0]);
            }
            if delivery.defer {
                world.ingest_deferred(&given);
            } else {
                world.ingest(&given);
            }
            stored.extend(given.iter().map(|candle| (candle.time(), *candle)));
            if world.state().stale_from.is_some() {
                continue;
            }
            let present: Vec<Candle> = stored.values().copied().collect();
            let moments = moments(&world, &present);
            client.poll(&world, &moments[moments.len() - 1])?;
            for look in &delivery.looks {
                let (n, c) = (look.index(moments.len()), look.index(moments.len() / 2 + 1));
                check_moment(&world, &moments, n, &[moments[c].time.seconds(), 0])?;
            }
        }
        world.ingest(&candles);
        let moments = moments(&world, &candles);
        client.poll(&world, &moments[49])?;
        for n in (0..50).rev().chain(0..50) {
            let cursors = [0, moments[n / 2].time.seconds() + 1, moments[n].time.seconds() - 60, moments[n].time.seconds()];
            check_moment(&world, &moments, n, &cursors)?;
        }
    }
}

/// Long enough for reads to begin at checkpoints, and for cursors older than the remembered changes.
#[test]
fn long_series_are_read_from_checkpoints() {
    let candles = walk(21, 1_700);
    let mut world = World::new(series(), setup(4, 200));
    world.ingest(&candles[..900]);
    let mut client = Client::default();
    let all = moments(&world, &candles);
    client.poll(&world, &all[899]).unwrap();
    for n in 900..1_700 {
        world.ingest(&candles[n..=n]);
        if n % 7 == 0 || n % 400 < 3 {
            client.poll(&world, &all[n]).unwrap();
        }
    }
    for n in [
        0_usize, 3, 300, 511, 512, 513, 899, 900, 1_023, 1_024, 1_400, 1_535, 1_536, 1_699,
    ] {
        let cursor = |back: usize| all[n.saturating_sub(back)].time.seconds();
        check_moment(
            &world,
            &all,
            n,
            &[0, cursor(1), cursor(200), cursor(300), cursor(800)],
        )
        .unwrap();
    }
    // A correction in the past discards what was known of everything after it.
    let mut changed = candles;
    changed[700] = corrected(&changed[700]);
    world.ingest(&changed[700..=700]);
    let all = moments(&world, &changed);
    client.poll(&world, &all[1_699]).unwrap();
    for n in [600, 699, 700, 701, 1_023, 1_024, 1_699] {
        check_moment(&world, &all, n, &[0, all[n / 2].time.seconds()]).unwrap();
    }
}
