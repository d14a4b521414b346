//! Reduces bodies to some factors.

use std::collections::BTreeSet;

use serde_json::Value;

/// The factors that the contract documents.
const DOCUMENTED: [&str; 5] = ["pivot", "pen", "zhongshu", "anchor", "sr"];

/// The factors that count.
#[derive(Debug)]
pub(super) struct Projection(BTreeSet<String>);

impl Projection {
    /// For what a server answers: the documented factors.
    pub(super) fn documented() -> Self {
        Self(DOCUMENTED.iter().map(|name| (*name).to_owned()).collect())
    }

    /// For what a transcript expects: the documented factors in the catalogue of the server.
    pub(super) fn of_catalog(catalog: &Value) -> Self {
        let Self(documented) = Self::documented();
        let entries = catalog["factors"].as_array().into_iter().flatten();
        let keys: BTreeSet<_> = entries
            .filter_map(|entry| entry["key"].as_str().map(str::to_owned))
            .collect();
        Self(keys.intersection(&documented).cloned().collect())
    }

    /// Whether a factor counts.
    pub(super) fn has(&self, factor: &str) -> bool {
        self.0.contains(factor)
    }

    /// Drops the entries of all other factors, wherever a body lists factors or drawings.
    pub(super) fn reduce(&self, body: &mut Value) {
        match body {
            Value::Array(items) => items.iter_mut().for_each(|item| self.reduce(item)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.reduce_field(key, value);
                    self.reduce(value);
                }
            }
            _ => {}
        }
    }

    fn reduce_field(&self, key: &str, value: &mut Value) {
        match (key, value) {
            ("factors", Value::Array(factors)) => {
                factors.retain(|entry| {
                    entry
                        .as_str()
                        .or(entry["key"].as_str())
                        .is_none_or(|name| self.has(name))
                });
            }
            ("snapshots", Value::Object(snapshots)) => snapshots.retain(|name, _| self.has(name)),
            ("active_ids", Value::Array(ids)) => {
                ids.retain(|id| id.as_str().is_none_or(|id| self.has(factor_of(id))));
            }
            ("instruction_catalog_patch", Value::Array(items)) => {
                items.retain(|item| {
                    item["definition"]["feature"]
                        .as_str()
                        .is_none_or(|id| self.has(factor_of(id)))
                });
            }
            _ => {}
        }
    }
}

/// The factor of a feature or of a drawing: `pivot` of `pivot.major:1700000580:resistance:5`.
fn factor_of(id: &str) -> &str {
    id.split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_the_build_has_is_left() {
        let build = Projection::of_catalog(&json!({ "factors": [{ "key": "pen" }, { "key": "volume" }] }));
        let mut body = json!({
            "factors": ["pen", "sr"],
            "snapshots": { "pen": { "head": {} }, "sr": { "head": {} } },
            "draw_state": {
                "active_ids": ["pen.confirmed", "sr.active:support:1.5:60"],
                "instruction_catalog_patch": [
                    { "definition": { "feature": "pen.confirmed" } },
                    { "definition": { "feature": "sr.active" } },
                ],
            },
        });
        build.reduce(&mut body);
        let left = json!({
            "factors": ["pen"],
            "snapshots": { "pen": { "head": {} } },
            "draw_state": {
                "active_ids": ["pen.confirmed"],
                "instruction_catalog_patch": [{ "definition": { "feature": "pen.confirmed" } }],
            },
        });
        assert_eq!(body, left);

        let mut catalog = json!({ "factors": [{ "key": "pivot" }, { "key": "volume" }] });
        Projection::documented().reduce(&mut catalog);
        assert_eq!(catalog, json!({ "factors": [{ "key": "pivot" }] }));
    }
}
