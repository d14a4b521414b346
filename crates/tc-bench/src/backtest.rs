//! Back-tests: the native engine in memory, signals from the ledger, a sweep, a run from a cold store, and what is added to
//! freqtrade.

mod cold;
mod ours;

use std::{
    num::NonZeroUsize,
    sync::{Arc, atomic::AtomicBool},
};

use anyhow::{Context, ensure};
use tc_backtest::{
    Axis, Config, DataRange, FactorFacts, FactsRecorder, Knob, Market, Metrics, PairInput, PairSeries,
    RoiStep, RoiTable, Signal, SignalColumns, Slots, StrategyParams, Sweep, SweepControl, SweepPair, signals,
    simulate, strategy, sweep,
};
use tc_factor::{FactorEngine, FactorGraph, FactorSettings, FoldMode, factors::FACTORS};
use tc_market::{Candle, Timeframe};

pub(crate) use cold::{CHILD, run_as_child};

use crate::{
    candles,
    http::fill,
    report::{Report, busy, median, ms, ratio, timed},
};

/// A year of minutes.
const YEAR: usize = 525_600;
/// Candles of the sweep.
const SWEPT: usize = 100_000;
/// Repetitions of what takes milliseconds.
const TIMES: usize = 9;
const FAST: usize = 5;
const SLOW: usize = 20;

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let year = candles::walk(YEAR)?;
    engine(report, &year)?;
    ledger(report, &year)?;
    surface(report, &year[..SWEPT])?;
    let folder = tempfile::tempdir()?;
    let db = folder.path().join("market.db");
    fill(&db, YEAR)?;
    cold::rows(report, &db)?;
    ours::rows(report, &db, folder.path())
}

fn prepare(candles: &[Candle]) -> anyhow::Result<PairSeries> {
    let market = Market::spot("BTC/USDT", 0.01, 0.000_01)?;
    Ok(PairSeries::prepare(
        market,
        candles,
        Timeframe::MINUTE,
        DataRange::default(),
    )?)
}

/// In whenever the fast average rises above the slow one, out when it falls below.
fn crossings(candles: &[Candle]) -> SignalColumns {
    let mut columns = SignalColumns::new(candles.len());
    let (mut fast, mut slow) = (0.0, 0.0);
    let mut was_above = false;
    for (row, candle) in candles.iter().enumerate() {
        fast += candle.close();
        slow += candle.close();
        if let Some(old) = row.checked_sub(FAST) {
            fast -= candles[old].close();
        }
        let Some(old) = row.checked_sub(SLOW) else {
            continue;
        };
        slow -= candles[old].close();
        let is_above = fast / FAST as f64 > slow / SLOW as f64;
        if is_above != was_above {
            columns.set(
                row,
                if is_above {
                    Signal::EnterLong
                } else {
                    Signal::ExitLong
                },
            );
        }
        was_above = is_above;
    }
    columns
}

fn config() -> Config {
    Config {
        fee: 0.0,
        slots: Slots::AtMost(1),
        roi: RoiTable::new([RoiStep {
            minutes: 0,
            ratio: 0.01,
        }]),
        ..Config::default()
    }
}

fn engine(report: &mut Report, year: &[Candle]) -> anyhow::Result<()> {
    let columns = crossings(year);
    let config = config();
    let (mut whole, mut looked, mut counted) = (Vec::new(), Vec::new(), Vec::new());
    let mut trades = 0;
    for _ in 0..TIMES {
        let (run, took) = busy(|| {
            let series = prepare(year)?;
            let input = PairInput {
                series: &series,
                signals: &columns,
                funding: None,
            };
            anyhow::Ok(simulate(&config, &[input])?)
        });
        whole.push(took);
        let run = run?;
        trades = run.trades.len();
        let (highest, took) = busy(|| year.iter().map(Candle::high).fold(0.0, f64::max));
        ensure!(highest > 0.0, "candles have prices");
        looked.push(took);
        let (metrics, took) = busy(|| Metrics::of(&run));
        ensure!(metrics.closed.trades == trades, "every trade is counted");
        counted.push(took);
    }
    report.row(
        &format!("backtest: {YEAR} candles and {trades} trades in memory, preparation included"),
        ms(median(&mut whole)),
        format!("looking at every candle once: {}", ms(median(&mut looked))),
        "<= 50 ms",
    );
    report.row(
        "backtest: all metrics of that run",
        ms(median(&mut counted)),
        format!("the run: {}", ms(median(&mut whole))),
        "–",
    );
    Ok(())
}

/// What every factor knew at each candle.
fn facts(candles: &[Candle]) -> anyhow::Result<FactorFacts> {
    let graph = Arc::new(FactorGraph::build(
        FACTORS,
        &FactorSettings::with_pivot_windows(10, 3),
    )?);
    let mut recorder = FactsRecorder::new(FactorEngine::genesis(graph, Timeframe::MINUTE, FoldMode::Compute));
    for candle in candles {
        recorder.push(candle, &[])?;
    }
    Ok(recorder.finish())
}

fn ledger(report: &mut Report, year: &[Candle]) -> anyhow::Result<()> {
    let (facts, computed) = busy(|| facts(year));
    let facts = facts?;
    let spec = strategy("ZhongshuBreakout").context("it is built in")?;
    let params = StrategyParams::defaults(spec.params);
    let (columns, took) = busy(|| signals((spec.new)(&params).as_mut(), year, &facts));
    ensure!(columns.len() == YEAR, "every candle is looked at");
    report.row(
        &format!("backtest: signals of {} over {YEAR} candles", spec.name),
        ms(took),
        format!("computing the factors: {}", ms(computed)),
        "–",
    );
    Ok(())
}

fn surface(report: &mut Report, candles: &[Candle]) -> anyhow::Result<()> {
    let (series, facts) = (prepare(candles)?, facts(candles)?);
    let spec = strategy("PenDirection").context("it is built in")?;
    let steps = |count: u32, of: fn(f64) -> f64| (0..count).map(|n| of(f64::from(n))).collect::<Vec<_>>();
    let axis = |knob, values| Axis { knob, values };
    let what = Sweep {
        spec,
        params: StrategyParams::defaults(spec.params),
        config: config(),
        pairs: vec![SweepPair {
            series: &series,
            candles,
            facts: &facts,
            funding: None,
        }],
        axes: vec![
            axis(Knob::Strategy("min_length".to_owned()), steps(10, |n| n * 0.001)),
            axis(Knob::Strategy("max_candles".to_owned()), steps(10, |n| n * 20.0)),
            axis(Knob::StopLoss, steps(10, |n| -0.002 - n * 0.002)),
        ],
    };
    let swept = |workers: usize| {
        let control = SweepControl {
            workers: NonZeroUsize::new(workers).unwrap_or(NonZeroUsize::MIN),
            cancel: &AtomicBool::new(false),
            progress: &|_, _| {},
        };
        timed(|| sweep(&what, control))
    };
    let (alone, alone_took) = swept(1);
    let (both, took) = swept(2);
    let (alone, both) = (alone?, both?);
    ensure!(alone == both, "the surface is the same on any number of threads");
    let trades: usize = both.cells.iter().map(|cell| cell.closed.trades).sum();
    report.row(
        &format!(
            "backtest: sweep of {} parameter sets over {SWEPT} candles, 2 threads",
            both.cells.len()
        ),
        format!("{}, {trades} trades", ms(took)),
        format!("1 thread: {}, {}", ms(alone_took), ratio(alone_took, took)),
        "<= 5,000 ms",
    );
    Ok(())
}
