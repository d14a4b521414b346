//! Pages of events: HTTP contract 4.2a.

use proptest::prelude::*;
use serde_json::Value;
use tc_factor::KindId;
use tc_store::{Order, Storage};

use super::{World, corrected, refused, setup, walk};
use crate::{EventFields, EventPage, EventPageQuery, Fact, Ledger, ReadError};

const ALL: EventPageQuery = EventPageQuery {
    from_time: 0,
    to_time: None,
    kinds: None,
    order: Order::Ascending,
    fields: EventFields::Full,
    limit: usize::MAX - 1,
};

fn try_events(world: &World, query: &EventPageQuery) -> Result<EventPage, ReadError> {
    let snapshot = world.storage.snapshot().unwrap();
    world.reader.events(&*snapshot, &world.series, query)
}

fn events(world: &World, query: &EventPageQuery) -> EventPage {
    try_events(world, query).unwrap()
}

/// The contract in a few lines: everything that is wanted, and the first candles of it that hold the limit.
fn expected(all: &[Fact], world: &World, query: &EventPageQuery) -> (Vec<Fact>, bool) {
    let graph = &world.setup.factors;
    let kinds = query.kinds.as_deref();
    let mut wanted: Vec<Fact> = all
        .iter()
        .filter(|fact| {
            kinds.is_none_or(|kinds| kinds.iter().any(|kind| graph.kind(fact.kind) == Some(*kind)))
        })
        .filter(|fact| fact.candle_time.seconds() >= query.from_time)
        .filter(|fact| query.to_time.is_none_or(|to| fact.candle_time.seconds() <= to))
        .cloned()
        .collect();
    if query.order == Order::Descending {
        wanted.reverse();
    }
    let length = wanted.get(query.limit - 1).map_or(wanted.len(), |last| {
        wanted
            .iter()
            .rposition(|fact| fact.candle_time == last.candle_time)
            .unwrap()
            + 1
    });
    let more = length < wanted.len();
    wanted.truncate(length);
    if query.fields == EventFields::Time {
        wanted.iter_mut().for_each(|fact| fact.content = None);
    }
    (wanted, more)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn pages_are_whole_candles_in_either_direction(seed in any::<u64>(), queries in prop::collection::vec((0_usize..100, 0_usize..100, 1_usize..12, any::<u16>(), any::<bool>(), any::<bool>(), any::<bool>()), 30)) {
        let candles = walk(seed, 100);
        let world = World::with(&candles);
        let all = events(&world, &ALL);
        prop_assert!(!all.more);
        prop_assert!(all.events.is_sorted_by(|a, b| a.id < b.id));
        let known = u16::try_from(world.setup.factors.kind_names().count()).unwrap();
        for (from, to, limit, kinds, is_open, is_descending, is_bare) in queries {
            let query = EventPageQuery {
                from_time: candles[from].time().seconds() - 7,
                to_time: (!is_open).then(|| candles[to].time().seconds() + 7),
                kinds: (kinds % 4 > 0).then(|| (0..known).filter(|kind| kinds >> (kind + 2) & 1 == 1).map(KindId).collect()),
                order: if is_descending { Order::Descending } else { Order::Ascending },
                fields: if is_bare { EventFields::Time } else { EventFields::Full },
                limit,
            };
            let found = events(&world, &query);
            prop_assert_eq!((found.events, found.more), expected(&all.events, &world, &query), "{:?}", query);
        }
    }
}

/// Payloads that are stored as differences come out complete, whatever is asked for together with them.
#[test]
fn every_payload_can_be_read_on_its_own() {
    let candles = walk(5, 1_500);
    let world = World::with(&candles);
    let graph = &world.setup.factors;
    let all = events(&world, &ALL);
    let chained = graph.kind("sr.snapshot").unwrap();
    let others = [graph.kind("pivot.minor").unwrap(), chained];
    let snapshots: Vec<&Fact> = all
        .events
        .iter()
        .filter(|fact| fact.kind == "sr.snapshot")
        .collect();
    assert!(snapshots.len() > 100, "{}", snapshots.len());
    for kinds in [&[chained][..], &others] {
        for (position, order) in [
            (40, Order::Ascending),
            (41, Order::Descending),
            (97, Order::Descending),
        ] {
            let bound = snapshots[position].candle_time.seconds();
            let query = EventPageQuery {
                from_time: if order == Order::Ascending { bound } else { 0 },
                to_time: (order == Order::Descending).then_some(bound),
                kinds: Some(kinds.to_vec()),
                order,
                fields: EventFields::Full,
                limit: 9,
            };
            let found = events(&world, &query);
            assert_eq!((found.events, found.more), expected(&all.events, &world, &query));
        }
    }
    // They are the ones of a slice.
    let at = candles[1_499].time().seconds();
    let slice = world.slices(at).unwrap();
    let slice = slice
        .factors
        .iter()
        .find(|slice| slice.factor_name == "sr")
        .unwrap();
    let history: Value = serde_json::from_slice(&slice.history).unwrap();
    let shown = history["snapshots"].as_array().unwrap();
    let newest = &snapshots[snapshots.len() - shown.len()..];
    let payloads: Vec<Value> = newest
        .iter()
        .map(|fact| serde_json::from_slice(&fact.content.as_ref().unwrap().payload).unwrap())
        .collect();
    assert_eq!(shown, &payloads);
}

#[test]
fn what_the_ledger_does_not_cover_is_refused() {
    let candles = walk(2, 60);
    let mut world = World::new(super::series(), setup(2, 40));
    let to = |n: usize| EventPageQuery {
        to_time: Some(candles[n].time().seconds()),
        ..ALL
    };
    let nothing = EventPage {
        epoch: 0,
        events: Vec::new(),
        more: false,
    };
    assert_eq!(events(&world, &ALL), nothing);
    world.options.factor_ingest = false;
    world.restart_writer();
    world.ingest(&candles[..20]);
    assert_eq!(refused(try_events(&world, &ALL)), Some(Ledger::Factor));
    assert_eq!(refused(try_events(&world, &to(10))), Some(Ledger::Factor));
    world.options.factor_ingest = true;
    world.restart_writer();
    world.refresh();
    let known = events(&world, &ALL);
    world.options.factor_ingest = false;
    world.restart_writer();
    world.ingest(&candles[20..40]);
    // Up to its head the ledger answers, and that is also where it ends when nobody says otherwise.
    assert_eq!(events(&world, &ALL), known);
    assert_eq!(events(&world, &to(19)), known);
    assert_eq!(refused(try_events(&world, &to(20))), Some(Ledger::Factor));
    world.options.factor_ingest = true;
    world.restart_writer();
    world.ingest(&candles[40..]);
    world.ingest_deferred(&[corrected(&candles[30])]);
    assert_eq!(refused(try_events(&world, &ALL)), Some(Ledger::Factor), "stale");
    assert_eq!(refused(try_events(&world, &to(29))), None);
    world.refresh();
    assert_eq!(events(&world, &ALL).epoch, 1);
    let early = EventPageQuery {
        to_time: Some(candles[0].time().seconds() - 1),
        ..ALL
    };
    let late = EventPageQuery {
        from_time: i64::MAX,
        ..ALL
    };
    for query in [early, late] {
        assert_eq!(
            events(&world, &query),
            EventPage {
                epoch: 1,
                ..nothing.clone()
            }
        );
    }
}
