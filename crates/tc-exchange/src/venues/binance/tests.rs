use proptest::prelude::*;
use tc_market::{Candle, CandleError, CandleTime, FormingCandle};

use super::*;
use crate::{BadFrame, Bar, Fault, Frame, Retry, StreamVerb};

fn venue() -> Binance {
    Binance::new(BinanceEndpoints {
        spot_ws: "ws://spot.test:9443/".to_owned(),
        futures_ws: "wss://futures.test/market//".to_owned(),
        spot_rest: "http://api.test".to_owned(),
        futures_rest: "https://fapi.test/".to_owned(),
    })
    .unwrap()
}

fn series(text: &str) -> SeriesId {
    text.parse().unwrap()
}

fn time(seconds: i64) -> CandleTime {
    CandleTime::new(seconds).unwrap()
}

fn frame(text: &str) -> Frame {
    venue().parse_frame(text.as_bytes()).frame
}

#[test]
fn addresses() {
    let venue = venue();
    let name = |id: &str| venue.stream_name(&series(id)).unwrap();
    assert_eq!(name("binance:spot:A-B/USDT:15m").as_str(), "abusdt@kline_15m");
    assert_eq!(
        venue.streams_url(MarketKind::Futures, &[name("binance:futures:BTC/USDT:USDT:1h")]),
        "wss://futures.test/market/stream?streams=btcusdt@kline_1h"
    );
    let several = [name("binance:spot:BTC/USDT:1m"), name("binance:spot:ETH/USDT:5m")];
    assert_eq!(
        venue.streams_url(MarketKind::Spot, &several),
        "ws://spot.test:9443/stream?streams=btcusdt@kline_1m/ethusdt@kline_5m"
    );
    let command = StreamCommand {
        id: 7,
        verb: StreamVerb::Subscribe,
        streams: several.to_vec(),
    };
    let written: serde_json::Value = serde_json::from_str(&venue.write_command(&command)).unwrap();
    assert_eq!(
        written,
        serde_json::json!({
            "method": "SUBSCRIBE", "params": ["btcusdt@kline_1m", "ethusdt@kline_5m"], "id": 7
        })
    );
    let query = KlineQuery {
        from: Some(time(60)),
        to: Some(time(180)),
        limit: 3,
    };
    assert_eq!(
        venue
            .klines_url(&series("binance:spot:BTC/USDT:1m"), &query)
            .unwrap(),
        "http://api.test/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=60000&endTime=180000&limit=3"
    );
    let newest = KlineQuery {
        from: None,
        to: None,
        limit: 2,
    };
    assert_eq!(
        venue
            .klines_url(&series("binance:futures:BTC/USDT:USDT:1d"), &newest)
            .unwrap(),
        "https://fapi.test/fapi/v1/klines?symbol=BTCUSDT&interval=1d&limit=2"
    );
}

#[test]
fn foreign_series_are_the_callers_fault() {
    let venue = venue();
    for id in [
        "kraken:spot:BTC/USDT:1m",
        "binance:margin:BTC/USDT:1m",
        "binance:spot:BTCUSDT:1m",
    ] {
        let error = venue.stream_name(&series(id)).unwrap_err();
        assert_eq!(
            (error.fault(), error.retry()),
            (Fault::Caller, Retry::Never),
            "{id}"
        );
    }
}

#[test]
fn unusable_addresses_are_named() {
    for (bad, accepted) in [
        ("", false),
        ("localhost:9", false),
        ("http://x", false),
        ("ws://", false),
        ("ws://x/?a=b", false),
        ("ws://[::1]:9/", true),
    ] {
        let endpoints = BinanceEndpoints {
            spot_ws: bad.to_owned(),
            ..venue().endpoints
        };
        match Binance::new(endpoints) {
            Ok(_) => assert!(accepted, "{bad}"),
            Err(error) => {
                assert!(!accepted, "{bad}");
                assert_eq!(
                    error.to_string(),
                    format!("spot websocket address {bad:?} is not a ws:// or wss:// URL")
                );
            }
        }
    }
}

