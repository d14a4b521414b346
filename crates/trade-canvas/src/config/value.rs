//! Values and the rules that read them: one rule per kind and source.

use std::{fmt, num::IntErrorKind};

use toml::de::{DeFloat, DeInteger, DeValue};

use super::row::{Blank, Kind, OptionRow};

/// The value of an option.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Unset,
    /// On or off.
    Switch(bool),
    /// Whole number.
    Int(i64),
    /// Finite number.
    Float(f64),
    /// Text, choice, URL or path.
    Text(String),
    /// List of texts.
    List(Vec<String>),
    /// Text that is never printed.
    Secret(Secret),
}

/// A text that neither `Debug` nor any output of the program shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// The form that environment and command line take; secrets and missing values as words in parentheses.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unset => f.write_str("(unset)"),
            Self::Switch(on) => write!(f, "{on}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::List(items) => f.write_str(&items.join(",")),
            Self::Secret(secret) if secret.expose().is_empty() => Ok(()),
            Self::Secret(_) => f.write_str("(hidden)"),
        }
    }
}

/// What became of the text of an environment variable.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum EnvironmentReading {
    /// Used as given.
    Used(Value),
    /// A switch that is off because the text is none of the known words.
    Doubtful(Value),
    /// Below the minimum, raised to it.
    Raised(Value),
    /// Counts as unset.
    Unusable,
}

/// Why a value of the file or the command line is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// What the option takes, continuing "must be".
    pub(super) expected: String,
    /// What was given, where it may be shown.
    pub(super) given: Option<String>,
}

/// Reads the text of an environment variable. `home` replaces `~`.
pub(super) fn from_environment(row: &OptionRow, given: &str, home: Option<&str>) -> EnvironmentReading {
    use EnvironmentReading::{Doubtful, Raised, Unusable, Used};
    let trimmed = given.trim();
    if row.blank == Blank::Unusable && trimmed.is_empty() {
        return Unusable;
    }
    match row.kind {
        Kind::Switch => match switch_word(trimmed) {
            Some(on) => Used(Value::Switch(on)),
            None if trimmed.is_empty() => Used(Value::Switch(false)),
            None => Doubtful(Value::Switch(false)),
        },
        Kind::Int { minimum, maximum } => match parse_int(trimmed) {
            None => Unusable,
            Some(number) if number < minimum => Raised(Value::Int(minimum)),
            Some(number) if maximum.is_some_and(|limit| number > limit) => Unusable,
            Some(number) => Used(Value::Int(number)),
        },
        Kind::Float { minimum } => match parse_float(trimmed) {
            None => Unusable,
            Some(number) if number < minimum => Raised(Value::Float(minimum)),
            Some(number) => Used(Value::Float(number)),
        },
        Kind::Choice(words) if !words.contains(&trimmed) => Unusable,
        Kind::Path => Used(Value::Text(expand_home(given, home))),
        Kind::List => match split_list(trimmed) {
            items if items.is_empty() && row.blank == Blank::Unusable => Unusable,
            items => Used(Value::List(items)),
        },
        Kind::Text | Kind::Choice(_) | Kind::Url | Kind::Secret => Used(text_value(row, trimmed)),
    }
}

/// Reads a value of the command line.
pub(super) fn from_command_line(row: &OptionRow, given: &str, home: Option<&str>) -> Result<Value, Refusal> {
    let trimmed = given.trim();
    let value = match row.kind {
        Kind::Switch => switch_word(trimmed).map(Value::Switch),
        Kind::Int { .. } => parse_int(trimmed).map(Value::Int),
        Kind::Float { .. } => parse_float(trimmed).map(Value::Float),
        Kind::Path => Some(Value::Text(expand_home(given, home))),
        Kind::List => Some(Value::List(split_list(trimmed))),
        Kind::Text | Kind::Choice(_) | Kind::Url | Kind::Secret => Some(text_value(row, trimmed)),
    };
    value
        .filter(|value| is_allowed(row, value))
        .ok_or_else(|| refusal(row, || format!("{given:?}")))
}

