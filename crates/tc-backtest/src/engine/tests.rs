//! Rules of the fill model, one per test, on candles that fit on a screen.

mod exits;
mod properties;
mod slots;
mod unfilled;

use tc_market::{Candle, CandleTime, Timeframe};

use crate::{
    Config, DataRange, FundingSeries, Market, PairInput, PairSeries, RoiStep, RoiTable, Run, Shorts, Signal,
    SignalColumns, Stake, Trading, simulate,
};

/// First candle, Unix seconds: a full hour.
const START_S: i64 = 1_735_689_600;

/// A pair of one-minute candles.
#[derive(Debug)]
struct Pair {
    series: PairSeries,
    signals: SignalColumns,
    funding: FundingSeries,
}

impl Pair {
    fn input(&self) -> PairInput<'_> {
        PairInput {
            series: &self.series,
            signals: &self.signals,
            funding: Some(&self.funding),
        }
    }
}

/// Candles separated by `|`, each `open high low close` or one price for all four, and after them its signals: `L` and
/// `S` enter, `l` and `s` exit. `+n |` in front lets them begin n minutes later.
fn pair(text: &str) -> Pair {
    pair_on(Market::spot("A/B", 0.01, 0.001).unwrap(), text)
}

fn pair_on(market: Market, text: &str) -> Pair {
    let late = text.strip_prefix('+').and_then(|text| text.split_once('|'));
    let (minutes, text) = late.map_or((0, text), |(late, text)| (late.trim().parse().unwrap(), text));
    let mut candles = Vec::new();
    let mut signals = SignalColumns::default();
    for (at, candle) in (minutes..).zip(text.split('|')) {
        let (mut prices, mut wanted) = (Vec::new(), Vec::new());
        for word in candle.split_whitespace() {
            match word {
                "L" => wanted.push(Signal::EnterLong),
                "l" => wanted.push(Signal::ExitLong),
                "S" => wanted.push(Signal::EnterShort),
                "s" => wanted.push(Signal::ExitShort),
                price => prices.push(price.parse::<f64>().unwrap()),
            }
        }
        let [open, high, low, close] = match prices[..] {
            [price] => [price; 4],
            [open, high, low, close] => [open, high, low, close],
            _ => panic!("{candle:?} is not a candle"),
        };
        let time = CandleTime::clamped(START_S + 60 * at);
        candles.push(Candle::new(time, open, high, low, close, 1.0).unwrap());
        signals.push(&wanted);
    }
    Pair {
        series: PairSeries::prepare(market, &candles, Timeframe::MINUTE, DataRange::default()).unwrap(),
        signals,
        funding: FundingSeries::default(),
    }
}

/// A hundred per trade, a stop of ten per cent, no profit table, no fee.
fn plain() -> Config {
    Config {
        stake: Stake::Fixed(100.0),
        fee: 0.0,
        ..Config::default()
    }
}

fn futures() -> Config {
    Config {
        trading: Trading::Futures {
            leverage: 1.0,
            shorts: Shorts::Allowed,
        },
        ..plain()
    }
}

fn roi(ratio: f64) -> RoiTable {
    RoiTable::new([RoiStep { minutes: 0, ratio }])
}

fn run(config: &Config, text: &str) -> Run {
    simulate(config, &[pair(text).input()]).unwrap()
}

/// Minute of the entry, minute of the exit, price of the exit and reason of every trade.
fn summary(run: &Run) -> Vec<(i64, i64, f64, &str)> {
    let minute = |time: i64| (time - START_S * 1_000) / 60_000;
    let mut lines = Vec::new();
    for trade in &run.trades {
        let reason = trade.exit_reason.as_str();
        lines.push((
            minute(trade.open_ms),
            minute(trade.close_ms),
            trade.close_rate,
            reason,
        ));
    }
    lines
}

#[test]
fn a_sum_carries_along_what_rounding_takes_off() {
    assert_eq!(super::compensated([1e16, 1.0, 1.0].into_iter()), 1e16 + 2.0);
}
