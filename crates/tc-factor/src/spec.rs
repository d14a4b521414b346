//! What a factor declares and what it implements.

use std::{any::Any, fmt::Debug};

use tc_market::CandleTime;

use crate::{
    CandleWindow, CodecError, EventSink, FactorEngine, FeatureValue, FoldMode, HistoryRule, LedgerEvent,
    ParamSpec, Params, Payload, Reader, Slice, SliceInput, StoredEvents, Tick,
};

/// Where the head of a factor comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadRule {
    /// The factor has no head.
    None,
    /// The head is a function of the newest event of this kind (counted within the factor).
    LastEvent(u16),
    /// The head is a function of the factor's state.
    State,
}

/// Key that a bucket of events is sorted by, on top of ledger order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// The tick of the event.
    VisibleTime,
    /// What the event is about.
    AnchorTime,
}

/// One kind of event that a factor emits.
#[derive(Debug, Clone, Copy)]
pub struct EventKindSpec {
    /// Full name, `factor.kind`.
    pub name: &'static str,
    /// Name of its list in the history of the slice.
    pub bucket: &'static str,
    /// Order of that list; empty for ledger order.
    pub sort: &'static [SortKey],
    /// Unique key of the fact within its factor, computed from the payload.
    pub event_key: fn(&LedgerEvent) -> Result<String, CodecError>,
    /// Writes the payload as a JSON object.
    pub write_json: fn(&LedgerEvent, &mut Vec<u8>) -> Result<(), CodecError>,
    /// The field `direction` of the payload as JSON has it; `None`: the payload has no such field, or it is no scalar.
    pub direction: Option<ReadDirection>,
    /// For payloads that are differences to the event of this kind before: how to complete them. Key and JSON are of
    /// complete payloads only.
    pub chain: Option<ChainSpec>,
}

/// Reads the field `direction` of a payload.
pub type ReadDirection = fn(&LedgerEvent) -> Result<FeatureValue, CodecError>;

/// How payloads that are differences are made complete.
#[derive(Debug, Clone, Copy)]
pub struct ChainSpec {
    /// Tick of the complete event that the chain of this one begins with; its own when it is complete.
    pub base_time: fn(&LedgerEvent) -> Result<CandleTime, CodecError>,
    /// Complete payload of an event, given the complete event of its kind before it.
    pub complete: fn(&LedgerEvent, Option<&LedgerEvent>) -> Result<Payload, CodecError>,
}

/// One entry of a factor in the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct FeatureSpec {
    /// Key that drawings carry as `feature`.
    pub key: &'static str,
    /// Text for people.
    pub label: &'static str,
    /// Whether it is shown before anyone chose.
    pub default_visible: bool,
}

/// Identity of something that can be so at a candle: a zone, a level.
pub type Mark = [i64; 3];

/// Something to stop at that the ledger has no event of: the first candle at which a mark is set that was not set at the
/// candle before.
#[derive(Debug, Clone, Copy)]
pub struct MomentSpec {
    /// `factor.word`, beside the names of the event kinds.
    pub name: &'static str,
    /// Appends the marks that are set at the newest candle.
    pub marks: fn(&FactorEngine, &mut Vec<Mark>),
}

/// Everything the registry knows of a factor.
#[derive(Debug, Clone, Copy)]
pub struct FactorSpec {
    /// `[a-z][a-z0-9_]*`.
    pub factor_name: &'static str,
    /// Factors whose state of the same tick this one reads.
    pub depends_on: &'static [&'static str],
    /// Raised with every change of what the factor emits.
    pub logic_version: &'static str,
    /// Parameters that enter the fingerprint.
    pub params: &'static [ParamSpec],
    /// Event kinds in declared order.
    pub events: &'static [EventKindSpec],
    /// Where the head comes from.
    pub head: HeadRule,
    /// What the lists of its history are.
    pub history: HistoryRule,
    /// What a reader can stop at beside its events.
    pub moments: &'static [MomentSpec],
    /// Text for people; empty: made from the name.
    pub label: &'static str,
    /// Whether the factor is shown before anyone chose.
    pub default_visible: bool,
    /// Catalogue entries; empty: the event kinds.
    pub features: &'static [FeatureSpec],
    /// Whether its events take part in feature vectors.
    pub enable_feature: bool,
    /// A factor at genesis.
    pub new: fn(&Params) -> Box<dyn Factor>,
    /// Builds the slice of a window; `None`: nothing to report.
    pub slice: fn(&SliceInput<'_>) -> Result<Option<Slice>, CodecError>,
}

/// What a factor gets to go on from its saved state.
#[derive(Debug, Clone, Copy)]
pub struct StoredTail<'a> {
    /// How the factor goes on.
    pub mode: FoldMode,
    /// The stored candles since [`Factor::needs_from`], up to the newest one of the state.
    pub candles: &'a CandleWindow,
    /// The factor's own events of the tick that [`Factor::needs_event`] named, complete.
    pub events: StoredEvents<'a>,
}

/// One incremental computation over one series.
///
/// Implementations are plain state machines: no clock, no I/O, no randomness.
pub trait Factor: Any + Send + Debug {
    /// Consumes the next closed candle. Candles arrive in order, exactly once.
    fn on_closed(&mut self, tick: &Tick<'_>, out: &mut EventSink<'_>);

    /// Takes the stored events of this tick instead of computing them. Called in [`FoldMode::Follow`] for factors
    /// whose head rule is not [`HeadRule::State`]; keep what downstream factors read of this tick.
    ///
    /// # Errors
    /// [`CodecError`] when a payload cannot be read.
    fn follow(&mut self, tick: &Tick<'_>, stored: StoredEvents<'_>) -> Result<(), CodecError>;

    /// Appends the state needed to continue after the newest candle, without raw candles and events.
    fn save(&self, out: &mut Vec<u8>);

    /// Takes back what [`Factor::save`] wrote; the candles since [`Factor::needs_from`] are in the window of the tick
    /// that comes next.
    ///
    /// # Errors
    /// [`CodecError`] when the bytes are not such a state.
    fn restore(&mut self, state: &mut Reader<'_>, stored: &StoredTail<'_>) -> Result<(), CodecError>;

    /// Ordinal of the oldest candle that a later tick looks up in its window; `None` when no past candle is.
    fn reads_from(&self, mode: FoldMode) -> Option<u64>;

    /// Oldest candle whose raw values [`Factor::restore`] needs; `None` when no past candle is. Another one than
    /// [`Factor::reads_from`] says for a factor that keeps what it needs of older candles itself.
    fn needs_from(&self, mode: FoldMode, candles: &CandleWindow) -> Option<CandleTime> {
        candles.time(self.reads_from(mode)?)
    }

    /// Tick whose events of this factor [`Factor::restore`] must be given.
    fn needs_event(&self) -> Option<CandleTime> {
        None
    }

    /// Writes the head as a JSON object; `false` and nothing written: no head.
    ///
    /// # Errors
    /// [`CodecError::Json`] when a value cannot be written.
    fn write_head(&self, out: &mut Vec<u8>) -> Result<bool, CodecError>;

    /// Approximate heap use in bytes.
    fn heap_bytes(&self) -> usize;
}
