//! The klines endpoints.

use std::fmt::Write as _;

use serde_json::Value;
use tc_market::{Candle, MarketKind, Timeframe};

use super::stream::{count, number, open_time};
use crate::{BadFrame, KlineQuery, KlineRows, RefusalBody, RestLimits, VenueError};

/// The page sizes are those with the most rows per weight.
pub(super) const fn rest_limits(market: MarketKind) -> RestLimits {
    let (rows_per_page, weight_per_minute) = match market {
        MarketKind::Spot => (1_000, 6_000),
        MarketKind::Futures => (499, 2_400),
    };
    RestLimits {
        rows_per_page,
        weight_per_minute,
        used_weight_header: "x-mbx-used-weight-1m",
    }
}

/// Spot pages cost the same whatever their size, futures pages by their limit.
pub(super) const fn klines_weight(market: MarketKind, rows: u32) -> u32 {
    match (market, rows) {
        (MarketKind::Spot, _) => 2,
        (MarketKind::Futures, 0..100) => 1,
        (MarketKind::Futures, 100..500) => 2,
        (MarketKind::Futures, 500..=1000) => 5,
        (MarketKind::Futures, _) => 10,
    }
}

/// `{base}/api/v3/klines?…` or `{base}/fapi/v1/klines?…`.
pub(super) fn klines_url(
    base: &str,
    market: MarketKind,
    symbol: &str,
    timeframe: Timeframe,
    query: &KlineQuery,
) -> String {
    let path = match market {
        MarketKind::Spot => "/api/v3/klines",
        MarketKind::Futures => "/fapi/v1/klines",
    };
    let mut url = format!("{base}{path}?symbol={symbol}&interval={timeframe}");
    for (name, time) in [("startTime", query.from), ("endTime", query.to)] {
        if let Some(time) = time {
            // Writing to a string cannot fail.
            let _ = write!(url, "&{name}={}", time.seconds() * 1000);
        }
    }
    let _ = write!(url, "&limit={}", query.limit);
    url
}

/// Reads a list of rows. The close time of a row is never looked at: after outages it is irregular.
pub(super) fn parse_klines(body: &[u8]) -> Result<KlineRows, VenueError> {
    let shape = |reason| VenueError::Shape {
        what: "klines",
        reason,
    };
    let Value::Array(list) = serde_json::from_slice(body).map_err(VenueError::Json)? else {
        return Err(shape(BadFrame::WrongType));
    };
    let mut page = KlineRows::default();
    for entry in &list {
        let cells = entry.as_array().ok_or_else(|| shape(BadFrame::WrongType))?;
        if let Ok(time) = open_time(cells.first().unwrap_or(&Value::Null)) {
            page.last_open = page.last_open.max(Some(time));
        }
        page.rows.push(parse_row(cells));
    }
    Ok(page)
}

fn parse_row(cells: &[Value]) -> Result<(Candle, u64), BadFrame> {
    let time = open_time(cells.first().ok_or(BadFrame::Time)?)?;
    let value = |index: usize, name| number(cells.get(index), name);
    let candle = Candle::new(
        time,
        value(1, "open")?,
        value(2, "high")?,
        value(3, "low")?,
        value(4, "close")?,
        value(5, "volume")?,
    )?;
    Ok((candle, count(cells.get(8))))
}

/// `{"code":-1121,"msg":"Invalid symbol."}`.
pub(super) fn parse_refusal(body: &[u8]) -> Option<RefusalBody> {
    let value: Value = serde_json::from_slice(body).ok()?;
    Some(RefusalBody {
        code: value.get("code")?.as_i64()?,
        message: value
            .get("msg")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
    })
}
