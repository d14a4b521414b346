//! Several pairs, slots and the wallet.

use tc_market::{Candle, CandleTime, Timeframe};

use super::{Pair, pair, plain, run, summary};
use crate::{
    Config, ConfigError, DataRange, Market, Metrics, OrderLimits, PairSeries, Slots, Stake, simulate,
};

fn all(pairs: &[Pair]) -> Vec<crate::PairInput<'_>> {
    pairs.iter().map(Pair::input).collect()
}

#[test]
fn a_signal_without_a_free_slot_is_rejected() {
    let config = Config {
        slots: Slots::AtMost(1),
        ..plain()
    };
    let pairs = [
        pair("100 L | 100 | 100 | 100 l | 100 | 100"),
        pair("50 L | 50 L | 50 | 50 L | 50 | 50"),
    ];
    let run = simulate(&config, &all(&pairs)).unwrap();
    // The first pair takes the slot and frees it on the fifth candle, before the second pair has its turn.
    let pairs: Vec<_> = run
        .trades
        .iter()
        .map(|trade| (trade.pair, trade.open_ms % 3_600_000 / 60_000))
        .collect();
    assert_eq!(pairs, [(0, 1), (1, 4)]);
    assert_eq!(run.rejected_signals, 2);
}

#[test]
fn pairs_with_open_trades_have_their_turn_first() {
    let config = Config {
        slots: Slots::AtMost(1),
        ..plain()
    };
    // The second pair holds the slot; on the third candle it closes before the first pair asks.
    let pairs = [pair("100 | 100 L | 100 | 100"), pair("50 L | 50 l | 50 | 50")];
    let run = simulate(&config, &all(&pairs)).unwrap();
    assert_eq!(run.rejected_signals, 0);
    assert_eq!(
        run.trades.iter().map(|trade| trade.pair).collect::<Vec<_>>(),
        [1, 0]
    );
}

#[test]
fn an_unlimited_stake_is_divided_by_the_slots() {
    let config = Config {
        stake: Stake::Unlimited,
        slots: Slots::AtMost(2),
        ..plain()
    };
    let pairs = [
        pair("100 L | 100 | 100 | 100"),
        pair("50 L | 50 | 50 | 50"),
        pair("10 L | 10 | 10 | 10"),
    ];
    let run = simulate(&config, &all(&pairs)).unwrap();
    let stakes: Vec<f64> = run.trades.iter().map(|trade| trade.stake_amount).collect();
    assert_eq!(stakes, [495.0, 495.0]);
    assert_eq!(run.rejected_signals, 1);
}

#[test]
fn too_little_money_is_no_rejection() {
    let config = Config {
        wallet: 100.0,
        ..plain()
    };
    // 99 of 100 may be traded.
    let run = run(&config, "100 L | 100 | 100 | 100");
    assert_eq!((run.trades.len(), run.rejected_signals), (0, 0));
}

#[test]
fn stakes_are_raised_to_the_smallest_and_cut_to_the_greatest() {
    let with = |cost_min: Option<f64>, cost_max: Option<f64>| {
        let market = Market {
            limits: OrderLimits {
                cost_min,
                cost_max,
                ..OrderLimits::default()
            },
            ..Market::spot("A/B", 0.01, 0.001).unwrap()
        };
        let pair = super::pair_on(market, "100 L | 100 | 100 | 100");
        let run = simulate(&plain(), &[pair.input()]).unwrap();
        run.trades.first().map(|trade| trade.stake_amount)
    };
    assert_eq!(with(None, None), Some(100.0));
    assert_eq!(with(None, Some(60.0)), Some(60.0));
    // 1.05 / 0.95 of 110 is 121.57…, in steps of 0.001 pieces of 100.
    assert_eq!(with(Some(110.0), None), Some(121.5));
    assert_eq!(with(Some(120.0), None), None, "raised by more than 30 per cent");
    assert_eq!(with(Some(100.0), Some(60.0)), None);
}

