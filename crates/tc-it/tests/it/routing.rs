//! Paths, methods, gates, sizes and request ids.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::json;

use crate::{
    bad_input::assert_error,
    candles::{GLD, flat},
    site::{Answer, Site, TestServer},
    socket::Socket,
};

/// Method and path of every route of the contract that this build serves.
pub(crate) const ROUTES: [(&str, &str); 57] = [
    ("DELETE", "/api/backtest/runs/{run_id}"),
    ("GET", "/api/backtest/engines"),
    ("GET", "/api/backtest/pair_timeframes"),
    ("GET", "/api/backtest/runs"),
    ("GET", "/api/backtest/runs/{run_id}"),
    ("GET", "/api/backtest/strategies"),
    ("POST", "/api/backtest/run"),
    ("POST", "/api/backtest/runs/{run_id}/bias"),
    ("POST", "/api/backtest/runs/{run_id}/cancel"),
    ("POST", "/api/backtest/sweep"),
    ("POST", "/api/strategy/annotate"),
    ("GET", "/api/delta/poll"),
    ("GET", "/api/draw/delta"),
    ("GET", "/api/factor/catalog"),
    ("GET", "/api/factor/events"),
    ("GET", "/api/factor/health"),
    ("GET", "/api/factor/slices"),
    ("GET", "/api/feature/batch"),
    ("GET", "/api/frame/at_time"),
    ("GET", "/api/frame/live"),
    ("GET", "/api/market/candles"),
    ("GET", "/api/market/debug/ingest_state"),
    ("GET", "/api/market/debug/metrics"),
    ("GET", "/api/market/debug/series_health"),
    ("GET", "/api/market/epochs"),
    ("GET", "/api/market/gaps"),
    ("GET", "/api/market/health"),
    ("GET", "/api/market/series"),
    ("GET", "/api/market/top_markets"),
    ("GET", "/api/market/top_markets/stream"),
    ("GET", "/api/market/whitelist"),
    ("GET", "/api/openapi.json"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/metrics"),
    ("POST", "/api/dev/market/ingest/candles_closed_batch"),
    ("POST", "/api/dev/rebuild"),
    ("POST", "/api/dev/repair/overlay"),
    ("POST", "/api/market/ingest/candle_closed"),
    ("POST", "/api/market/ingest/candle_forming"),
    ("GET", "/api/replay/coverage_status"),
    ("GET", "/api/replay/export"),
    ("GET", "/api/replay/outline"),
    ("GET", "/api/replay/overlay_package/read_only"),
    ("GET", "/api/replay/overlay_package/status"),
    ("GET", "/api/replay/overlay_package/window"),
    ("GET", "/api/replay/read_only"),
    ("GET", "/api/replay/status"),
    ("GET", "/api/replay/window"),
    ("POST", "/api/replay/build"),
    ("POST", "/api/replay/ensure_coverage"),
    ("POST", "/api/replay/import"),
    ("POST", "/api/replay/overlay_package/build"),
    ("POST", "/api/replay/prepare"),
    ("GET", "/ws/debug"),
    ("GET", "/ws/market"),
    ("GET", "/ws/replay"),
];

fn http_routes() -> impl Iterator<Item = (Method, String)> {
    ROUTES
        .into_iter()
        .filter(|(_, path)| !path.starts_with("/ws/"))
        .map(|(method, path)| {
            (
                Method::from_bytes(method.as_bytes()).unwrap(),
                path.replace("{run_id}", "1"),
            )
        })
}

async fn ask(server: &TestServer, method: Method, path: &str) -> Answer {
    Answer::of(server.request(method, path)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_paths() {
    let server = Site::new().start().await;
    let unknown = [
        "/api",
        "/api/nothing",
        "/api/market",
        "/api/market/candles/x",
        "/api/market/Candles",
        "/health",
        "/metrics/x",
    ];
    for path in unknown {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            assert_error(&ask(&server, method, path).await, 404, "Not Found", path);
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_route_has_its_methods_and_no_other() {
    let server = Site::new().start().await;
    let mut methods: BTreeMap<String, Vec<Method>> = BTreeMap::new();
    for (method, path) in http_routes() {
        methods.entry(path).or_default().push(method);
    }
    for (path, methods) in &methods {
        for other in [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ] {
            if methods.contains(&other) {
                continue;
            }
            let about = format!("{other} {path}");
            let answer = ask(&server, other.clone(), path).await;
            assert_eq!(answer.status, 405, "{about}");
            let allowed: BTreeSet<&str> = answer.header("allow").split(',').map(str::trim).collect();
            let expected: BTreeSet<&str> = methods.iter().map(Method::as_str).collect();
            assert_eq!(allowed, expected, "{about}");
            if other != Method::HEAD {
                assert_error(&answer, 405, "Method Not Allowed", &about);
            }
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trailing_slash_leads_to_the_path() {
    let server = Site::new().start().await;
    for (method, path) in http_routes() {
        let answer = ask(&server, method.clone(), &format!("{path}/?a=1&b=%2F")).await;
        let target = format!("{path}?a=1&b=%2F");
        assert_eq!(
            (answer.status, answer.header("location")),
            (307, target.as_str()),
            "{method} {path}"
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gates() {
    let body = json!({ "series_id": GLD, "candle": flat(60), "candles": [flat(60)] });
    let gated = [
        ("ENABLE_DEBUG_API", "/api/market/ingest/candle_forming"),
        ("ENABLE_DEV_API", "/api/dev/market/ingest/candles_closed_batch"),
        ("ENABLE_DEV_API", "/api/dev/rebuild"),
        ("ENABLE_READ_REPAIR_API", "/api/dev/rebuild"),
        ("ENABLE_DEV_API", "/api/dev/repair/overlay"),
        ("ENABLE_READ_REPAIR_API", "/api/dev/repair/overlay"),
    ];
    for (gate, path) in gated {
        let site = Site::new().with(gate, "0");
        let server = site.start().await;
        assert_error(&server.post(path, &body).await, 404, "not_found", gate);
        // Nothing is told about the request either.
        assert_error(
            &server.post(path, &json!({ "series_id": "bogus" })).await,
            404,
            "not_found",
            gate,
        );
        assert!(site.stored_rows().values().all(|rows| *rows == 0));
        server.stop().await;
    }
    let server = Site::new().with("ENABLE_RUNTIME_METRICS", "0").start().await;
    assert_error(&server.get("/metrics", &[]).await, 404, "not_found", "metrics");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_open_on_known_paths_only() {
    let closed = Site::new()
        .with("ENABLE_DEBUG_API", "0")
        .with("ENABLE_REPLAY_V1", "0");
    let server = closed.start().await;
    for path in ["/ws/debug", "/ws/replay"] {
        assert_eq!(Socket::open(server.address(), path).await.err(), Some(403));
    }
    for path in ["/ws/nothing", "/ws/market/x", "/ws", "/api/ws/market"] {
        let refused = Socket::open(server.address(), path).await.err();
        assert!(matches!(refused, Some(403 | 404)), "{path}: {refused:?}");
    }
    // A plain request to the socket's path is a client error, not a fault.
    let plain = ask(&server, Method::GET, "/ws/market").await;
    assert!(
        (400..500).contains(&plain.status),
        "{} {}",
        plain.status,
        plain.text
    );
    assert!(Socket::open(server.address(), "/ws/market").await.is_ok());
    server.stop().await;

    let server = Site::new().start().await;
    let plain = ask(&server, Method::GET, "/ws/debug").await;
    assert_error(&plain, 404, "Not Found", "/ws/debug");
    assert!(Socket::open(server.address(), "/ws/debug").await.is_ok());
    assert!(Socket::open(server.address(), "/ws/replay").await.is_ok());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_above_the_limit() {
    const LIMIT: usize = 65_536;
    let site = Site::new().with("HTTP_MAX_BODY_BYTES", &LIMIT.to_string());
    let server = site.start().await;
    let body = json!({ "series_id": GLD, "candle": flat(60), "candles": [flat(60)] }).to_string();
    let padded = |size: usize| body.clone() + &" ".repeat(size - body.len());
    for path in [
        "/api/market/ingest/candle_closed",
        "/api/market/ingest/candle_forming",
        "/api/dev/market/ingest/candles_closed_batch",
    ] {
        let post = |text: String| {
            Answer::of(
                server
                    .request(Method::POST, path)
                    .header("content-type", "application/json")
                    .body(text),
            )
        };
        for size in [LIMIT + 1, 64 * LIMIT] {
            assert_error(&post(padded(size)).await, 413, "payload_too_large", path);
        }
        assert!(site.stored_rows().values().all(|rows| *rows == 0), "{path}");
    }
    let fits = server
        .request(Method::POST, "/api/market/ingest/candle_closed")
        .header("content-type", "application/json")
        .body(padded(LIMIT));
    assert_eq!(Answer::of(fits).await.status, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_ids() {
    let server = Site::new().start().await;
    let ask = |id: &str| {
        Answer::of(
            server
                .request(Method::GET, "/api/nothing")
                .header("x-request-id", id),
        )
    };
    let longest = "a".repeat(64);
    for own in ["a", "Chart_7-b", &longest] {
        let answer = ask(own).await;
        assert_eq!(
            (answer.header("x-request-id"), &answer.body()["request_id"]),
            (own, &json!(own))
        );
    }
    let mut made = Vec::new();
    for foreign in ["", "with space", "semi;colon", &format!("{longest}a")] {
        let answer = ask(foreign).await;
        let id = answer.header("x-request-id").to_owned();
        let is_valid = (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
        assert!(is_valid && id != foreign, "{id}");
        made.push(id);
    }
    for path in ["/health/live", "/api/openapi.json", "/"] {
        made.push(server.get(path, &[]).await.header("x-request-id").to_owned());
    }
    let count = made.len();
    made.sort();
    made.dedup();
    assert_eq!(made.len(), count, "{made:?}");
    server.stop().await;
}

/// Both checks of readiness and the clock, as operators and the page read them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health() {
    let server = Site::new().start().await;
    let live = server.get("/health/live", &[]).await.ok();
    assert_eq!(
        (&live["status"], &live["demo"], &live["market_speed"]),
        (&json!("ok"), &json!(false), &json!(1.0))
    );
    assert!(
        live["market_now_ms"].as_i64().unwrap() > 1_700_000_000_000
            && !live["version"].as_str().unwrap().is_empty()
    );
    let ready = server.get("/health/ready", &[]).await.ok();
    assert_eq!(
        ready,
        json!({ "status": "ready", "checks": { "storage": "ok", "writer_queue": "ok" } })
    );
    assert_error(
        &server.get("/health/other", &[]).await,
        404,
        "Not Found",
        "health",
    );
    server.stop().await;
}
