//! Ledger events: the append-only facts that factors emit.

use smallvec::SmallVec;
use tc_market::CandleTime;

/// Encoded payload: one format byte and the fields in declared order. Small ones need no allocation.
pub type Payload = SmallVec<[u8; 32]>;

/// Position of an event kind in its [`FactorGraph`](crate::FactorGraph); process-local, stores keep the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(pub u16);

/// One append-only fact.
///
/// `visible_time` is the candle whose close made it knowable, `anchor_time` (never later) what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEvent {
    /// Which kind of event.
    pub kind: KindId,
    /// Position within its tick, counted over all factors.
    pub ord: u16,
    /// Tick that produced the event.
    pub visible_time: CandleTime,
    /// What the event is about.
    pub anchor_time: CandleTime,
    /// Fields, encoded by the codec of the kind.
    pub payload: Payload,
}

impl LedgerEvent {
    /// Record id, `visible_time * 4096 + ord`: strictly increasing, and the same after a rebuild.
    #[must_use]
    pub const fn id(&self) -> i64 {
        self.visible_time.seconds() * 4096 + self.ord as i64
    }
}

/// Where a factor puts the events of one tick. Exact duplicates within a tick are dropped.
#[derive(Debug)]
pub struct EventSink<'a> {
    events: &'a mut Vec<LedgerEvent>,
    first_kind: u16,
    visible_time: CandleTime,
}

impl<'a> EventSink<'a> {
    pub(crate) const fn new(
        events: &'a mut Vec<LedgerEvent>,
        first_kind: u16,
        visible_time: CandleTime,
    ) -> Self {
        Self {
            events,
            first_kind,
            visible_time,
        }
    }

    /// Emits an event. `kind` counts the kinds that the factor's own spec declares.
    pub fn emit(&mut self, kind: u16, anchor_time: CandleTime, payload: Payload) {
        debug_assert!(anchor_time <= self.visible_time, "I5: an event is about the past");
        let kind = KindId(self.first_kind + kind);
        if self
            .events
            .iter()
            .any(|event| event.kind == kind && event.payload == payload)
        {
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a tick emits a handful of events")]
        let ord = self.events.len() as u16;
        self.events.push(LedgerEvent {
            kind,
            ord,
            visible_time: self.visible_time,
            anchor_time,
            payload,
        });
    }
}

/// Events that the ledger holds for one factor and one tick, in order.
#[derive(Debug, Clone, Copy)]
pub struct StoredEvents<'a> {
    events: &'a [LedgerEvent],
    first_kind: u16,
}

impl<'a> StoredEvents<'a> {
    pub(crate) const fn new(events: &'a [LedgerEvent], first_kind: u16) -> Self {
        Self { events, first_kind }
    }

    /// Events of one kind, counted as the factor's own spec declares them.
    pub fn of_kind(self, kind: u16) -> impl Iterator<Item = &'a LedgerEvent> {
        let kind = KindId(self.first_kind + kind);
        self.events.iter().filter(move |event| event.kind == kind)
    }
}
