//! Patches: what turns D(c) into D(t).

use std::collections::{HashMap, HashSet};

use crate::{Definition, Instruction};

/// Items of `to` that are not in `from` or look different there, sorted by `(version, instruction_id)`.
///
/// Each id at most once; where two drawings would share an id, the first in emission order stays.
#[must_use]
pub fn patch<'a, 'b>(
    from: impl IntoIterator<Item = &'a Instruction>,
    to: impl IntoIterator<Item = &'b Instruction>,
) -> Vec<Instruction> {
    let mut known: HashMap<&str, &Definition> = HashMap::new();
    for item in from {
        known.entry(&item.instruction_id).or_insert(&item.definition);
    }
    let mut taken = HashSet::new();
    let mut changed: Vec<&Instruction> = to
        .into_iter()
        .filter(|item| taken.insert(item.instruction_id.as_str()))
        .filter(|item| known.get(item.instruction_id.as_str()) != Some(&&item.definition))
        .collect();
    changed.sort_unstable_by(|a, b| (a.version, &a.instruction_id).cmp(&(b.version, &b.instruction_id)));
    changed.into_iter().cloned().collect()
}
