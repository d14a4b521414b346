//! The WebSocket side: streams, commands, heartbeat, limits.

mod commands;
mod connection;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Query, State, WebSocketUpgrade},
    http::{Response, StatusCode, Uri},
    response::IntoResponse,
};
use tc_market::MarketKind;

use self::connection::Connection;
use crate::simulator::Shared;

/// What a path delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    /// Candles of a market.
    Candles(MarketKind),
    /// Futures streams of other kinds: candle streams are accepted and stay silent.
    Silent,
}

impl Route {
    const fn market(self) -> MarketKind {
        match self {
            Self::Candles(market) => market,
            Self::Silent => MarketKind::Futures,
        }
    }
}

pub(crate) async fn spot(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    upgrade: WebSocketUpgrade,
) -> Response<Body> {
    accept(shared, Route::Candles(MarketKind::Spot), "", &uri, upgrade)
}

pub(crate) async fn futures(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    upgrade: WebSocketUpgrade,
) -> Response<Body> {
    accept(
        shared,
        Route::Candles(MarketKind::Futures),
        "/market",
        &uri,
        upgrade,
    )
}

pub(crate) async fn silent(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    upgrade: WebSocketUpgrade,
) -> Response<Body> {
    let prefix = if uri.path().starts_with("/public") {
        "/public"
    } else {
        "/unrouted"
    };
    accept(shared, Route::Silent, prefix, &uri, upgrade)
}

/// Subscribes before the handshake is answered: whoever sees the connection open misses nothing that follows.
fn accept(
    shared: Arc<Shared>,
    route: Route,
    prefix: &str,
    uri: &Uri,
    upgrade: WebSocketUpgrade,
) -> Response<Body> {
    let path = uri.path();
    let (combined, names) = match path.strip_prefix(prefix).unwrap_or(path) {
        "/stream" => (true, streams_parameter(uri)),
        "/ws" | "/ws/" => (false, String::new()),
        raw => match raw.strip_prefix("/ws/") {
            Some(names) => (false, names.to_owned()),
            None => return StatusCode::NOT_FOUND.into_response(),
        },
    };
    let names: Vec<String> = names
        .split('/')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    if names.len() > shared.limits.streams_per_connection {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let tasks = shared.tasks.clone();
    let connection = Connection::new(shared, route, combined, names);
    upgrade.on_upgrade(move |socket| tasks.track_future(connection.run(socket)))
}

fn streams_parameter(uri: &Uri) -> String {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map(|Query(pairs)| pairs)
        .unwrap_or_default();
    pairs
        .into_iter()
        .find(|(name, _)| name == "streams")
        .map(|(_, value)| value)
        .unwrap_or_default()
}
