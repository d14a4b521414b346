//! Factor slices: head plus history of a window, as JSON objects.

use tc_market::CandleTime;

use crate::{CodecError, Completer, FactorEngine, FactorGraph, HistoryList, KindId, LedgerEvent, SortKey};

/// Events of a window in ledger order.
#[derive(Debug, Clone, Copy)]
pub struct WindowEvents<'a> {
    graph: &'a FactorGraph,
    events: &'a [LedgerEvent],
}

impl<'a> WindowEvents<'a> {
    /// `events` must be in ledger order, `(visible_time, ord)` ascending.
    #[must_use]
    pub const fn new(graph: &'a FactorGraph, events: &'a [LedgerEvent]) -> Self {
        Self { graph, events }
    }

    /// Events of the kind called `name`, in ledger order.
    pub fn of_kind(&self, name: &str) -> impl Iterator<Item = &'a LedgerEvent> + use<'a> {
        let kind = self.graph.kind(name);
        self.events.iter().filter(move |event| Some(event.kind) == kind)
    }

    /// Events of a kind, in ledger order.
    pub(crate) fn of_kind_id(&self, kind: KindId) -> impl Iterator<Item = &'a LedgerEvent> + use<'a> {
        self.events.iter().filter(move |event| event.kind == kind)
    }

    /// Whether the window holds an event of the kind called `name`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.of_kind(name).next().is_some()
    }

    /// The graph that the events belong to.
    #[must_use]
    pub const fn graph(&self) -> &'a FactorGraph {
        self.graph
    }
}

/// Which parts of a slice are wanted. Whether a factor has a slice does not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SlicePart {
    /// Head and history.
    #[default]
    All,
    /// The head alone.
    Head,
    /// The history alone.
    History,
}

/// What a factor builds its slice from.
#[derive(Debug, Clone, Copy)]
pub struct SliceInput<'a> {
    /// Position of the factor in the graph.
    pub position: usize,
    /// Events of the window. Of a kind that is stored as differences the first one is complete, unless only the head is
    /// wanted.
    pub events: WindowEvents<'a>,
    /// Factors as of `at`.
    pub engine: &'a FactorEngine,
    /// Newest candle of the window.
    pub at: CandleTime,
    /// What is wanted; the other part of the slice is `{}`.
    pub part: SlicePart,
}

/// History and head of one factor, each a JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Lists of event payloads per bucket.
    pub history: Vec<u8>,
    /// Head at the newest candle; `{}` when there is none.
    pub head: Vec<u8>,
}

impl SliceInput<'_> {
    /// Head of this factor, `{}` when it has none or the head is not wanted.
    ///
    /// # Errors
    /// [`CodecError::Json`].
    pub fn head(&self) -> Result<Vec<u8>, CodecError> {
        self.head_by(|| Ok(self.engine.head_json(self.position)?.unwrap_or_else(nothing)))
    }

    /// Head object that `write` makes, for factors whose slice shows another head than their own; `{}`, and `write` not
    /// called, when the head is not wanted.
    ///
    /// # Errors
    /// What `write` answers.
    pub fn head_by(
        &self,
        write: impl FnOnce() -> Result<Vec<u8>, CodecError>,
    ) -> Result<Vec<u8>, CodecError> {
        match self.part {
            SlicePart::All | SlicePart::Head => write(),
            SlicePart::History => Ok(nothing()),
        }
    }

    /// History object with the lists of this factor; `{}` when the history is not wanted.
    ///
    /// # Errors
    /// [`CodecError`] when a payload cannot be read or written.
    pub fn history(&self) -> Result<Vec<u8>, CodecError> {
        self.history_by(|| self.lists())
    }

    /// History object that `write` makes, for factors whose history is not the list of their events; `{}`, and `write`
    /// not called, when the history is not wanted.
    ///
    /// # Errors
    /// What `write` answers.
    pub fn history_by(
        &self,
        write: impl FnOnce() -> Result<Vec<u8>, CodecError>,
    ) -> Result<Vec<u8>, CodecError> {
        match self.part {
            SlicePart::All | SlicePart::History => write(),
            SlicePart::Head => Ok(nothing()),
        }
    }

    fn lists(&self) -> Result<Vec<u8>, CodecError> {
        let node = self.events.graph.nodes().get(self.position);
        let chained = node.is_some_and(|node| node.spec.events.iter().any(|kind| kind.chain.is_some()));
        if !chained {
            return write_history(&self.events.history_lists(self.position)?);
        }
        let mut completer = Completer::new(self.events.graph);
        let mut complete = self.events.events.to_vec();
        for event in &mut complete {
            completer.complete(event)?;
        }
        let complete = WindowEvents::new(self.events.graph, &complete);
        write_history(&complete.history_lists(self.position)?)
    }
}

