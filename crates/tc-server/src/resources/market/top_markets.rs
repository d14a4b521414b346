//! `GET /api/market/top_markets` and its stream.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use axum::{
    Json,
    body::Body,
    extract::{ConnectInfo, RawQuery, State},
    http::{Extensions, HeaderValue, header},
    response::Response,
};
use futures_util::stream;
use tc_market::MarketKind;
use tokio::time::{Instant, MissedTickBehavior};

use super::dto::top_markets::{
    StreamError, TopMarketItem, TopMarketsQuery, TopMarketsResponse, TopMarketsStreamQuery, Wanted,
};
use crate::{
    ApiError, AppState, clock::unix_ms, error::ErrorCode, market_list::MarketListError, request::Query,
    resources::system::dto::ErrorBodyV1,
};

const EXCHANGE: &str = "binance";

/// What a market trades, greatest turnover first.
#[utoipa::path(
    get, path = "/api/market/top_markets", tag = "market", params(TopMarketsQuery),
    responses(
        (status = 200, body = TopMarketsResponse), (status = 400, body = ErrorBodyV1),
        (status = 422, body = ErrorBodyV1), (status = 429, body = ErrorBodyV1), (status = 502, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_top_markets(
    State(state): State<AppState>,
    extensions: Extensions,
    RawQuery(raw): RawQuery,
) -> Result<Json<TopMarketsResponse>, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let parsed = wanted(&mut query);
    let force = query.flag("force", false);
    let wanted = finish(query, parsed)?;
    let lists = &state.parts().market_lists;
    let found = if force {
        // Without an address all requests count as those of one client.
        let client = extensions.get::<ConnectInfo<SocketAddr>>();
        let client = client.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(client)| {
            client.ip()
        });
        lists.fresh(wanted.market, &wanted.quote_asset, client).await
    } else {
        lists.top(wanted.market, &wanted.quote_asset).await
    };
    Ok(Json(TopMarketsResponse::new(&wanted, &found?, unix_ms())))
}

/// The same list, again whenever it has changed.
#[utoipa::path(
    get, path = "/api/market/top_markets/stream", tag = "market", params(TopMarketsStreamQuery),
    responses(
        (status = 200, content_type = "text/event-stream", body = String,
         description = "Events `top_markets` with the list and `error` with the cause."),
        (status = 400, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn stream_top_markets(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let parsed = wanted(&mut query);
    let interval_s = query.float("interval_s", 0.2..=30.0, 2.0);
    let max_events = query.int("max_events", 0..=1000, 0);
    let listener = Listener {
        wanted: finish(query, parsed)?,
        interval: Duration::from_secs_f64(interval_s),
        events_left: (max_events > 0).then_some(max_events),
        due: Instant::now(),
        last: None,
        state,
    };
    let rounds = stream::unfold(Some(listener), |listener| async {
        let mut listener = listener?;
        let (text, ended) = listener.round().await;
        Some((Ok::<_, Infallible>(text), (!ended).then_some(listener)))
    });
    let mut response = Response::new(Body::from_stream(rounds));
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// What both routes have in common; `None` for the market after a violation.
struct Parsed {
    exchange: String,
    market: Option<MarketKind>,
    quote_asset: String,
    limit: i64,
}

fn wanted(query: &mut Query) -> Parsed {
    let markets = MarketKind::ALL.map(|market| (market.name(), market));
    Parsed {
        exchange: query.text_within("exchange", 1..=usize::MAX, EXCHANGE),
        market: query.required_word("market", &markets),
        quote_asset: query.text_within("quote_asset", 1..=12, "USDT"),
        limit: query.int("limit", 1..=200, 20),
    }
}

fn finish(query: Query, parsed: Parsed) -> Result<Wanted, ApiError> {
    query.finish()?;
    let Some(market) = parsed.market.filter(|_| parsed.exchange == EXCHANGE) else {
        return Err(ApiError::new(ErrorCode::UnsupportedExchange));
    };
    let quote_asset = match parsed.quote_asset.trim() {
        "" => "USDT".to_owned(),
        asset => asset.to_uppercase(),
    };
    Ok(Wanted {
        exchange: EXCHANGE,
        market,
        quote_asset,
        limit: usize::try_from(parsed.limit).unwrap_or(usize::MAX),
    })
}

/// One open stream.
struct Listener {
    state: AppState,
    wanted: Wanted,
    interval: Duration,
    events_left: Option<i64>,
    due: Instant,
    last: Option<Vec<TopMarketItem>>,
}

impl Listener {
    /// Waits for the next look; what it has to tell, and whether that was the last word.
    async fn round(&mut self) -> (String, bool) {
        let mut tick = tokio::time::interval_at(self.due, self.interval);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stopping = self.state.parts().stopping.clone();
        tokio::select! {
            biased;
            () = stopping.cancelled() => return (String::new(), true),
            at = tick.tick() => self.due = at + self.interval,
        }
        let lists = &self.state.parts().market_lists;
        let event = match lists.top(self.wanted.market, &self.wanted.quote_asset).await {
            Ok(found) => {
                let response = TopMarketsResponse::new(&self.wanted, &found, unix_ms());
                self.news(response)
            }
            Err(error) => Some(failure(&error)),
        };
        let mut text = event.unwrap_or_default();
        if let Some(left) = self.events_left.as_mut().filter(|_| !text.is_empty()) {
            *left -= 1;
            if *left == 0 {
                return (text, true);
            }
        }
        text.push_str(&format!(": ping {}\n\n", unix_ms().div_euclid(1_000)));
        (text, false)
    }

    /// The event, unless it would say what the last one did.
    fn news(&mut self, response: TopMarketsResponse) -> Option<String> {
        if self.last.as_ref() == Some(&response.items) {
            return None;
        }
        let data = serde_json::to_string(&response).unwrap_or_default();
        self.last = Some(response.items);
        Some(format!(
            "id: {}\nevent: top_markets\ndata: {data}\n\n",
            response.generated_at_ms
        ))
    }
}

fn failure(error: &MarketListError) -> String {
    let error = StreamError {
        at_ms: unix_ms(),
        message: error.to_string(),
        kind: "error",
    };
    let data = serde_json::to_string(&error).unwrap_or_default();
    format!("event: error\ndata: {data}\n\n")
}