#[test]
fn a_pair_that_ends_early_is_closed_at_its_last_open() {
    let config = plain();
    let (early, long) = (
        pair("100 L | 100 | 101"),
        pair("50 | 50 | 50 L | 50 | 50 | 50 | 50"),
    );
    let run = simulate(&config, &[early.input(), long.input()]).unwrap();
    // What is open at the end closes at the open of the last candle that its pair has.
    assert_eq!(
        summary(&run),
        [(1, 2, 101.0, "force_exit"), (3, 6, 50.0, "force_exit")]
    );
    assert_eq!(run.equity.values.len(), 6);
}

#[test]
fn a_fall_goes_by_close_times_not_by_the_order_of_closing() {
    let pairs = [
        pair("100 L | 100 | 95"),
        pair("100 L | 100 | 100 | 106 l | 106 | 106"),
    ];
    let run = simulate(&plain(), &all(&pairs)).unwrap();
    // The first pair ends early: its trade is closed last, at a time before the other one.
    let profits: Vec<f64> = run.trades.iter().map(|trade| trade.profit_abs).collect();
    assert_eq!(profits, [6.0, -5.0]);
    let metrics = Metrics::of(&run);
    let (fall, early) = (metrics.drawdown.unwrap(), run.trades[1].close_ms);
    assert_eq!((fall.start_ms, fall.end_ms, fall.fall.low), (early, early, -5.0));
    assert_eq!(metrics.closed.max_drawdown_account, 0.005);
}

#[test]
fn the_account_of_futures_is_the_sum_of_its_parts() {
    let config = Config {
        wallet: 587.34,
        stake: Stake::Fixed(58.56),
        ..super::futures()
    };
    let run = run(&config, "58.56 L | 58.56 | 58.56 | 58.56");
    assert_eq!(run.trades[0].stake_amount, 58.56);
    // Taking the stake out and adding it again costs the last digit.
    assert_eq!(
        run.equity.values,
        [587.34, 587.339_999_999_999_9, 587.339_999_999_999_9]
    );
}

#[test]
fn a_pair_that_begins_late_has_its_turn_when_its_candles_begin() {
    let pairs = [
        pair("+3 | 50 L | 50 | 51 | 52"),
        pair("100 L | 100 | 101 | 102 | 103 | 104 | 105"),
    ];
    let run = simulate(&plain(), &all(&pairs)).unwrap();
    // Left open: the pair that was processed first closes first.
    assert_eq!(
        summary(&run),
        [(1, 6, 105.0, "force_exit"), (4, 6, 52.0, "force_exit")]
    );
    assert_eq!(
        run.market_change,
        ((52.0 - 50.0) / 50.0 + (105.0 - 100.0) / 100.0) / 2.0
    );
}

#[test]
fn the_wallet_counts_open_trades_at_the_open_of_the_candle() {
    let run = run(&plain(), "100 L | 100 | 110 | 120 l | 130 | 140");
    assert_eq!(run.equity.values, [1_000.0, 1_010.0, 1_020.0, 1_030.0, 1_030.0]);
    assert_eq!(run.exposed_steps, 4);
}

#[test]
fn nothing_to_trade_on_is_an_error() {
    let named = |inputs: &[crate::PairInput<'_>]| match simulate(&plain(), inputs) {
        Err(ConfigError::OutOfRange { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(named(&[]), "pairs");
    let (now, mut old) = (pair("100 | 100 | 100"), pair("100 | 100 | 100"));
    let candles: Vec<Candle> = (0..3)
        .map(|at| Candle::new(CandleTime::clamped(60 * at), 1.0, 1.0, 1.0, 1.0, 1.0).unwrap())
        .collect();
    let market = Market::spot("A/B", 0.01, 0.001).unwrap();
    old.series = PairSeries::prepare(market, &candles, Timeframe::MINUTE, DataRange::default()).unwrap();
    assert_eq!(named(&[now.input(), old.input()]), "range");
    let market = Market::spot("A/B", 0.01, 0.001).unwrap();
    let hours = candles
        .iter()
        .map(|candle| candle.at(CandleTime::clamped(60 * candle.time().seconds())));
    let hours: Vec<Candle> = hours.collect();
    let hour = "1h".parse().unwrap();
    old.series = PairSeries::prepare(market, &hours, hour, DataRange::default()).unwrap();
    assert_eq!(named(&[now.input(), old.input()]), "pairs");
}
