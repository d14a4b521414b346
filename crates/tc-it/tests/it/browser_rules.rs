//! What pages of other origins may do.

use reqwest::{Method, RequestBuilder};

use crate::site::{Answer, Site, TestServer};

const PAGE: &str = "http://localhost:5173";
const FOREIGN: &str = "http://example.com";

fn from(server: &TestServer, method: Method, path: &str, origin: &str) -> RequestBuilder {
    server.request(method, path).header("origin", origin)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn allowed_origins_read_every_answer() {
    let server = Site::new().start().await;
    // Success, an unknown path, a wrong method, a broken rule and a malformed id alike.
    let requests = [
        (Method::GET, "/api/market/whitelist", 200),
        (Method::GET, "/health/live", 200),
        (Method::GET, "/api/nothing", 404),
        (Method::DELETE, "/api/market/whitelist", 405),
        (Method::GET, "/api/market/candles", 422),
        (Method::GET, "/api/market/candles?series_id=bogus", 400),
    ];
    for (method, path, status) in requests {
        let answer = Answer::of(from(&server, method.clone(), path, PAGE)).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), PAGE, "{path}");
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            "true",
            "{path}"
        );
        assert_eq!(answer.header("vary").to_lowercase(), "origin", "{path}");

        let answer = Answer::of(from(&server, method, path, FOREIGN)).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(
            !answer.headers.contains_key("access-control-allow-origin"),
            "{path}"
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn preflights() {
    let server = Site::new().start().await;
    let preflight = |origin: &str| {
        from(
            &server,
            Method::OPTIONS,
            "/api/market/ingest/candle_closed",
            origin,
        )
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type, x-request-id")
    };
    let answer = Answer::of(preflight(PAGE)).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "OK"));
    let methods: Vec<&str> = answer
        .header("access-control-allow-methods")
        .split(", ")
        .collect();
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        assert!(methods.contains(&method), "{method} is not in {methods:?}");
    }
    assert_eq!(
        answer.header("access-control-allow-headers"),
        "content-type, x-request-id"
    );
    assert_eq!(answer.header("access-control-max-age"), "600");
    assert_eq!(answer.header("access-control-allow-origin"), PAGE);
    assert_eq!(answer.header("access-control-allow-credentials"), "true");

    let answer = Answer::of(preflight(FOREIGN)).await;
    assert_eq!(answer.status, 400);
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn origins_are_configured() {
    let server = Site::new()
        .with("CORS_ORIGINS", "https://desk.example, https://two.example")
        .start()
        .await;
    for (origin, allowed) in [
        ("https://desk.example", true),
        ("https://two.example", true),
        (PAGE, false),
        ("null", false),
    ] {
        let answer = Answer::of(from(&server, Method::GET, "/api/market/whitelist", origin)).await;
        assert_eq!(
            answer.headers.contains_key("access-control-allow-origin"),
            allowed,
            "{origin}"
        );
    }
    server.stop().await;
}
