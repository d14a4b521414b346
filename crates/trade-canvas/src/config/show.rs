//! `config show`: every option with its value and where it comes from.

use serde_json::{Value as Json, json};

use super::{DemoPreset, Origin, ResolvedOption, Value};

impl ResolvedOption {
    /// Whether the value is the address of a simulator that does not run yet.
    fn is_simulator(&self) -> bool {
        self.origin == Origin::Demo && self.row.demo_preset == DemoPreset::Simulator
    }

    /// The value as people read it.
    fn shown(&self) -> String {
        match &self.value {
            _ if self.is_simulator() => "(simulator)".to_owned(),
            Value::Text(text) if text.is_empty() => "(empty)".to_owned(),
            Value::Secret(secret) if secret.expose().is_empty() => "(empty)".to_owned(),
            Value::List(items) if items.is_empty() => "(empty)".to_owned(),
            value => value.to_string(),
        }
    }

    /// The value with its type; null where there is none, the word `(hidden)` for a secret.
    fn json_value(&self) -> Json {
        match &self.value {
            _ if self.is_simulator() => Json::Null,
            Value::Unset => Json::Null,
            Value::Switch(on) => json!(on),
            Value::Int(number) => json!(number),
            Value::Float(number) => json!(number),
            Value::Text(text) => json!(text),
            Value::List(items) => json!(items),
            Value::Secret(_) => json!(self.value.to_string()),
        }
    }
}

/// A table with aligned columns: option, value, origin, description.
#[must_use]
pub fn show_table(options: &[ResolvedOption]) -> String {
    let mut lines = vec![["OPTION", "VALUE", "ORIGIN", "MEANING"].map(str::to_owned)];
    lines.extend(options.iter().map(|option| {
        let description = option.row.description.replace('`', "");
        [
            option.row.name.to_owned(),
            option.shown(),
            option.origin.to_string(),
            description,
        ]
    }));
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let (name, value, origin) = (width(0), width(1), width(2));
    lines
        .iter()
        .map(|[a, b, c, description]| format!("{a:name$}  {b:value$}  {c:origin$}  {description}\n"))
        .collect()
}

/// The same as a JSON document `{"options":[…]}`.
#[must_use]
pub fn show_json(options: &[ResolvedOption]) -> Json {
    let options: Vec<Json> = options
        .iter()
        .map(|option| {
            json!({
                "name": option.row.name,
                "environment": option.row.environment_name(),
                "flag": format!("--{}", option.row.flag()),
                "value": option.json_value(),
                "origin": option.origin.to_string(),
                "unit": option.row.unit,
                "description": option.row.description,
            })
        })
        .collect();
    json!({ "options": options })
}
