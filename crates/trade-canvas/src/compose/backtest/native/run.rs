//! One run.

use std::{
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

use serde_json::value::to_raw_value;
use tc_backtest::{Metrics, PairInput, PairSeries, Run, SignalColumns, signals, simulate};
use tc_freqtrade::{record, result::MAX_EQUITY_POINTS};
use tc_market::{Candle, SeriesId};
use tc_server::backtest::{Answer, BacktestRefusal, Progress, Ready, RunReport, RunResult};

use super::{
    Native, NativeParts,
    data::{self, Data},
    failed, figures, funding, look, reach,
    wish::Wish,
};

/// Share of the progress that reading is, in percent.
const READING: f64 = 80.0;

/// A run that can begin.
pub(super) struct NativeRun {
    pub(super) native: Native,
    pub(super) wish: Wish,
}

/// Candles and signals ready to be traded on, and the trades.
#[derive(Debug)]
pub(super) struct Simulated {
    pub(super) series: PairSeries,
    pub(super) signals: SignalColumns,
    pub(super) run: Run,
}

impl Simulated {
    /// The pair as the engine takes it.
    pub(super) fn input<'a>(&'a self, wish: &'a Wish) -> PairInput<'a> {
        PairInput {
            series: &self.series,
            signals: &self.signals,
            funding: wish.funding.as_ref(),
        }
    }
}

/// Candles of a wish in the range of its run.
pub(super) fn prepared(parts: &NativeParts, wish: &Wish, data: &Data) -> Result<PairSeries, BacktestRefusal> {
    let timeframe = wish.series.timeframe();
    let series = PairSeries::prepare(wish.market.clone(), &data.candles, timeframe, wish.range);
    series.map_err(|error| wish.unusable(parts, &error))
}

/// Signals and trades of a wish.
pub(super) fn simulated(
    parts: &NativeParts,
    wish: &Wish,
    data: &Data,
    progress: &Progress,
) -> Result<Simulated, BacktestRefusal> {
    progress("indicators", Some(READING));
    let signals = signals((wish.spec.new)(&wish.params).as_mut(), &data.candles, &data.facts);
    let series = prepared(parts, wish, data)?;
    progress("simulating", Some(READING + 5.0));
    let input = PairInput {
        series: &series,
        signals: &signals,
        funding: wish.funding.as_ref(),
    };
    let run =
        simulate(&wish.config, &[input]).map_err(|error| failed("the run cannot be simulated", &error))?;
    Ok(Simulated { series, signals, run })
}

impl Ready<RunReport> for NativeRun {
    fn series(&self) -> Option<SeriesId> {
        Some(self.wish.series.clone())
    }

    fn run(
        self: Box<Self>,
        _run_id: String,
        progress: Progress,
    ) -> Answer<Result<RunReport, BacktestRefusal>> {
        let Self { native, wish } = *self;
        native.blocking(move |parts, raised| report(parts, &wish, raised, &progress))
    }
}

/// Runs a wish on this thread.
pub(super) fn report(
    parts: &NativeParts,
    wish: &Wish,
    raised: &AtomicBool,
    progress: &Progress,
) -> Result<RunReport, BacktestRefusal> {
    let (made, duration) = timed(|| result(parts, wish, raised, progress));
    let (result, partial) = made?;
    if parts.require_trades && result.total_trades == 0 {
        return Err(BacktestRefusal::NoTrades {
            strategy: wish.spec.name.to_owned(),
            file: None,
            stdout_tail: String::new(),
        });
    }
    let known = result.start_ms.zip(result.end_ms);
    let unfunded = known.and_then(|range| funding::warning(wish, range));
    Ok(RunReport {
        exit_code: 0,
        duration,
        command: Vec::new(),
        stdout: String::new(),
        stderr: String::new(),
        result: Ok(result),
        warnings: unfunded.into_iter().chain(partial).collect(),
    })
}

/// What a run came to, and what has to be known of the candles it had.
fn result(
    parts: &NativeParts,
    wish: &Wish,
    raised: &AtomicBool,
    progress: &Progress,
) -> Result<(RunResult, Option<&'static str>), BacktestRefusal> {
    let (data, partial) = look(parts, |snapshot| {
        let data = data::load(parts, snapshot, wish, raised, (progress, READING))?;
        let first = data.candles.first().map(Candle::time);
        let partial = first
            .map(|first| reach::warning(snapshot, wish, first))
            .transpose()?;
        Ok((data, partial.flatten()))
    })?;
    let Simulated { run, .. } = simulated(parts, wish, &data, progress)?;
    progress("writing", Some(READING + 15.0));
    let untold = |error: serde_json::Error| failed("the result cannot be written", &error);
    let result = RunResult {
        total_trades: run.trades.len() as u64,
        start_ms: Some(run.begin_ms),
        end_ms: Some(run.finish_ms),
        starting_balance: Some(run.starting_balance),
        final_balance: Some(run.final_balance),
        metrics: figures::of_run(wish, &run, &Metrics::of(&run)).map_err(untold)?,
        trades: to_raw_value(&record::trades(&run)).map_err(untold)?,
        equity: run.equity.downsampled(MAX_EQUITY_POINTS),
        file: None,
    };
    Ok((result, partial))
}

#[expect(clippy::disallowed_methods, reason = "how long a run took is told to people")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let done = work();
    (done, begun.elapsed())
}
