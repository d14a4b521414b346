//! Typed access to the resolved options.

use super::{ResolvedOption, Value};

/// Every option with its value. The getters panic on a name or type that is not in the table: a test loads
/// the defaults, which asks for all of them.
pub(super) struct Resolved(Vec<ResolvedOption>);

impl Resolved {
    /// Options in table order, every row once.
    pub(super) fn new(options: Vec<ResolvedOption>) -> Self {
        Self(options)
    }

    pub(super) fn into_options(self) -> Vec<ResolvedOption> {
        self.0
    }

    pub(super) fn option(&self, name: &str) -> &ResolvedOption {
        let found = self.0.iter().find(|option| option.row.name == name);
        found.unwrap_or_else(|| unreachable!("option {name} is not in the table"))
    }

    pub(super) fn switch(&self, name: &str) -> bool {
        match self.option(name).value {
            Value::Switch(on) => on,
            _ => unreachable!("option {name} is not a switch"),
        }
    }

    /// A whole number; one beyond 64 bits or negative is clamped.
    pub(super) fn number(&self, name: &str) -> u64 {
        self.optional_number(name)
            .unwrap_or_else(|| unreachable!("option {name} has no default"))
    }

    /// A whole number without default.
    pub(super) fn optional_number(&self, name: &str) -> Option<u64> {
        match self.option(name).value {
            Value::Int(number) => Some(u64::try_from(number).unwrap_or(0)),
            Value::Unset => None,
            _ => unreachable!("option {name} is not an integer"),
        }
    }

    /// A whole number that counts something in memory; clamped to what can be addressed.
    pub(super) fn count(&self, name: &str) -> usize {
        usize::try_from(self.number(name)).unwrap_or(usize::MAX)
    }

    pub(super) fn float(&self, name: &str) -> f64 {
        match self.option(name).value {
            Value::Float(number) => number,
            _ => unreachable!("option {name} is not a number"),
        }
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.optional_text(name)
            .unwrap_or_else(|| unreachable!("option {name} has no default"))
    }

    /// A text or path without default.
    pub(super) fn optional_text(&self, name: &str) -> Option<&str> {
        match &self.option(name).value {
            Value::Text(text) => Some(text),
            Value::Unset => None,
            _ => unreachable!("option {name} is not a text"),
        }
    }

    pub(super) fn secret(&self, name: &str) -> &str {
        match &self.option(name).value {
            Value::Secret(secret) => secret.expose(),
            _ => unreachable!("option {name} is not a secret"),
        }
    }

    pub(super) fn list(&self, name: &str) -> &[String] {
        match &self.option(name).value {
            Value::List(items) => items,
            _ => unreachable!("option {name} is not a list"),
        }
    }
}
