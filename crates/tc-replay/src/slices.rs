//! What changes in the slices of a series from look to look.

mod change;

use std::{cell::OnceCell, sync::Arc};

use tc_factor::{
    CodecError, FactorGraph, HeadRule, KindId, LedgerEvent, SliceInput, SlicePart, WindowEvents, WriteEntry,
};
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

/// A list of a history, and how its entries are written.
#[derive(Debug)]
struct List {
    key: &'static str,
    write: WriteEntry,
    entries: Vec<Entry>,
}

/// An entry of a history list: the event that it shows, and its text once somebody wanted it.
#[derive(Debug, Clone)]
struct Entry {
    event: i64,
    text: OnceCell<Arc<[u8]>>,
}

/// Events that entries are written from: those of the window, and those that left it since the last look.
#[derive(Debug, Clone, Copy)]
struct Source<'a>(&'a [LedgerEvent]);

impl Source<'_> {
    fn text(self, entry: &Entry, write: WriteEntry) -> Result<Arc<[u8]>, CodecError> {
        if let Some(text) = entry.text.get() {
            return Ok(Arc::clone(text));
        }
        let place = self.0.binary_search_by_key(&entry.event, LedgerEvent::id);
        let event = place.ok().and_then(|place| self.0.get(place));
        let mut text = Vec::new();
        write(event.ok_or(CodecError::Json)?, &mut text)?;
        let text: Arc<[u8]> = text.into();
        Ok(Arc::clone(entry.text.get_or_init(|| text)))
    }

    fn texts(self, entries: &[Entry], write: WriteEntry) -> Result<Vec<Arc<[u8]>>, CodecError> {
        entries.iter().map(|entry| self.text(entry, write)).collect()
    }

    fn equal(self, a: &Entry, b: &Entry, write: WriteEntry) -> Result<bool, CodecError> {
        Ok(a.event == b.event || self.text(a, write)? == self.text(b, write)?)
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
            self.touch(event.kind);
        }
        self.events.extend_from_slice(new);
        let from = time.shifted(-self.window_s);
        while let Some(event) = self
            .events
            .get(self.first)
            .filter(|event| event.visible_time < from)
        {
            let kind = event.kind;
            self.touch(kind);
            self.first += 1;
        }
    }

    fn touch(&mut self, kind: KindId) {
        let name = self.graph.factor_of(kind);
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
        let source = Source(&self.events);
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
                        looked.renew(&events, source, position, &mut histories)?;
                    }
                    let head = (*looked.head != *head).then(|| Arc::from(head));
                    if let Some(head) = &head {
                        looked.head = Arc::clone(head);
                    }
                    let differs = head.is_some() || !histories.is_empty();
                    differs.then_some(SliceChange::Delta { head, histories })
                }
                (Some(head), looked @ None) => {
                    let now = Looked::new(head.into(), &events, source, position)?;
                    let full = now.full(source)?;
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
        if self.first > 1024 && self.first > self.events.len() / 2 {
            self.events.drain(..self.first);
            self.first = 0;
        }
        changes.sort_unstable_by_key(|change| change.factor_name);
        Ok(changes)
    }

    /// The whole slices of the last look, in order of the names of the factors.
    ///
    /// # Errors
    /// [`CodecError`] when a payload cannot be read or written.
    pub fn full(&self) -> Result<Vec<FactorChange>, CodecError> {
        let source = Source(&self.events);
        let mut full = Vec::new();
        for (factor_name, tracked) in self.graph.names().zip(&self.factors) {
            if let Some(looked) = &tracked.slice {
                let change = looked.full(source)?;
                full.push(FactorChange { factor_name, change });
            }
        }
        full.sort_unstable_by_key(|change| change.factor_name);
        Ok(full)
    }
}

impl Looked {
    fn new(
        head: Arc<[u8]>,
        events: &WindowEvents<'_>,
        source: Source<'_>,
        position: usize,
    ) -> Result<Self, CodecError> {
        let mut looked = Self {
            head,
            lists: Vec::new(),
        };
        looked.renew(events, source, position, &mut Vec::new())?;
        Ok(looked)
    }

    fn full(&self, source: Source<'_>) -> Result<SliceChange, CodecError> {
        let histories = self.lists.iter();
        let histories = histories.map(|list| Ok((list.key, source.texts(&list.entries, list.write)?)));
        Ok(SliceChange::Full {
            head: Arc::clone(&self.head),
            histories: histories.collect::<Result<_, CodecError>>()?,
        })
    }

    /// Makes the lists anew and says how they differ. Entries that were there before keep their text.
    fn renew(
        &mut self,
        events: &WindowEvents<'_>,
        source: Source<'_>,
        position: usize,
        changes: &mut Vec<HistoryChange>,
    ) -> Result<(), CodecError> {
        let mut former = std::mem::take(&mut self.lists).into_iter();
        for list in events.history_lists(position)? {
            let Some(former) = former.next() else {
                let entries = list.events.iter().map(|event| Entry::of(event)).collect();
                self.lists.push(List {
                    key: list.key,
                    write: list.write,
                    entries,
                });
                continue;
            };
            let mut known = former.entries.iter();
            let mut entries = Vec::with_capacity(list.events.len());
            for event in list.events {
                let mut rest = known.clone();
                entries.push(match rest.find(|entry| entry.event == event.id()) {
                    Some(entry) => {
                        known = rest;
                        entry.clone()
                    }
                    None => Entry::of(event),
                });
            }
            let now = List {
                key: list.key,
                write: list.write,
                entries,
            };
            changes.extend(difference(&former, &now, source)?);
            self.lists.push(now);
        }
        Ok(())
    }
}

impl Entry {
    fn of(event: &LedgerEvent) -> Self {
        Self {
            event: event.id(),
            text: OnceCell::new(),
        }
    }
}

/// The smallest number of entries to drop from the front of `former` for which the rest begins `now`, and what follows.
fn difference(former: &List, now: &List, source: Source<'_>) -> Result<Option<HistoryChange>, CodecError> {
    let write = now.write;
    let begins_now = |rest: &[Entry]| -> Result<bool, CodecError> {
        if rest.len() > now.entries.len() {
            return Ok(false);
        }
        for (former, now) in rest.iter().zip(&now.entries) {
            if !source.equal(former, now, write)? {
                return Ok(false);
            }
        }
        Ok(true)
    };
    let mut drop = 0;
    while !begins_now(&former.entries[drop..])? {
        drop += 1;
    }
    let append = &now.entries[former.entries.len() - drop..];
    if drop == 0 && append.is_empty() {
        return Ok(None);
    }
    Ok(Some(HistoryChange {
        key: now.key,
        drop,
        append: source.texts(append, write)?,
    }))
}
