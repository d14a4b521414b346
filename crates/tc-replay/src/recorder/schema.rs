//! Which keys the slices of a package have.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::IgnoredAny;
use tc_factor::FactorGraph;

use crate::{FactorChange, FactorSchema, SliceChange};

#[derive(Debug, Default)]
struct Keys {
    histories: BTreeSet<&'static str>,
    heads: BTreeSet<String>,
}

/// Keys of histories and heads by factor, as far as frames had them.
#[derive(Debug)]
pub(super) struct Schema(BTreeMap<&'static str, Keys>);

impl Schema {
    /// Every factor of the graph, with no keys yet.
    pub(super) fn new(graph: Option<&FactorGraph>) -> Self {
        let names = graph.into_iter().flat_map(FactorGraph::names);
        Self(names.map(|name| (name, Keys::default())).collect())
    }

    pub(super) fn learn(&mut self, changes: &[FactorChange]) -> Result<(), serde_json::Error> {
        for change in changes {
            let keys = self.0.entry(change.factor_name).or_default();
            let head = match &change.change {
                SliceChange::Absent => continue,
                SliceChange::Full { head, histories } => {
                    keys.histories.extend(histories.iter().map(|(key, _)| *key));
                    head
                }
                SliceChange::Delta { head: Some(head), .. } => head,
                SliceChange::Delta { head: None, .. } => continue,
            };
            let head: BTreeMap<&str, IgnoredAny> = serde_json::from_slice(head)?;
            for key in head.into_keys() {
                if !keys.heads.contains(key) {
                    keys.heads.insert(key.to_owned());
                }
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Vec<FactorSchema> {
        let factors = self.0.into_iter();
        factors
            .map(|(name, keys)| FactorSchema {
                factor_name: name.to_owned(),
                history_keys: keys.histories.into_iter().map(str::to_owned).collect(),
                head_keys: keys.heads.into_iter().collect(),
            })
            .collect()
    }
}
