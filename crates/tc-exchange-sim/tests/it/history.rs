//! REST history against the simulator.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::{Router, http::StatusCode, routing::get};
use tc_exchange::{
    Binance, BinanceEndpoints, Fault, HistoryClient, HistoryOptions, HistoryPages, Retry, VenueError,
};
use tc_exchange_sim::Simulator;
use tc_market::{Candle, CandleTime, MarketKind, latest_closed, roll_up};
use tokio::net::TcpListener;

use crate::{FIRST_S, START_S, advance_to, candles, config, install_crypto, series, start, time, venue_at};

fn client(simulator: &Simulator, options: HistoryOptions) -> HistoryClient {
    install_crypto();
    HistoryClient::new(venue_at(simulator), options).unwrap()
}

/// One try, no waiting.
fn impatient() -> HistoryOptions {
    HistoryOptions {
        attempts: 1,
        max_wait_ms: 0,
        ..HistoryOptions::default()
    }
}

async fn all(mut pages: HistoryPages) -> Result<Vec<Vec<Candle>>, VenueError> {
    let mut found = Vec::new();
    while let Some(page) = pages.next_page().await? {
        found.push(page);
    }
    assert_eq!(pages.dropped().total(), 0);
    Ok(found)
}

fn newest_closed(simulator: &Simulator) -> CandleTime {
    latest_closed(simulator.clock().now_s(), 60)
}

#[tokio::test]
async fn two_thousand_minutes_cost_what_they_should() {
    for (id, market, path, requests, weight) in [
        (
            "binance:spot:BTC/USDT:1m",
            MarketKind::Spot,
            "/api/v3/klines",
            2,
            4,
        ),
        (
            "binance:futures:BTC/USDT:1m",
            MarketKind::Futures,
            "/fapi/v1/klines",
            5,
            9,
        ),
    ] {
        let simulator = start().await;
        let latest = newest_closed(&simulator);
        let from = latest.shifted(-1_999 * 60);
        let client = client(&simulator, HistoryOptions::default());
        let pages = all(client.fetch_range(&series(id), from, latest, latest))
            .await
            .unwrap();
        assert_eq!(pages.concat(), candles()[500..2_500]);
        let counters = simulator.counters();
        assert_eq!(
            (counters.requests[path], counters.weight_used[&market]),
            (requests, weight),
            "{id}"
        );
    }
}

#[tokio::test]
async fn never_past_the_latest_closed_candle() {
    let simulator = start().await;
    simulator.clock().advance_to(START_S * 1000 + 30_000).unwrap();
    let latest = newest_closed(&simulator);
    let client = client(&simulator, HistoryOptions::default());
    let id = series("binance:spot:BTC/USDT:1m");
    let pages = all(client.fetch_range(&id, latest.shifted(-60), CandleTime::MAX, latest))
        .await
        .unwrap();
    assert_eq!(pages, [candles()[2_498..2_500].to_vec()]);
    let none = all(client.fetch_range(&id, latest.shifted(60), CandleTime::MAX, latest))
        .await
        .unwrap();
    assert!(none.is_empty());
    assert_eq!(
        simulator.counters().requests["/api/v3/klines"],
        1,
        "an empty range is not asked for"
    );
}

#[tokio::test]
async fn ranges_begin_where_the_exchange_has_data() {
    let simulator = start().await;
    let client = client(&simulator, HistoryOptions::default());
    let id = series("binance:spot:BTC/USDT:15m");
    let (from, to) = (time(FIRST_S - 86_400), time(FIRST_S + 3_600));
    let pages = all(client.fetch_range(&id, from, to, latest_closed(START_S, 900)))
        .await
        .unwrap();
    let expected = roll_up(&candles()[..75], "1m".parse().unwrap(), "15m".parse().unwrap()).unwrap();
    assert_eq!(pages.concat(), expected);
}

#[tokio::test]
async fn the_sample_goes_on_without_end() {
    let simulator = start().await;
    advance_to(&simulator, FIRST_S + 12_000 * 60);
    let client = client(&simulator, HistoryOptions::default());
    let id = series("binance:futures:BTC/USDT:1m");
    let (from, to) = (time(FIRST_S + 4_990 * 60), time(FIRST_S + 5_009 * 60));
    let found = all(client.fetch_range(&id, from, to, to)).await.unwrap().concat();
    let times: Vec<i64> = found.iter().map(|candle| candle.time().seconds()).collect();
    assert_eq!(
        times,
        (0..20).map(|i| from.seconds() + i * 60).collect::<Vec<_>>()
    );
    assert_eq!(found[10], candles()[0].at(found[10].time()));
}

