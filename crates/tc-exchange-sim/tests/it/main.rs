//! The simulator over real sockets, and the exchange adapter against it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod adapter;
mod faults;
mod history;
mod protocol;
mod scenarios;
mod shared;

use std::sync::Arc;

use tc_exchange::{Binance, BinanceEndpoints, Venue};
use tc_exchange_sim::{SampleSet, SimConfig, Simulator, VirtualClock};
use tc_market::{Candle, CandleTime, MarketKind, SeriesId};

/// Open time of the first candle.
const FIRST_S: i64 = 1_747_353_600;
/// Where the clock stands at first: 2,500 minutes later.
const START_S: i64 = FIRST_S + 2_500 * 60;

/// 5,000 made-up minutes.
fn candles() -> Vec<Candle> {
    let minute = |i: i64| {
        let step = f64::from(i32::try_from(i * 37 % 101).unwrap()) / 4.0;
        let time = CandleTime::new(FIRST_S + i * 60).unwrap();
        let (open, close) = (100.0 + step, 110.0 - step / 2.0);
        Candle::new(
            time,
            open,
            open.max(close) + 1.25,
            open.min(close) - 0.75,
            close,
            5.0 + step,
        )
        .unwrap()
    };
    (0..5_000).map(minute).collect()
}

fn data() -> SampleSet {
    let both = MarketKind::ALL
        .into_iter()
        .map(|market| (market, "BTC/USDT".to_owned(), candles()));
    SampleSet::new(both.collect()).unwrap()
}

/// A simulator whose clock stands at `START_S` until told.
fn config() -> SimConfig {
    SimConfig::new(data(), VirtualClock::manual(START_S * 1000))
}

async fn start() -> Simulator {
    Simulator::start(config()).await.unwrap()
}

fn advance_to(simulator: &Simulator, seconds: i64) {
    simulator.clock().advance_to(seconds * 1000).unwrap();
}

fn venue_at(simulator: &Simulator) -> Arc<dyn Venue> {
    Arc::new(Binance::new(endpoints(simulator)).unwrap())
}

fn endpoints(simulator: &Simulator) -> BinanceEndpoints {
    BinanceEndpoints {
        spot_ws: simulator.ws_base(MarketKind::Spot),
        futures_ws: simulator.ws_base(MarketKind::Futures),
        spot_rest: simulator.rest_base(MarketKind::Spot),
        futures_rest: simulator.rest_base(MarketKind::Futures),
    }
}

fn series(text: &str) -> SeriesId {
    text.parse().unwrap()
}

fn time(seconds: i64) -> CandleTime {
    CandleTime::new(seconds).unwrap()
}

/// The HTTP client wants a provider even for plain HTTP. Installed once per process, whoever comes first.
fn install_crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
