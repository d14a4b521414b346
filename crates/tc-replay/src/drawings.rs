//! What changes in a drawing from look to look.

use std::collections::HashMap;

use tc_overlay::{Definition, Instruction};

/// The drawings that were there when somebody looked last.
#[derive(Debug, Default)]
pub struct DrawingTracker {
    shown: HashMap<String, Shown>,
    look: u64,
}

#[derive(Debug)]
struct Shown {
    definition: Definition,
    look: u64,
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
        self.look += 1;
        let mut change = DrawingChange::default();
        for item in items {
            match self.shown.get_mut(&item.instruction_id) {
                Some(shown) if shown.look == self.look => {}
                Some(shown) => {
                    shown.look = self.look;
                    if shown.definition != item.definition {
                        shown.definition = item.definition.clone();
                        change.patch.push(item);
                    }
                }
                None => {
                    let shown = Shown {
                        definition: item.definition.clone(),
                        look: self.look,
                    };
                    self.shown.insert(item.instruction_id.clone(), shown);
                    change.added.push(item.instruction_id.clone());
                    change.patch.push(item);
                }
            }
        }
        self.shown.retain(|id, shown| {
            let stays = shown.look == self.look;
            if !stays {
                change.removed.push(id.clone());
            }
            stays
        });
        change.added.sort_unstable();
        change.removed.sort_unstable();
        change
            .patch
            .sort_unstable_by(|a, b| (a.version, &a.instruction_id).cmp(&(b.version, &b.instruction_id)));
        change
    }

    /// Ids of the last look, ascending.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.shown.keys().cloned().collect();
        ids.sort_unstable();
        ids
    }
}