#[tokio::test]
async fn a_limit_is_reported_and_then_respected_without_asking() {
    let mut config = config();
    config.limits.futures.weight_per_minute = 3;
    let simulator = Simulator::start(config).await.unwrap();
    let client = client(&simulator, impatient());
    let latest = newest_closed(&simulator);
    let id = series("binance:futures:BTC/USDT:1m");
    let mut pages = client.fetch_range(&id, latest.shifted(-600 * 60), latest, latest);
    assert_eq!(pages.next_page().await.unwrap().map(|page| page.len()), Some(499));
    let error = pages.next_page().await.unwrap_err();
    assert!(matches!(error, VenueError::RateLimited { status: 429, .. }));
    assert_eq!(
        (error.retry(), error.fault()),
        (Retry::After(std::time::Duration::from_secs(60)), Fault::Venue)
    );
    let asked = simulator.counters().requests["/fapi/v1/klines"];
    let error = client
        .clone()
        .fetch_range(&id, latest, latest, latest)
        .next_page()
        .await
        .unwrap_err();
    assert!(
        matches!(error.retry(), Retry::After(wait) if wait.as_secs() >= 50),
        "{error}"
    );
    assert_eq!(simulator.counters().requests["/fapi/v1/klines"], asked);
}

#[tokio::test]
async fn refusals_are_the_callers_fault_and_not_retried() {
    let simulator = start().await;
    let client = client(&simulator, HistoryOptions::default());
    let latest = newest_closed(&simulator);
    let error = client
        .fetch_range(&series("binance:spot:DOGE/USDT:1m"), latest, latest, latest)
        .next_page()
        .await
        .unwrap_err();
    let VenueError::Refused {
        status: 400,
        code: -1121,
        ..
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!((error.retry(), error.fault()), (Retry::Never, Fault::Caller));
    assert_eq!(simulator.counters().requests["/api/v3/klines"], 1);
}

/// A server that answers every path with what `answer` says for the n-th request.
async fn serve(answer: fn(u32) -> (StatusCode, &'static str)) -> (String, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    let handler = move || async move { answer(counted.fetch_add(1, Ordering::Relaxed)) };
    tokio::spawn(axum::serve(listener, Router::new().fallback(get(handler))).into_future());
    (base, count)
}

fn client_of(base: &str, options: HistoryOptions) -> HistoryClient {
    install_crypto();
    let endpoints = BinanceEndpoints {
        spot_ws: "ws://127.0.0.1".to_owned(),
        futures_ws: "ws://127.0.0.1".to_owned(),
        spot_rest: base.to_owned(),
        futures_rest: base.to_owned(),
    };
    HistoryClient::new(Arc::new(Binance::new(endpoints).unwrap()), options).unwrap()
}

fn quick(attempts: u32) -> HistoryOptions {
    HistoryOptions {
        attempts,
        backoff_ms: 1,
        ..HistoryOptions::default()
    }
}

const ROWS: &str = r#"[[60000,"1","2","0.5","1.5","3",0],[120000,"1","2","x","1.5","3",0],[180000,"1","2","0.5","1.5","3",0],[999000,"1","2","0.5","1.5","3",0]]"#;

#[tokio::test]
async fn trouble_of_the_venue_is_retried() {
    let (base, count) = serve(|n| match n {
        0 => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable."),
        1 => (StatusCode::OK, "<html>"),
        _ => (StatusCode::OK, ROWS),
    })
    .await;
    let id = series("binance:futures:BTC/USDT:1m");
    let mut pages = client_of(&base, quick(3)).fetch_range(&id, time(60), time(240), time(240));
    let page = pages.next_page().await.unwrap().unwrap();
    let times: Vec<i64> = page.iter().map(|candle| candle.time().seconds()).collect();
    assert_eq!(times, [60, 180]);
    assert_eq!(
        pages.dropped().iter().collect::<Vec<_>>(),
        [("not_a_number", 1), ("out_of_range", 1)]
    );
    assert_eq!(
        pages.next_page().await.unwrap(),
        None,
        "the page reached beyond the end"
    );
    assert_eq!(count.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn retries_are_bounded_and_the_cause_survives() {
    let (base, count) = serve(|_| {
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            r#"{"code":-1000,"msg":"unknown"}"#,
        )
    })
    .await;
    let id = series("binance:spot:BTC/USDT:1m");
    let error = client_of(&base, quick(3))
        .fetch_range(&id, time(60), time(60), time(60))
        .next_page()
        .await
        .unwrap_err();
    let VenueError::Unavailable { status: 500, message } = &error else {
        panic!("{error}")
    };
    assert_eq!((message.as_str(), error.fault()), ("unknown", Fault::Venue));
    assert_eq!(count.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn an_answer_that_does_not_advance_ends_the_range() {
    let (base, count) = serve(|_| (StatusCode::OK, r#"[[60000,"1","2","0.5","1.5","3",0]]"#)).await;
    let id = series("binance:spot:BTC/USDT:1m");
    let mut pages = client_of(&base, quick(1)).fetch_range(&id, time(60), time(6_000), time(6_000));
    assert_eq!(pages.next_page().await.unwrap().map(|page| page.len()), Some(1));
    assert_eq!(pages.next_page().await.unwrap(), None);
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_venue_that_is_not_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let id = series("binance:spot:BTC/USDT:1m");
    let error = client_of(&base, quick(2))
        .fetch_range(&id, time(60), time(60), time(60))
        .next_page()
        .await
        .unwrap_err();
    assert!(matches!(error, VenueError::Transport(_)));
    assert!(std::error::Error::source(&error).is_some());
}
