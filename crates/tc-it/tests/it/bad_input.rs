//! What is refused, how, and that nothing of it is written.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    candles::{GLD, flat},
    site::{Answer, Site, TestServer},
};

const CLOSED: &str = "/api/market/ingest/candle_closed";
const FORMING: &str = "/api/market/ingest/candle_forming";
const BATCH: &str = "/api/dev/market/ingest/candles_closed_batch";
const INGEST: [&str; 3] = [CLOSED, FORMING, BATCH];
/// Every reading route of a series, with what else it requires.
const READS: [(&str, &str); 9] = [
    ("/api/market/candles", "limit"),
    ("/api/factor/slices", "at_time"),
    ("/api/factor/health", "window_candles"),
    ("/api/factor/events", "from_time"),
    ("/api/feature/batch", "at_time"),
    ("/api/draw/delta", "cursor_version_id"),
    ("/api/frame/live", "window_candles"),
    ("/api/frame/at_time", "at_time"),
    ("/api/delta/poll", "after_id"),
];

/// The four fields of every error, and the detail.
#[track_caller]
pub(crate) fn assert_error(answer: &Answer, status: u16, detail: &str, about: &str) {
    let body = answer.body();
    assert_eq!(
        (answer.status, &body["detail"]),
        (status, &json!(detail)),
        "{about}: {}",
        answer.text
    );
    let texts = ["code", "message", "request_id"].map(|field| body[field].as_str().unwrap_or_default());
    assert!(
        texts.iter().all(|text| !text.is_empty()),
        "{about}: {}",
        answer.text
    );
    assert!(
        texts[0].contains('.') && texts[1].ends_with('.'),
        "{about}: {}",
        answer.text
    );
    assert_eq!(texts[2], answer.header("x-request-id"), "{about}");
}

/// The broken rules of a 422 as `type` and `loc`.
#[track_caller]
fn violations(answer: &Answer, about: &str) -> Vec<(String, Value)> {
    let body = answer.body();
    assert_eq!(
        (answer.status, &body["code"]),
        (422, &json!("request.invalid")),
        "{about}: {}",
        answer.text
    );
    let list = body["detail"]
        .as_array()
        .unwrap_or_else(|| panic!("{about}: {}", answer.text));
    assert!(!list.is_empty(), "{about}");
    list.iter()
        .map(|broken| (broken["type"].as_str().unwrap().to_owned(), broken["loc"].clone()))
        .collect()
}

fn ingest_body(path: &str, series: &str, candle: &Value) -> Value {
    match path {
        BATCH => json!({ "series_id": series, "candles": [flat(60), candle, flat(180)], "publish_ws": true }),
        _ => json!({ "series_id": series, "candle": candle }),
    }
}

