//! The REST side: `/api/v3/*` and `/fapi/v1/*`.

mod info;
mod klines;
mod params;
#[cfg(test)]
mod tests;
mod ticker;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{Response, Uri, header},
};
use tc_market::MarketKind;

use crate::{simulator::Shared, weights::Admission, wire};
use params::Params;

/// A refusal of the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    code: i64,
    message: String,
}

impl Refusal {
    fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    fn missing(name: &str) -> Self {
        Self::new(
            -1102,
            format!("Mandatory parameter '{name}' was not sent, was empty/null, or malformed."),
        )
    }

    fn invalid_symbol() -> Self {
        Self::new(-1121, "Invalid symbol.")
    }
}

/// An answer before it becomes HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reply {
    status: u16,
    body: String,
    used_weight: Option<u32>,
    retry_after_s: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    Ping,
    Time,
    ExchangeInfo,
    Klines,
    Ticker,
}

/// Answers any request below the two REST roots.
pub(crate) async fn answer(State(shared): State<Arc<Shared>>, uri: Uri) -> Response<Body> {
    let reply = reply(&shared, &uri);
    let mut response = Response::builder()
        .status(reply.status)
        .header(header::CONTENT_TYPE, "application/json;charset=UTF-8");
    if let Some(used) = reply.used_weight {
        response = response
            .header("X-MBX-USED-WEIGHT", used)
            .header("X-MBX-USED-WEIGHT-1M", used);
    }
    if let Some(seconds) = reply.retry_after_s {
        response = response.header(header::RETRY_AFTER, seconds);
    }
    response.body(Body::from(reply.body)).unwrap_or_default()
}

fn reply(shared: &Shared, uri: &Uri) -> Reply {
    let Some((market, endpoint)) = resolve(uri.path()) else {
        return Reply {
            status: 404,
            body: String::new(),
            used_weight: None,
            retry_after_s: None,
        };
    };
    let params = Params::of(uri);
    let weight = weight(market, endpoint, &params);
    shared.board.change(|counters| {
        *counters.requests.entry(uri.path().to_owned()).or_default() += 1;
        *counters.weight_used.entry(market).or_default() += u64::from(weight);
    });
    let now_ms = shared.clock.now_ms();
    let used = match shared.charge(market, weight, now_ms) {
        Admission::Admitted { used } => used,
        Admission::Limited { used, retry_ms } => {
            let limit = shared.limits.market(market).weight_per_minute;
            let words = format!(
                "Too much request weight used; current limit is {limit} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API."
            );
            return refused_for_weight(shared, 429, used, retry_ms, &words);
        }
        Admission::Banned {
            used,
            until_ms,
            retry_ms,
        } => {
            let words = format!(
                "Way too much request weight used; IP banned until {until_ms}. Please use WebSocket Streams for live updates to avoid bans."
            );
            return refused_for_weight(shared, 418, used, retry_ms, &words);
        }
    };
    let outcome = match endpoint {
        Endpoint::Ping => params.only(&[]).map(|()| "{}".to_owned()),
        Endpoint::Time => params.only(&[]).map(|()| format!(r#"{{"serverTime":{now_ms}}}"#)),
        Endpoint::ExchangeInfo => info::answer(shared, market, &params, now_ms),
        Endpoint::Klines => klines::answer(shared, market, &params, now_ms),
        Endpoint::Ticker => ticker::answer(shared, market, &params, now_ms),
    };
    let (status, body) = match outcome {
        Ok(body) => (200, body),
        Err(refusal) => (400, wire::refusal(refusal.code, &refusal.message)),
    };
    Reply {
        status,
        body,
        used_weight: Some(used),
        retry_after_s: None,
    }
}

/// `Retry-After` speaks of real seconds: that is what the client waits.
fn refused_for_weight(shared: &Shared, status: u16, used: u32, retry_ms: i64, words: &str) -> Reply {
    Reply {
        status,
        body: wire::refusal(-1003, words),
        used_weight: Some(used),
        retry_after_s: Some(shared.clock.real_ms(retry_ms).div_ceil(1000)),
    }
}

fn resolve(path: &str) -> Option<(MarketKind, Endpoint)> {
    let (market, name) = match path.strip_prefix("/api/v3/") {
        Some(name) => (MarketKind::Spot, name),
        None => (MarketKind::Futures, path.strip_prefix("/fapi/v1/")?),
    };
    let endpoint = match name {
        "ping" => Endpoint::Ping,
        "time" => Endpoint::Time,
        "exchangeInfo" => Endpoint::ExchangeInfo,
        "klines" => Endpoint::Klines,
        "ticker/24hr" => Endpoint::Ticker,
        _ => return None,
    };
    Some((market, endpoint))
}

fn weight(market: MarketKind, endpoint: Endpoint, params: &Params) -> u32 {
    match (market, endpoint) {
        (_, Endpoint::Ping | Endpoint::Time) | (MarketKind::Futures, Endpoint::ExchangeInfo) => 1,
        (MarketKind::Spot, Endpoint::ExchangeInfo) => 20,
        (_, Endpoint::Klines) => klines::weight(market, params),
        (_, Endpoint::Ticker) => ticker::weight(market, params),
    }
}
