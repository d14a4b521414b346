//! Parsing and encoding.

use proptest::prelude::*;
use serde_json::json;
use tc_market::Candle;

use super::*;

const ID: &str = "binance:futures:GLD/USDT:1m";

fn refusal(text: &str) -> String {
    ClientMessage::parse(text).unwrap_err().to_string()
}

fn subscribed(fields: &Value) -> Subscribe {
    match ClientMessage::parse(&fields.to_string()).unwrap() {
        ClientMessage::Subscribe(subscribe) => subscribe,
        ClientMessage::Unsubscribe(_) => panic!("not a subscribe"),
    }
}

#[test]
fn refusals_in_the_order_of_the_contract() {
    for (text, message) in [
        ("", "invalid message envelope"),
        ("hello", "invalid message envelope"),
        ("[1]", "invalid message envelope"),
        ("null", "invalid message envelope"),
        ("{}", "missing message type"),
        (r#"{"type":""}"#, "missing message type"),
        (r#"{"type":1}"#, "missing message type"),
        (r#"{"series_id":"x"}"#, "missing message type"),
        (r#"{"type":"ping"}"#, "unknown message type: ping"),
        (r#"{"type":"noop"}"#, "unknown message type: noop"),
        (r#"{"type":"subscribe"}"#, "missing series_id"),
        (
            r#"{"type":"subscribe","series_id":"","since":"x"}"#,
            "missing series_id",
        ),
        (r#"{"type":"subscribe","series_id":5}"#, "missing series_id"),
        (
            r#"{"type":"subscribe","series_id":"bad","since":"1","supports_batch":1}"#,
            "invalid since",
        ),
        (
            r#"{"type":"subscribe","series_id":"bad","since":60.0}"#,
            "invalid since",
        ),
        (
            r#"{"type":"subscribe","series_id":"bad","since":true}"#,
            "invalid since",
        ),
        (
            r#"{"type":"subscribe","series_id":"bad","supports_batch":"yes","supports_draw_head":1}"#,
            "invalid supports_batch",
        ),
        (
            r#"{"type":"subscribe","series_id":"bad","supports_draw_head":"yes"}"#,
            "invalid supports_draw_head",
        ),
        (r#"{"type":"subscribe","series_id":"bad"}"#, "invalid series_id"),
        (
            r#"{"type":"subscribe","series_id":"binance:futures:BTC/USDT:1w"}"#,
            "invalid series_id",
        ),
    ] {
        assert_eq!(refusal(text), message, "{text}");
    }
}

#[test]
fn fields_and_their_defaults() {
    let plain = subscribed(&json!({"type": "subscribe", "series_id": ID, "unknown": 1}));
    assert_eq!(
        (plain.since, plain.supports_batch, plain.supports_draw_head),
        (Since::Newest, false, false)
    );
    let nulls = json!({"type": "subscribe", "series_id": ID, "since": null, "supports_batch": null, "supports_draw_head": null});
    assert_eq!(subscribed(&nulls), plain);
    let since =
        |value: Value| subscribed(&json!({"type": "subscribe", "series_id": ID, "since": value})).since;
    assert_eq!(since(json!(0)), Since::Beginning);
    assert_eq!(since(json!(-7)), Since::Beginning);
    assert_eq!(since(json!(60)), Since::After(CandleTime::clamped(60)));
    assert_eq!(since(json!(u64::MAX)), Since::After(CandleTime::MAX));
}

#[test]
fn unsubscribe_never_fails() {
    let parse = |fields: Value| ClientMessage::parse(&fields.to_string());
    assert_eq!(
        parse(json!({"type": "unsubscribe"})),
        Ok(ClientMessage::Unsubscribe(None))
    );
    assert_eq!(
        parse(json!({"type": "unsubscribe", "series_id": 3})),
        Ok(ClientMessage::Unsubscribe(None))
    );
    assert_eq!(
        parse(json!({"type": "unsubscribe", "series_id": "x"})),
        Ok(ClientMessage::Unsubscribe(None))
    );
    let known = parse(json!({"type": "unsubscribe", "series_id": ID}));
    assert_eq!(known, Ok(ClientMessage::Unsubscribe(Some(ID.parse().unwrap()))));
}

#[test]
fn wire_form() {
    let candle = Candle::new(CandleTime::clamped(1_700_000_280), 1.0, 2.0, 0.5, 1.5, 3.0).unwrap();
    let encoded = |message: ServerMessage| message.encode().to_string();
    let series_id = ID.to_owned();
    assert_eq!(
        encoded(ServerMessage::CandleClosed {
            series_id: series_id.clone(),
            candle: CandleClosed::from(&candle)
        }),
        r#"{"type":"candle_closed","series_id":"binance:futures:GLD/USDT:1m","candle":{"candle_time":1700000280,"open":1.0,"high":2.0,"low":0.5,"close":1.5,"volume":3.0}}"#
    );
    assert_eq!(
        encoded(ServerMessage::Gap {
            series_id,
            expected_next_time: 60,
            actual_time: 180
        }),
        r#"{"type":"gap","series_id":"binance:futures:GLD/USDT:1m","expected_next_time":60,"actual_time":180}"#
    );
    assert_eq!(
        encoded(BadMessage::MissingType.to_message()),
        r#"{"type":"error","code":"bad_request","message":"missing message type"}"#
    );
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _parsed = ClientMessage::parse(&text);
    }

    #[test]
    fn no_object_panics(kind in "(subscribe|unsubscribe|[a-z]{0,3})", since in any::<f64>(), flag in any::<Option<bool>>()) {
        let fields = json!({"type": kind, "series_id": ID, "since": since, "supports_batch": flag});
        let _parsed = ClientMessage::parse(&fields.to_string());
    }
}
