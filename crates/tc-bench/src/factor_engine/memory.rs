//! The engine alone: events are made and thrown away.

use std::{hint::black_box, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use tc_factor::FactorGraph;
use tc_history::{ImportHints, discover};
use tc_market::{Candle, Timeframe};

use super::{CHAIN, LINES, advance, every, genesis, graph, names, walk::Walk};
use crate::report::{Report, busy, median, mega_rate, now, percentile, ratio};

const CANDLES: usize = 500_000;
const RUNS: usize = 5;
const SEED: u64 = 1;
/// Candles that are timed one by one.
const LIVE: usize = 100_000;
/// Candles of a short series, and how many of them make one figure.
const SHORT: usize = 10_000;
const SHORT_RUNS: u64 = 50;
/// Candles of a long series.
const LONG: usize = 5_000_000;
/// Candles that are made at a time, untimed: a long series never lies in memory as a whole.
const CHUNK: usize = 10_000;

/// What is promised of a graph.
struct Promise {
    factors: Arc<FactorGraph>,
    rate: &'static str,
}

pub(super) fn run(report: &mut Report) -> anyhow::Result<()> {
    let walk = Walk::new(SEED).take(CANDLES)?;
    let timeframe = Walk::timeframe()?;
    let promises = [
        Promise {
            factors: graph(LINES)?,
            rate: ">= 5 M/s",
        },
        Promise {
            factors: graph(CHAIN)?,
            rate: ">= 1 M/s",
        },
        Promise {
            factors: every()?,
            rate: "–",
        },
    ];
    for promise in &promises {
        throughput(report, promise, "a walk", &walk, timeframe)?;
    }
    if let Some((year, timeframe)) = year()? {
        for promise in &promises {
            throughput(report, promise, "BTC/USD of 2019", &year, timeframe)?;
        }
    }
    let [lines, chain, _] = &promises;
    live(report, &chain.factors, &walk)?;
    for promise in [lines, chain] {
        flatness(report, &promise.factors)?;
    }
    Ok(())
}

/// A year of real minutes, where it lies beside the source tree.
fn year() -> anyhow::Result<Option<(Vec<Candle>, Timeframe)>> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let path = root.join("../shared/data/bitfinex_1m/BTC_USD-1m-2019.parquet");
    if !path.exists() {
        return Ok(None);
    }
    let discovery = discover(&path, &ImportHints::default())?;
    let file = discovery.files.first().context("the file holds candles")?;
    let timeframe = file.series.timeframe();
    Ok(Some((file.decode(None)?.candles, timeframe)))
}

fn throughput(
    report: &mut Report,
    promise: &Promise,
    what: &str,
    candles: &[Candle],
    timeframe: Timeframe,
) -> anyhow::Result<()> {
    let (mut ours, mut reads) = (Vec::new(), Vec::new());
    let mut events = 0;
    for _ in 0..RUNS {
        reads.push(read_memory(candles));
        let mut engine = genesis(&promise.factors, timeframe);
        let (found, took) = advance(&mut engine, candles)?;
        events = found;
        ours.push(took);
    }
    let (ours, read) = (median(&mut ours), median(&mut reads));
    report.row(
        &format!(
            "factors: {} candles of {what} through {}",
            thousands(candles.len()),
            names(&promise.factors)
        ),
        format!(
            "{}, {:.0} ns per candle, {} events; {} of the baseline",
            mega_rate(candles.len(), ours),
            nanoseconds(ours, candles.len()),
            thousands(events),
            ratio(ours, read)
        ),
        format!("every field read from memory: {}", mega_rate(candles.len(), read)),
        promise.rate,
    );
    Ok(())
}

/// Adds up each field of all candles.
fn read_memory(candles: &[Candle]) -> Duration {
    let (sums, took) = busy(|| {
        let mut sums = [0.0; 5];
        let mut times = 0_i64;
        for candle in black_box(candles) {
            times = times.wrapping_add(candle.time().seconds());
            let fields = [
                candle.open(),
                candle.high(),
                candle.low(),
                candle.close(),
                candle.volume(),
            ];
            for (sum, field) in sums.iter_mut().zip(fields) {
                *sum += field;
            }
        }
        (times, sums)
    });
    black_box(sums);
    took
}

/// One candle at a time, after a long history.
fn live(report: &mut Report, factors: &Arc<FactorGraph>, history: &[Candle]) -> anyhow::Result<()> {
    let mut walk = Walk::new(SEED);
    walk.take(history.len())?;
    let next = walk.take(LIVE)?;
    let mut engine = genesis(factors, Walk::timeframe()?);
    advance(&mut engine, history)?;
    let mut times = Vec::with_capacity(next.len());
    for candle in &next {
        let start = now();
        black_box(engine.compute(candle)?);
        times.push(start.elapsed());
    }
    let mut clock: Vec<Duration> = (0..LIVE).map(|_| now().elapsed()).collect();
    report.row(
        &format!(
            "factors: one live candle after {} through {}",
            thousands(history.len()),
            names(factors)
        ),
        format!(
            "p50 {} ns, p99 {:.1} us, at most {:.1} us",
            percentile(&mut times, 0.5).as_nanos(),
            percentile(&mut times, 0.99).as_secs_f64() * 1e6,
            percentile(&mut times, 1.0).as_secs_f64() * 1e6
        ),
        format!(
            "looking at the clock: {} ns",
            percentile(&mut clock, 0.5).as_nanos()
        ),
        "p50 <= 1 us, p99 <= 50 us",
    );
    Ok(())
}

/// Cost per candle of whole series of growing length.
fn flatness(report: &mut Report, factors: &Arc<FactorGraph>) -> anyhow::Result<()> {
    let mut short_total = Duration::ZERO;
    for seed in 0..SHORT_RUNS {
        short_total += series(factors, seed, SHORT)?.0;
    }
    let short = nanoseconds(short_total, SHORT * usize::try_from(SHORT_RUNS)?);
    let middle = nanoseconds(series(factors, SEED, CANDLES)?.0, CANDLES);
    let (took, heap_bytes) = series(factors, SEED, LONG)?;
    let long = nanoseconds(took, LONG);
    report.row(
        &format!(
            "factors: cost of a candle in a long series through {}",
            names(factors)
        ),
        format!(
            "{:.2}x: {long:.0} ns in 5,000,000 candles, engine of {:.1} MB",
            long / short,
            heap_bytes as f64 / 1e6
        ),
        format!("{short:.0} ns in 10,000 candles, {middle:.0} ns in 500,000"),
        "<= 1.2x",
    );
    Ok(())
}

/// Time for a series of `count` candles, and what the engine holds at its end.
fn series(factors: &Arc<FactorGraph>, seed: u64, count: usize) -> anyhow::Result<(Duration, usize)> {
    let mut walk = Walk::new(seed);
    let mut engine = genesis(factors, Walk::timeframe()?);
    let mut total = Duration::ZERO;
    for _ in 0..count / CHUNK {
        total += advance(&mut engine, &walk.take(CHUNK)?)?.1;
    }
    Ok((total, engine.heap_bytes()))
}

fn nanoseconds(took: Duration, count: usize) -> f64 {
    took.as_secs_f64() * 1e9 / count as f64
}

/// `500,000`.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
