//! The whitelist file.

use super::{Given, UNREADABLE};
use crate::config::built_in_whitelist;

fn named(content: &str) -> Given {
    Given::default()
        .variable("WHITELIST_PATH", "w.json")
        .file("w.json", content)
}

#[track_caller]
fn check(content: &str, expected: &[&str]) {
    let series = named(content).load().config.whitelist.unwrap();
    assert_eq!(series.iter().map(|id| id.as_str()).collect::<Vec<_>>(), expected);
}

#[test]
fn built_in() {
    assert_eq!(Given::default().load().config.whitelist, None);
    let built_in: Vec<String> = built_in_whitelist().iter().map(ToString::to_string).collect();
    assert_eq!(
        built_in,
        ["binance:futures:BTC/USDT:1m", "binance:futures:ETH/USDT:1m"]
    );
}

#[test]
fn order_kept_and_noise_dropped() {
    check(
        r#"{"series_ids": ["binance:spot:B/C:1h", " ", "", 7, null, ["x"], " binance:spot:A/C:1h ", "binance:spot:B/C:1h"]}"#,
        &["binance:spot:B/C:1h", "binance:spot:A/C:1h"],
    );
    check(r#"{"series_ids": [], "other": 1}"#, &[]);
}

#[test]
fn missing_file_is_an_empty_list() {
    let loaded = Given::default().variable("WHITELIST_PATH", "nowhere.json").load();
    assert_eq!(loaded.config.whitelist, Some(vec![]));
}

#[test]
fn bad_content_stops() {
    for (content, sentence) in [
        (
            r#"{"series_ids": "x"}"#,
            "must be a JSON object with a list \"series_ids\": series_ids is not a list",
        ),
        (
            "{}",
            "must be a JSON object with a list \"series_ids\": series_ids is missing",
        ),
        (
            "[]",
            "must be a JSON object with a list \"series_ids\": series_ids is missing",
        ),
        (
            "{",
            "must be a JSON object with a list \"series_ids\": EOF while parsing",
        ),
        (
            r#"{"series_ids": ["btc"]}"#,
            "must hold well-formed series ids: series id \"btc\" is malformed",
        ),
        (
            UNREADABLE,
            "cannot be read (permission denied): make it readable or unset WHITELIST_PATH",
        ),
    ] {
        let refusal = named(content).refusal();
        assert!(
            refusal.starts_with(&format!("the whitelist w.json {sentence}")),
            "{refusal}"
        );
    }
}
