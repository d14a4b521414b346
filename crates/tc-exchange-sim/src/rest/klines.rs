//! `klines`.

use tc_market::{MarketKind, Timeframe};

use super::{Params, Refusal};
use crate::{
    feed::Range,
    simulator::{AboveMaximum, Shared},
    wire,
};

const DEFAULT_LIMIT: i64 = 500;

pub(super) fn weight(market: MarketKind, params: &Params) -> u32 {
    let limit = params.number("limit").ok().flatten().unwrap_or(DEFAULT_LIMIT);
    match (market, limit) {
        (MarketKind::Spot, _) => 2,
        (MarketKind::Futures, ..100) => 1,
        (MarketKind::Futures, 100..500) => 2,
        (MarketKind::Futures, 500..=1000) => 5,
        (MarketKind::Futures, _) => 10,
    }
}

pub(super) fn answer(
    shared: &Shared,
    market: MarketKind,
    params: &Params,
    now_ms: i64,
) -> Result<String, Refusal> {
    let known = ["symbol", "interval", "startTime", "endTime", "limit", "timeZone"];
    params.only(if market == MarketKind::Spot {
        &known
    } else {
        &known[..5]
    })?;
    let symbol = params.required("symbol")?;
    let timeframe: Timeframe = params
        .required("interval")?
        .parse()
        .map_err(|_| Refusal::new(-1120, "Invalid interval."))?;
    let instrument = shared
        .feed
        .find(market, symbol)
        .ok_or_else(Refusal::invalid_symbol)?;
    let range = Range {
        start_ms: params.number("startTime")?,
        end_ms: params.number("endTime")?,
        limit: limit(shared, market, params)?,
    };
    let rows: Vec<_> = shared
        .feed
        .rows(instrument, timeframe, range, now_ms)
        .iter()
        .map(|bucket| wire::row(instrument, timeframe, bucket))
        .collect();
    Ok(format!("[{}]", rows.join(",")))
}

fn limit(shared: &Shared, market: MarketKind, params: &Params) -> Result<usize, Refusal> {
    let wanted = params.number("limit")?.unwrap_or(DEFAULT_LIMIT);
    let (maximum, above) = match market {
        MarketKind::Spot => (1_000, shared.limits.spot_rows_above_maximum),
        MarketKind::Futures => (1_500, AboveMaximum::Refuse),
    };
    if wanted == 0 || (wanted > maximum && above == AboveMaximum::Refuse) {
        return Err(Refusal::new(
            -1130,
            "Data sent for parameter 'limit' is not valid.",
        ));
    }
    Ok(usize::try_from(wanted.min(maximum)).unwrap_or_default())
}
