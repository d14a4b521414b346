//! Query parameters, read as strictly as the exchange does.

use axum::{extract::Query, http::Uri};

use super::Refusal;

/// The parameters of a request, in the order sent.
#[derive(Debug, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    pub(super) fn of(uri: &Uri) -> Self {
        Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map(|Query(pairs)| Self(pairs))
            .unwrap_or_default()
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A parameter that must be there and not empty.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Refusal::missing(name))
    }

    /// A whole number that is not negative, if it was sent.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let parse = |value: &str| {
            value
                .parse()
                .ok()
                .filter(|number| *number >= 0)
                .ok_or_else(|| Refusal::missing(name))
        };
        self.text(name).map(parse).transpose()
    }

    /// A JSON list of symbols, if it was sent.
    pub(super) fn symbols(&self) -> Result<Option<Vec<String>>, Refusal> {
        let parse = |value| serde_json::from_str(value).map_err(|_| Refusal::missing("symbols"));
        self.text("symbols").map(parse).transpose()
    }

    /// Refuses parameters that the endpoint does not read.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        let read = self
            .0
            .iter()
            .filter(|(key, _)| known.contains(&key.as_str()))
            .count();
        if read == self.0.len() {
            return Ok(());
        }
        let sent = self.0.len();
        Err(Refusal::new(
            -1104,
            format!("Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'."),
        ))
    }
}
