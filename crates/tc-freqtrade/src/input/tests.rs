use proptest::prelude::*;

use super::*;

/// What must not get through as anything.
fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        "-", "--config", "-v", "..", "../etc", "a/../b", "a;b", "a b", "a\0b", "a\nb", "\n", "$(x)", "`x`",
        "", " ", "ä", "A|B", "A&B", "A*", "A\\B", "C:\\A",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("A".repeat(10_000) + "/");
    texts.push("-".repeat(10_000));
    texts
}

#[test]
fn hostile_texts_are_nothing() {
    for text in hostile() {
        StrategyName::parse(&text).unwrap_err();
        Pair::parse(&text).unwrap_err();
        Timeframe::parse(&text).unwrap_err();
        if !text.trim().is_empty() {
            Timerange::parse(&text).unwrap_err();
        }
        for (pair, timeframe) in [
            (format!("BTC/USDT{text}"), format!("5m{text}")),
            (format!("{text}BTC/USDT"), format!("{text}5m")),
        ] {
            assert!(text.is_empty() || Pair::parse(&pair).is_err(), "{pair:?}");
            assert!(
                text.is_empty() || Timeframe::parse(&timeframe).is_err(),
                "{timeframe:?}"
            );
        }
    }
}

#[test]
fn names() {
    for name in ["Demo", "_x", "A1_b", &"A".repeat(10_000)] {
        assert_eq!(StrategyName::parse(name).unwrap().as_str(), name);
    }
    for name in ["1A", "A-B", "A.B", "Ä", "A ", " A", "A\n"] {
        assert_eq!(
            StrategyName::parse(name),
            Err(InputError::StrategyName),
            "{name:?}"
        );
    }
}

#[test]
fn pairs() {
    let long = "A".repeat(20);
    for text in [
        "BTC/USDT",
        "BTC/USDT:USDT",
        "1000PEPE/USDC",
        &format!("{long}/{long}:{long}"),
    ] {
        assert_eq!(Pair::parse(text).unwrap().to_string(), text);
    }
    for text in [
        "BTCUSDT",
        "btc/usdt",
        "BTC/",
        "/USDT",
        "BTC/USDT:",
        "BTC/USDT/X",
        "BTC/USDT:A:B",
        "BTC:USDT",
        "BTC/USDT\n",
        &format!("{long}A/B"),
    ] {
        assert_eq!(Pair::parse(text), Err(InputError::Pair), "{text:?}");
    }
    let settled = |text: &str| Pair::parse(text).unwrap().settled_in("USDT").to_string();
    assert_eq!(settled("BTC/USDT"), "BTC/USDT:USDT");
    assert_eq!(settled("BTC/USD:BTC"), "BTC/USD:BTC");
}

#[test]
fn timeframes() {
    for text in ["1m", "15m", "4h", "1d", "1w", "1M", "999m"] {
        assert_eq!(Timeframe::parse(text).unwrap().as_str(), text);
    }
    for text in ["0m", "01m", "1000m", "m", "1", "1y", "1mm", "+1m", "1.5h", "5m\n"] {
        assert_eq!(Timeframe::parse(text), Err(InputError::Timeframe), "{text:?}");
    }
    let in_file = |text: &str| Timeframe::parse(text).unwrap().in_file_name();
    assert_eq!(
        (in_file("1M"), in_file("1m")),
        ("1Mo".to_owned(), "1m".to_owned())
    );
}

#[test]
fn ranges() {
    for text in [
        "20260101-20260201",
        "20260101-",
        "-20260201",
        "20260101T0000-20260101T0001",
        "20260101T000000-20260101T000001",
        "1700000000-1700000001",
        "1700000000000-1700000000001",
        "20200229-1700000000",
    ] {
        assert_eq!(Timerange::parse(text).unwrap().unwrap().as_str(), text);
    }
    for blank in ["", " ", "\t\n"] {
        assert_eq!(Timerange::parse(blank), Ok(None));
    }
    for text in [
        "-",
        "20260101",
        "20260201-20260101",
        "20260101-20260101",
        "20260101-20260132",
        "20260229-",
        "20261301-",
        "x-y",
        "2026-01-01",
        "20260101--",
        "--20260101",
        "20260101T24-",
        "20260101T2400-",
        "20260101T000060-",
        "170000000-",
        "1700000000T0000-",
        " 20260101-",
        "20260101-20260201 ",
        "\u{661}7000000000-",
    ] {
        assert_eq!(Timerange::parse(text), Err(InputError::Timerange), "{text:?}");
    }
}

#[test]
fn the_ends_of_a_range_are_instants() {
    let ends = |text: &str| {
        let range = Timerange::parse(text).unwrap().unwrap();
        (range.from_ms(), range.to_ms())
    };
    let day = 1_704_067_200_000;
    assert_eq!(ends("20240101-20240102"), (Some(day), Some(day + 86_400_000)));
    assert_eq!(ends("20240101T0001-"), (Some(day + 60_000), None));
    assert_eq!(ends("-1704067200"), (None, Some(day)));
}

#[test]
fn days_are_counted_from_1970() {
    for (date, day) in [
        ("19700101", 0),
        ("19691231", -1),
        ("20000229", 11_016),
        ("20240229", 19_782),
        ("20260101", 20_454),
    ] {
        assert_eq!(day_number(date), Some(day), "{date}");
    }
}

proptest! {
    /// Whatever gets through can be a file name and an argument.
    #[test]
    fn what_is_accepted_is_harmless(text in "[A-Z0-9/:.\\-m\\pC]{0,30}") {
        let plain = |text: &str| !text.starts_with('-') && !text.contains("..") && text.bytes().all(|b| b.is_ascii_graphic());
        if let Ok(pair) = Pair::parse(&text) {
            prop_assert!(plain(&pair.to_string()));
        }
        if let Ok(name) = StrategyName::parse(&text) {
            prop_assert!(plain(name.as_str()));
        }
        if let Ok(timeframe) = Timeframe::parse(&text) {
            prop_assert!(plain(timeframe.as_str()));
        }
    }
}
