use std::convert::Infallible;

use tc_factor::testing::{graph, moves, one_minute, walk};

use super::*;
use crate::{
    Config, DataRange, Market, PairSeries, STRATEGIES, Shorts, Signal, Slots, Stake, Trading, simulate,
};

fn config() -> Config {
    Config {
        stake: Stake::Fixed(100.0),
        slots: Slots::AtMost(1),
        trading: Trading::Futures {
            leverage: 1.0,
            shorts: Shorts::Allowed,
        },
        ..Config::default()
    }
}

#[test]
fn shipped_strategies_are_clean() {
    let candles = walk(&moves(21, 1_200));
    let market = Market::spot("A/B", 0.1, 0.001).unwrap();
    let series = PairSeries::prepare(market, &candles, one_minute(), DataRange::default()).unwrap();
    for spec in STRATEGIES {
        let params = StrategyParams::defaults(spec.params);
        let setup = StrategySetup {
            spec,
            params: &params,
            graph: graph(2, 1),
            timeframe: one_minute(),
        };
        let (_, signals) = setup.annotate(&candles).unwrap();
        let input = PairInput {
            series: &series,
            signals: &signals,
            funding: None,
        };
        let run = simulate(&config(), &[input]).unwrap();
        let report = bias_report(&setup, &run, &[(input, &candles)], 12).unwrap();
        assert!(report.is_clean(), "{}: {report:?}", spec.name);
        assert!(
            report.prefix.checked >= 10 && report.prefix.signals > 10,
            "{:?}",
            report.prefix
        );
        assert_eq!(report.structural.trades, run.trades.len());
        assert!(!run.trades.is_empty());
        let lengths: Vec<_> = report.startup.rows.iter().map(|row| row.candles).collect();
        assert_eq!(lengths, STARTUP_LENGTHS);
        let last = |row: usize, column: &str| {
            let columns = &report.startup.rows[row].columns;
            *columns.iter().find(|change| change.column == column).unwrap()
        };
        // A pen needs little history; with 480 candles it is the one of the whole history.
        assert_eq!(last(3, "pen_end_price").relative(), Some(0.0));
        assert!(last(3, "nearest_support").whole.is_some());
    }
}

/// Asks for an entry when the candle after the next one closes higher: what nobody can know.
fn clairvoyant(candles: &[Candle]) -> Result<SignalColumns, Infallible> {
    let mut columns = SignalColumns::new(candles.len());
    for row in 0..candles.len().saturating_sub(2) {
        if candles[row + 2].close() > candles[row].close() {
            columns.set(row, Signal::EnterLong);
        }
    }
    Ok(columns)
}

#[test]
fn a_look_ahead_is_found() {
    let candles = walk(&moves(4, 300));
    let Ok(whole) = clairvoyant(&candles);
    let Ok(report) = prefix_test(&candles, &whole, 10, clairvoyant);
    assert!(!report.differences.is_empty());
    for difference in &report.differences {
        assert_eq!(difference.column, "enter_long");
        assert!(difference.row + 2 >= difference.candles, "{difference:?}");
    }
}

#[test]
fn a_trade_without_a_signal_is_found() {
    let candles = walk(&moves(4, 300));
    let market = Market::spot("A/B", 0.1, 0.001).unwrap();
    let series = PairSeries::prepare(market, &candles, one_minute(), DataRange::default()).unwrap();
    let Ok(signals) = clairvoyant(&candles);
    let input = |signals| PairInput {
        series: &series,
        signals,
        funding: None,
    };
    let run = simulate(&config(), &[input(&signals)]).unwrap();
    assert!(
        structural_test(&run, &[input(&signals)])
            .without_signal
            .is_empty()
    );
    let none = SignalColumns::new(candles.len());
    let found = structural_test(&run, &[input(&none)]);
    assert_eq!(found.without_signal.len(), run.trades.len());
}

#[test]
fn changes_are_relative_to_the_whole_history() {
    let change = |whole, short| ColumnChange {
        column: "x",
        whole,
        short,
    };
    assert_eq!(change(Some(-2.0), Some(-1.0)).relative(), Some(0.5));
    assert_eq!(change(Some(0.0), Some(0.0)).relative(), Some(0.0));
    assert_eq!(change(Some(0.0), Some(1.0)).relative(), None);
    assert_eq!(change(None, Some(1.0)).relative(), None);
    assert_eq!(change(None, None).relative(), Some(0.0));
}
