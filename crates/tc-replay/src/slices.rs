//! What changes in the slices of a series from look to look.

mod change;

use std::sync::Arc;

use tc_factor::{CodecError, FactorGraph, HeadRule, LedgerEvent, SliceInput, SlicePart, WindowEvents};
use tc_market::CandleTime;
use tc_overlay::SeriesFold;

pub use self::change::{FactorChange, HistoryChange, SliceChange, SliceMeta};

/// The slices as they were when somebody looked last, and the events of the window since then.
///
/// A history is compared event by event, never as text: what a bar costs depends on what it changes, not on the length
/// of the window.
#[derive(Debug)]
pub struct SliceTracker {
    graph: Arc<FactorGraph>,
    window_s: i64,
    /// Events in ledger order, complete; those before `first` have left the window.
    events: Vec<LedgerEvent>,
    first: usize,
    factors: Vec<Tracked>,
}

/// What is known of one factor.
#[derive(Debug)]
struct Tracked {
    /// Events of the factor, or of one that it reads, came or went since the last look.
    touched: bool,
    /// Its own did.
    own_touched: bool,
    slice: Option<Looked>,
}

impl Tracked {
    /// Of a factor that nobody has looked at: its head may have come from before the window.
    const fn unknown() -> Self {
        Self {
            touched: true,
            own_touched: true,
            slice: None,
        }
    }
}

/// A slice as it was looked at.
#[derive(Debug)]
struct Looked {
    head: Arc<[u8]>,
    lists: Vec<List>,
}

#[derive(Debug)]
pub(crate) struct List {
    pub(crate) key: &'static str,
    entries: Vec<Entry>,
}

impl List {
    pub(crate) fn texts(&self) -> impl Iterator<Item = &Arc<[u8]>> {
        self.entries.iter().map(|entry| &entry.text)
    }
}

/// An entry of a history list and the event that it shows.
#[derive(Debug, Clone)]
struct Entry {
    event: i64,
    text: Arc<[u8]>,
}

impl Entry {
    fn equals(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.text, &other.text) || self.text == other.text
    }
}

impl SliceTracker {
    /// A tracker that has seen nothing, for slices over windows of `window_s` seconds.
    #[must_use]
    pub fn new(graph: Arc<FactorGraph>, window_s: i64) -> Self {
        let factors = graph.specs().map(|_| Tracked::unknown()).collect();
        Self {
            graph,
            window_s,
            events: Vec::new(),
            first: 0,
            factors,
        }
    }

    /// Moves the window to end at `time`. `new` are the events since the last move (at first all of the window) in
    /// ledger order, with complete payloads.
    pub fn advance(&mut self, time: CandleTime, new: &[LedgerEvent]) {
        for event in new {
            self.touch(event);
        }
        self.events.extend_from_slice(new);
        let from = time.shifted(-self.window_s);
        while let Some(event) = self
            .events
            .get(self.first)
            .filter(|event| event.visible_time < from)
        {
            let event = event.clone();
            self.touch(&event);
            self.first += 1;
        }
        if self.first > 1024 && self.first > self.events.len() / 2 {
            self.events.drain(..self.first);
            self.first = 0;
        }
    }

    fn touch(&mut self, event: &LedgerEvent) {
        let name = self.graph.factor_of(event.kind);
        let position = self.graph.names().position(|other| Some(other) == name);
        if let Some(tracked) = position.and_then(|position| self.factors.get_mut(position)) {
            tracked.touched = true;
            tracked.own_touched = true;
        }
    }

