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

use crate::{
    Exchange,
    faults::{Place, RestFault},
    feed::stream_of,
    simulator::Shared,
    weights::Admission,
    wire,
};
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
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// JSON, most of the time.
    pub body: String,
    /// Weight of the present minute.
    pub used_weight: Option<u32>,
    /// How long to stay away, in milliseconds of the exchange.
    pub retry_after_ms: Option<i64>,
    /// How long the answer takes, in milliseconds of the exchange.
    pub delay_ms: i64,
}

impl Reply {
    const fn new(status: u16, body: String) -> Self {
        Self {
            status,
            body,
            used_weight: None,
            retry_after_ms: None,
            delay_ms: 0,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    Ping,
    Time,
    ExchangeInfo,
    Klines,
    Ticker,
}

/// Answers any request below the two REST roots. `Retry-After` speaks of real seconds: that is what the client waits.
pub(crate) async fn answer(State(shared): State<Arc<Shared>>, uri: Uri) -> Response<Body> {
    let now_ms = shared.clock.now_ms();
    let reply = reply(&shared.exchange, &uri, now_ms);
    if reply.delay_ms > 0 {
        tokio::select! {
            () = shared.clock.wait_until(now_ms + reply.delay_ms) => {}
            () = shared.cancel.cancelled() => {}
        }
    }
    let mut response = Response::builder()
        .status(reply.status)
        .header(header::CONTENT_TYPE, "application/json;charset=UTF-8");
    if let Some(used) = reply.used_weight {
        response = response
            .header("X-MBX-USED-WEIGHT", used)
            .header("X-MBX-USED-WEIGHT-1M", used);
    }
    if let Some(wait_ms) = reply.retry_after_ms {
        let seconds = shared.clock.real_ms(wait_ms).div_ceil(1000);
        response = response.header(header::RETRY_AFTER, seconds);
    }
    response.body(Body::from(reply.body)).unwrap_or_default()
}

/// The answer to a request that comes at `now_ms`.
pub(crate) fn reply(exchange: &Exchange, uri: &Uri, now_ms: i64) -> Reply {
    let Some((market, endpoint)) = resolve(uri.path()) else {
        return Reply::new(404, String::new());
    };
    let request = Request {
        market,
        endpoint,
        params: Params::of(uri),
        now_ms,
    };
    let reply = request.struck_reply(exchange);
    let weight = u64::from(request.weight());
    exchange.board.change(|counters| {
        *counters.requests.entry(uri.path().to_owned()).or_default() += 1;
        *counters.weight_used.entry(market).or_default() += weight;
        *counters.answers.entry(reply.status).or_default() += 1;
    });
    reply
}

/// A request to a known endpoint.
struct Request {
    market: MarketKind,
    endpoint: Endpoint,
    params: Params,
    now_ms: i64,
}

impl Request {
    /// The answer with what goes wrong.
    fn struck_reply(&self, exchange: &Exchange) -> Reply {
        let stream = self.stream();
        let place = Place {
            stream: stream.as_deref(),
            ..Place::market(self.market, self.now_ms)
        };
        let plan = exchange.plan();
        let mut delay_ms = 0;
        let mut struck = None;
        for entry in plan.rest.striking(&place) {
            match entry.fault {
                RestFault::Slow { by_ms } => delay_ms += by_ms,
                RestFault::Failure { status } => {
                    struck = struck.or_else(|| Some(Reply::new(status, wire::trouble(status))));
                }
                RestFault::Limited { retry_after_s } => {
                    let wait_ms = i64::from(retry_after_s) * 1000;
                    let limited = exchange.limit(entry.index, self.market, wait_ms, self.now_ms);
                    struck = struck
                        .or_else(|| limited.map(|(banned, wait_ms)| self.limited(exchange, banned, wait_ms)));
                }
                RestFault::PartialPage { .. } | RestFault::Garbled => {}
            }
        }
        // Refused requests are charged too.
        let mut reply = match (self.admit(exchange), struck) {
            (Err(refused), _) => refused,
            (Ok(used), Some(struck)) => Reply {
                used_weight: Some(used),
                ..struck
            },
            (Ok(used), None) => Reply {
                used_weight: Some(used),
                ..self.usual_reply(exchange, &place)
            },
        };
        reply.delay_ms = delay_ms;
        reply
    }

    /// The weight of the present minute, or the refusal.
    fn admit(&self, exchange: &Exchange) -> Result<u32, Reply> {
        let (used, banned, retry_ms) = match exchange.charge(self.market, self.weight(), self.now_ms) {
            Admission::Admitted { used } => return Ok(used),
            Admission::Limited { used, retry_ms } => (used, false, retry_ms),
            Admission::Banned { used, retry_ms } => (used, true, retry_ms),
        };
        Err(Reply {
            used_weight: Some(used),
            ..self.limited(exchange, banned, retry_ms)
        })
    }

    fn limited(&self, exchange: &Exchange, banned: bool, retry_ms: i64) -> Reply {
        let words = if banned {
            let until_ms = self.now_ms + retry_ms;
            format!(
                "Way too much request weight used; IP banned until {until_ms}. Please use WebSocket Streams for live updates to avoid bans."
            )
        } else {
            let limit = exchange
                .limits(self.market, self.now_ms)
                .market(self.market)
                .weight_per_minute;
            format!(
                "Too much request weight used; current limit is {limit} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API."
            )
        };
        Reply {
            retry_after_ms: Some(retry_ms),
            ..Reply::new(if banned { 418 } else { 429 }, wire::refusal(-1003, &words))
        }
    }

    fn usual_reply(&self, exchange: &Exchange, place: &Place<'_>) -> Reply {
        let Self {
            market,
            endpoint,
            params,
            now_ms,
        } = self;
        let told_ms = now_ms + exchange.plan().skew_ms(place);
        let outcome = match endpoint {
            Endpoint::Ping => params.only(&[]).map(|()| "{}".to_owned()),
            Endpoint::Time => params
                .only(&[])
                .map(|()| format!(r#"{{"serverTime":{told_ms}}}"#)),
            Endpoint::ExchangeInfo => info::answer(exchange, *market, params, told_ms),
            Endpoint::Klines => klines::answer(exchange, params, place),
            Endpoint::Ticker => ticker::answer(exchange, *market, params, *now_ms),
        };
        match outcome {
            Ok(body) => Reply::new(200, body),
            Err(refusal) => Reply::new(400, wire::refusal(refusal.code, &refusal.message)),
        }
    }

    /// The stream of the rows that are asked for.
    fn stream(&self) -> Option<String> {
        let timeframe = self.params.text("interval")?.parse().ok()?;
        Some(stream_of(self.params.text("symbol")?, timeframe))
    }

    fn weight(&self) -> u32 {
        match (self.market, self.endpoint) {
            (_, Endpoint::Ping | Endpoint::Time) | (MarketKind::Futures, Endpoint::ExchangeInfo) => 1,
            (MarketKind::Spot, Endpoint::ExchangeInfo) => 20,
            (market, Endpoint::Klines) => klines::weight(market, &self.params),
            (market, Endpoint::Ticker) => ticker::weight(market, &self.params),
        }
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
