//! The engine against the naive model: every factor, every event, every head.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;
use tc_market::Candle;

use super::{candles, genesis, restored, saved, widths};
use crate::{
    Completer, FactorEngine, FactorGraph, FoldMode, LedgerEvent, SliceInput, SlicePart, WindowEvents,
    testing::{
        complete, difference,
        examples::examples,
        graph, market, moves,
        naive::{Heads, Naive, NaiveEvent, NaivePayload, Settings, Side, Size},
        one_minute, walk,
    },
};

/// The factors that the contract describes; others may run beside them.
const OF_THE_CONTRACT: [&str; 5] = ["pivot", "pen", "zhongshu", "anchor", "sr"];

/// How the model is held against an engine over one series.
struct Watch {
    graph: Arc<FactorGraph>,
    naive: Naive,
    /// Text of each head that was found right, and the head of the model that it belongs to.
    right: Vec<(Vec<u8>, Option<Heads>)>,
}

impl Watch {
    fn new(graph: &Arc<FactorGraph>, major: i64, minor: i64) -> Self {
        Self {
            graph: Arc::clone(graph),
            naive: Naive::new(Settings::new(major, minor, one_minute())),
            right: vec![(Vec::new(), None); OF_THE_CONTRACT.len()],
        }
    }

    /// Where the events of the newest tick differ; `found` are complete.
    fn events(&mut self, candle: &Candle, found: &[LedgerEvent]) -> Option<String> {
        let graph = Arc::clone(&self.graph);
        let of_the_contract =
            |event: &&LedgerEvent| OF_THE_CONTRACT.contains(&graph.factor_of(event.kind).unwrap());
        let mut found = found.iter().filter(of_the_contract);
        for expected in self.naive.step(candle) {
            let Some(event) = found.next() else {
                return Some(format!("no event where {} is due", expected.key()));
            };
            if let Some(differs) = event_difference(&graph, event, expected) {
                return Some(differs);
            }
        }
        found.next().map(|event| format!("{event:?} is too much"))
    }

