//! Property of record, write side: whatever the order of arrival, the ledgers equal one fold over the final candles.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tc_market::{Candle, CandleTime};

use super::{World, batch, corrected, deferred, walk};

/// One delivery: a run of the final candles, perhaps with one wrong value that a later delivery corrects.
#[derive(Debug, Clone, Copy)]
struct Delivery {
    from: usize,
    count: usize,
    wrong: bool,
    defer: bool,
    restart: bool,
}

fn deliveries(candles: usize, longest: usize) -> impl Strategy<Value = Vec<Delivery>> {
    let delivery = (
        0..candles,
        1..=longest,
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.25),
        prop::bool::weighted(0.25),
    );
    let delivery = delivery.prop_map(|(from, count, wrong, defer, restart)| Delivery {
        from,
        count,
        wrong,
        defer,
        restart,
    });
    prop::collection::vec(delivery, 1..16)
}

/// Which rebuilds the contract asks for.
#[derive(Default)]
struct Model {
    candles: BTreeMap<CandleTime, Candle>,
    factor_head: Option<CandleTime>,
    stale: bool,
    epoch: u32,
}

impl Model {
    /// Takes a batch; returns whether its run must rebuild.
    fn take(&mut self, given: &[Candle], defer: bool) -> bool {
        for candle in given {
            let known = self.candles.insert(candle.time(), *candle);
            self.stale |= known != Some(*candle) && Some(candle.time()) <= self.factor_head;
        }
        if defer && self.stale {
            return false;
        }
        let rebuilt = std::mem::take(&mut self.stale);
        self.epoch += u32::from(rebuilt);
        self.factor_head = self.candles.keys().next_back().copied();
        rebuilt
    }
}

fn check(candles: &[Candle], deliveries: &[Delivery]) -> Result<(), TestCaseError> {
    let mut world = World::usual();
    let mut model = Model::default();
    for delivery in deliveries {
        if delivery.restart {
            world.restart();
        }
        let mut given = candles[delivery.from..(delivery.from + delivery.count).min(candles.len())].to_vec();
        if delivery.wrong {
            let middle = given.len() / 2;
            given[middle] = corrected(&given[middle]);
        }
        let job = if delivery.defer {
            deferred("A", &given)
        } else {
            batch("A", &given)
        };
        let report = world.run_one(job).unwrap();
        let rebuilt = model.take(&given, delivery.defer);
        prop_assert_eq!((report.rebuilt.is_some(), report.epoch), (rebuilt, model.epoch));
        prop_assert_eq!(report.factor_head, model.factor_head);
        if !model.stale {
            let stored = world.assert_in_step();
            prop_assert!(stored.candles.iter().eq(model.candles.values()));
        }
    }
    let generation = world.stored().state.generation;
    let report = world.ingest(candles);
    prop_assert!(report.factor_head == candles.last().map(Candle::time));
    let rebuilt = model.take(candles, false);
    prop_assert_eq!((report.rebuilt.is_some(), report.epoch), (rebuilt, model.epoch));
    let stored = world.assert_in_step();
    prop_assert_eq!(&stored.candles[..], candles);
    prop_assert!(rebuilt <= (stored.state.generation > generation));
    // Once everything is there, nothing changes any more.
    world.ingest(candles);
    prop_assert_eq!(world.stored(), stored);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn ledgers_equal_the_fold_over_the_final_candles(deliveries in deliveries(70, 30), seed in any::<u64>()) {
        check(&walk(seed, 70), &deliveries)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// Long enough for checkpoints to be written, discarded and resumed from.
    #[test]
    fn long_series_go_on_from_checkpoints(deliveries in deliveries(1_400, 700), seed in any::<u64>()) {
        check(&walk(seed, 1_400), &deliveries)?;
    }
}
