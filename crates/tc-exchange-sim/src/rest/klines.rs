//! `klines`.

use tc_market::{MarketKind, Timeframe};

use super::{Params, Refusal};
use crate::{
    AboveMaximum, Exchange,
    faults::{Place, RestFault},
    feed::{Range, stream_of},
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

pub(super) fn answer(exchange: &Exchange, params: &Params, place: &Place<'_>) -> Result<String, Refusal> {
    let market = place.market;
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
    let instrument = exchange
        .feed
        .find(market, symbol)
        .ok_or_else(Refusal::invalid_symbol)?;
    let mut range = Range {
        start_ms: params.number("startTime")?,
        end_ms: params.number("endTime")?,
        limit: limit(exchange, params, place)?,
    };
    let (plan, stream) = (exchange.plan(), stream_of(symbol, timeframe));
    let mut garbled = false;
    for entry in plan.rest.striking(place) {
        match entry.fault {
            RestFault::PartialPage { rows } => range.limit = range.limit.min(rows),
            RestFault::Garbled => garbled = true,
            RestFault::Slow { .. } | RestFault::Limited { .. } | RestFault::Failure { .. } => {}
        }
    }
    let exists = |open_s| !plan.is_outage(market, &stream, timeframe, open_s);
    let rows: Vec<_> = exchange
        .feed
        .rows(instrument, timeframe, range, place.at_ms, exists)
        .iter()
        .map(|bucket| wire::row(instrument, timeframe, bucket))
        .collect();
    let end = if garbled { "" } else { "]" };
    Ok(format!("[{}{end}", rows.join(",")))
}

fn limit(exchange: &Exchange, params: &Params, place: &Place<'_>) -> Result<usize, Refusal> {
    let wanted = params.number("limit")?.unwrap_or(DEFAULT_LIMIT);
    let (maximum, above) = match place.market {
        MarketKind::Spot => {
            let limits = exchange.limits(place.market, place.at_ms);
            (1_000, limits.spot_rows_above_maximum)
        }
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
