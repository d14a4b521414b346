//! `ticker/24hr`: the last day of each symbol.

use serde_json::{Map, Value};
use tc_market::{Candle, MarketKind};

use super::{Params, Refusal};
use crate::{
    Exchange,
    feed::{Bucket, Range, stream_of},
    set::{BASE_S, Instrument, base_timeframe},
    wire::{Details, decimal},
};

const DAY_MS: i64 = 86_400_000;
const DAY_MINUTES: usize = 1_440;

pub(super) fn weight(market: MarketKind, params: &Params) -> u32 {
    let one = params.text("symbol").is_some();
    let several = params.symbols().ok().flatten().map(|symbols| symbols.len());
    match (market, one, several) {
        (MarketKind::Spot, true, _) | (MarketKind::Spot, _, Some(..=20)) => 2,
        (MarketKind::Spot, _, Some(21..=100)) | (MarketKind::Futures, false, _) => 40,
        (MarketKind::Spot, ..) => 80,
        (MarketKind::Futures, true, _) => 1,
    }
}

pub(super) fn answer(
    exchange: &Exchange,
    market: MarketKind,
    params: &Params,
    now_ms: i64,
) -> Result<String, Refusal> {
    let known = ["symbol", "symbols", "type", "symbolStatus"];
    params.only(if market == MarketKind::Spot {
        &known
    } else {
        &known[..1]
    })?;
    let mini = match params.text("type") {
        None | Some("FULL") => false,
        Some("MINI") => true,
        Some(_) => {
            return Err(Refusal::new(
                -1130,
                "Data sent for parameter 'type' is not valid.",
            ));
        }
    };
    let find = |code: &str| {
        exchange
            .feed
            .find(market, code)
            .ok_or_else(Refusal::invalid_symbol)
    };
    let ticker = |instrument: &Instrument| ticker(exchange, instrument, mini, now_ms);
    let answer = if let Some(code) = params.text("symbol") {
        ticker(find(code)?)
    } else if let Some(codes) = params.symbols()? {
        codes
            .iter()
            .map(|code| find(code).map(ticker))
            .collect::<Result<Value, _>>()?
    } else {
        exchange.feed.instruments(market).map(ticker).collect()
    };
    Ok(answer.to_string())
}

fn ticker(exchange: &Exchange, instrument: &Instrument, mini: bool, now_ms: i64) -> Value {
    let range = Range {
        start_ms: Some(now_ms - DAY_MS),
        end_ms: None,
        limit: DAY_MINUTES + 1,
    };
    let (plan, timeframe) = (exchange.plan(), base_timeframe());
    let stream = stream_of(&instrument.code, timeframe);
    let exists = |open_s| !plan.is_outage(instrument.market, &stream, timeframe, open_s);
    let buckets = exchange.feed.rows(instrument, timeframe, range, now_ms, exists);
    let mut fields = Map::new();
    fields.insert("symbol".to_owned(), instrument.code.as_str().into());
    if let Some(day) = Day::of(&buckets) {
        day.put_common(instrument, now_ms, &mut fields);
        if !mini {
            day.put_full(instrument, &mut fields);
        }
    }
    Value::Object(fields)
}

/// The minutes of a day, added up.
struct Day {
    first: Candle,
    last: Candle,
    high: f64,
    low: f64,
    volume: f64,
    quote_volume: f64,
    trades: u64,
    first_trade: i64,
    last_trade: i64,
}

impl Day {
    fn of(buckets: &[Bucket]) -> Option<Self> {
        let (first, last) = (*buckets.first()?.values(), *buckets.last()?.values());
        let mut day = Self {
            first,
            last,
            high: first.high(),
            low: first.low(),
            volume: 0.0,
            quote_volume: 0.0,
            trades: 0,
            first_trade: -1,
            last_trade: -1,
        };
        for minute in buckets.iter().map(Bucket::values) {
            let details = Details::of(minute);
            day.high = day.high.max(minute.high());
            day.low = day.low.min(minute.low());
            day.volume += minute.volume();
            day.quote_volume += details.quote_volume;
            day.trades += details.trades;
            day.first_trade = if day.first_trade < 0 {
                details.first_trade
            } else {
                day.first_trade
            };
            day.last_trade = day.last_trade.max(details.last_trade);
        }
        Some(day)
    }

    fn put_common(&self, instrument: &Instrument, now_ms: i64, fields: &mut Map<String, Value>) {
        let price = |value: f64| Value::from(decimal(value, instrument.price_decimals));
        let close_ms = now_ms.min((self.last.time().seconds() + BASE_S) * 1000 - 1);
        for (name, value) in [
            ("lastPrice", price(self.last.close())),
            ("openPrice", price(self.first.open())),
            ("highPrice", price(self.high)),
            ("lowPrice", price(self.low)),
            ("volume", decimal(self.volume, instrument.volume_decimals).into()),
            ("quoteVolume", decimal(self.quote_volume, 2).into()),
            ("openTime", (self.first.time().seconds() * 1000).into()),
            ("closeTime", close_ms.into()),
            ("firstId", self.first_trade.into()),
            ("lastId", self.last_trade.into()),
            ("count", self.trades.into()),
        ] {
            fields.insert(name.to_owned(), value);
        }
    }

    fn put_full(&self, instrument: &Instrument, fields: &mut Map<String, Value>) {
        let decimals = instrument.price_decimals;
        let price = |value: f64| Value::from(decimal(value, decimals));
        let quantity = Value::from(decimal(self.last.volume(), instrument.volume_decimals));
        let change = self.last.close() - self.first.open();
        let average = if self.volume > 0.0 {
            self.quote_volume / self.volume
        } else {
            self.last.close()
        };
        let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        put("priceChange", format!("{change:.decimals$}").into());
        put(
            "priceChangePercent",
            format!("{:.3}", change / self.first.open() * 100.0).into(),
        );
        put("weightedAvgPrice", format!("{average:.decimals$}").into());
        put("lastQty", quantity.clone());
        if instrument.market == MarketKind::Spot {
            put("prevClosePrice", price(self.first.open()));
            put("bidPrice", price(self.last.close()));
            put("bidQty", quantity.clone());
            put("askPrice", price(self.last.close()));
            put("askQty", quantity);
        }
    }
}