    /// Where a head of the engine differs from the model after the newest candle.
    fn heads(&mut self, engine: &FactorEngine) -> Option<String> {
        let heads = self.naive.heads();
        for (n, factor) in OF_THE_CONTRACT.into_iter().enumerate() {
            let position = self.graph.names().position(|name| name == factor).unwrap();
            let found = engine.head_json(position).unwrap().unwrap_or_default();
            let (known, of) = &mut self.right[n];
            // Snapshots are large and stay the same for long.
            let same_as_before = factor == "sr"
                && *known == found
                && of.as_ref().is_some_and(|of| match (&of.sr, &heads.sr) {
                    (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                    (None, None) => true,
                    _ => false,
                });
            if same_as_before {
                continue;
            }
            let parsed = if found.is_empty() {
                Value::Null
            } else {
                serde_json::from_slice(&found).unwrap()
            };
            if let Some(differs) = difference(&parsed, &heads.json_of(factor).unwrap_or(Value::Null)) {
                return Some(format!("head of {factor}{differs}"));
            }
            (*known, *of) = (found, Some(heads.clone()));
        }
        None
    }

    /// Where a slice over the newest `window_candles` differs; `events` is the complete ledger.
    fn slices(&self, engine: &FactorEngine, events: &[LedgerEvent], window_candles: i64) -> Option<String> {
        let at = engine.head()?;
        let from = at.shifted(-window_candles * one_minute().seconds());
        let window = &events[events.partition_point(|event| event.visible_time < from)..];
        let expected = self.naive.slices(window_candles).to_json();
        for (position, spec) in self.graph.specs().enumerate() {
            if !OF_THE_CONTRACT.contains(&spec.factor_name) {
                continue;
            }
            let input = SliceInput {
                position,
                events: WindowEvents::new(&self.graph, window),
                engine,
                at,
                part: SlicePart::All,
            };
            let found = (spec.slice)(&input).unwrap().map_or(Value::Null, |slice| {
                let part = |json: &[u8]| serde_json::from_slice::<Value>(json).unwrap();
                serde_json::json!({"history": part(&slice.history), "head": part(&slice.head)})
            });
            let expected = expected.get(spec.factor_name).unwrap_or(&Value::Null);
            if let Some(differs) = difference(&found, expected) {
                return Some(format!("slice of {}{differs}", spec.factor_name));
            }
        }
        None
    }
}

fn event_difference(graph: &FactorGraph, found: &LedgerEvent, expected: &NaiveEvent) -> Option<String> {
    let kind = graph.kind_spec(found.kind).unwrap();
    let head = format!(
        "{} {} {}",
        found.visible_time,
        kind.name,
        (kind.event_key)(found).unwrap()
    );
    let due = format!("{} {} {}", expected.visible_time, expected.kind(), expected.key());
    if head != due {
        return Some(format!("{head} instead of {due}"));
    }
    let mut json = Vec::new();
    (kind.write_json)(found, &mut json).unwrap();
    let differs = difference(&serde_json::from_slice(&json).unwrap(), &expected.payload_json())?;
    Some(format!("{head}{differs}"))
}

/// Runs engine and model over `candles`, with a restart of the engine after every `restart_every` candles.
fn compare(
    candles: &[Candle],
    major: i64,
    minor: i64,
    restart_every: Option<usize>,
) -> Result<Naive, String> {
    let graph = graph(major, minor);
    let mut watch = Watch::new(&graph, major, minor);
    let mut engine = genesis(&graph, FoldMode::Compute);
    let mut completer = Completer::new(&graph);
    let (mut ledger, mut completed): (Vec<LedgerEvent>, Vec<LedgerEvent>) = (Vec::new(), Vec::new());
    for (n, candle) in candles.iter().enumerate() {
        let first = completed.len();
        for event in engine.compute(candle).unwrap() {
            ledger.push(event.clone());
            let mut event = event.clone();
            completer.complete(&mut event).unwrap();
            completed.push(event);
        }
        let place = |differs| format!("W {major}, w {minor}, candle {n} at {}: {differs}", candle.time());
        watch
            .events(candle, &completed[first..])
            .map_or(Ok(()), |differs| Err(place(differs)))?;
        watch
            .heads(&engine)
            .map_or(Ok(()), |differs| Err(place(differs)))?;
        if n % 37 == 36 || n + 1 == candles.len() {
            for window in [5, 40, 2000] {
                let differs = watch.slices(&engine, &completed, window);
                differs.map_or(Ok(()), |differs| Err(place(format!("{window}: {differs}"))))?;
            }
        }
        if restart_every.is_some_and(|every| (n + 1) % every == 0) {
            engine = restored(&graph, FoldMode::Compute, &saved(&engine), candles, &ledger);
        }
    }
    if complete(&graph, &ledger) != completed {
        return Err("completing one by one and all at once differ".to_owned());
    }
    Ok(watch.naive)
}

#[test]
fn worked_examples() {
    for example in examples() {
        let graph = graph(example.major, example.minor);
        let mut engine = genesis(&graph, FoldMode::Compute);
        let mut events = Vec::new();
        for candle in &example.candles {
            events.extend_from_slice(engine.compute(candle).unwrap());
            for factor in OF_THE_CONTRACT {
                let head = super::head(&engine, factor);
                let head = (!head.is_null()).then_some(&head);
                example.check_head(candle.time().seconds(), factor, head);
            }
        }
        let record = |event: &LedgerEvent| {
            let kind = graph.kind_spec(event.kind).unwrap();
            let mut json = Vec::new();
            (kind.write_json)(event, &mut json).unwrap();
            let key = (kind.event_key)(event).unwrap();
            (
                event.visible_time.seconds(),
                kind.name.to_owned(),
                key,
                serde_json::from_slice::<Value>(&json).unwrap(),
            )
        };
        example.check_events(complete(&graph, &events).iter().map(record));
    }
}

proptest! {
    #[test]
    fn engine_and_model_agree_on_every_factor(
        candles in candles(1..160), (major, minor) in widths(), restart_every in prop::option::of(1_usize..20),
    ) {
        if let Err(differs) = compare(&candles, major, minor, restart_every) {
            return Err(TestCaseError::fail(differs));
        }
    }
}

/// Majors of one side that the model found.
fn majors(naive: &Naive, side: Side) -> usize {
    let majors = naive.events().iter().filter(|event| {
        matches!(&event.payload, NaivePayload::Pivot(pivot) if pivot.size == Size::Major && pivot.direction == side)
    });
    majors.count()
}

/// Long enough for more pivots than a snapshot looks at, on both sides.
fn compare_long(candles: &[Candle], major: i64, minor: i64, restart_every: Option<usize>) {
    let naive = compare(candles, major, minor, restart_every).unwrap();
    for side in [Side::Resistance, Side::Support] {
        let majors = majors(&naive, side);
        assert!(
            majors > 210,
            "{majors} majors do not fill the newest 200 of {side:?}"
        );
    }
}

#[test]
fn engine_and_model_agree_beyond_200_majors_a_side_on_a_coarse_grid() {
    compare_long(&walk(&moves(3, 1_000)), 1, 2, Some(97));
}

#[test]
fn engine_and_model_agree_beyond_200_majors_a_side_on_prices_of_a_market() {
    compare_long(&market(11, 1_000), 1, 1, Some(61));
}