async fn post_text(server: &TestServer, path: &str, text: String) -> Answer {
    Answer::of(
        server
            .request(Method::POST, path)
            .header("content-type", "application/json")
            .body(text),
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_series_ids() {
    let long = format!("binance:futures:{}:1m", "A".repeat(120));
    let malformed = [
        "bogus",
        "a:b:1m",
        "binance:futures:BTC/USDT",
        "binance:futures:BTC/USDT:",
        "binance:futures:BTC/USDT:1w",
        "binance:futures:BTC/USDT:01m",
        "binance:futures:BTC/USDT:0m",
        "binance:futures:BTC/USDT:1M",
        "binance:futures:BTC/USDT:+1m",
        "binance:futures:BTC/USDT:1m ",
        " binance:futures:BTC/USDT:1m",
        "binance:futures::1m",
        "binance:futures:BTC USDT:1m",
        "Binance:futures:BTC/USDT:1m",
        "binance::BTC/USDT:1m",
        ":futures:BTC/USDT:1m",
        "binance:futures:BTC/USDT:1m\n",
        "binance:futures:Ƀ/USDT:1m",
        "binance:futures:BTC'--:1m",
        &long,
    ];
    let site = Site::new();
    let server = site.start().await;
    let nothing = site.stored_rows();
    for id in malformed {
        for (path, required) in READS {
            let answer = server.get(path, &[("series_id", id), (required, "1")]).await;
            assert_error(&answer, 400, "invalid_series_id", &format!("{path} {id:?}"));
        }
        for path in INGEST {
            let answer = server.post(path, &ingest_body(path, id, &flat(120))).await;
            assert_error(&answer, 400, "invalid_series_id", &format!("{path} {id:?}"));
            assert_eq!(answer.body()["code"], "series.invalid_id");
        }
        assert_eq!(site.stored_rows(), nothing, "{id:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_and_empty_series_ids() {
    let site = Site::new();
    let server = site.start().await;
    for (path, required) in READS {
        let missing = server.get(path, &[(required, "1")]).await;
        assert_eq!(
            violations(&missing, path),
            [("missing".to_owned(), json!(["query", "series_id"]))]
        );
        let empty = server.get(path, &[("series_id", ""), (required, "1")]).await;
        assert_eq!(
            violations(&empty, path),
            [("string_too_short".to_owned(), json!(["query", "series_id"]))]
        );
    }
    for path in INGEST {
        let mut body = ingest_body(path, GLD, &flat(120));
        body["series_id"] = json!("");
        let empty = server.post(path, &body).await;
        assert_eq!(
            violations(&empty, path),
            [("string_too_short".to_owned(), json!(["body", "series_id"]))]
        );
        body["series_id"] = json!(7);
        let number = server.post(path, &body).await;
        assert_eq!(
            violations(&number, path),
            [("string_type".to_owned(), json!(["body", "series_id"]))]
        );
        let nothing = server.post(path, &json!({})).await;
        assert_eq!(
            violations(&nothing, path).len(),
            2,
            "both missing fields are reported together"
        );
    }
    assert!(site.stored_rows().values().all(|rows| *rows == 0));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_that_are_no_candle() {
    let wrong = [
        ("candle_time", json!(true), "int_type"),
        ("candle_time", json!(120.5), "int_from_float"),
        ("candle_time", json!("soon"), "int_parsing"),
        ("candle_time", json!(null), "int_type"),
        ("open", json!(true), "float_type"),
        ("open", json!("high"), "float_parsing"),
        ("open", json!(null), "float_type"),
        ("open", json!([1.0]), "float_type"),
        ("open", json!("NaN"), "finite_number"),
        ("high", json!("Infinity"), "finite_number"),
        ("low", json!("-inf"), "finite_number"),
        ("close", json!("1e400"), "finite_number"),
        ("volume", json!(false), "float_type"),
        ("volume", json!({}), "float_type"),
    ];
    // Ranges and rules between values.
    let implausible = [
        ("candle_time", json!(0)),
        ("candle_time", json!(-60)),
        ("candle_time", json!(1_i64 << 33)),
        ("open", json!(0.0)),
        ("low", json!(-1.0)),
        ("high", json!(1.2)),
        ("low", json!(1.7)),
        ("volume", json!(-0.5)),
    ];
    let site = Site::new();
    let server = site.start().await;
    for path in INGEST {
        let place = if path == BATCH {
            vec![json!("body"), json!("candles"), json!(1)]
        } else {
            vec![json!("body"), json!("candle")]
        };
        let loc = |field: &str| [place.as_slice(), &[json!(field)]].concat();
        for (field, value, kind) in &wrong {
            let mut candle = flat(120);
            candle[field] = value.clone();
            let about = format!("{path} {field} = {value}");
            let answer = server.post(path, &ingest_body(path, GLD, &candle)).await;
            assert_eq!(
                violations(&answer, &about),
                [((*kind).to_owned(), json!(loc(field)))],
                "{about}"
            );
        }
        for (field, value) in &implausible {
            let mut candle = flat(120);
            candle[field] = value.clone();
            let about = format!("{path} {field} = {value}");
            let answer = server.post(path, &ingest_body(path, GLD, &candle)).await;
            let places: Vec<Value> = violations(&answer, &about)
                .into_iter()
                .map(|(_, loc)| loc)
                .collect();
            assert_eq!(places, [json!(loc(field))], "{about}: {}", answer.text);
        }
        for field in ["candle_time", "open", "high", "low", "close", "volume"] {
            let mut candle = flat(120);
            candle.as_object_mut().unwrap().remove(field);
            let answer = server.post(path, &ingest_body(path, GLD, &candle)).await;
            assert_eq!(
                violations(&answer, path),
                [("missing".to_owned(), json!(loc(field)))]
            );
        }
        assert!(site.stored_rows().values().all(|rows| *rows == 0), "{path}");
    }
    // One bad candle refuses the whole batch, and every bad one is named.
    let mut candles = [flat(60), flat(120), flat(180)];
    candles[0]["open"] = json!(true);
    candles[2]["close"] = json!("x");
    let answer = server
        .post(BATCH, &json!({ "series_id": GLD, "candles": candles }))
        .await;
    let places: Vec<Value> = violations(&answer, BATCH)
        .into_iter()
        .map(|(_, loc)| loc)
        .collect();
    assert_eq!(
        places,
        [
            json!(["body", "candles", 0, "open"]),
            json!(["body", "candles", 2, "close"])
        ]
    );
    assert!(site.stored_rows().values().all(|rows| *rows == 0));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_that_are_no_request() {
    let site = Site::new();
    let server = site.start().await;
    let number = |text: &str| {
        format!(
            r#"{{"series_id":"{GLD}","candle":{{"candle_time":60,"open":{text},"high":2,"low":0.5,"close":1.5,"volume":3}}}}"#
        )
    };
    for path in INGEST {
        for text in [
            "",
            "{",
            "nonsense",
            "{\"series_id\":",
            &number("NaN"),
            &number("Infinity"),
            &number("-Infinity"),
        ] {
            let answer = post_text(&server, path, text.to_owned()).await;
            let broken = violations(&answer, text);
            assert!(
                broken
                    .iter()
                    .all(|(kind, loc)| kind == "json_invalid" && loc[0] == "body"),
                "{text}: {broken:?}"
            );
        }
        for text in ["[]", "7", "null", "\"text\"", "[{\"series_id\":1}]"] {
            let broken = violations(&post_text(&server, path, text.to_owned()).await, text);
            assert_eq!(
                broken,
                [("model_attributes_type".to_owned(), json!(["body"]))],
                "{text}"
            );
        }
        let overflow = post_text(&server, path, number("1e400")).await;
        assert_eq!(overflow.status, 422, "{}", overflow.text);

        // The same text is fine with a content type and refused without, or with another one.
        let body = ingest_body(path, GLD, &flat(120)).to_string();
        let without = Answer::of(server.request(Method::POST, path).body(body.clone())).await;
        violations(&without, "no content type");
        let other = server
            .request(Method::POST, path)
            .header("content-type", "text/plain")
            .body(body);
        violations(&Answer::of(other).await, "text/plain");
    }
    assert!(site.stored_rows().values().all(|rows| *rows == 0));
    let answer = post_text(&server, CLOSED, number("1.25")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parameters_out_of_range() {
    let server = Site::new().start().await;
    let cases = [
        ("/api/market/candles", "limit", "0", "greater_than_equal"),
        ("/api/market/candles", "limit", "5001", "less_than_equal"),
        ("/api/market/candles", "limit", "ten", "int_parsing"),
        ("/api/market/candles", "limit", "", "int_parsing"),
        ("/api/market/candles", "since", "-1", "greater_than_equal"),
        ("/api/market/candles", "since", "2.5", "int_parsing"),
        ("/api/factor/slices", "at_time", "-1", "greater_than_equal"),
        ("/api/factor/slices", "window_candles", "5001", "less_than_equal"),
        ("/api/feature/batch", "at_time", "-1", "greater_than_equal"),
        ("/api/feature/batch", "window_candles", "0", "greater_than_equal"),
        ("/api/feature/batch", "window_candles", "5001", "less_than_equal"),
        ("/api/draw/delta", "cursor_version_id", "-1", "greater_than_equal"),
        ("/api/draw/delta", "window_candles", "0", "greater_than_equal"),
        ("/api/draw/delta", "at_time", "now", "int_parsing"),
        ("/api/factor/slices", "factors", "pivot,nothing", "literal_error"),
        ("/api/factor/slices", "factors", "", "literal_error"),
        ("/api/factor/slices", "part", "tail", "literal_error"),
        ("/api/factor/events", "from_time", "-1", "greater_than_equal"),
        ("/api/factor/events", "limit", "5001", "less_than_equal"),
        ("/api/factor/events", "kinds", "pivot", "literal_error"),
        ("/api/factor/events", "order", "up", "literal_error"),
        ("/api/factor/events", "fields", "some", "literal_error"),
        ("/api/frame/live", "window_candles", "0", "greater_than_equal"),
        ("/api/frame/live", "factors", "nothing", "literal_error"),
        ("/api/frame/at_time", "at_time", "-1", "greater_than_equal"),
        ("/api/frame/at_time", "part", "", "literal_error"),
        ("/api/delta/poll", "after_id", "-1", "greater_than_equal"),
        ("/api/delta/poll", "limit", "0", "greater_than_equal"),
    ];
    for (path, name, value, kind) in cases {
        let mut query = vec![("series_id", GLD), (name, value)];
        if ["/api/factor/slices", "/api/frame/at_time"].contains(&path) && name != "at_time" {
            query.push(("at_time", "60"));
        }
        let about = format!("{path} {name}={value}");
        let broken = violations(&server.get(path, &query).await, &about);
        let kinds: Vec<&str> = broken.iter().map(|(kind, _)| kind.as_str()).collect();
        // A fraction is told as the one or the other.
        let kinds_ok = kinds == [kind] || (value == "2.5" && kinds == ["int_from_float"]);
        assert!(
            kinds_ok && broken[0].1 == json!(["query", name]),
            "{about}: {broken:?}"
        );
    }
    // The request is checked before the series id, and everything wrong with it is told at once.
    let both = server
        .get(
            "/api/market/candles",
            &[("series_id", "bogus"), ("limit", "0"), ("since", "x")],
        )
        .await;
    assert_eq!(violations(&both, "both").len(), 2);
    // Integral decimals and signs are integers; what is not known is ignored.
    for (name, value) in [
        ("limit", "2.0"),
        ("limit", "+2"),
        ("since", "0"),
        ("unknown", "x"),
    ] {
        assert_eq!(
            server
                .get("/api/market/candles", &[("series_id", GLD), (name, value)])
                .await
                .status,
            200
        );
    }
    server.stop().await;
}
