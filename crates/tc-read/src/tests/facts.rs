//! Facts handed over as they are read: those that the feature vectors count, or none.

use tc_factor::{KindId, LedgerEvent, testing};
use tc_market::{Candle, CandleTime};
use tc_store::Storage;

use super::{World, corrected, refused, series, setup, walk};
use crate::{FactsQuery, Ledger, ReadError};

impl World {
    fn facts(
        &self,
        from: CandleTime,
        to: CandleTime,
        kinds: &[KindId],
    ) -> Result<Vec<LedgerEvent>, ReadError> {
        let snapshot = self.storage.snapshot().unwrap();
        let query = FactsQuery { from, to, kinds };
        let mut facts = Vec::new();
        self.reader.facts(&*snapshot, &self.series, &query, |events| {
            facts.extend_from_slice(events);
            Ok(())
        })?;
        Ok(facts)
    }
}

fn ends(candles: &[Candle]) -> (CandleTime, CandleTime) {
    (candles[0].time(), candles[candles.len() - 1].time())
}

#[test]
fn facts_are_the_events_of_the_ledger_with_complete_payloads() {
    let candles = walk(4, 700);
    let world = World::with(&candles);
    let kinds: Vec<KindId> = ["pen.confirmed", "sr.snapshot"]
        .map(|name| world.setup.factors.kind(name).unwrap())
        .to_vec();
    let computed = testing::complete(
        &world.setup.factors,
        &testing::events_of(&world.setup.factors, &candles),
    );
    for range in [0..700, 100..400, 350..351] {
        let (from, to) = ends(&candles[range]);
        let expected: Vec<&LedgerEvent> = computed
            .iter()
            .filter(|event| (from..=to).contains(&event.visible_time) && kinds.contains(&event.kind))
            .collect();
        let found = world.facts(from, to, &kinds).unwrap();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_range_of_years_is_read_in_stretches() {
    let candles = walk(4, 200);
    let mut far = candles.clone();
    let later = i64::from(u32::MAX);
    far.extend(candles.iter().map(|candle| {
        let (open, high, low, close) = (candle.open(), candle.high(), candle.low(), candle.close());
        Candle::new(candle.time().shifted(later), open, high, low, close, 1.0).unwrap()
    }));
    let world = World::with(&far);
    let pens = [world.setup.factors.kind("pen.confirmed").unwrap()];
    let (from, to) = ends(&far);
    let events = testing::events_of(&world.setup.factors, &far);
    let expected = events.iter().filter(|event| event.kind == pens[0]).count();
    assert!(expected > 10);
    assert_eq!(world.facts(from, to, &pens).unwrap().len(), expected);
}

#[test]
fn a_ledger_that_is_behind_is_refused() {
    let candles = walk(4, 60);
    let (from, to) = ends(&candles);
    let mut world = World::new(series(), setup(2, 40));
    assert!(
        world.facts(from, to, &[]).unwrap().is_empty(),
        "no candle is known"
    );
    world.ingest(&candles[..50]);
    assert_eq!(refused(world.facts(from, to, &[])), Some(Ledger::Feature));
    world.ingest(&candles[50..]);
    assert_eq!(refused(world.facts(from, to, &[])), None);
    world.ingest_deferred(&[corrected(&candles[30])]);
    assert_eq!(refused(world.facts(from, to, &[])), Some(Ledger::Factor));
    assert_eq!(refused(world.facts(from, candles[20].time(), &[])), None);
}
