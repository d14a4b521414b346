//! A stand-in for the exchange's REST interface: serves fixed answers by path.

use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::StatusCode,
};
use serde_json::Value;
use tokio::net::TcpListener;

/// Starts it; its base URL. It ends with the runtime of the test.
pub(crate) async fn start(answers: BTreeMap<String, Value>) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().fallback(answer).with_state(Arc::new(answers));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    format!("http://{address}")
}

async fn answer(
    State(answers): State<Arc<BTreeMap<String, Value>>>,
    request: Request,
) -> Result<Json<Value>, StatusCode> {
    answers
        .get(request.uri().path())
        .cloned()
        .map(Json)
        .ok_or(StatusCode::SERVICE_UNAVAILABLE)
}
