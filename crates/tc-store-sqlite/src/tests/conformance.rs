//! The suite of `tc-store`, and scripts of operations against its model.

use crate::{SqliteOptions, SqliteStorage};
use proptest::prelude::*;
use tc_store::{
    Names, Storage,
    conformance::{Factory, model},
};
use tempfile::TempDir;

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl Factory for Place {
    fn open(&self, names: Names) -> Box<dyn Storage> {
        let path = self.0.path().join("data/market.db");
        Box::new(SqliteStorage::open(&path, names, SqliteOptions::default()).unwrap())
    }
}

tc_store::conformance::suite!(Place::new());

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_script_agrees_with_the_model(script in prop::collection::vec(any::<model::Step>(), 0..80)) {
        model::check_script(&Place::new(), &script);
    }
}

#[test]
fn finished_backtests_are_kept() {
    let place = Place::new();
    tc_store::conformance::runs::check(&|| {
        let path = place.0.path().join("data/market.db");
        Box::new(SqliteStorage::open(&path, Names::default(), SqliteOptions::default()).unwrap())
    });
}
