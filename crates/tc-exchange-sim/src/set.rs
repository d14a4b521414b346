//! The candles that are played, without end.

use std::sync::Arc;

use tc_market::{Candle, CandleTime, MarketKind, RollUp, SeriesId, Timeframe};

use crate::{SimError, feed::code_of, sample, wire::decimals_of};

/// Length of a base candle in seconds.
pub(crate) const BASE_S: i64 = 60;
const BASE_STEP: usize = 60;

/// One-minute candles of several symbols. Clones share the candles.
///
/// After its last candle each symbol starts again with its first one, moved by the length of the whole run.
#[derive(Debug, Clone)]
pub struct SampleSet {
    instruments: Arc<[Instrument]>,
}

impl SampleSet {
    /// Takes one-minute candles: market, symbol such as `BTC/USDT`, candles ascending on the minute grid.
    ///
    /// A minute may be missing; every candle longer than it is then missing too, as in an outage.
    ///
    /// # Errors
    /// [`SimError::Data`] naming the symbol that cannot be played.
    pub fn new(data: Vec<(MarketKind, String, Vec<Candle>)>) -> Result<Self, SimError> {
        let mut instruments: Vec<Instrument> = Vec::with_capacity(data.len());
        for (market, symbol, candles) in data {
            let instrument = Instrument::new(market, symbol, candles)?;
            if instruments
                .iter()
                .any(|other| (other.market, &other.code) == (market, &instrument.code))
            {
                return Err(instrument.refuse("it is there twice"));
            }
            instruments.push(instrument);
        }
        Ok(Self {
            instruments: instruments.into(),
        })
    }

    /// The candles that come with the crate.
    ///
    /// # Errors
    /// [`SimError::Sample`] when they are damaged.
    pub fn bundled() -> Result<Self, SimError> {
        let mut data = Vec::new();
        for series in sample::series() {
            if let Some(candles) = sample::candles(&series)? {
                data.push((MarketKind::Futures, series.symbol().to_owned(), candles));
            }
        }
        Self::new(data)
    }

    /// Where a demo begins: two thirds into the shortest run, on a full minute. Unix milliseconds.
    #[must_use]
    pub fn demo_start_ms(&self) -> i64 {
        let start =
            |instrument: &Instrument| instrument.origin_s + instrument.length_s * 2 / 3 / BASE_S * BASE_S;
        self.instruments.iter().map(start).min().unwrap_or_default() * 1000
    }

    /// As [`SampleSet::demo_start_ms`], but not before the one-minute candle at `newest` has closed.
    #[must_use]
    pub fn start_not_before(&self, newest: CandleTime) -> i64 {
        self.demo_start_ms().max((newest.seconds() + BASE_S) * 1000)
    }

    pub(crate) fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    /// Finds a symbol by the exchange's spelling.
    pub(crate) fn find(&self, market: MarketKind, code: &str) -> Option<&Instrument> {
        self.instruments
            .iter()
            .find(|instrument| instrument.market == market && instrument.code == code)
    }

    /// The base series of every symbol, as the product names them.
    #[must_use]
    pub fn series(&self) -> Vec<SeriesId> {
        let id = |instrument: &Instrument| {
            SeriesId::from_parts(
                "binance",
                instrument.market.name(),
                &instrument.symbol,
                base_timeframe(),
            )
            .ok()
        };
        self.instruments.iter().filter_map(id).collect()
    }
}

/// One symbol and its candles.
#[derive(Debug)]
pub(crate) struct Instrument {
    pub(crate) market: MarketKind,
    /// `BTC/USDT`.
    pub(crate) symbol: String,
    /// `BTCUSDT`.
    pub(crate) code: String,
    pub(crate) price_decimals: usize,
    pub(crate) volume_decimals: usize,
    candles: Vec<Candle>,
    origin_s: i64,
    length_s: i64,
}

impl Instrument {
    fn new(market: MarketKind, symbol: String, candles: Vec<Candle>) -> Result<Self, SimError> {
        let code = code_of(&symbol);
        let (origin_s, end_s) = match (candles.first(), candles.last()) {
            (Some(first), Some(last)) => (first.time().seconds(), last.time().seconds() + BASE_S),
            _ => (0, 0),
        };
        let (mut price_decimals, mut volume_decimals) = (0, 0);
        // The first candles tell how fine prices are; they need not be formatted by the hundred thousand.
        for candle in candles.iter().take(1_000) {
            for price in [candle.open(), candle.high(), candle.low(), candle.close()] {
                price_decimals = decimals_of(price).max(price_decimals);
            }
            volume_decimals = decimals_of(candle.volume()).max(volume_decimals);
        }
        let length_s = end_s - origin_s;
        let made = Self {
            market,
            symbol,
            code,
            price_decimals,
            volume_decimals,
            candles,
            origin_s,
            length_s,
        };
        if !made.symbol.contains('/') {
            return Err(made.refuse("the symbol has no slash"));
        }
        if made.candles.is_empty() {
            return Err(made.refuse("there are none"));
        }
        if !made.candles.is_sorted_by(|a, b| a.time() < b.time()) {
            return Err(made.refuse("they are not ascending"));
        }
        if made
            .candles
            .iter()
            .any(|candle| candle.time().seconds() % BASE_S != 0)
        {
            return Err(made.refuse("they are not on the minute grid"));
        }
        Ok(made)
    }

    fn refuse(&self, reason: &'static str) -> SimError {
        SimError::Data {
            symbol: self.symbol.clone(),
            reason,
        }
    }

    /// `BTC` and `USDT`.
    pub(crate) fn assets(&self) -> (&str, &str) {
        self.symbol
            .split(':')
            .next()
            .and_then(|pair| pair.split_once('/'))
            .unwrap_or((&self.symbol, ""))
    }

    /// Open time of the oldest candle there is.
    pub(crate) const fn origin_s(&self) -> i64 {
        self.origin_s
    }

    /// The final candle of the minute that opens at `open_s`, a full minute.
    pub(crate) fn minute(&self, open_s: i64) -> Option<Candle> {
        let since_origin = open_s - self.origin_s;
        if since_origin < 0 {
            return None;
        }
        let recorded = CandleTime::clamped(self.origin_s + since_origin % self.length_s);
        let guess = usize::try_from(since_origin % self.length_s / BASE_S).ok()?;
        let index = match self.candles.get(guess) {
            Some(candle) if candle.time() == recorded => guess,
            _ => self.candles.binary_search_by_key(&recorded, Candle::time).ok()?,
        };
        Some(self.candles[index].at(CandleTime::new(open_s).ok()?))
    }

    /// The final candle of any bucket; `None` when one of its minutes is missing.
    pub(crate) fn closed(&self, timeframe: Timeframe, open_s: i64) -> Option<Candle> {
        let Ok(mut aggregator) = RollUp::new(base_timeframe(), timeframe) else {
            return self.minute(open_s);
        };
        let end_s = open_s + timeframe.seconds();
        (open_s..end_s)
            .step_by(BASE_STEP)
            .map_while(|minute_s| self.minute(minute_s))
            .fold(None, |_, minute| aggregator.push(&minute))
    }
}

/// `1m`.
#[expect(clippy::expect_used, reason = "1m is a timeframe")]
pub(crate) fn base_timeframe() -> Timeframe {
    "1m".parse().expect("1m is a timeframe")
}
