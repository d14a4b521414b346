//! Where two results differ.

use serde_json::Value;

/// How close numbers must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closeness {
    /// The same bits; zero has no sign.
    Bits,
    /// Nine digits.
    NineDigits,
}

impl Closeness {
    fn same(self, found: f64, expected: f64) -> bool {
        match self {
            Self::Bits => (found + 0.0).to_bits() == (expected + 0.0).to_bits(),
            Self::NineDigits => {
                let scale = found.abs().max(expected.abs()).max(1e-6);
                (found - expected).abs() <= scale * 1e-9
            }
        }
    }
}

/// One line for every place where `expected` says something else; what only `expected` has does not count.
pub(super) fn differences(place: &str, found: &Value, expected: &Value, closeness: Closeness) -> Vec<String> {
    let same = match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            let of = |(key, found): (&String, &Value)| {
                let expected = expected.get(key).unwrap_or(&Value::Null);
                differences(&format!("{place}.{key}"), found, expected, closeness)
            };
            return found.iter().flat_map(of).collect();
        }
        (Value::Array(found), Value::Array(expected)) => {
            let of = |(at, (found, expected)): (usize, (&Value, &Value))| {
                differences(&format!("{place}[{at}]"), found, expected, closeness)
            };
            let counts = (found.len(), expected.len());
            let lengths =
                (counts.0 != counts.1).then(|| format!("{place}: {} of {} rows", counts.0, counts.1));
            let rows = found.iter().zip(expected).enumerate().flat_map(of);
            return lengths.into_iter().chain(rows).collect();
        }
        (Value::Number(found), Value::Number(expected)) => {
            closeness.same(found.as_f64().unwrap(), expected.as_f64().unwrap())
        }
        // No tag is an empty one, and what was never paid is nothing.
        (Value::String(tag), Value::Null) | (Value::Null, Value::String(tag)) => tag.is_empty(),
        (Value::Number(found), Value::Null) => found.as_f64() == Some(0.0),
        (found, expected) => found == expected,
    };
    if same {
        Vec::new()
    } else {
        vec![format!("{place}: {found}, freqtrade says {expected}")]
    }
}

#[test]
fn a_difference_is_told_by_its_place() {
    use serde_json::json;
    let found = json!({ "a": [1.0, 2.0], "b": "x" });
    let expected = json!({ "a": [1.0, 2.000_000_000_1], "b": "x", "c": 3 });
    assert_eq!(
        differences("run", &found, &expected, Closeness::NineDigits),
        Vec::<String>::new()
    );
    let told = differences("run", &found, &expected, Closeness::Bits);
    assert_eq!(told, ["run.a[1]: 2.0, freqtrade says 2.0000000001"]);
    assert_eq!(
        differences("run", &json!([1]), &json!([1, 2]), Closeness::Bits),
        ["run: 1 of 2 rows"]
    );
    assert_eq!(
        differences("run", &json!({ "d": 1 }), &expected, Closeness::Bits).len(),
        1
    );
}
