//! The WebSocket side: sockets around [`Line`].

mod connection;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{ConnectInfo, State, WebSocketUpgrade},
    http::{Response, StatusCode, Uri},
    response::IntoResponse,
};

use self::connection::Connection;
use crate::{exchange::Handshake, schedule::push_period_ms, simulator::Shared, tcp::Cable};

/// Subscribes before the handshake is answered: whoever sees the connection open misses nothing that follows.
pub(crate) async fn open(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(cable): ConnectInfo<Cable>,
    uri: Uri,
    upgrade: WebSocketUpgrade,
) -> Response<Body> {
    let push_ms = |market| push_period_ms(market, &shared.clock, shared.push_floor_ms);
    let path = uri
        .path_and_query()
        .map_or("/", axum::http::uri::PathAndQuery::as_str);
    let line = match shared.exchange.connect(path, push_ms, shared.now()) {
        Ok(line) => line,
        Err(Handshake::Status(status)) => {
            return StatusCode::from_u16(status)
                .unwrap_or(StatusCode::BAD_REQUEST)
                .into_response();
        }
        Err(Handshake::Nothing) => {
            cable.cut_after(0);
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let tasks = shared.tasks.clone();
    let connection = Connection::new(shared, line, cable);
    upgrade.on_upgrade(move |socket| tasks.track_future(connection.run(socket)))
}
