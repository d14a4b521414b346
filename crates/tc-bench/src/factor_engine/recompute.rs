//! The two runs that are known of the prototype, and the cost of computing everything again for each candle.

use std::{hint::black_box, time::Duration};

use tc_factor::testing::naive;
use tc_market::Candle;

use super::{advance, every, genesis, names, walk::Walk};
use crate::{
    candles,
    pipeline::{BATCH, Ingest},
    report::{Report, busy, ratio, timed},
};

const BULK: usize = 50_000;
const ONE_BY_ONE: usize = 2_000;
const SEED: u64 = 2;
/// Default half widths of the pivot windows.
const MAJOR: i64 = 50;
const MINOR: i64 = 5;
/// What the prototype did per second of one core.
const PROTOTYPE_BULK: f64 = 358.0;
const PROTOTYPE_ONE_BY_ONE: f64 = 8.5;

pub(super) fn run(report: &mut Report) -> anyhow::Result<()> {
    let walk = Walk::new(SEED).take(BULK)?;
    let few = &walk[..ONE_BY_ONE];
    let factors = every()?;

    let once = advance(&mut genesis(&factors, Walk::timeframe()?), few)?.1;
    let again = recomputed(few)?;
    let model = modelled(few)?;
    report.row(
        &format!("factors: 2,000 candles one by one through {}", names(&factors)),
        format!(
            "{}, {} as fast as the baseline",
            rate(few.len(), once),
            ratio(again, once)
        ),
        format!(
            "all candles so far again for each: {}; every window looked at again: {}",
            rate(few.len(), again),
            rate(few.len(), model)
        ),
        "–",
    );

    let memory = advance(&mut genesis(&factors, Walk::timeframe()?), &walk)?.1;
    let stored = stored(&walk, BATCH)?;
    report.row(
        "factors: 50,000 candles at once",
        format!(
            "{} in memory, {} into SQLite with drawings",
            rate(walk.len(), memory),
            rate(walk.len(), stored)
        ),
        format!("the prototype: {PROTOTYPE_BULK}/s"),
        "–",
    );
    let stored = self::stored(few, 1)?;
    report.row(
        "factors: 2,000 candles, each in a commit of its own",
        format!(
            "{} in memory, {} into SQLite with drawings",
            rate(few.len(), once),
            rate(few.len(), stored)
        ),
        format!("the prototype: {PROTOTYPE_ONE_BY_ONE}/s"),
        "–",
    );
    Ok(())
}

/// What a program does that keeps nothing: for each candle it goes over all candles so far.
fn recomputed(candles: &[Candle]) -> anyhow::Result<Duration> {
    let (factors, timeframe) = (every()?, Walk::timeframe()?);
    let mut total = Duration::ZERO;
    for n in 0..candles.len() {
        total += advance(&mut genesis(&factors, timeframe), &candles[..=n])?.1;
    }
    Ok(total)
}

/// The model that tests hold the engine against: it keeps every candle and looks at every window and level again.
fn modelled(candles: &[Candle]) -> anyhow::Result<Duration> {
    let settings = naive::Settings::new(MAJOR, MINOR, Walk::timeframe()?);
    let (events, took) = busy(|| naive::run(candles, &settings).len());
    black_box(events);
    Ok(took)
}

fn stored(walk: &[Candle], batch: usize) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let mut ingest = Ingest::open(&folder.path().join("market.db"), &[])?;
    let series = candles::series()?;
    let (result, took) = timed(|| ingest.store(&series, walk, batch));
    result?;
    Ok(took)
}

fn rate(count: usize, took: Duration) -> String {
    format!("{:.0}/s", count as f64 / took.as_secs_f64())
}
