//! The market list when the exchange does not answer, and the stream of it.

use std::{collections::BTreeMap, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    site::{Answer, Site, TestServer},
    upstream,
};

const LIST: &str = "/api/market/top_markets";

async fn server(answers: &[(&str, Value)]) -> TestServer {
    let answers: BTreeMap<String, Value> = answers
        .iter()
        .map(|(path, body)| ((*path).to_owned(), body.clone()))
        .collect();
    let upstream = upstream::start(answers).await;
    Site::new().with("BINANCE_SPOT_BASE_URL", &upstream).start().await
}

fn spot(ticker: &Value) -> Vec<(&'static str, Value)> {
    let symbol = json!({ "symbol": "AEUR", "status": "TRADING", "baseAsset": "A", "quoteAsset": "EUR" });
    vec![
        ("/api/v3/exchangeInfo", json!({ "symbols": [symbol] })),
        ("/api/v3/ticker/24hr", json!([ticker])),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exchange_that_does_not_answer_is_a_502() {
    let server = server(&[]).await;
    let answer = server.get(LIST, &[("market", "spot")]).await;
    assert_eq!(answer.status, 502);
    let detail = answer.body()["detail"].as_str().unwrap().to_owned();
    assert!(detail.starts_with("upstream_error:"), "{detail}");
    // A failed try to fetch anew takes the place of one that works.
    let forced = [("market", "spot"), ("force", "true")];
    assert_eq!(server.get(LIST, &forced).await.status, 502);
    assert_eq!(server.get(LIST, &forced).await.status, 429);
    let other = [("market", "futures"), ("force", "true")];
    assert_eq!(server.get(LIST, &other).await.status, 502);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_quote_asset_is_read_in_any_case() {
    let ticker = json!({ "symbol": "AEUR", "lastPrice": "x", "quoteVolume": "5" });
    let server = server(&spot(&ticker)).await;
    let answer = server
        .get(LIST, &[("market", "spot"), ("quote_asset", "eur")])
        .await
        .ok();
    assert_eq!(
        (&answer["quote_asset"], &answer["items"][0]["last_price"]),
        (&json!("EUR"), &Value::Null)
    );
    assert_eq!(answer["items"][0]["symbol"], "A/EUR");
    let none = server.get(LIST, &[("market", "spot")]).await.ok();
    assert_eq!((&none["items"], &none["cached"]), (&json!([]), &json!(true)));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_tells_of_failures_and_ends_after_its_events() {
    let server = server(&[]).await;
    let query = [("market", "spot"), ("max_events", "2"), ("interval_s", "0.2")];
    let call = server
        .request(Method::GET, "/api/market/top_markets/stream")
        .query(&query);
    let answer = Answer::of(call).await;
    assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
    assert_eq!(
        (answer.header("cache-control"), answer.header("x-accel-buffering")),
        ("no-cache", "no")
    );
    let (first, second) = answer.text.split_once(": ping ").unwrap();
    for event in [first, second] {
        assert!(event.contains("event: error\ndata: {\"at_ms\":"), "{event}");
        assert!(event.contains("\"type\":\"error\"}\n\n"), "{event}");
    }
    assert!(!second.contains(": ping"), "the last event is the last word");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unchanged_list_is_sent_once_and_the_stream_ends_with_the_server() {
    let server = server(&spot(&json!({ "symbol": "AEUR", "quoteVolume": "5" }))).await;
    let query = [("market", "spot"), ("quote_asset", "EUR"), ("interval_s", "0.2")];
    let call = server
        .request(Method::GET, "/api/market/top_markets/stream")
        .query(&query);
    let mut response = call.send().await.unwrap();
    let mut text = String::new();
    while text.matches(": ping ").count() < 4 {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
    }
    assert_eq!(text.matches("event: top_markets").count(), 1, "{text}");
    let rest = tokio::spawn(async move { while let Ok(Some(_)) = response.chunk().await {} });
    tokio::time::timeout(Duration::from_secs(2), server.stop())
        .await
        .expect("the stream holds nobody up");
    rest.await.unwrap();
}