/// Reads a value of the file; its type must be the one of the option.
pub(super) fn from_toml(row: &OptionRow, given: &DeValue<'_>, home: Option<&str>) -> Result<Value, Refusal> {
    let value = match (row.kind, given) {
        (Kind::Switch, DeValue::Boolean(on)) => Some(Value::Switch(*on)),
        (Kind::Int { .. }, DeValue::Integer(number)) => toml_int(number).map(Value::Int),
        // An integer is a number without decimals: nothing is lost by taking it.
        (Kind::Float { .. }, DeValue::Integer(number)) => parse_float(number.as_str()).map(Value::Float),
        (Kind::Float { .. }, DeValue::Float(number)) => toml_float(number).map(Value::Float),
        (Kind::Path, DeValue::String(text)) => Some(Value::Text(expand_home(text, home))),
        (Kind::List, DeValue::Array(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(|item| item.get_ref().as_str()).collect();
            texts.map(|texts| Value::List(split_list(&texts.join(","))))
        }
        (Kind::Text | Kind::Choice(_) | Kind::Url | Kind::Secret, DeValue::String(text)) => {
            Some(text_value(row, text.trim()))
        }
        _ => None,
    };
    value
        .filter(|value| is_allowed(row, value))
        .ok_or_else(|| refusal(row, || toml_text(given)))
}

/// What the option takes, continuing "must be".
fn expectation(row: &OptionRow) -> String {
    match row.kind {
        Kind::Switch => "true or false".to_owned(),
        Kind::Int {
            minimum,
            maximum: None,
        } => format!("an integer of at least {minimum}"),
        Kind::Int {
            minimum,
            maximum: Some(limit),
        } => format!("an integer from {minimum} to {limit}"),
        Kind::Float { minimum } => format!("a number of at least {minimum}"),
        Kind::Text if row.blank == Blank::Unusable => "a text that is not blank".to_owned(),
        Kind::Text | Kind::Secret => "a text".to_owned(),
        Kind::Choice(words) => words.join(" or "),
        Kind::Url => "a URL with scheme and host".to_owned(),
        Kind::List => "a list of texts".to_owned(),
        Kind::Path => "a path that is not blank".to_owned(),
    }
}

/// The refusal of a value; `given` is asked for only where the value may be shown.
pub(super) fn refusal(row: &OptionRow, given: impl FnOnce() -> String) -> Refusal {
    let shown = !matches!(row.kind, Kind::Secret | Kind::Url);
    Refusal {
        expected: expectation(row),
        given: shown.then(given),
    }
}

/// Limits of the file and the command line, where a value outside them is an error.
fn is_allowed(row: &OptionRow, value: &Value) -> bool {
    match (row.kind, value) {
        (Kind::Int { minimum, maximum }, Value::Int(number)) => {
            *number >= minimum && maximum.is_none_or(|limit| *number <= limit)
        }
        (Kind::Float { minimum }, Value::Float(number)) => *number >= minimum,
        (Kind::Choice(words), Value::Text(text)) => words.contains(&text.as_str()),
        (Kind::Url, Value::Text(text)) => text.split_once("://").is_some_and(|(scheme, host)| {
            !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric()) && !host.is_empty()
        }),
        (_, Value::Text(text)) => row.blank == Blank::Value || !text.trim().is_empty(),
        (_, Value::List(items)) => row.blank == Blank::Value || !items.is_empty(),
        _ => true,
    }
}

fn text_value(row: &OptionRow, text: &str) -> Value {
    match row.kind {
        Kind::Secret => Value::Secret(text.to_owned().into()),
        Kind::Url => Value::Text(text.trim_end_matches('/').to_owned()),
        _ => Value::Text(text.to_owned()),
    }
}

fn switch_word(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// A number beyond 64 bits is the largest one: integers have no maximum.
fn parse_int(text: &str) -> Option<i64> {
    text.parse().map_or_else(
        |error: std::num::ParseIntError| match error.kind() {
            IntErrorKind::PosOverflow => Some(i64::MAX),
            IntErrorKind::NegOverflow => Some(i64::MIN),
            _ => None,
        },
        Some,
    )
}

fn parse_float(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn toml_int(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn toml_float(number: &DeFloat<'_>) -> Option<f64> {
    parse_float(number.as_str())
}

fn split_list(text: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        if !items.iter().any(|known| known == item) {
            items.push(item.to_owned());
        }
    }
    items
}

fn expand_home(path: &str, home: Option<&str>) -> String {
    match (path.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
            format!("{}{rest}", home.trim_end_matches('/'))
        }
        _ => path.to_owned(),
    }
}

fn toml_text(given: &DeValue<'_>) -> String {
    match given {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(on) => on.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(_) => "an array".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
