//! Tests of the engine as a whole.

mod engine;
pub(crate) mod golden;
mod oracle;
mod record;
mod refusals;

use std::{collections::BTreeSet, convert::Infallible, sync::Arc};

use proptest::prelude::*;
use tc_market::{Candle, CandleTime};

use crate::{
    Checkpoint, Completer, FactorEngine, FactorGraph, Fingerprint, FoldMode, LedgerEvent,
    factors::{pen, pivot},
    testing::{graph_of, one_minute, walk},
};

pub(crate) fn genesis(graph: &Arc<FactorGraph>, mode: FoldMode) -> FactorEngine {
    FactorEngine::genesis(Arc::clone(graph), one_minute(), mode)
}

/// Graph of the first two factors, whose events fit on a screen.
pub(crate) fn pivot_and_pen(major: i64, minor: i64) -> Arc<FactorGraph> {
    graph_of(&[pivot::SPEC, pen::SPEC], major, minor)
}

/// Head of the pen factor as JSON text; empty: none.
pub(crate) fn pen_head(engine: &FactorEngine) -> String {
    let position = engine.graph().names().position(|name| name == "pen").unwrap();
    let head = engine.head_json(position).unwrap();
    String::from_utf8(head.unwrap_or_default()).unwrap()
}

/// Head of a factor; null: none.
pub(crate) fn head(engine: &FactorEngine, factor: &str) -> serde_json::Value {
    let position = engine.graph().names().position(|name| name == factor).unwrap();
    let head = engine.head_json(position).unwrap();
    head.map_or(serde_json::Value::Null, |head| {
        serde_json::from_slice(&head).unwrap()
    })
}

/// What a restart leaves of an engine: the encoded checkpoint after its newest candle.
pub(crate) fn saved(engine: &FactorEngine) -> Vec<u8> {
    engine
        .checkpoint(Fingerprint::from_bytes([1; 32]))
        .unwrap()
        .encode()
}

/// The engine that a restart makes of a checkpoint, with no more candles and events than it asks for. `events` are the
/// ledger, at least up to the checkpoint.
pub(crate) fn restored(
    graph: &Arc<FactorGraph>,
    mode: FoldMode,
    bytes: &[u8],
    candles: &[Candle],
    events: &[LedgerEvent],
) -> FactorEngine {
    let checkpoint = Checkpoint::decode(bytes).unwrap();
    let seen = &candles[..candles.partition_point(|candle| candle.time() <= checkpoint.time)];
    let tail = match checkpoint.needs_from(mode) {
        Some(from) => &seen[seen.partition_point(|candle| candle.time() < from)..],
        None => &[],
    };
    let needed: BTreeSet<_> = checkpoint
        .factors
        .iter()
        .filter_map(|factor| factor.needs_event)
        .collect();
    let between = |from: CandleTime, to: CandleTime| {
        let first = events.partition_point(|event| event.visible_time < from);
        let last = events.partition_point(|event| event.visible_time <= to);
        events[first..last].to_vec()
    };
    let events = needed.into_iter().flat_map(|tick| {
        let mut events = between(tick, tick);
        let earlier = |from, to| Ok::<_, Infallible>(between(from, to));
        Completer::complete_stretch(graph, &mut events, earlier).unwrap();
        events
    });
    let events: Vec<LedgerEvent> = events.collect();
    let (tail, graph) = (tail.to_vec(), Arc::clone(graph));
    FactorEngine::restore(graph, one_minute(), mode, &checkpoint, tail, &events).unwrap()
}

/// Random candles with ties, flat runs, outside bars and missing ones.
pub(crate) fn candles(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Candle>> {
    prop::collection::vec(any::<u16>(), count).prop_map(|moves| walk(&moves))
}

/// Small half widths of both pivot windows, in any proportion.
pub(crate) fn widths() -> impl Strategy<Value = (i64, i64)> {
    (1_i64..=6, 1_i64..=6)
}
