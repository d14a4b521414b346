//! Exits that rounding to the price step has put outside their candle.

use tc_market::{Candle, CandleTime, Timeframe};

use super::{plain, summary};
use crate::{
    Config, DataRange, FlatFee, Market, Models, NoSlippage, PairInput, PairSeries, ProportionalSlippage, Run,
    Signal, SignalColumns, TouchFill, simulate, simulate_with,
};

/// Midnight before a new month, Unix seconds.
const MIDNIGHT_S: i64 = 1_738_368_000;

/// A trade is opened in the old month, whose prices are whole; those of the new month have decimals. Every candle of the
/// new month is `open high low close` and asks for an exit where `exits` says so.
fn over_the_month(config: &Config, candles: &[[f64; 4]], exits: &[usize]) -> Run {
    let mut all: Vec<[f64; 4]> = vec![[100.5, 101.0, 100.0, 101.0], [100.5, 101.0, 100.0, 101.0]];
    all.extend_from_slice(candles);
    let candle = |(at, prices): (i64, &[f64; 4])| {
        let [open, high, low, close] = *prices;
        let time = CandleTime::clamped(MIDNIGHT_S + 60 * (at - 2));
        Candle::new(time, open, high, low, close, 1.0).unwrap()
    };
    let candles: Vec<Candle> = (0..).zip(&all).map(candle).collect();
    let mut signals = SignalColumns::new(candles.len());
    signals.set(0, Signal::EnterLong);
    for exit in exits {
        signals.set(exit + 1, Signal::ExitLong);
    }
    let market = Market::spot("A/B", 1.0, 0.001).unwrap();
    let series = PairSeries::prepare(market, &candles, Timeframe::MINUTE, DataRange::default()).unwrap();
    let input = PairInput {
        series: &series,
        signals: &signals,
        funding: None,
    };
    let mut run = simulate(config, &[input]).unwrap();
    for trade in &mut run.trades {
        trade.open_ms -= (MIDNIGHT_S - super::START_S - 60) * 1_000;
        trade.close_ms -= (MIDNIGHT_S - super::START_S - 60) * 1_000;
    }
    run
}

/// Opens at 100.26, which the step of the trade (0.1) rounds to a price above the high.
const OUTSIDE: [f64; 4] = [100.26, 100.28, 100.24, 100.25];
/// Sees 100.3.
const INSIDE: [f64; 4] = [100.31, 100.35, 100.25, 100.3];
const LAST: [f64; 4] = [100.55, 100.6, 100.5, 100.52];

#[test]
fn an_exit_outside_the_candle_waits_for_its_price() {
    let run = over_the_month(&plain(), &[OUTSIDE, OUTSIDE, INSIDE, LAST], &[0]);
    assert_eq!(summary(&run), [(0, 3, 100.3, "exit_signal")]);
}

#[test]
fn an_old_exit_is_taken_back() {
    let config = |minutes: i64| Config {
        exit_timeout_ms: Some(minutes * 60_000),
        ..plain()
    };
    let candles = [OUTSIDE, OUTSIDE, INSIDE, LAST];
    let run = over_the_month(&config(2), &candles, &[0]);
    // Placed on the second candle, taken back on the fourth: left open until the end.
    assert_eq!(run.timed_out_exits, 1);
    assert_eq!(summary(&run)[0].3, "force_exit");
    let run = over_the_month(&config(3), &candles, &[0]);
    assert_eq!(
        (run.timed_out_exits, summary(&run)),
        (0, vec![(0, 3, 100.3, "exit_signal")])
    );
}

#[test]
fn an_exit_at_another_price_replaces_the_old_one() {
    let config = Config {
        exit_timeout_ms: Some(180_000),
        ..plain()
    };
    // Asked for again on the third candle, which opens at 100.66 and sees 100.7.
    let candles = [OUTSIDE, [100.66, 100.75, 100.6, 100.7], INSIDE, LAST];
    let run = over_the_month(&config, &candles, &[0, 1]);
    assert_eq!(summary(&run), [(0, 2, 100.7, "exit_signal")]);
}

#[test]
fn an_exit_at_the_same_price_keeps_its_age() {
    let config = Config {
        exit_timeout_ms: Some(120_000),
        ..plain()
    };
    let run = over_the_month(&config, &[OUTSIDE, OUTSIDE, INSIDE, LAST], &[0, 1]);
    assert_eq!(run.timed_out_exits, 1);
}

#[test]
fn an_order_that_waits_leaves_the_word_to_the_next_cause() {
    let config = Config {
        stop_loss: -0.006,
        ..plain()
    };
    // Both candles ask for an exit at 100.3; the second one falls through the stop as well.
    let candles = [OUTSIDE, [100.26, 100.28, 99.85, 100.25], INSIDE, LAST];
    let run = over_the_month(&config, &candles, &[0, 1]);
    assert_eq!(summary(&run), [(0, 2, 99.9, "stop_loss")]);
}

#[test]
fn a_last_exit_outside_the_candle_leaves_the_trade_open() {
    let spot = over_the_month(&plain(), &[INSIDE, OUTSIDE], &[]);
    assert!(spot.trades.is_empty());
    assert_eq!(spot.final_balance, 1_000.0 - 0.995 * 100.5);
    let futures = over_the_month(&super::futures(), &[INSIDE, OUTSIDE], &[]);
    assert!(futures.trades.is_empty());
    assert_eq!(futures.final_balance, 1_000.0);
}

#[test]
fn models_change_prices_and_fees() {
    let pair = super::pair("100 L | 100 101 99 100 | 100 l | 102 103 101 102 | 103");
    let slippage = ProportionalSlippage::new(0.005).unwrap();
    let fee = FlatFee::new(0.01).unwrap();
    let models = Models {
        fill: &TouchFill,
        fee: &fee,
        slippage: &slippage,
    };
    let run = simulate_with(&plain(), models, &[pair.input()]).unwrap();
    let trade = &run.trades[0];
    assert_eq!(
        (trade.open_rate, trade.close_rate, trade.fee_close),
        (100.5, 101.49, 0.01)
    );
    let none = Models {
        slippage: &NoSlippage,
        ..models
    };
    let run = simulate_with(&plain(), none, &[pair.input()]).unwrap();
    assert_eq!(
        (run.trades[0].open_rate, run.trades[0].close_rate),
        (100.0, 102.0)
    );
}
