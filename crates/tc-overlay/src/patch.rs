//! Patches: what turns D(c) into D(t).

use std::collections::{BTreeMap, BTreeSet};

use crate::{Definition, Instruction};

/// Items of `to` that are not in `from` or look different there, sorted by `(version, instruction_id)`.
///
/// Each id at most once; where two drawings would share an id, the first in emission order stays.
#[must_use]
pub fn patch(from: &[Instruction], to: &[Instruction]) -> Vec<Instruction> {
    let mut known: BTreeMap<&str, &Definition> = BTreeMap::new();
    for item in from {
        known.entry(&item.instruction_id).or_insert(&item.definition);
    }
    let mut taken = BTreeSet::new();
    let mut changed: Vec<Instruction> = to
        .iter()
        .filter(|item| taken.insert(item.instruction_id.as_str()))
        .filter(|item| known.get(item.instruction_id.as_str()) != Some(&&item.definition))
        .cloned()
        .collect();
    changed.sort_by(|a, b| (a.version, &a.instruction_id).cmp(&(b.version, &b.instruction_id)));
    changed
}
