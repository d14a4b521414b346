//! Reduces bodies to some factors.

use std::collections::BTreeSet;

use serde_json::Value;

/// The factors that the contract documents.
const DOCUMENTED: [&str; 5] = ["pivot", "pen", "zhongshu", "anchor", "sr"];

/// The factors that count.
#[derive(Debug)]
pub(super) struct Projection {
    factors: BTreeSet<String>,
    /// The server has all documented factors, so numbers of all events can be compared. Further ones emit none.
    complete: bool,
}

impl Projection {
    /// For what a transcript expects: the documented factors in the catalogue of the server.
    pub(super) fn of_catalog(catalog: &Value) -> Self {
        let documented = documented();
        let entries = catalog["factors"].as_array().into_iter().flatten();
        let keys: BTreeSet<_> = entries
            .filter_map(|entry| entry["key"].as_str().map(str::to_owned))
            .collect();
        Self {
            complete: keys.is_superset(&documented),
            factors: keys.intersection(&documented).cloned().collect(),
        }
    }

    /// For what that server answers: all documented factors.
    pub(super) fn of_answers(&self) -> Self {
        Self {
            factors: documented(),
            complete: self.complete,
        }
    }

    /// Whether a factor counts.
    pub(super) fn has(&self, factor: &str) -> bool {
        self.factors.contains(factor)
    }

    /// Whether the feature column counts; its key begins with its factor.
    fn has_column(&self, key: &str) -> bool {
        match key.split('_').next().unwrap_or_default() {
            "feature" => self.complete,
            factor => self.has(factor),
        }
    }

    /// Drops the entries of all other factors, wherever a body lists factors or drawings.
    pub(super) fn reduce(&self, body: &mut Value) {
        match body {
            Value::Array(items) => items.iter_mut().for_each(|item| self.reduce(item)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.reduce_field(key, value);
                    self.reduce(value);
                    if let ("rows", Value::Array(rows)) = (key.as_str(), value) {
                        rows.retain(has_values);
                    }
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
            ("columns", Value::Array(columns)) => {
                columns.retain(|column| column["key"].as_str().is_none_or(|key| self.has_column(key)));
            }
            ("values", Value::Object(values)) => values.retain(|key, _| self.has_column(key)),
            ("factor_schema" | "factor_snapshots", Value::Array(rows)) => {
                rows.retain(|row| row["factor_name"].as_str().is_none_or(|name| self.has(name)));
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

fn documented() -> BTreeSet<String> {
    DOCUMENTED.iter().map(|name| (*name).to_owned()).collect()
}

/// Whether a feature row still says something.
fn has_values(row: &Value) -> bool {
    row["values"]
        .as_object()
        .is_none_or(|values| values.values().any(|value| !value.is_null()))
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
        build.of_answers().reduce(&mut catalog);
        assert_eq!(catalog, json!({ "factors": [{ "key": "pivot" }] }));
    }

    #[test]
    fn feature_rows_lose_columns_and_those_without_any_go() {
        let some = json!({ "factors": [{ "key": "pen" }] });
        let further = DOCUMENTED.iter().chain(&["volume"]);
        let all: Vec<_> = further.map(|name| json!({ "key": name })).collect();
        let all = json!({ "factors": all });
        let batch = json!({
            "columns": [{ "key": "feature_event_count" }, { "key": "pen_event_count" }, { "key": "sr_event_count" }],
            "rows": [
                { "values": { "feature_event_count": 2.0, "pen_event_count": 1.0, "sr_event_count": 1.0 } },
                { "values": { "feature_event_count": 1.0, "pen_event_count": null, "sr_event_count": 1.0 } },
            ],
        });
        let mut body = batch.clone();
        Projection::of_catalog(&some).reduce(&mut body);
        let left = json!({
            "columns": [{ "key": "pen_event_count" }],
            "rows": [{ "values": { "pen_event_count": 1.0 } }],
        });
        assert_eq!(body, left);
        let mut body = batch.clone();
        Projection::of_catalog(&some).of_answers().reduce(&mut body);
        assert_eq!(
            body["columns"],
            json!([{ "key": "pen_event_count" }, { "key": "sr_event_count" }])
        );
        assert_eq!(body["rows"].as_array().unwrap().len(), 2);
        let mut body = batch.clone();
        Projection::of_catalog(&all).reduce(&mut body);
        assert_eq!(body, batch);
    }
}
