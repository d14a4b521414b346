//! Tests of the engine as a whole.

mod engine;
mod golden;
pub(crate) mod naive;
mod refusals;

use std::sync::Arc;

use proptest::prelude::*;
use tc_market::Candle;

use crate::{
    Checkpoint, FactorEngine, FactorGraph, Fingerprint, FoldMode,
    testing::{one_minute, walk},
};

pub(crate) fn genesis(graph: &Arc<FactorGraph>, mode: FoldMode) -> FactorEngine {
    FactorEngine::genesis(Arc::clone(graph), one_minute(), mode)
}

/// Head of the pen factor as JSON text; empty: none.
pub(crate) fn pen_head(engine: &FactorEngine) -> String {
    let position = engine.graph().names().position(|name| name == "pen").unwrap();
    let head = engine.head_json(position).unwrap();
    String::from_utf8(head.unwrap_or_default()).unwrap()
}

/// What a restart leaves of an engine: the encoded checkpoint after its newest candle.
pub(crate) fn saved(engine: &FactorEngine) -> Vec<u8> {
    engine
        .checkpoint(Fingerprint::from_bytes([1; 32]))
        .unwrap()
        .encode()
}

/// The engine that a restart makes of a checkpoint, with no more candles than it asks for.
pub(crate) fn restored(
    graph: &Arc<FactorGraph>,
    mode: FoldMode,
    bytes: &[u8],
    candles: &[Candle],
) -> FactorEngine {
    let checkpoint = Checkpoint::decode(bytes).unwrap();
    let seen = &candles[..candles.partition_point(|candle| candle.time() <= checkpoint.time)];
    let tail = match checkpoint.needs_from(mode) {
        Some(from) => &seen[seen.partition_point(|candle| candle.time() < from)..],
        None => &[],
    };
    FactorEngine::restore(Arc::clone(graph), one_minute(), mode, &checkpoint, tail.to_vec()).unwrap()
}

/// Random candles with ties, flat runs, outside bars and missing ones.
pub(crate) fn candles(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Candle>> {
    prop::collection::vec(any::<u16>(), count).prop_map(|moves| walk(&moves))
}

/// Small half widths of both pivot windows, in any proportion.
pub(crate) fn widths() -> impl Strategy<Value = (i64, i64)> {
    (1_i64..=6, 1_i64..=6)
}
