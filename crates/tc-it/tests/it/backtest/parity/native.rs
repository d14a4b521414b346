//! A case in the engine of this program.

use tc_backtest::{FundingSeries, PairInput, PairSeries, Run, Signal, SignalColumns, Trading, simulate};

use super::cases::{RandomCase, RandomPair};

const SIGNALS: [Signal; 4] = [
    Signal::EnterLong,
    Signal::ExitLong,
    Signal::EnterShort,
    Signal::ExitShort,
];

impl RandomCase {
    pub(super) fn run(&self) -> Run {
        let futures = matches!(self.config.trading, Trading::Futures { .. });
        let prepared = |pair: &RandomPair| {
            let market = pair.market.market.clone();
            PairSeries::prepare(market, &pair.candles, self.timeframe, self.range).unwrap()
        };
        let series: Vec<PairSeries> = self.pairs.iter().map(prepared).collect();
        let first_ms = series.iter().map(|series| series.time_ms(0)).min().unwrap();
        let span = self.range.span(first_ms, self.timeframe.seconds() * 1_000);
        let ready: Vec<_> = (self.pairs.iter().zip(series))
            .map(|(pair, series)| {
                let funding = futures.then(|| FundingSeries::new(&pair.rates, &pair.marks, span.clone()));
                (series, columns(pair), funding)
            })
            .collect();
        let inputs: Vec<_> = ready
            .iter()
            .map(|(series, signals, funding)| PairInput {
                series,
                signals,
                funding: funding.as_ref(),
            })
            .collect();
        simulate(&self.config, &inputs).unwrap()
    }
}

fn columns(pair: &RandomPair) -> SignalColumns {
    let mut columns = SignalColumns::new(pair.signals.len());
    for (at, row) in pair.signals.iter().enumerate() {
        for (signal, _) in SIGNALS.iter().zip(row.flags).filter(|(_, is_set)| *is_set) {
            columns.set(at, *signal);
        }
        if !row.enter_tag.is_empty() {
            columns.tag_entry(at, row.enter_tag.into());
        }
        if !row.exit_tag.is_empty() {
            columns.tag_exit(at, row.exit_tag.into());
        }
    }
    columns
}