fn write_history(lists: &[HistoryList<'_>]) -> Result<Vec<u8>, CodecError> {
    let mut out = vec![b'{'];
    for (n, list) in lists.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        out.push(b'"');
        out.extend_from_slice(list.key.as_bytes());
        out.extend_from_slice(b"\":");
        list.write_json(&mut out)?;
    }
    out.push(b'}');
    Ok(out)
}

fn nothing() -> Vec<u8> {
    b"{}".to_vec()
}

/// Stable sort of events by the keys of their bucket; ledger order where the keys are equal.
pub fn sorted_bucket<'a>(
    events: impl Iterator<Item = &'a LedgerEvent>,
    sort: &[SortKey],
) -> Vec<&'a LedgerEvent> {
    let mut events: Vec<_> = events.collect();
    if !sort.is_empty() {
        events.sort_by(|a, b| {
            let key = |event: &LedgerEvent, key: SortKey| match key {
                SortKey::VisibleTime => event.visible_time,
                SortKey::AnchorTime => event.anchor_time,
            };
            sort.iter()
                .map(|k| key(a, *k).cmp(&key(b, *k)))
                .fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        });
    }
    events
}

/// Writes a JSON list of payloads.
///
/// # Errors
/// [`CodecError`] of the first event that cannot be written.
pub fn write_list<'a>(
    out: &mut Vec<u8>,
    events: impl IntoIterator<Item = &'a LedgerEvent>,
    write: fn(&LedgerEvent, &mut Vec<u8>) -> Result<(), CodecError>,
) -> Result<(), CodecError> {
    out.push(b'[');
    for (n, event) in events.into_iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        write(event, out)?;
    }
    out.push(b']');
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{FoldMode, testing};

    fn genesis(graph: &Arc<FactorGraph>) -> FactorEngine {
        FactorEngine::genesis(Arc::clone(graph), testing::one_minute(), FoldMode::Compute)
    }

    /// History and head of every factor after these candles.
    /// Factor, history and head.
    type Row = (&'static str, String, String);

    fn slices(part: SlicePart) -> Vec<Row> {
        let graph = testing::graph(1, 1);
        let mut engine = genesis(&graph);
        let mut events = Vec::new();
        let candles = testing::prices("3 5 3 4 5 3 3 6");
        for candle in &candles {
            events.extend_from_slice(engine.compute(candle).unwrap());
        }
        let events = testing::complete(&graph, &events);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let slice = |(position, spec): (usize, &crate::FactorSpec)| {
            let input = SliceInput {
                position,
                events: WindowEvents::new(&graph, &events),
                engine: &engine,
                at: candles[7].time(),
                part,
            };
            let slice = (spec.slice)(&input).unwrap()?;
            Some((spec.factor_name, text(slice.history), text(slice.head)))
        };
        graph.specs().enumerate().filter_map(slice).collect()
    }

    #[test]
    fn a_part_that_is_not_wanted_is_empty_and_the_other_one_as_it_is() {
        let all = slices(SlicePart::All);
        let (_, history, head) = all.iter().find(|slice| slice.0 == "pen").unwrap();
        assert!(history.starts_with("{\"confirmed\":[{") && head.starts_with("{\"extending\":{"));
        let only = |part: fn(&Row) -> Row| all.iter().map(part).collect::<Vec<_>>();
        assert_eq!(
            slices(SlicePart::Head),
            only(|(name, _, head)| (name, "{}".to_owned(), head.clone()))
        );
        assert_eq!(
            slices(SlicePart::History),
            only(|(name, history, _)| (name, history.clone(), "{}".to_owned()))
        );
    }

    #[test]
    fn what_is_not_wanted_is_not_made() {
        let graph = testing::graph(1, 1);
        let engine = genesis(&graph);
        let input = |part| SliceInput {
            position: 0,
            events: WindowEvents::new(&graph, &[]),
            engine: &engine,
            at: CandleTime::MIN,
            part,
        };
        let made = || Ok(b"[]".to_vec());
        let refused = || panic!("not wanted");
        assert_eq!(input(SlicePart::All).head_by(made).unwrap(), b"[]");
        assert_eq!(input(SlicePart::Head).head_by(made).unwrap(), b"[]");
        assert_eq!(input(SlicePart::History).head_by(refused).unwrap(), b"{}");
        assert_eq!(input(SlicePart::All).history_by(made).unwrap(), b"[]");
        assert_eq!(input(SlicePart::History).history_by(made).unwrap(), b"[]");
        assert_eq!(input(SlicePart::Head).history_by(refused).unwrap(), b"{}");
    }
}
