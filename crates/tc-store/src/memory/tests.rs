//! Sharing, faults, and the suite on the model itself.

use std::{collections::BTreeMap, sync::Mutex};

use proptest::prelude::*;
use tc_market::CandleTime;

use super::{InjectedFault, MemoryStorage, Operation, table::Table};
use crate::{Fault, Names, Retry, Storage, StoreError, conformance::Factory};

struct Kept(Mutex<Option<MemoryStorage>>);

impl Factory for Kept {
    fn open(&self, names: Names) -> Box<dyn Storage> {
        let mut kept = self.0.lock().unwrap();
        let opened = match &*kept {
            Some(earlier) => earlier.reopen(names),
            None => MemoryStorage::new(names),
        };
        *kept = Some(opened.reopen(Names::default()));
        Box::new(opened)
    }
}

fn factory() -> Kept {
    Kept(Mutex::new(None))
}

mod conformance {
    use super::factory;

    crate::conformance::suite!(factory());
}

#[test]
fn the_list_of_cases_is_complete() {
    let cases = crate::conformance::suite();
    let mut names: Vec<&str> = cases.iter().map(|case| case.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), cases.len());
    assert!(names.contains(&"model::random_scripts_agree"));
    for case in cases {
        (case.run)(&factory());
    }
}

fn series() -> tc_market::SeriesId {
    "a:spot:B/C:1m".parse().unwrap()
}

#[test]
fn a_fault_hits_the_call_it_was_set_for_and_no_other() {
    let storage = MemoryStorage::new(Names::default());
    storage.fail_nth(Operation::EnsureSeries, 2);
    let mut txn = storage.begin().unwrap();
    let key = txn.ensure_series(&series()).unwrap();
    let failure = txn.ensure_series(&series()).unwrap_err();
    assert_eq!(failure.retry(), Retry::Never);
    assert_eq!(failure.fault(), Fault::Storage);
    let StoreError::Backend { source, .. } = failure else {
        panic!("{failure:?}");
    };
    assert_eq!(
        source.downcast_ref(),
        Some(&InjectedFault(Operation::EnsureSeries))
    );
    assert_eq!(txn.ensure_series(&series()).unwrap(), key);
    storage.fail_next(Operation::Read);
    assert!(txn.head_time(key).is_err());
    assert_eq!(txn.head_time(key).unwrap(), None);
}

#[test]
fn a_failed_commit_keeps_nothing_and_gives_the_turn_back() {
    let storage = MemoryStorage::new(Names::default());
    storage.fail_next(Operation::Commit);
    let mut txn = storage.begin().unwrap();
    txn.ensure_series(&series()).unwrap();
    assert!(txn.commit().is_err());
    assert_eq!(storage.commits(), 0);
    assert!(storage.snapshot().unwrap().list_series().unwrap().is_empty());
    let mut txn = storage.begin().unwrap();
    txn.ensure_series(&series()).unwrap();
    txn.commit().unwrap();
    assert_eq!(storage.commits(), 1);
    assert_eq!(storage.snapshot().unwrap().list_series().unwrap().len(), 1);
}

fn position() -> impl Strategy<Value = (CandleTime, u32)> {
    let time = prop_oneof![0_i64..400_000, Just(CandleTime::MAX.seconds())];
    (time, 0_u32..3).prop_map(|(time, place)| (CandleTime::clamped(time), place))
}

proptest! {
    #[test]
    fn a_table_is_an_ordered_map_and_copies_do_not_change(
        writes in prop::collection::vec((position(), any::<Option<u8>>()), 0..60),
        cut in 0_usize..60,
        from in position(),
        to in position(),
    ) {
        let mut map = BTreeMap::new();
        let mut table = Table::default();
        let mut copy = None;
        for (index, (position, value)) in writes.into_iter().enumerate() {
            if index == cut {
                copy = Some((map.clone(), table.clone()));
            }
            match value {
                Some(value) => {
                    map.insert(position, value);
                    table.insert(position, value);
                }
                None => prop_assert_eq!(table.remove(position), map.remove(&position).is_some()),
            }
            prop_assert_eq!(table.get(position), map.get(&position));
        }
        for (map, table) in copy.iter().chain([&(map.clone(), table.clone())]) {
            prop_assert!(table.all().eq(map.iter()));
            let within = |position: &(CandleTime, u32)| (from.0..=to.0).contains(&position.0);
            prop_assert!(table.range(from.0, to.0).eq(map.iter().filter(|(position, _)| within(position))));
            prop_assert!(table.range(from.0, to.0).rev().eq(map.iter().rev().filter(|(position, _)| within(position))));
            let mut rest = table.clone();
            let removed = rest.remove_range(from.0, to.0);
            prop_assert_eq!(removed, map.keys().filter(|position| within(position)).count());
            prop_assert!(rest.all().eq(map.iter().filter(|(position, _)| !within(position))));
        }
    }
}

#[test]
fn finished_backtests_are_kept() {
    let storage = MemoryStorage::new(Names::default());
    crate::conformance::runs::check(&|| Box::new(storage.reopen(Names::default())));
}
