//! The factor engine: in memory, beside what it replaces, and with a store.

mod memory;
mod recompute;
mod stored;
mod walk;

use std::{sync::Arc, time::Duration};

use tc_factor::{FactorEngine, FactorGraph, FactorSettings, FactorSpec, FoldMode, factors::FACTORS};
use tc_market::{Candle, Timeframe};

use crate::report::{Report, busy};

/// Factors that look at candles and each other only a little back.
const LINES: &[&str] = &["pivot", "pen", "zhongshu", "anchor"];
/// The chain with support and resistance.
const CHAIN: &[&str] = &["pivot", "pen", "zhongshu", "anchor", "sr"];

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    memory::run(report)?;
    recompute::run(report)?;
    stored::run(report)
}

/// The graph of the named factors with default settings.
fn graph(names: &[&str]) -> anyhow::Result<Arc<FactorGraph>> {
    let specs: Vec<FactorSpec> = FACTORS
        .iter()
        .filter(|spec| names.contains(&spec.factor_name))
        .copied()
        .collect();
    Ok(Arc::new(FactorGraph::build(&specs, &FactorSettings::default())?))
}

/// The graph of every factor with default settings.
fn every() -> anyhow::Result<Arc<FactorGraph>> {
    Ok(Arc::new(FactorGraph::build(FACTORS, &FactorSettings::default())?))
}

/// `pivot, pen, …`: what runs, in order.
fn names(graph: &FactorGraph) -> String {
    graph.names().collect::<Vec<_>>().join(", ")
}

/// An engine that has seen nothing and computes.
fn genesis(graph: &Arc<FactorGraph>, timeframe: Timeframe) -> FactorEngine {
    FactorEngine::genesis(Arc::clone(graph), timeframe, FoldMode::Compute)
}

/// Computes these candles; says how many events came and how long a processor was busy with it.
fn advance(engine: &mut FactorEngine, candles: &[Candle]) -> anyhow::Result<(usize, Duration)> {
    let (events, took) = busy(|| {
        candles.iter().try_fold(0, |events, candle| {
            engine.compute(candle).map(|new| events + new.len())
        })
    });
    Ok((events?, took))
}
