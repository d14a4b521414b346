//! `${name}` in requests and expectations.

use std::collections::BTreeMap;

use serde_json::Value;

/// Values kept from earlier answers.
pub(super) type Variables = BTreeMap<String, Value>;

/// `value` with every reference resolved. A text that is nothing but a reference becomes the value itself.
pub(super) fn resolve(value: &Value, variables: &Variables) -> Value {
    match value {
        Value::String(text) => resolve_text(text, variables),
        Value::Array(items) => items.iter().map(|item| resolve(item, variables)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), resolve(value, variables)))
            .collect(),
        other => other.clone(),
    }
}

fn resolve_text(text: &str, variables: &Variables) -> Value {
    if let Some(value) = text
        .strip_prefix("${")
        .and_then(|rest| variables.get(rest.strip_suffix('}')?))
    {
        return value.clone();
    }
    let resolved = variables.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("${{{name}}}"), &as_text(value))
    });
    Value::String(resolved)
}

/// As it is written in a query.
pub(super) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_references_keep_their_type() {
        let variables = Variables::from([("n".to_owned(), json!(7)), ("id".to_owned(), json!("ab"))]);
        let written = json!({ "a": "${n}", "b": ["${id}", "x-${id}-${n}"], "c": "${unknown}", "d": 1.5 });
        let resolved = json!({ "a": 7, "b": ["ab", "x-ab-7"], "c": "${unknown}", "d": 1.5 });
        assert_eq!(resolve(&written, &variables), resolved);
        assert_eq!(
            (as_text(&json!(true)), as_text(&json!("true"))),
            ("true".to_owned(), "true".to_owned())
        );
    }
}
