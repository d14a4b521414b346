//! Patches: overlay contract 5.2.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use tc_factor::testing;

use super::{Stored, one_minute_series, setup, stored};
use crate::{Definition, Instruction, patch};

fn by_id(drawing: &[Instruction]) -> BTreeMap<&str, &Definition> {
    drawing
        .iter()
        .map(|item| (item.instruction_id.as_str(), &item.definition))
        .collect()
}

/// The patch as the contract words it.
fn expected_patch(before: &[Instruction], after: &[Instruction]) -> Vec<Instruction> {
    let known = by_id(before);
    let differs = |item: &&Instruction| known.get(item.instruction_id.as_str()) != Some(&&item.definition);
    let mut items: Vec<Instruction> = after.iter().filter(differs).cloned().collect();
    items.sort_by_key(|item| (item.version, item.instruction_id.clone()));
    items
}

fn apply<'a>(map: &mut BTreeMap<&'a str, &'a Definition>, patch: &'a [Instruction]) {
    for item in patch {
        map.insert(&item.instruction_id, &item.definition);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_patch_turns_one_drawing_into_the_other(stored in stored(2..120), picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 12)) {
        let drawings = stored.drawings();
        for (one, other) in picks {
            let (one, other) = (one.index(drawings.len()), other.index(drawings.len()));
            let (before, after) = (&drawings[one.min(other)], &drawings[one.max(other)]);
            let items = patch(before, after);
            prop_assert_eq!(&items, &expected_patch(before, after));
            let ids: BTreeSet<&str> = items.iter().map(|item| item.instruction_id.as_str()).collect();
            prop_assert_eq!(ids.len(), items.len());
            // A client with remains of older drawings reads D(t) from its map.
            let mut map = by_id(&drawings[0]);
            apply(&mut map, before);
            apply(&mut map, &items);
            for (id, definition) in by_id(after) {
                prop_assert_eq!(map.get(id), Some(&definition));
            }
        }
    }

    #[test]
    fn patch_from_nothing_is_the_drawing(stored in stored(1..120)) {
        let drawing = stored.drawings().pop().unwrap();
        let mut sorted = drawing.clone();
        sorted.sort_by_key(|item| (item.version, item.instruction_id.clone()));
        prop_assert_eq!(patch(&[], &drawing), sorted);
    }

    #[test]
    fn remembered_changes_lead_back_to_every_candle(stored in stored(2..120)) {
        let drawings = stored.drawings();
        let mut fold = stored.reader();
        for (t, candle) in stored.candles.iter().enumerate() {
            stored.advance(&mut fold, candle.time(), true);
            for c in [0, t / 2, t.saturating_sub(1), t] {
                let found = fold.patch_since(stored.candles[c].time()).unwrap();
                prop_assert_eq!(found, Some(patch(&drawings[c], &drawings[t])), "from {} to {}", c, t);
            }
        }
    }

    #[test]
    fn a_resumed_fold_remembers_since_it_was_resumed(stored in stored(2..120), start in any::<prop::sample::Index>()) {
        let drawings = stored.drawings();
        let start = start.index(stored.candles.len());
        let mut fold = stored.resumed(&stored.setup, stored.candles[start].time());
        let resumed_at = fold.head();
        let last = stored.candles.len() - 1;
        stored.advance(&mut fold, stored.candles[last].time(), true);
        for (c, candle) in stored.candles.iter().enumerate() {
            let found = fold.patch_since(candle.time()).unwrap();
            let known = resumed_at.is_none_or(|resumed| candle.time() >= resumed);
            prop_assert_eq!(found, known.then(|| patch(&drawings[c], &drawings[last])), "from {}", c);
        }
    }
}

#[test]
fn the_newest_256_candles_are_remembered() {
    let stored = Stored::new(
        setup(4, 2, 90),
        one_minute_series(),
        testing::walk(&testing::moves(9, 700)),
        512,
    );
    let drawings = stored.drawings();
    let mut fold = stored.reader();
    stored.advance(&mut fold, stored.candles[699].time(), true);
    for (c, candle) in stored.candles.iter().enumerate() {
        let found = fold.patch_since(candle.time()).unwrap();
        let expected = (c >= 699 - 256).then(|| patch(&drawings[c], &drawings[699]));
        assert_eq!(found, expected, "from {c}");
    }
    // A move that is not remembered breaks the way back.
    let mut fold = stored.reader();
    stored.advance(&mut fold, stored.candles[600].time(), true);
    stored.advance(&mut fold, stored.candles[601].time(), false);
    assert_eq!(fold.patch_since(stored.candles[600].time()), Ok(None));
    assert_eq!(fold.patch_since(stored.candles[601].time()), Ok(Some(Vec::new())));
}
