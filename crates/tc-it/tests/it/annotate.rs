//! Signals beside candles over HTTP: Arrow streams in and out.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, RecordBatch, TimestampMillisecondArray, cast::AsArray, types::Int64Type,
};
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use reqwest::Method;
use serde_json::{Value, json};
use tc_market::Candle;

use crate::{
    bad_input::assert_error,
    candles::{BTC, ETH, GLD, minutes, wires},
    site::{Answer, Publish, Site, TestServer},
};

const ARROW: &str = "application/vnd.apache.arrow.stream";
const PATH: &str = "/api/strategy/annotate";

fn frame(candles: &[Candle]) -> Vec<u8> {
    let times = candles.iter().map(|candle| candle.time().seconds() * 1_000);
    let column =
        |of: fn(&Candle) -> f64| -> ArrayRef { Arc::new(candles.iter().map(of).collect::<Float64Array>()) };
    let dates: ArrayRef = Arc::new(TimestampMillisecondArray::from_iter_values(times).with_timezone("UTC"));
    stream([
        ("date", dates),
        ("open", column(Candle::open)),
        ("high", column(Candle::high)),
        ("low", column(Candle::low)),
        ("close", column(Candle::close)),
        ("volume", column(Candle::volume)),
    ])
}

fn stream<'a>(columns: impl IntoIterator<Item = (&'a str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// What a strategy gets.
#[derive(Debug, PartialEq)]
struct Annotated {
    ok: bool,
    reason: String,
    columns: Vec<(String, Vec<Option<i64>>)>,
}

impl Annotated {
    fn column(&self, name: &str) -> &[Option<i64>] {
        let found = self.columns.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no {name}")).1
    }

    /// All columns are there, and nothing is in them.
    #[track_caller]
    fn assert_neutral(&self, rows: usize, reason: &str) {
        assert_eq!((self.ok, self.reason.as_str()), (reason.is_empty(), reason));
        assert_eq!(self.columns.len(), 5);
        assert_eq!(self.column("tc_ok"), vec![Some(i64::from(self.ok)); rows]);
        assert_eq!(self.column("tc_pen_dir"), vec![None; rows]);
        for name in ["tc_pen_confirmed", "tc_enter_long", "tc_enter_short"] {
            assert_eq!(self.column(name), vec![Some(0); rows], "{name}");
        }
    }
}

async fn send(server: &TestServer, query: &[(&str, &str)], media: &str, body: Vec<u8>) -> reqwest::Response {
    let request = server.request(Method::POST, PATH).query(query);
    request
        .header("content-type", media)
        .body(body)
        .send()
        .await
        .unwrap()
}

async fn annotated(server: &TestServer, query: &[(&str, &str)], body: Vec<u8>) -> Annotated {
    let answer = send(server, query, ARROW, body).await;
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    assert_eq!(answer.headers()["content-type"], ARROW);
    let bytes = answer.bytes().await.unwrap();
    let reader = StreamReader::try_new(bytes.as_ref(), None).unwrap();
    let schema = reader.schema();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    let names = schema.fields().iter().map(|field| field.name().clone());
    let columns = names.filter(|name| name != "date").map(|name| {
        let values = batches.iter().flat_map(|batch| {
            let column = batch[name.as_str()].as_primitive::<Int64Type>();
            column.iter().collect::<Vec<_>>()
        });
        let values = values.collect();
        (name, values)
    });
    Annotated {
        ok: schema.metadata()["tc_ok"] == "true",
        reason: schema.metadata()["tc_reason"].clone(),
        columns: columns.collect(),
    }
}

const fn of_btc(mode: &str) -> [(&str, &str); 3] {
    [("series_id", BTC), ("timeframe", "1m"), ("mode", mode)]
}

