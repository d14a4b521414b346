//! What is drawn, and since when: overlay contract 2 to 5.1.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;
use tc_factor::FoldMode;
use tc_market::CandleTime;

use super::{naive::Naive, stored};
use crate::{FoldOutput, SeriesFold, SettledRow, Settler};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn drawings_and_versions_are_those_of_the_contract(stored in stored(1..160)) {
        let naive = Naive::new(&stored);
        let mut fold = stored.reader();
        let mut versions: BTreeMap<String, (Value, CandleTime)> = BTreeMap::new();
        for candle in &stored.candles {
            let t = candle.time();
            stored.advance(&mut fold, t, false);
            // The smallest candle since which it has been there and looked like this.
            versions = naive.drawing(fold.factors())
                .into_iter()
                .map(|(id, definition)| {
                    let since = versions.get(&id).filter(|(known, _)| *known == definition).map(|(_, since)| *since);
                    (id, (definition, since.unwrap_or(t)))
                })
                .collect();
            let found = fold.drawing().unwrap();
            prop_assert_eq!(found.len(), versions.len(), "at {}", t);
            let found: BTreeMap<String, (Value, CandleTime)> = found
                .into_iter()
                .map(|item| (item.instruction_id, (serde_json::to_value(&item.definition).unwrap(), item.version)))
                .collect();
            prop_assert_eq!(&found, &versions, "at {}", t);
        }
    }

    #[test]
    fn computing_and_following_draw_the_same(stored in stored(1..120)) {
        let mut computing = SeriesFold::genesis(&stored.setup, &stored.series, FoldMode::Compute);
        let mut following = stored.reader();
        for candle in &stored.candles {
            computing.compute(candle, &mut FoldOutput::default()).unwrap();
            stored.advance(&mut following, candle.time(), false);
            prop_assert_eq!(computing.overlay().head_drawings(), following.overlay().head_drawings(), "at {}", candle.time());
            prop_assert_eq!(computing.checkpoint().unwrap().overlay, following.checkpoint().unwrap().overlay);
        }
    }

    #[test]
    fn rows_for_the_store_are_those_of_the_events(stored in stored(1..120)) {
        let mut rows = Vec::new();
        Settler::new(&stored.setup.overlay, &stored.setup.factors).settle(&stored.out.events, &mut rows).unwrap();
        prop_assert_eq!(&rows, &stored.out.settled);
        let mut fold = stored.reader();
        for candle in &stored.candles {
            stored.advance(&mut fold, candle.time(), false);
            let cutoff = fold.overlay().cutoff(candle.time());
            let expected: Vec<&SettledRow> = rows.iter().filter(|row| row.is_part_of(cutoff, candle.time())).collect();
            prop_assert_eq!(fold.overlay().settled_rows().collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn nothing_is_drawn_or_dated_after_the_candle(stored in stored(1..120)) {
        for (candle, drawing) in stored.candles.iter().zip(stored.drawings()) {
            for item in drawing {
                prop_assert!(item.version <= candle.time());
                prop_assert!(item.definition.touches(CandleTime::MIN, candle.time()));
                prop_assert!(!item.definition.touches(candle.time().shifted(1), CandleTime::MAX));
            }
        }
    }
}
