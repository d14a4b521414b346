//! Demo mode: the simulator in the process, the real adapters, nothing written into the store directly.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tc_exchange_sim::sample;
use tc_market::latest_closed;

use crate::{
    candles::{times, wire},
    site::{Site, TestServer, eventually},
    socket::Socket,
};

/// Fast enough for several minutes of market in a few seconds of test.
const SPEED: &str = "120";
/// Candles per series that the start-up sync fetches.
const HISTORY: usize = 500;

fn demo() -> Site {
    Site::new()
        .with("PROFILE", "workbench")
        .with("DEMO", "1")
        .with("DEMO_SPEED", SPEED)
        .with("STARTUP_KLINE_SYNC_TARGET_CANDLES", &HISTORY.to_string())
        .without("WHITELIST_PATH")
}

async fn market_clock_s(server: &TestServer) -> i64 {
    let live = server.get("/health/live", &[]).await.ok();
    assert_eq!(
        (&live["demo"], &live["market_speed"]),
        (&json!(true), &json!(120.0))
    );
    live["market_now_ms"].as_i64().unwrap() / 1000
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sample_arrives_as_history_and_goes_on_live() {
    let site = demo();
    let server = site.start().await;
    let whitelist = server.get("/api/market/whitelist", &[]).await.ok();
    let series: Vec<String> = sample::series().iter().map(ToString::to_string).collect();
    assert_eq!(whitelist, json!({ "series_ids": series }));

    for id in &series {
        eventually("history of the whole whitelist", async || {
            let page = server.candles(id, &[("limit", "5000")]).await;
            (page["candles"].as_array().unwrap().len() >= HISTORY).then_some(())
        })
        .await;
    }

    let (btc, newest) = (&series[0], server.candles(&series[0], &[("limit", "1")]).await);
    let mut socket = Socket::market(server.address()).await;
    let since = newest["server_head_time"].as_i64().unwrap();
    socket
        .send(&json!({ "type": "subscribe", "series_id": btc, "since": since, "supports_draw_head": true }))
        .await;
    let (mut closed, mut forming) = (Vec::new(), BTreeMap::<i64, BTreeSet<String>>::new());
    let mut drawn = 0;
    while closed.len() < 5 || forming.len() < 3 || drawn < since + 300 {
        let frame = socket.json().await;
        let time = frame["candle"]["candle_time"].as_i64();
        match (frame["type"].as_str().unwrap(), time) {
            ("candle_closed", Some(time)) => closed.push(time),
            ("candle_forming", Some(time)) => {
                assert!(
                    closed.last().is_none_or(|last| *last < time),
                    "{time} formed after it closed"
                );
                forming
                    .entry(time)
                    .or_default()
                    .insert(frame["candle"].to_string());
            }
            // The reads above asked for more than the start-up sync has: older history folds the series again.
            ("system", _) => assert_eq!(frame["event"], "factor.rebuild"),
            ("draw_head", _) => drawn = frame["to_candle_time"].as_i64().unwrap(),
            (other, _) => panic!("{other}: {frame}"),
        }
    }
    let expected: Vec<i64> = (1..).map(|n| since + 60 * n).take(closed.len()).collect();
    assert_eq!(closed, expected, "every minute once, in order");
    assert!(forming.values().any(|updates| updates.len() > 1), "{forming:?}");

    // The job runs and is connected; the series nobody follows is not live.
    eventually("the job of the series is connected", async || {
        (server.series_row(btc).await["live"] == true).then_some(())
    })
    .await;
    assert_eq!(server.series_row(&series[2]).await["live"], false);

    for id in &series {
        check_stored(&server, id).await;
    }
    server.stop().await;
}

/// What is stored is closed by the market clock, without holes, and exactly the sample: no forming value got in.
async fn check_stored(server: &TestServer, id: &str) {
    let page = server.candles(id, &[("limit", "5000")]).await;
    let head = page["server_head_time"].as_i64().unwrap();
    let clock = market_clock_s(server).await;
    assert!(
        head <= latest_closed(clock, 60).seconds(),
        "{id}: {head} is stored at {clock}"
    );
    let sample: BTreeMap<i64, Value> = sample::candles(&id.parse().unwrap())
        .unwrap()
        .unwrap()
        .iter()
        .map(|candle| (candle.time().seconds(), wire(candle)))
        .collect();
    let stored = times(&page["candles"]);
    assert!(
        stored.windows(2).all(|pair| pair[1] == pair[0] + 60),
        "{id} has holes"
    );
    for candle in page["candles"].as_array().unwrap() {
        let time = candle["candle_time"].as_i64().unwrap();
        assert_eq!(Some(candle), sample.get(&time), "{id}");
    }
}
