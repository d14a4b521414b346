//! Comparing JSON the way golden files are compared.

use serde_json::{Number, Value};

/// Where `found` first differs from `expected` and how: integers and texts must be equal, floats to the bit, objects
/// whatever the order of their keys.
#[must_use]
pub fn difference(found: &Value, expected: &Value) -> Option<String> {
    let inside = |place: String, found, expected| {
        let rest = difference(found, expected)?;
        Some(format!("{place}{rest}"))
    };
    match (found, expected) {
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(n, (a, b))| inside(format!("[{n}]"), a, b))
        }
        (Value::Array(a), Value::Array(b)) => Some(format!(": {} items instead of {}", a.len(), b.len())),
        (Value::Object(a), Value::Object(b)) => {
            if !a.keys().all(|key| b.contains_key(key)) || a.len() != b.len() {
                let keys =
                    |object: &serde_json::Map<_, _>| object.keys().cloned().collect::<Vec<_>>().join(" ");
                return Some(format!(": keys {} instead of {}", keys(a), keys(b)));
            }
            a.iter()
                .find_map(|(key, a)| inside(format!(".{key}"), a, &b[key]))
        }
        (Value::Number(a), Value::Number(b)) if a.is_f64() && b.is_f64() => {
            let bits = |number: &Number| number.as_f64().map(f64::to_bits);
            (bits(a) != bits(b)).then(|| format!(": {a} instead of {b}"))
        }
        _ => (found != expected).then(|| format!(": {found} instead of {expected}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_difference_is_named_with_its_place() {
        let expected = json!({"a": [1, {"b": 0.0}], "c": "x"});
        let found = |value: Value| difference(&value, &expected);
        assert_eq!(found(json!({"c": "x", "a": [1, {"b": 0.0}]})), None);
        assert_eq!(
            found(json!({"a": [1, {"b": -0.0}], "c": "x"})).unwrap(),
            ".a[1].b: -0.0 instead of 0.0"
        );
        assert_eq!(
            found(json!({"a": [1.0, {"b": 0.0}], "c": "x"})).unwrap(),
            ".a[0]: 1.0 instead of 1"
        );
        assert_eq!(
            found(json!({"a": [1], "c": "x"})).unwrap(),
            ".a: 1 items instead of 2"
        );
        assert_eq!(
            found(json!({"a": [1, {"b": 0.0}]})).unwrap(),
            ": keys a instead of a c"
        );
    }
}
