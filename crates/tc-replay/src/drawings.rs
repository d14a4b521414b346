//! What changes in a drawing from look to look.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tc_market::CandleTime;
use tc_overlay::Instruction;

/// The drawings that were there when somebody looked last.
///
/// From candle to candle nearly all drawings stay, in the same order, so a look walks along the former one and only what is
/// out of step is looked up. A drawing that kept its version looks as it did: overlay contract 5.1.
#[derive(Debug, Default)]
pub struct DrawingTracker {
    /// In emission order, each id once.
    shown: Vec<Shown>,
    /// Their ids.
    ids: HashSet<Arc<str>>,
}

#[derive(Debug, Clone)]
struct Shown {
    id: Arc<str>,
    version: CandleTime,
}

/// What turns the drawings of the last look into those of this one.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct DrawingChange<'a> {
    /// Drawings that are new or look different, by version, then id.
    pub patch: Vec<&'a Instruction>,
    /// Ids that were not there before, ascending.
    pub added: Vec<String>,
    /// Ids that are gone, ascending.
    pub removed: Vec<String>,
}

impl DrawingTracker {
    /// Takes the drawings that are there now. Where two share an id, the first in emission order stays.
    pub fn take<'a>(&mut self, items: impl IntoIterator<Item = &'a Instruction>) -> DrawingChange<'a> {
        let mut change = DrawingChange::default();
        let mut now: Vec<Shown> = Vec::with_capacity(self.shown.len() + 16);
        let mut former = std::mem::take(&mut self.shown).into_iter();
        // Those of the former look that were passed over: gone, or elsewhere in the order.
        let mut passed: HashMap<Arc<str>, CandleTime> = HashMap::new();
        for item in items {
            let id = item.instruction_id.as_str();
            let known = match former.as_slice().first() {
                Some(next) if *next.id == *id => former.next(),
                _ if !self.ids.contains(id) => None,
                _ => match passed.remove_entry(id) {
                    Some((id, version)) => Some(Shown { id, version }),
                    // Not ahead either: this look has had the id before.
                    None => match former.as_slice().iter().position(|shown| *shown.id == *id) {
                        Some(ahead) => {
                            let between = former.by_ref().take(ahead);
                            passed.extend(between.map(|shown| (shown.id, shown.version)));
                            former.next()
                        }
                        None => continue,
                    },
                },
            };
            let unchanged = known.as_ref().is_some_and(|shown| shown.version == item.version);
            if !unchanged {
                change.patch.push(item);
            }
            let id = known.map(|shown| shown.id).unwrap_or_else(|| {
                let id: Arc<str> = id.into();
                change.added.push(id.to_string());
                self.ids.insert(Arc::clone(&id));
                id
            });
            let version = item.version;
            now.push(Shown { id, version });
        }
        self.shown = now;
        for id in former.map(|shown| shown.id).chain(passed.into_keys()) {
            self.ids.remove(&id);
            change.removed.push(id.to_string());
        }
        change.added.sort_unstable();
        change.removed.sort_unstable();
        change
            .patch
            .sort_unstable_by(|a, b| (a.version, &a.instruction_id).cmp(&(b.version, &b.instruction_id)));
        change
    }

    /// Ids of the last look, ascending.
    #[must_use]
    pub fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.shown.iter().map(|shown| &*shown.id).collect();
        ids.sort_unstable();
        ids
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use tc_overlay::{Definition, Marker, MarkerPosition, MarkerShape};

    use super::*;

    fn item(id: u8, version: i64) -> Instruction {
        Instruction {
            instruction_id: format!("drawing:{id}"),
            version: CandleTime::clamped(version),
            definition: Definition::Marker(Marker {
                feature: "pivot.major",
                time: CandleTime::clamped(version),
                position: MarkerPosition::AboveBar,
                color: "#fff",
                shape: MarkerShape::Circle,
                text: "",
                size: 1.0,
            }),
        }
    }

    /// The first of each id, as a look by a map sees it.
    fn by_id(items: &[Instruction]) -> BTreeMap<&str, CandleTime> {
        let mut map = BTreeMap::new();
        for item in items {
            map.entry(item.instruction_id.as_str()).or_insert(item.version);
        }
        map
    }

    proptest! {
        /// Looks in any order, with repetitions, say what a comparison of two maps says.
        #[test]
        fn a_look_says_what_two_maps_say(
            looks in prop::collection::vec(prop::collection::vec((0_u8..12, 0_i64..3), 0..14), 1..8)
        ) {
            let mut tracker = DrawingTracker::default();
            let mut before: Vec<Instruction> = Vec::new();
            for look in looks {
                let now: Vec<Instruction> = look.into_iter().map(|(id, version)| item(id, version)).collect();
                let change = tracker.take(&now);
                let (former, latter) = (by_id(&before), by_id(&now));
                let added: Vec<&str> = latter.keys().copied().filter(|id| !former.contains_key(id)).collect();
                let removed: Vec<&str> = former.keys().copied().filter(|id| !latter.contains_key(id)).collect();
                let mut patch: Vec<(CandleTime, &str)> = latter.iter()
                    .filter(|(id, version)| former.get(*id) != Some(version))
                    .map(|(id, version)| (*version, *id))
                    .collect();
                patch.sort_unstable();
                prop_assert_eq!(&change.added, &added);
                prop_assert_eq!(&change.removed, &removed);
                let told: Vec<(CandleTime, &str)> =
                    change.patch.iter().map(|item| (item.version, item.instruction_id.as_str())).collect();
                prop_assert_eq!(told, patch);
                prop_assert_eq!(tracker.ids(), latter.keys().copied().collect::<Vec<_>>());
                before = now;
            }
        }
    }
}
