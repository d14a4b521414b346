//! Pivots: local extremes, major ones confirmed with a delay of W candles, minor ones with w.
//!
//! Factor contract, section 4.

mod event;
mod params;
#[cfg(test)]
mod tests;
mod window;

pub use event::{Direction, PivotEvent};
pub use params::{WINDOW_MAJOR, WINDOW_MINOR};

use smallvec::SmallVec;
use tc_market::Candle;

use self::window::SlidingExtreme;
use crate::{
    CodecError, EventKindSpec, EventSink, Factor, FactorSpec, FeatureSpec, FeatureValue, FoldMode, HeadRule,
    HistoryRule, LedgerEvent, Params, Reader, Slice, SliceInput, SortKey, StoredEvents, StoredTail, Tick,
    Writer,
};

/// Name of the factor.
pub const NAME: &str = "pivot";
/// Kind of the events of major pivots.
pub const MAJOR: &str = "pivot.major";
/// Kind of the events of minor pivots.
pub const MINOR: &str = "pivot.minor";

const MAJOR_KIND: u16 = 0;
const MINOR_KIND: u16 = 1;

/// Registry entry.
pub const SPEC: FactorSpec = FactorSpec {
    factor_name: NAME,
    depends_on: &[],
    logic_version: "1",
    params: &[WINDOW_MAJOR, WINDOW_MINOR],
    events: &[
        EventKindSpec {
            name: MAJOR,
            bucket: "major",
            sort: &[SortKey::VisibleTime, SortKey::AnchorTime],
            event_key: |event| PivotEvent::decode(event).map(|pivot| pivot.event_key("major")),
            write_json: |event, out| PivotEvent::decode(event)?.write_json(out),
            chain: None,
            direction: Some(direction),
        },
        EventKindSpec {
            name: MINOR,
            bucket: "minor",
            sort: &[],
            event_key: |event| PivotEvent::decode(event).map(|pivot| pivot.event_key("minor")),
            write_json: |event, out| PivotEvent::decode(event)?.write_json(out),
            chain: None,
            direction: Some(direction),
        },
    ],
    head: HeadRule::None,
    history: HistoryRule::Buckets,
    moments: &[],
    label: "Pivot",
    default_visible: true,
    features: &[
        FeatureSpec {
            key: MAJOR,
            label: "Major",
            default_visible: true,
        },
        FeatureSpec {
            key: MINOR,
            label: "Minor",
            default_visible: false,
        },
    ],
    enable_feature: true,
    new: |params| Box::new(Pivot::new(params)),
    slice,
};

fn direction(event: &LedgerEvent) -> Result<FeatureValue, CodecError> {
    PivotEvent::decode(event).map(|pivot| FeatureValue::Text(pivot.direction.word()))
}

/// Slice: left out without a major in the window, even if minors exist.
fn slice(input: &SliceInput<'_>) -> Result<Option<Slice>, CodecError> {
    if !input.events.has(MAJOR) {
        return Ok(None);
    }
    Ok(Some(Slice {
        history: input.history()?,
        head: b"{}".to_vec(),
    }))
}

/// State of the pivot factor.
#[derive(Debug)]
pub struct Pivot {
    major: Side,
    minor: Side,
    newest_idx: Option<u64>,
    last_major_idx: Option<u64>,
    majors_this_tick: SmallVec<[PivotEvent; 2]>,
}

/// Half width of a window and the extremes inside the window of `2 * width + 1` candles that ends now.
#[derive(Debug)]
struct Side {
    width: u64,
    highs: SlidingExtreme<true>,
    lows: SlidingExtreme<false>,
}

impl Side {
    fn new(width: u64) -> Self {
        let span = 2 * width + 1;
        Self {
            width,
            highs: SlidingExtreme::new(span),
            lows: SlidingExtreme::new(span),
        }
    }

    fn push(&mut self, idx: u64, candle: &Candle) {
        self.highs.push(idx, candle.high());
        self.lows.push(idx, candle.low());
    }
}

impl Pivot {
    fn new(params: &Params) -> Self {
        let width = |name| params.int(name).max(1).cast_unsigned();
        Self {
            major: Side::new(width(WINDOW_MAJOR.name)),
            minor: Side::new(width(WINDOW_MINOR.name)),
            newest_idx: None,
            last_major_idx: None,
            majors_this_tick: SmallVec::new(),
        }
    }

    /// Half width of the major window, candles: a major is confirmed this many candles after its own.
    #[must_use]
    pub const fn major_width(&self) -> u64 {
        self.major.width
    }

    /// Majors confirmed by the current tick, resistance before support.
    #[must_use]
    pub fn majors_this_tick(&self) -> &[PivotEvent] {
        &self.majors_this_tick
    }

