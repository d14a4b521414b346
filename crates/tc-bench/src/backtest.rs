//! Back-tests: the native engine in memory beside freqtrade with the same trades, signals from the ledger, a sweep, a run
//! from a cold store, and what the server adds to freqtrade.

mod cold;
mod freqtrade;

use std::{
    num::NonZeroUsize,
    sync::{Arc, atomic::AtomicBool},
};

use anyhow::{Context, ensure};
use tc_backtest::{
    Axis, Config, DataRange, FactorFacts, FactsRecorder, Knob, Market, Metrics, OrderLimits, PairInput,
    PairSeries, RoiStep, RoiTable, Signal, SignalColumns, Slots, StrategyParams, Sweep, SweepControl,
    SweepPair, Tick, signals, simulate, strategy, sweep,
};
use tc_factor::{FactorEngine, FactorGraph, FactorSettings, FoldMode, factors::FACTORS};
use tc_freqtrade::{base_config::TradingMode, offline::MarketNumbers};
use tc_market::{Candle, Timeframe};

use self::freqtrade::RealRun;
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
    let real = freqtrade::run(&year, &config())?;
    engine(report, &year, real.as_ref())?;
    ledger(report, &year)?;
    surface(report, &year[..SWEPT])?;
    let folder = tempfile::tempdir()?;
    let db = folder.path().join("market.db");
    fill(&db, YEAR)?;
    cold::rows(report, &db, real.as_ref().map(|run| run.peak_kb))?;
    freqtrade::row(report, real.as_ref());
    Ok(())
}

/// The market that freqtrade gets without an exchange.
fn market() -> anyhow::Result<Market> {
    let numbers = MarketNumbers::of(TradingMode::Spot);
    Ok(Market {
        pair: "BTC/USDT".to_owned(),
        price_tick: Tick::new(numbers.price_tick)?,
        amount_step: Tick::new(numbers.amount_step)?,
        limits: OrderLimits {
            amount_min: Some(numbers.amount_step),
            amount_max: Some(numbers.amount_max),
            cost_min: Some(numbers.cost_min),
            cost_max: None,
        },
        tiers: Vec::new(),
    })
}

fn prepare(candles: &[Candle]) -> anyhow::Result<PairSeries> {
    Ok(PairSeries::prepare(
        market()?,
        candles,
        Timeframe::MINUTE,
        DataRange::default(),
    )?)
}

/// In whenever the fast average rises above the slow one, out when it falls below.
fn crossings(candles: &[Candle]) -> SignalColumns {
    let mut columns = SignalColumns::new(candles.len());
    // Whole numbers, so that sums and products are exact, whoever adds them up.
    let cents = |candle: &Candle| (candle.close() * 100.0).round();
    let (mut fast, mut slow) = (0.0, 0.0);
    let mut was_above = false;
    for (row, candle) in candles.iter().enumerate() {
        fast += cents(candle);
        slow += cents(candle);
        if let Some(old) = row.checked_sub(FAST) {
            fast -= cents(&candles[old]);
        }
        if let Some(old) = row.checked_sub(SLOW) {
            slow -= cents(&candles[old]);
        }
        let is_above = row + 1 >= SLOW && fast * SLOW as f64 > slow * FAST as f64;
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

fn engine(report: &mut Report, year: &[Candle], real: Option<&RealRun>) -> anyhow::Result<()> {
    let columns = crossings(year);
    let config = config();
    let (mut whole, mut looked, mut counted) = (Vec::new(), Vec::new(), Vec::new());
    let (mut trades, mut last) = (0, None);
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
        last = Some(run);
    }
    report.row(
        &format!("backtest: {YEAR} candles and {trades} trades in memory, preparation included"),
        ms(median(&mut whole)),
        format!("looking at every candle once: {}", ms(median(&mut looked))),
        "<= 50 ms",
    );
    if let (Some(run), Some(real)) = (&last, real) {
        freqtrade::ensure_equal(run, real)?;
        let native = median(&mut whole);
        report.row(
            &format!("backtest: the same beside freqtrade, all {trades} trades equal to the bit"),
            ms(native),
            format!(
                "freqtrade on the same candles and signals: {}, {}",
                ms(real.busy),
                ratio(real.busy, native)
            ),
            "<= 50 ms",
        );
    }
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