#[test]
fn recorded_frames() {
    let candle = Candle::new(
        time(1_752_300_000),
        117_480.01,
        117_510.0,
        117_479.5,
        117_502.75,
        8.412_17,
    )
    .unwrap();
    let kline = Kline {
        symbol: "BTCUSDT".to_owned(),
        interval: "1m".to_owned(),
        trades: 1177,
        bar: Bar::Forming(FormingCandle::new(candle)),
    };
    assert!(venue().belongs_to(&kline, &series("binance:spot:BTC/USDT:1m")));
    assert!(venue().belongs_to(&kline, &series("binance:futures:BTC/USDT:USDT:1m")));
    assert!(!venue().belongs_to(&kline, &series("binance:spot:BTC/USDT:5m")));
    assert!(!venue().belongs_to(&kline, &series("binance:spot:ETH/USDT:1m")));
    assert_eq!(
        frame(include_str!("fixtures/spot_forming.json")),
        Frame::Kline(kline)
    );

    let closed = Candle::new(
        time(1_752_300_000),
        117_480.01,
        117_510.0,
        117_479.5,
        117_498.2,
        9.903_31,
    )
    .unwrap();
    let Frame::Kline(kline) = frame(include_str!("fixtures/spot_closed.json")) else {
        panic!()
    };
    assert_eq!((kline.bar, kline.trades), (Bar::Closed(closed), 1388));

    let Frame::Kline(kline) = frame(include_str!("fixtures/futures_combined.json")) else {
        panic!()
    };
    assert_eq!(
        (kline.symbol.as_str(), kline.interval.as_str()),
        ("ETHUSDT", "5m")
    );

    let Frame::Kline(kline) = frame(include_str!("fixtures/futures_quiet_bucket.json")) else {
        panic!()
    };
    let flat = Candle::new(time(1_752_300_000), 2.345, 2.345, 2.345, 2.345, 0.0).unwrap();
    assert_eq!((kline.bar, kline.trades), (Bar::Closed(flat), 0));

    assert_eq!(
        frame(include_str!("fixtures/combined_shutdown.json")),
        Frame::ServerShutdown
    );
    assert_eq!(frame(r#"{"e":"serverShutdown","E":1}"#), Frame::ServerShutdown);
    assert_eq!(
        frame(include_str!("fixtures/ack.json")),
        Frame::Ack { id: Some(312) }
    );
    let message = "Invalid request: invalid stream".to_owned();
    assert_eq!(
        frame(include_str!("fixtures/command_error.json")),
        Frame::Refused {
            id: Some(2),
            body: RefusalBody { code: 2, message }
        }
    );
    assert_eq!(frame(include_str!("fixtures/other_event.json")), Frame::Ignored);
}

/// A valid candle frame with one piece of text replaced.
fn altered(from: &str, to: &str) -> Frame {
    let text = include_str!("fixtures/spot_closed.json");
    assert!(text.contains(from));
    frame(&text.replace(from, to))
}

#[test]
fn unusable_frames_say_why() {
    assert_eq!(frame("{"), Frame::Bad(BadFrame::NotJson));
    assert_eq!(frame("[1]"), Frame::Bad(BadFrame::WrongType));
    assert_eq!(frame("{}"), Frame::Bad(BadFrame::Field("k")));
    assert_eq!(frame(r#"{"k":7}"#), Frame::Bad(BadFrame::Field("k")));
    assert_eq!(
        frame(r#"{"stream":"x","data":7}"#),
        Frame::Bad(BadFrame::Field("data"))
    );
    assert_eq!(
        altered(r#""t":1752300000000"#, r#""t":0"#),
        Frame::Bad(BadFrame::Time)
    );
    assert_eq!(
        altered(r#""t":1752300000000"#, r#""t":1.5"#),
        Frame::Bad(BadFrame::Time)
    );
    assert_eq!(
        altered(r#""t":1752300000000"#, r#""t":99999999999999"#),
        Frame::Bad(BadFrame::Time)
    );
    assert_eq!(
        altered(r#""x":true"#, r#""x":"true""#),
        Frame::Bad(BadFrame::Field("x"))
    );
    assert_eq!(
        altered(r#""v":"9.90331000""#, r#""v":"""#),
        Frame::Bad(BadFrame::Number("v"))
    );
    assert_eq!(
        altered(r#""v":"9.90331000""#, r#""w":"9""#),
        Frame::Bad(BadFrame::Field("v"))
    );
    assert_eq!(
        altered(r#""v":"9.90331000""#, r#""v":"NaN""#),
        Frame::Bad(BadFrame::Rule(CandleError::NotFinite("volume")))
    );
    assert_eq!(
        altered(r#""l":"117479.50000000""#, r#""l":"0""#),
        Frame::Bad(BadFrame::Rule(CandleError::NotPositive("low")))
    );
    assert_eq!(
        altered(r#""h":"117510.00000000""#, r#""h":"117480.02""#),
        Frame::Bad(BadFrame::Rule(CandleError::HighBelowBody))
    );
    assert!(matches!(
        altered(r#""t":1752300000000"#, r#""t":"1752300000000""#),
        Frame::Kline(_)
    ));
}

#[test]
fn a_page_keeps_what_is_readable_and_ignores_close_times() {
    let page = venue()
        .parse_klines(include_bytes!("fixtures/klines_page.json"))
        .unwrap();
    assert_eq!(page.last_open, Some(time(1_752_300_180)));
    let outcome: Vec<_> = page
        .rows
        .iter()
        .map(|row| row.map(|(candle, trades)| (candle.time().seconds(), trades)))
        .collect();
    assert_eq!(
        outcome,
        [
            Ok((1_752_300_000, 1388)),
            Ok((1_752_300_060, 1702)),
            Err(BadFrame::Rule(CandleError::HighBelowBody)),
            Err(BadFrame::Rule(CandleError::NotFinite("open"))),
        ]
    );
    assert_eq!(venue().parse_klines(b"[]").unwrap(), KlineRows::default());
    for body in [&b"{}"[..], b"[7]", b"<html>"] {
        let error = venue().parse_klines(body).unwrap_err();
        assert_eq!(error.fault(), Fault::Venue);
    }
    let refusal = venue()
        .parse_refusal(include_bytes!("fixtures/refusal.json"))
        .unwrap();
    assert_eq!(
        (refusal.code, refusal.message.as_str()),
        (-1121, "Invalid symbol.")
    );
    assert_eq!(venue().parse_refusal(b"<html>"), None);
}

#[test]
fn weights_follow_the_limit() {
    let venue = venue();
    let weights: Vec<_> = [1, 99, 100, 499, 500, 1000, 1001]
        .map(|rows| {
            (
                venue.klines_weight(MarketKind::Spot, rows),
                venue.klines_weight(MarketKind::Futures, rows),
            )
        })
        .to_vec();
    assert_eq!(weights, [(2, 1), (2, 1), (2, 2), (2, 2), (2, 5), (2, 5), (2, 10)]);
    for market in MarketKind::ALL {
        let rows = venue.rest_limits(market).rows_per_page;
        assert_eq!(venue.klines_weight(market, rows), 2);
    }
}

/// JSON-like text: fragments of real frames in any order, so that the parser gets past the first byte.
fn frame_like() -> impl Strategy<Value = String> {
    let fragment = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"k\"",
        "\"t\"",
        "\"x\"",
        "\"data\"",
        "\"stream\"",
        "true",
        "null",
        "-1",
        "1e999",
        "\"1752300000000\"",
        "\"NaN\"",
        "\"s\"",
        "\"o\"",
        "\"result\"",
        "\"id\"",
        "\"error\"",
        "\"\u{e9}\"",
    ]);
    prop::collection::vec(fragment, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn no_bytes_break_the_decoders(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let frame = venue().parse_frame(&bytes).frame;
        prop_assert!(!matches!(frame, Frame::Kline(_)), "noise is no candle");
        let _ = (venue().parse_klines(&bytes), venue().parse_refusal(&bytes));
    }

    #[test]
    fn no_json_like_text_breaks_the_decoders(text in frame_like()) {
        prop_assert!(!matches!(frame(&text), Frame::Kline(_)));
        let _ = (venue().parse_klines(text.as_bytes()), venue().parse_refusal(text.as_bytes()));
    }

    #[test]
    fn a_damaged_frame_still_obeys_the_rules(at in 0usize..400, byte in any::<u8>()) {
        let mut bytes = include_bytes!("fixtures/spot_closed.json").to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Frame::Kline(kline) = venue().parse_frame(&bytes).frame {
            let values = match kline.bar {
                Bar::Closed(candle) => candle,
                Bar::Forming(candle) => *candle.values(),
            };
            prop_assert!(values.low() <= values.open().min(values.close()) && values.volume() >= 0.0);
            prop_assert!(values.low() > 0.0 && values.high() >= values.open().max(values.close()));
        }
    }
}