    /// Section 4.1. The earliest candle of a plateau is the oldest extreme of the window, so a candle is a major
    /// exactly when it is the oldest extreme of the window around it.
    fn find_majors(&mut self, tick: &Tick<'_>, out: &mut EventSink<'_>) {
        let Some((idx, candle)) = centre(tick, self.major.width) else {
            return;
        };
        let found = [
            (
                self.major.highs.oldest() == Some(idx),
                Direction::Resistance,
                candle.high(),
            ),
            (
                self.major.lows.oldest() == Some(idx),
                Direction::Support,
                candle.low(),
            ),
        ];
        for (is_major, direction, pivot_price) in found {
            if is_major {
                let pivot = pivot_event(tick, candle, idx, direction, pivot_price, self.major.width);
                self.majors_this_tick.push(pivot);
                out.emit(MAJOR_KIND, pivot.pivot_time, pivot.encode());
                self.last_major_idx = Some(idx);
            }
        }
    }

    /// Section 4.2. Ties count on both sides, so a candle qualifies when its value equals the extreme.
    fn find_minors(&self, tick: &Tick<'_>, out: &mut EventSink<'_>) {
        let (Some(segment), Some((idx, candle))) = (self.last_major_idx, centre(tick, self.minor.width))
        else {
            return;
        };
        if idx - self.minor.width < segment {
            return;
        }
        let found = [
            (
                self.minor.highs.value().is_some_and(|max| candle.high() >= max),
                Direction::Resistance,
                candle.high(),
            ),
            (
                self.minor.lows.value().is_some_and(|min| candle.low() <= min),
                Direction::Support,
                candle.low(),
            ),
        ];
        for (is_minor, direction, pivot_price) in found {
            if is_minor {
                let pivot = pivot_event(tick, candle, idx, direction, pivot_price, self.minor.width);
                out.emit(MINOR_KIND, pivot.pivot_time, pivot.encode());
            }
        }
    }
}

/// The candle `width` back, when the window around it is full and its right half has no gap in time.
fn centre<'a>(tick: &Tick<'a>, width: u64) -> Option<(u64, &'a Candle)> {
    let idx = tick.idx.checked_sub(width)?;
    idx.checked_sub(width)?;
    let candle = tick.candles.get(idx)?;
    let right_half_s = tick.candle.time().seconds() - candle.time().seconds();
    (right_half_s == width.cast_signed() * tick.timeframe_s).then_some((idx, candle))
}

fn pivot_event(
    tick: &Tick<'_>,
    candle: &Candle,
    idx: u64,
    direction: Direction,
    price: f64,
    window: u64,
) -> PivotEvent {
    PivotEvent {
        pivot_time: candle.time(),
        pivot_price: price,
        direction,
        visible_time: tick.candle.time(),
        window,
        pivot_idx: idx,
    }
}

impl Factor for Pivot {
    fn on_closed(&mut self, tick: &Tick<'_>, out: &mut EventSink<'_>) {
        self.newest_idx = Some(tick.idx);
        self.majors_this_tick.clear();
        self.major.push(tick.idx, tick.candle);
        self.minor.push(tick.idx, tick.candle);
        self.find_majors(tick, out);
        self.find_minors(tick, out);
    }

    fn follow(&mut self, tick: &Tick<'_>, stored: StoredEvents<'_>) -> Result<(), CodecError> {
        self.newest_idx = Some(tick.idx);
        self.majors_this_tick.clear();
        for event in stored.of_kind(MAJOR_KIND) {
            let pivot = PivotEvent::decode(event)?;
            self.last_major_idx = Some(pivot.pivot_idx);
            self.majors_this_tick.push(pivot);
        }
        Ok(())
    }

    fn save(&self, out: &mut Vec<u8>) {
        out.unsigned(self.last_major_idx.map_or(0, |idx| idx + 1));
    }

    fn restore(&mut self, state: &mut Reader<'_>, stored: &StoredTail<'_>) -> Result<(), CodecError> {
        let candles = stored.candles;
        self.newest_idx = candles.next_idx().checked_sub(1);
        self.last_major_idx = state.unsigned()?.checked_sub(1);
        for (idx, candle) in (candles.first_idx()..).zip(candles.since(0)) {
            self.major.push(idx, candle);
            self.minor.push(idx, candle);
        }
        Ok(())
    }

    /// Computing needs both windows. Following needs candles only until the first major: whoever builds on it goes on
    /// from its candle, which lies up to W candles back and is in nobody's state yet.
    fn reads_from(&self, mode: FoldMode) -> Option<u64> {
        let next = self.newest_idx? + 1;
        match mode {
            FoldMode::Compute => Some(next.saturating_sub(2 * self.major.width.max(self.minor.width))),
            FoldMode::Follow => self
                .last_major_idx
                .is_none()
                .then(|| next.saturating_sub(self.major.width)),
        }
    }

    fn write_head(&self, _out: &mut Vec<u8>) -> Result<bool, CodecError> {
        Ok(false)
    }

    fn heap_bytes(&self) -> usize {
        [&self.major, &self.minor]
            .iter()
            .map(|side| side.highs.heap_bytes() + side.lows.heap_bytes())
            .sum()
    }
}