    /// Looks at the slices at the newest candle of `fold`, to which the window was moved, and says what changed since the
    /// last look. In order of the names of the factors.
    ///
    /// # Errors
    /// [`CodecError`] when a payload cannot be read or written.
    pub fn take(&mut self, fold: &SeriesFold) -> Result<Vec<FactorChange>, CodecError> {
        let graph = Arc::clone(&self.graph);
        let events = WindowEvents::new(&graph, &self.events[self.first..]);
        let mut changes = Vec::new();
        for (position, spec) in graph.specs().enumerate() {
            let upstream = graph.upstream(position);
            let touched = self.factors[position].touched || upstream.iter().any(|n| self.factors[*n].touched);
            let tracked = &mut self.factors[position];
            tracked.touched = touched;
            if !touched && spec.head != HeadRule::State {
                continue;
            }
            let input = SliceInput {
                position,
                events,
                engine: fold.factors(),
                at: fold.head().unwrap_or(CandleTime::MIN),
                part: SlicePart::Head,
            };
            let head = (spec.slice)(&input)?.map(|slice| slice.head);
            let change = match (head, &mut tracked.slice) {
                (None, None) => None,
                (None, looked) => {
                    *looked = None;
                    Some(SliceChange::Absent)
                }
                (Some(head), Some(looked)) => {
                    let mut histories = Vec::new();
                    if tracked.own_touched {
                        looked.renew(&events, position, &mut histories)?;
                    }
                    let head = (*looked.head != *head).then(|| Arc::from(head));
                    if let Some(head) = &head {
                        looked.head = Arc::clone(head);
                    }
                    let differs = head.is_some() || !histories.is_empty();
                    differs.then_some(SliceChange::Delta { head, histories })
                }
                (Some(head), looked @ None) => {
                    let now = Looked::new(head.into(), &events, position)?;
                    let full = now.full();
                    *looked = Some(now);
                    Some(full)
                }
            };
            tracked.own_touched = false;
            changes.extend(change.map(|change| FactorChange {
                factor_name: spec.factor_name,
                change,
            }));
        }
        for tracked in &mut self.factors {
            tracked.touched = false;
        }
        changes.sort_unstable_by_key(|change| change.factor_name);
        Ok(changes)
    }

    /// The whole slices of the last look, in order of the names of the factors.
    #[must_use]
    pub fn full(&self) -> Vec<FactorChange> {
        let looked = self.graph.names().zip(&self.factors);
        let mut full: Vec<FactorChange> = looked
            .filter_map(|(factor_name, tracked)| {
                let change = tracked.slice.as_ref()?.full();
                Some(FactorChange { factor_name, change })
            })
            .collect();
        full.sort_unstable_by_key(|change| change.factor_name);
        full
    }
}

impl Looked {
    fn new(head: Arc<[u8]>, events: &WindowEvents<'_>, position: usize) -> Result<Self, CodecError> {
        let mut looked = Self {
            head,
            lists: Vec::new(),
        };
        looked.renew(events, position, &mut Vec::new())?;
        Ok(looked)
    }

    fn full(&self) -> SliceChange {
        SliceChange::Full {
            head: Arc::clone(&self.head),
            histories: self
                .lists
                .iter()
                .map(|list| (list.key, list.texts().cloned().collect()))
                .collect(),
        }
    }

    /// Makes the lists anew; texts of entries that were there before are not written again.
    fn renew(
        &mut self,
        events: &WindowEvents<'_>,
        position: usize,
        changes: &mut Vec<HistoryChange>,
    ) -> Result<(), CodecError> {
        let lists = events.history_lists(position)?;
        self.lists.resize_with(lists.len(), || List {
            key: "",
            entries: Vec::new(),
        });
        for (former, list) in self.lists.iter_mut().zip(lists) {
            let mut known = former.entries.iter();
            let mut entries = Vec::with_capacity(list.events.len());
            for event in list.events {
                let mut rest = known.clone();
                entries.push(match rest.find(|entry| entry.event == event.id()) {
                    Some(entry) => {
                        known = rest;
                        entry.clone()
                    }
                    None => {
                        let mut text = Vec::new();
                        (list.write)(event, &mut text)?;
                        Entry {
                            event: event.id(),
                            text: text.into(),
                        }
                    }
                });
            }
            let change = difference(list.key, &former.entries, &entries);
            *former = List {
                key: list.key,
                entries,
            };
            changes.extend(change);
        }
        Ok(())
    }
}

/// The smallest number of entries to drop from the front of `former` for which the rest begins `now`, and what follows.
fn difference(key: &'static str, former: &[Entry], now: &[Entry]) -> Option<HistoryChange> {
    let begins_now = |rest: &[Entry]| {
        rest.len() <= now.len() && rest.iter().zip(now).all(|(former, now)| former.equals(now))
    };
    let drop = (0..=former.len()).find(|drop| begins_now(&former[*drop..]))?;
    let append = &now[former.len() - drop..];
    (drop > 0 || !append.is_empty()).then(|| HistoryChange {
        key,
        drop,
        append: append.iter().map(|entry| Arc::clone(&entry.text)).collect(),
    })
}
