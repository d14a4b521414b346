//! The ledger page by page.

use tc_factor::LedgerEvent;
use tc_market::{Candle, CandleTime};
use tc_store::Storage;

use super::{World, refused, series, setup, walk};
use crate::{Ledger, LedgerWalk, ReadError};

type Tick = (Candle, Vec<LedgerEvent>);

fn walked(world: &World, to: Option<i64>, page: usize) -> Result<(u64, Vec<Tick>), ReadError> {
    let snapshot = world.storage.snapshot().unwrap();
    let mut walk = LedgerWalk::open(&*snapshot, &world.series, to, page)?;
    let mut ticks = Vec::new();
    while let Some(found) = walk.next_page()? {
        assert!((1..=page).contains(&found.candles.len()));
        ticks.extend(found.ticks().map(|(candle, events)| (*candle, events.to_vec())));
    }
    Ok((walk.candles(), ticks))
}

#[test]
fn every_candle_comes_once_with_the_events_of_its_tick() {
    let candles = walk(5, 120);
    let world = World::with(&candles);
    let snapshot = world.storage.snapshot().unwrap();
    let key = snapshot.series_key(&world.series).unwrap().unwrap();
    for (to, expected) in [(None, 120), (Some(candles[70].time().seconds() + 59), 71)] {
        for page in [1, 7, 71, 1_000] {
            let (count, ticks) = walked(&world, to, page).unwrap();
            assert_eq!((count, ticks.len()), (expected as u64, expected));
            let found: Vec<Candle> = ticks.iter().map(|(candle, _)| *candle).collect();
            assert_eq!(found, candles[..expected]);
            assert!(
                ticks.iter().all(|(candle, events)| {
                    events.iter().all(|event| event.visible_time == candle.time())
                })
            );
            let events: Vec<LedgerEvent> = ticks.into_iter().flat_map(|(_, events)| events).collect();
            let last = candles[expected - 1].time();
            assert_eq!(events, snapshot.events(key, CandleTime::MIN, last).unwrap());
            assert!(events.len() > 20);
        }
    }
}

#[test]
fn a_ledger_that_is_behind_is_not_walked() {
    let candles = walk(5, 60);
    let mut world = World::new(series(), setup(2, 40));
    assert!(matches!(walked(&world, None, 10), Err(ReadError::NoData)));
    world.ingest(&candles[..40]);
    world.options.factor_ingest = false;
    world.restart_writer();
    world.ingest(&candles[40..]);
    assert_eq!(refused(walked(&world, None, 10)), Some(Ledger::Factor));
    let covered = Some(candles[39].time().seconds());
    assert_eq!(walked(&world, covered, 10).unwrap().0, 40);
    let before = candles[0].time().seconds() - 1;
    assert!(matches!(walked(&world, Some(before), 10), Err(ReadError::NoData)));
}