async fn refusal(server: &TestServer, query: &[(&str, &str)], media: &str, body: Vec<u8>) -> Answer {
    let request = server.request(Method::POST, PATH).query(query);
    Answer::of(request.header("content-type", media).body(body)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_before_the_first_candle_of_the_ledger_do_not_count() {
    let server = Site::new().start().await;
    let candles = &minutes(BTC)[..900];
    server
        .ingest_batch(BTC, &wires(&candles[300..]), Publish::No)
        .await;
    let answer = annotated(&server, &of_btc("ledger"), frame(candles)).await;
    assert!(answer.ok, "{}", answer.reason);
    let (before, after) = answer.column("tc_ok").split_at(300);
    assert!(before.iter().all(|ok| *ok == Some(0)) && after.iter().all(|ok| *ok == Some(1)));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_and_the_candles_alone_say_the_same() {
    let server = Site::new().start().await;
    let candles = &minutes(BTC)[..900];
    let computed = annotated(&server, &of_btc("stateless"), frame(candles)).await;
    assert!(computed.ok, "{}", computed.reason);
    assert_eq!(
        server.candles(BTC, &[]).await["candles"],
        json!([]),
        "nothing is stored"
    );

    let nothing = annotated(&server, &of_btc("ledger"), frame(candles)).await;
    nothing.assert_neutral(900, "");
    server
        .ingest_batch(BTC, &wires(&candles[..600]), Publish::No)
        .await;
    let behind = annotated(&server, &of_btc("ledger"), frame(candles)).await;
    behind.assert_neutral(900, "ledger_out_of_sync");
    server
        .ingest_batch(BTC, &wires(&candles[600..]), Publish::No)
        .await;
    assert_eq!(
        annotated(&server, &of_btc("ledger"), frame(candles)).await,
        computed
    );

    // Both are what the feature vectors count.
    let batch = server.features(BTC).await.ok();
    let mut directions = vec![None; candles.len()];
    for row in batch["rows"].as_array().unwrap() {
        let time = row["candle_time"].as_i64().unwrap();
        let place = candles.iter().position(|candle| candle.time().seconds() == time);
        directions[place.unwrap()] = row["values"]["pen_confirmed_direction"].as_i64();
    }
    assert!(directions.iter().flatten().count() > 5);
    assert_eq!(computed.column("tc_pen_dir"), directions);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_of_an_order_count_for_it_alone() {
    let server = Site::new().start().await;
    let body = || frame(&minutes(BTC)[..900]);
    let plain = annotated(&server, &of_btc("stateless"), body()).await;
    let with = |name: &'static str, value: &'static str| {
        let [series, timeframe, mode] = of_btc("stateless");
        [series, timeframe, mode, (name, value)]
    };
    let pens = |found: &Annotated| found.column("tc_pen_dir").iter().flatten().count();
    let narrow = with("params", r#"{"pivot.window_major": 2, "pivot.window_minor": 1}"#);
    let more = annotated(&server, &narrow, body()).await;
    assert!(pens(&more) > pens(&plain), "{} {}", pens(&more), pens(&plain));
    let without = annotated(&server, &with("factors", "pivot,sr"), body()).await;
    without.assert_neutral(900, "");
    assert_eq!(annotated(&server, &with("factors", "pen"), body()).await, plain);
    assert_eq!(annotated(&server, &of_btc("stateless"), body()).await, plain);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_without_signals_are_answered() {
    let server = Site::new().start().await;
    let dates: ArrayRef =
        Arc::new(TimestampMillisecondArray::from(vec![60_000, 120_000]).with_timezone("UTC"));
    let closes: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0]));
    let some = stream([("date", dates), ("close", closes)]);
    let missing = annotated(&server, &of_btc("stateless"), some).await;
    missing.assert_neutral(2, "missing_columns:['high', 'low', 'open', 'volume']");
    let empty = annotated(&server, &of_btc("stateless"), frame(&[])).await;
    empty.assert_neutral(0, "");
    let mut twice = minutes(BTC)[..3].to_vec();
    twice.push(twice[1]);
    let twice = annotated(&server, &of_btc("stateless"), frame(&twice)).await;
    twice.assert_neutral(4, "ledger_out_of_sync");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_factors_or_features_nothing_is_in_sync() {
    for switch in ["ENABLE_FACTOR_INGEST", "ENABLE_FEATURE_INGEST"] {
        let server = Site::new().with(switch, "0").start().await;
        for mode in ["stateless", "ledger"] {
            let answer = annotated(&server, &of_btc(mode), frame(&minutes(BTC)[..50])).await;
            answer.assert_neutral(50, "ledger_out_of_sync");
        }
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_that_make_no_sense_are_refused() {
    let server = Site::new().start().await;
    let body = || frame(&minutes(ETH)[..5]);
    let json = refusal(&server, &of_btc("ledger"), "application/json", body()).await;
    assert_eq!(json.status, 415);
    assert_eq!(json.body()["code"], "request.unsupported_media_type");
    let bad = [("series_id", "x"), ("timeframe", "1m")];
    assert_eq!(refusal(&server, &bad, ARROW, body()).await.status, 400);
    let places = |answer: &Answer| {
        assert_eq!(answer.status, 422, "{}", answer.text);
        let detail = answer.body()["detail"].clone();
        let list = detail.as_array().unwrap().iter();
        list.map(|violation| violation["loc"][1].clone())
            .collect::<Vec<Value>>()
    };
    let none = refusal(&server, &[], ARROW, body()).await;
    assert_eq!(places(&none), ["series_id", "timeframe"]);
    let wrong = [
        ("series_id", GLD),
        ("timeframe", "5m"),
        ("mode", "live"),
        ("params", "[]"),
    ];
    let wrong = refusal(&server, &wrong, ARROW, body()).await;
    assert_eq!(places(&wrong), ["mode", "params", "timeframe"]);
    for (name, value, mode) in [
        ("params", r#"{"pivot.window_major": 2}"#, "ledger"),
        ("params", r#"{"pivot.window_major": 0}"#, "stateless"),
        ("params", r#"{"pivot.window_major": 2.5}"#, "stateless"),
        ("params", r#"{"moon.phase": 2}"#, "stateless"),
        ("factors", "pen,moon", "stateless"),
    ] {
        let [series, timeframe, mode] = of_btc(mode);
        let answer = refusal(&server, &[series, timeframe, mode, (name, value)], ARROW, body()).await;
        assert_eq!(places(&answer), [name], "{value}");
    }
    let garbage = refusal(&server, &of_btc("stateless"), ARROW, b"candles".to_vec()).await;
    assert_eq!(places(&garbage), ["frame"]);
    let get = Answer::of(server.request(Method::GET, PATH)).await;
    assert_error(&get, 405, "Method Not Allowed", "GET");
    server.stop().await;
}
