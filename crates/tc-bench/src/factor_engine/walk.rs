//! Candles like those of a liquid market: geometric steps within each minute, prices in cents.

use anyhow::Context;
use tc_market::{Candle, CandleTime, Timeframe};

use crate::candles::START_S;

/// Standard deviation of one minute.
const VOLATILITY: f64 = 0.001;
/// Trades that make up a minute.
const TRADES: usize = 8;
/// Price of the first trade.
const FIRST_PRICE: f64 = 30_000.0;
/// The walk is reflected here, so that cents never make up much of a price.
const LEAST_PRICE: f64 = 1_000.0;

/// An endless walk; equal seeds give equal candles.
#[derive(Debug)]
pub(super) struct Walk {
    state: u64,
    price: f64,
    time_s: i64,
}

impl Walk {
    pub(super) const fn new(seed: u64) -> Self {
        Self {
            state: seed,
            price: FIRST_PRICE,
            time_s: START_S,
        }
    }

    /// Timeframe of the candles.
    pub(super) fn timeframe() -> anyhow::Result<Timeframe> {
        "1m".parse().context("the timeframe is valid")
    }

    /// The next `count` candles.
    pub(super) fn take(&mut self, count: usize) -> anyhow::Result<Vec<Candle>> {
        (0..count).map(|_| self.candle()).collect()
    }

    fn candle(&mut self) -> anyhow::Result<Candle> {
        let open = cents(self.price);
        let (mut high, mut low) = (open, open);
        for _ in 0..TRADES {
            let step = VOLATILITY / (TRADES as f64).sqrt() * self.normal();
            self.price *= 1.0 + step;
            if self.price < LEAST_PRICE {
                self.price = LEAST_PRICE * (LEAST_PRICE / self.price);
            }
            let price = cents(self.price);
            (high, low) = (high.max(price), low.min(price));
        }
        let time = CandleTime::new(self.time_s)?;
        self.time_s += 60;
        let volume = self.uniform() * 100.0;
        Ok(Candle::new(time, open, high, low, cents(self.price), volume)?)
    }

    /// Nearly normal, variance 1: four uniform numbers added up.
    fn normal(&mut self) -> f64 {
        let sum: f64 = (0..4).map(|_| self.uniform()).sum();
        (sum - 2.0) * 3.0_f64.sqrt()
    }

    /// At least 0, below 1.
    fn uniform(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn cents(price: f64) -> f64 {
    (price * 100.0).round() / 100.0
}
