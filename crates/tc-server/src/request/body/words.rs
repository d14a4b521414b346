//! Fields that hold one of a few words.

use serde_json::{Value, json};

use super::{Object, Violation, ViolationKind};

impl Object {
    /// One of `words`; the first when it is absent or after a violation.
    pub(crate) fn word(&mut self, name: &str, words: &[&'static str]) -> &'static str {
        let first = words.first().copied().unwrap_or_default();
        let Some(value) = self.fields.get(name).cloned() else {
            return first;
        };
        let found = words.iter().copied().find(|word| value.as_str() == Some(*word));
        found.unwrap_or_else(|| {
            let expected = words.join(", ");
            let message = format!("must be one of {expected}");
            let violation = Violation::new(ViolationKind::LiteralError, &self.at(name), message, value);
            self.violations.push(violation.bound("expected", json!(expected)));
            first
        })
    }

    /// What one of `words` means; `None` when it is absent or null.
    pub(crate) fn optional_word<T: Copy>(&mut self, name: &str, words: &[(&'static str, T)]) -> Option<T> {
        if matches!(self.fields.get(name), None | Some(Value::Null)) {
            return None;
        }
        let known: Vec<&'static str> = words.iter().map(|(word, _)| *word).collect();
        let found = self.word(name, &known);
        words
            .iter()
            .find(|(word, _)| *word == found)
            .map(|(_, value)| *value)
    }
}
