//! Where two JSON values differ first.

use std::fmt;

use serde_json::Value;

use super::format::Extent;

/// Characters of a value that are shown.
const SHOWN: usize = 600;

/// The first place where an answer is not what was expected.
#[derive(Debug)]
pub(super) struct Difference {
    pointer: String,
    expected: Option<Value>,
    actual: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() {
            "/"
        } else {
            &self.pointer
        };
        write!(
            f,
            "at {place}\n  expected: {}\n  actual:   {}",
            shown(&self.expected),
            shown(&self.actual)
        )
    }
}

fn shown(value: &Option<Value>) -> String {
    let Some(value) = value else {
        return "(nothing)".to_owned();
    };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Compares whole values.
///
/// # Errors
/// The first difference.
pub(super) fn compare(expected: &Value, actual: &Value, extent: Extent) -> Result<(), Difference> {
    at(String::new(), expected, actual, extent)
}

fn at(pointer: String, expected: &Value, actual: &Value, extent: Extent) -> Result<(), Difference> {
    match (expected, actual) {
        (Value::Object(wanted), Value::Object(given)) => {
            for (key, value) in wanted {
                let inner = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                match given.get(key) {
                    Some(found) => at(inner, value, found, extent)?,
                    None => return differ(inner, Some(value), None),
                }
            }
            match given
                .iter()
                .find(|(key, _)| extent == Extent::Exact && !wanted.contains_key(*key))
            {
                Some((key, value)) => differ(format!("{pointer}/{key}"), None, Some(value)),
                None => Ok(()),
            }
        }
        (Value::Array(wanted), Value::Array(given)) => {
            for (n, value) in wanted.iter().enumerate() {
                let inner = format!("{pointer}/{n}");
                match given.get(n) {
                    Some(found) => at(inner, value, found, extent)?,
                    None => return differ(inner, Some(value), None),
                }
            }
            match given.get(wanted.len()) {
                Some(value) => differ(format!("{pointer}/{}", wanted.len()), None, Some(value)),
                None => Ok(()),
            }
        }
        (wanted, given) if equal(wanted, given) => Ok(()),
        (wanted, given) => differ(pointer, Some(wanted), Some(given)),
    }
}

fn differ(pointer: String, expected: Option<&Value>, actual: Option<&Value>) -> Result<(), Difference> {
    Err(Difference {
        pointer,
        expected: expected.cloned(),
        actual: actual.cloned(),
    })
}

/// Numbers compare by value: integers exactly, everything else as doubles bit for bit.
fn equal(a: &Value, b: &Value) -> bool {
    match (a.as_i64(), b.as_i64(), a.as_f64(), b.as_f64()) {
        (Some(a), Some(b), ..) => a == b,
        (_, _, Some(a), Some(b)) => a.total_cmp(&b).is_eq(),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn difference(expected: &Value, actual: &Value, extent: Extent) -> Option<String> {
        compare(expected, actual, extent)
            .err()
            .map(|difference| difference.pointer)
    }

    #[test]
    fn the_first_difference_is_named() {
        let expected = json!({ "a": [1, { "b": 2.5 }], "c": null });
        let same = json!({ "c": null, "a": [1.0, { "b": 2.5 }] });
        assert_eq!(difference(&expected, &same, Extent::Exact), None);
        for (actual, place) in [
            (json!({ "a": [1, { "b": 2.6 }], "c": null }), "/a/1/b"),
            (json!({ "a": [1], "c": null }), "/a/1"),
            (json!({ "a": [1, { "b": 2.5 }, 3], "c": null }), "/a/2"),
            (json!({ "a": [1, { "b": "2.5" }], "c": null }), "/a/1/b"),
            (json!({ "a": [true, { "b": 2.5 }], "c": null }), "/a/0"),
            (json!({ "a": [1, { "b": 2.5 }] }), "/c"),
        ] {
            for extent in [Extent::Exact, Extent::Subset] {
                assert_eq!(
                    difference(&expected, &actual, extent).as_deref(),
                    Some(place),
                    "{actual}"
                );
            }
        }
        let more = json!({ "a": [1, { "b": 2.5, "d": 0 }], "c": null });
        assert_eq!(
            difference(&expected, &more, Extent::Exact).as_deref(),
            Some("/a/1/d")
        );
        assert_eq!(difference(&expected, &more, Extent::Subset), None);
    }
}
