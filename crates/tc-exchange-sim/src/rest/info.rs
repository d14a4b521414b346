//! `exchangeInfo`.

use serde_json::{Value, json};
use tc_market::MarketKind;

use super::{Params, Refusal};
use crate::{Exchange, set::Instrument};

/// Delivery date of every perpetual, and a date on which all of them were there already.
const NEVER_MS: i64 = 4_133_404_800_000;
const ONBOARD_MS: i64 = 1_569_398_400_000;

pub(super) fn answer(
    exchange: &Exchange,
    market: MarketKind,
    params: &Params,
    now_ms: i64,
) -> Result<String, Refusal> {
    let weight = exchange.limits(market, now_ms).market(market).weight_per_minute;
    match market {
        MarketKind::Spot => {
            params.only(&[
                "symbol",
                "symbols",
                "permissions",
                "symbolStatus",
                "showPermissionSets",
            ])?;
            let wanted = match (params.text("symbol"), params.symbols()?) {
                (Some(code), _) => Some(vec![code.to_owned()]),
                (None, codes) => codes,
            };
            let symbols: Vec<Value> = match wanted {
                None => exchange.feed.instruments(market).map(spot_symbol).collect(),
                Some(codes) => codes
                    .iter()
                    .map(|code| {
                        exchange
                            .feed
                            .find(market, code)
                            .map(spot_symbol)
                            .ok_or_else(Refusal::invalid_symbol)
                    })
                    .collect::<Result<_, _>>()?,
            };
            Ok(spot(weight, now_ms, &symbols).to_string())
        }
        MarketKind::Futures => {
            params.only(&[])?;
            let symbols: Vec<Value> = exchange.feed.instruments(market).map(futures_symbol).collect();
            Ok(futures(weight, now_ms, &symbols).to_string())
        }
    }
}

fn spot(weight: u32, now_ms: i64, symbols: &[Value]) -> Value {
    json!({
        "timezone": "UTC",
        "serverTime": now_ms,
        "rateLimits": [
            { "rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": weight },
            { "rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 61_000 },
        ],
        "exchangeFilters": [],
        "symbols": symbols,
    })
}

fn futures(weight: u32, now_ms: i64, symbols: &[Value]) -> Value {
    json!({
        "exchangeFilters": [],
        "rateLimits": [
            { "rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": weight },
            { "rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1_200 },
            { "rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300 },
        ],
        "serverTime": now_ms,
        "assets": [{ "asset": "USDT", "marginAvailable": true, "autoAssetExchange": "-10000" }],
        "symbols": symbols,
        "timezone": "UTC",
        "futuresType": "U_MARGINED",
    })
}

fn tick(decimals: usize) -> String {
    if decimals == 0 {
        "1".to_owned()
    } else {
        format!("0.{}1", "0".repeat(decimals - 1))
    }
}

fn filters(instrument: &Instrument) -> Value {
    let (price, volume) = (tick(instrument.price_decimals), tick(instrument.volume_decimals));
    json!([
        { "filterType": "PRICE_FILTER", "minPrice": price, "maxPrice": "1000000", "tickSize": price },
        { "filterType": "LOT_SIZE", "minQty": volume, "maxQty": "9000", "stepSize": volume },
    ])
}

fn spot_symbol(instrument: &Instrument) -> Value {
    let (base, quote) = instrument.assets();
    json!({
        "symbol": instrument.code,
        "status": "TRADING",
        "baseAsset": base,
        "baseAssetPrecision": 8,
        "quoteAsset": quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"],
        "icebergAllowed": true,
        "ocoAllowed": true,
        "otoAllowed": true,
        "opoAllowed": true,
        "quoteOrderQtyMarketAllowed": true,
        "allowTrailingStop": true,
        "cancelReplaceAllowed": true,
        "amendAllowed": true,
        "pegInstructionsAllowed": true,
        "isSpotTradingAllowed": true,
        "isMarginTradingAllowed": true,
        "filters": filters(instrument),
        "permissions": [],
        "permissionSets": [["SPOT", "MARGIN"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT"],
    })
}

fn futures_symbol(instrument: &Instrument) -> Value {
    let (base, quote) = instrument.assets();
    json!({
        "symbol": instrument.code,
        "pair": instrument.code,
        "contractType": "PERPETUAL",
        "deliveryDate": NEVER_MS,
        "onboardDate": ONBOARD_MS,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": base,
        "quoteAsset": quote,
        "marginAsset": quote,
        "pricePrecision": instrument.price_decimals,
        "quantityPrecision": instrument.volume_decimals,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"],
        "settlePlan": 0,
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "filters": filters(instrument),
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    })
}
