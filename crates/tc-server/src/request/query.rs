//! Query strings.

#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::BTreeMap, ops::RangeInclusive};

use serde_json::{Map, Value, json};
use tc_market::SeriesId;

use super::{Violation, ViolationKind};
use crate::ApiError;

/// Fields of a query string and the rules found broken so far. Unknown fields are ignored; of a repeated one the last
/// counts.
#[derive(Debug)]
pub(crate) struct Query {
    fields: BTreeMap<String, String>,
    violations: Vec<Violation>,
}

impl Query {
    /// Splits a raw query string.
    #[must_use]
    pub(crate) fn parse(raw: Option<&str>) -> Self {
        let fields = raw
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (decode(name), decode(value))
            })
            .collect();
        Self {
            fields,
            violations: Vec::new(),
        }
    }

    /// A text of at least one character; empty after a violation.
    pub(crate) fn required_text(&mut self, name: &str) -> String {
        match self.fields.get(name) {
            None => self.violate(ViolationKind::Missing, name, "is required", Value::Null),
            Some(text) if text.is_empty() => {
                let violation = Violation::new(
                    ViolationKind::StringTooShort,
                    &loc(name),
                    "must not be empty",
                    json!(""),
                );
                self.violations.push(violation.bound("min_length", json!(1)));
            }
            Some(text) => return text.clone(),
        }
        String::new()
    }

    /// A text that may be absent.
    #[must_use]
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.fields.get(name).cloned()
    }

    /// A text of `length` characters, or `default` when absent.
    pub(crate) fn text_within(&mut self, name: &str, length: RangeInclusive<usize>, default: &str) -> String {
        let Some(text) = self.fields.get(name).cloned() else {
            return default.to_owned();
        };
        let characters = text.chars().count();
        let (kind, key, bound) = if characters < *length.start() {
            (ViolationKind::StringTooShort, "min_length", *length.start())
        } else if characters > *length.end() {
            (ViolationKind::StringTooLong, "max_length", *length.end())
        } else {
            return text;
        };
        let msg = format!("must have {} to {} characters", length.start(), length.end());
        let violation = Violation::new(kind, &loc(name), msg, json!(text));
        self.violations.push(violation.bound(key, json!(bound)));
        text
    }

    /// Yes or no, or `default` when absent.
    pub(crate) fn flag(&mut self, name: &str, default: bool) -> bool {
        let Some(text) = self.fields.get(name).cloned() else {
            return default;
        };
        match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "on" => true,
            "0" | "false" | "f" | "no" | "n" | "off" => false,
            _ => {
                self.violate(
                    ViolationKind::BoolParsing,
                    name,
                    "must be true or false",
                    json!(text),
                );
                default
            }
        }
    }

    /// A number within `range`, or `default` when absent.
    pub(crate) fn float(&mut self, name: &str, range: RangeInclusive<f64>, default: f64) -> f64 {
        let Some(text) = self.fields.get(name).cloned() else {
            return default;
        };
        let Ok(value) = text.trim().parse::<f64>() else {
            self.violate(ViolationKind::FloatParsing, name, "must be a number", json!(text));
            return default;
        };
        let (kind, key, bound) = if value < *range.start() {
            (ViolationKind::GreaterThanEqual, "ge", *range.start())
        } else if value <= *range.end() {
            return value;
        } else {
            // Not a number at all is neither small nor large; it breaks the upper bound as well as any other.
            (ViolationKind::LessThanEqual, "le", *range.end())
        };
        let msg = format!("must be from {} to {}", range.start(), range.end());
        let violation = Violation::new(kind, &loc(name), msg, json!(text));
        self.violations.push(violation.bound(key, json!(bound)));
        default
    }

    /// One of these words, as what it stands for; it must be given.
    pub(crate) fn required_word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        if !self.fields.contains_key(name) {
            self.violate(ViolationKind::Missing, name, "is required", Value::Null);
            return None;
        }
        let chosen: Vec<(&str, Option<T>)> = words
            .iter()
            .map(|(word, meaning)| (*word, Some(*meaning)))
            .collect();
        self.word(name, &chosen, None)
    }

    /// A whole number within `range`, or `default` when absent.
    pub(crate) fn int(&mut self, name: &str, range: RangeInclusive<i64>, default: i64) -> i64 {
        self.optional_int(name, range).unwrap_or(default)
    }

    /// A whole number within `range` that may be absent.
    pub(crate) fn optional_int(&mut self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let text = self.fields.get(name)?.clone();
        self.check_int(name, &text, &range)
    }

    /// A whole number within `range` that must be given; the start of the range after a violation.
    pub(crate) fn required_int(&mut self, name: &str, range: RangeInclusive<i64>) -> i64 {
        let Some(text) = self.fields.get(name).cloned() else {
            self.violate(ViolationKind::Missing, name, "is required", Value::Null);
            return *range.start();
        };
        self.check_int(name, &text, &range).unwrap_or(*range.start())
    }

    /// One of these words, as what it stands for, or `default` when absent.
    pub(crate) fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)], default: T) -> T {
        let Some(text) = self.fields.get(name).cloned() else {
            return default;
        };
        let known = words.iter().find(|(word, _)| *word == text);
        known.map_or_else(
            || {
                let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                self.refuse_word(name, &words, &text);
                default
            },
            |(_, meaning)| *meaning,
        )
    }

    /// Words with commas between them, each one of `known`; `None` when absent.
    pub(crate) fn words(&mut self, name: &str, known: &[&str]) -> Option<Vec<String>> {
        let text = self.fields.get(name).cloned()?;
        let words: Vec<String> = text.split(',').map(|word| word.trim().to_owned()).collect();
        if words.iter().any(|word| !known.contains(&word.as_str())) {
            self.refuse_word(name, known, &text);
        }
        Some(words)
    }

    /// A JSON object, or an empty one when absent.
    pub(crate) fn object(&mut self, name: &str) -> Map<String, Value> {
        let Some(text) = self.fields.get(name).cloned() else {
            return Map::new();
        };
        match serde_json::from_str(&text) {
            Ok(Value::Object(fields)) => return fields,
            Ok(_) => self.violate(
                ViolationKind::ModelAttributesType,
                name,
                "must be an object",
                json!(text),
            ),
            Err(_) => self.violate(ViolationKind::JsonInvalid, name, "must be JSON", json!(text)),
        }
        Map::new()
    }

    /// Notes a rule that the caller found broken.
    pub(crate) fn refuse(&mut self, name: &str, msg: &str) {
        let input = self.fields.get(name).map_or(Value::Null, |text| json!(text));
        self.violate(ViolationKind::ValueError, name, msg, input);
    }

    fn refuse_word(&mut self, name: &str, known: &[&str], text: &str) {
        let msg = format!("must be one of {}", known.join(", "));
        self.violate(ViolationKind::LiteralError, name, &msg, json!(text));
    }

    /// Every broken rule as one error, then the series id.
    ///
    /// # Errors
    /// 422 with all violations; 400 for a malformed series id.
    pub(crate) fn series(self, text: &str) -> Result<SeriesId, ApiError> {
        self.finish()?;
        Ok(text.parse::<SeriesId>()?)
    }

    /// Every broken rule as one error.
    ///
    /// # Errors
    /// 422 with all violations.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        if self.violations.is_empty() {
            Ok(())
        } else {
            Err(ApiError::invalid(&self.violations))
        }
    }

    fn check_int(&mut self, name: &str, text: &str, range: &RangeInclusive<i64>) -> Option<i64> {
        let Some(value) = parse_int(text) else {
            self.violate(
                ViolationKind::IntParsing,
                name,
                "must be a whole number",
                json!(text),
            );
            return None;
        };
        if value < *range.start() {
            let violation = Violation::new(
                ViolationKind::GreaterThanEqual,
                &loc(name),
                format!("must be at least {}", range.start()),
                json!(text),
            );
            self.violations.push(violation.bound("ge", json!(range.start())));
            return None;
        }
        if value > *range.end() {
            let violation = Violation::new(
                ViolationKind::LessThanEqual,
                &loc(name),
                format!("must be at most {}", range.end()),
                json!(text),
            );
            self.violations.push(violation.bound("le", json!(range.end())));
            return None;
        }
        Some(value)
    }

    fn violate(&mut self, kind: ViolationKind, name: &str, msg: &str, input: Value) {
        self.violations.push(Violation::new(kind, &loc(name), msg, input));
    }
}

fn loc(name: &str) -> [Value; 2] {
    [json!("query"), json!(name)]
}

/// An optional sign, digits, and possibly a fraction of zeros.
pub(super) fn parse_int(text: &str) -> Option<i64> {
    let text = text.trim();
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() && fraction.bytes().all(|b| b == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    let digits = whole.strip_prefix(['+', '-']).unwrap_or(whole);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    whole.parse().ok()
}

/// Undoes percent-encoding; `+` is a blank. Bytes that are no UTF-8 become replacement characters.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut n = 0;
    while n < bytes.len() {
        let hex = (bytes[n] == b'%').then(|| bytes.get(n + 1..n + 3)).flatten();
        let escaped = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (escaped, bytes[n]) {
            (Some(byte), _) => {
                out.push(byte);
                n += 2;
            }
            (None, b'+') => out.push(b' '),
            (None, byte) => out.push(byte),
        }
        n += 1;
    }
    match String::from_utf8_lossy(&out) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    }
}
