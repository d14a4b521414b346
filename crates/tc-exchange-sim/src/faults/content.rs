//! What is in a frame.

use serde::{Deserialize, Serialize};

/// A fault of a frame's content. The frame itself is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ContentFault {
    /// Cut off in the middle: no JSON.
    Garbled,
    /// A candle of a symbol that nobody asked for.
    WrongSymbol,
    /// The close is `NaN`.
    NotANumber,
    /// The close is an empty text.
    EmptyNumber,
}

impl ContentFault {
    /// The event as it is sent instead.
    pub(crate) fn spoil(self, event: &str) -> String {
        match self {
            Self::Garbled => event.chars().take(event.chars().count() / 2).collect(),
            Self::WrongSymbol => replaced(event, r#""s":""#, "NOTUSDT", 2),
            Self::NotANumber => replaced(event, r#""c":""#, "NaN", 1),
            Self::EmptyNumber => replaced(event, r#""c":""#, "", 1),
        }
    }
}

/// Puts `value` in the place of the text behind the first `times` occurrences of `key`.
fn replaced(event: &str, key: &str, value: &str, times: usize) -> String {
    let mut parts = event.split(key);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (nth, part) in parts.enumerate() {
        text.push_str(key);
        match part.split_once('"') {
            Some((_, rest)) if nth < times => {
                text.push_str(value);
                text.push('"');
                text.push_str(rest);
            }
            _ => text.push_str(part),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str =
        r#"{"e":"kline","s":"BTCUSDT","k":{"t":60000,"s":"BTCUSDT","o":"1.0","c":"2.0","x":true}}"#;

    #[test]
    fn each_spoils_what_it_says() {
        let spoiled = |fault: ContentFault| fault.spoil(EVENT);
        assert_eq!(
            spoiled(ContentFault::WrongSymbol),
            EVENT.replace("BTCUSDT", "NOTUSDT")
        );
        assert_eq!(spoiled(ContentFault::NotANumber), EVENT.replace("2.0", "NaN"));
        assert_eq!(spoiled(ContentFault::EmptyNumber), EVENT.replace("2.0", ""));
        let garbled = spoiled(ContentFault::Garbled);
        assert!(EVENT.starts_with(&garbled) && garbled.len() == EVENT.len() / 2);
    }
}
