//! What the factors knew, candle by candle: the ledger and the heads of one series, laid out for strategies.
//!
//! Recorded once in a pass over candles and events; any number of strategies and parameters then read it.

#[cfg(test)]
mod tests;

use tc_factor::{
    EngineError, FactorEngine, FoldMode, LedgerEvent,
    factors::{
        anchor::{Anchor, PenRef},
        pen::{Pen, PenEvent},
        pivot::Direction,
        sr::{Level, LevelStatus, Sr},
        zhongshu::{DeadZone, Zhongshu, Zone},
    },
};
use tc_market::Candle;

/// A support or resistance level that is not broken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpenLevel {
    /// Whether highs or lows made it.
    pub level_type: Direction,
    /// What became of it since.
    pub status: LevelStatus,
    /// Price where the wicks of its pivots overlap.
    pub price: f64,
    /// Lower edge of the band.
    pub band_low: f64,
    /// Upper edge of the band.
    pub band_high: f64,
    /// Pivots that touch the band.
    pub touches: u32,
}

impl From<&Level> for OpenLevel {
    fn from(level: &Level) -> Self {
        Self {
            level_type: level.level_type,
            status: level.status(),
            price: level.price,
            band_low: level.band_low,
            band_high: level.band_high,
            touches: level.count(),
        }
    }
}

/// Facts and the rows at which each became visible, by growing row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column<T> {
    rows: Vec<u32>,
    facts: Vec<T>,
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            facts: Vec::new(),
        }
    }
}

impl<T> Column<T> {
    fn push(&mut self, row: u32, fact: T) {
        self.rows.push(row);
        self.facts.push(fact);
    }

    /// Moves a position past every fact that is visible at `row`.
    #[inline]
    pub(crate) fn advance(&self, position: &mut usize, row: u32) {
        while self.rows.get(*position).is_some_and(|visible| *visible <= row) {
            *position += 1;
        }
    }

    /// All facts.
    pub(crate) fn facts(&self) -> &[T] {
        &self.facts
    }

    /// The facts before a position.
    #[inline]
    pub(crate) fn until(&self, position: usize) -> &[T] {
        &self.facts[..position]
    }
}

/// What the factors of one series knew at every candle.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FactorFacts {
    rows: u32,
    pub(crate) pens: Column<PenEvent>,
    pub(crate) dead_zones: Column<DeadZone>,
    /// Changes of the zone that is alive.
    pub(crate) zones: Column<Option<Zone>>,
    /// Changes of the anchor.
    pub(crate) anchors: Column<PenRef>,
    /// Range of the levels of every snapshot.
    pub(crate) snapshots: Column<(usize, usize)>,
    pub(crate) levels: Vec<OpenLevel>,
}

impl FactorFacts {
    /// Number of candles.
    #[must_use]
    pub fn rows(&self) -> usize {
        usize::try_from(self.rows).unwrap_or(usize::MAX)
    }
}

/// Records facts while an engine moves over the candles of a series.
#[derive(Debug)]
pub struct FactsRecorder {
    engine: FactorEngine,
    facts: FactorFacts,
    zone: Option<Zone>,
    anchor: Option<PenRef>,
}

impl FactsRecorder {
    /// Goes on from where an engine is; its candles so far are not part of the record.
    #[must_use]
    pub fn new(engine: FactorEngine) -> Self {
        Self {
            engine,
            facts: FactorFacts::default(),
            zone: None,
            anchor: None,
        }
    }

    /// Records the next closed candle. `stored` are the ledger events of its tick; an engine that computes makes them
    /// itself and takes none.
    ///
    /// # Errors
    /// [`EngineError`] when the candle is not newer than all before, or a payload cannot be read.
    pub fn push(&mut self, candle: &Candle, stored: &[LedgerEvent]) -> Result<(), EngineError> {
        match self.engine.mode() {
            FoldMode::Compute => {
                self.engine.compute(candle)?;
            }
            FoldMode::Follow => self.engine.follow(candle, stored)?,
        }
        let row = self.facts.rows;
        self.facts.rows += 1;
        self.record_pens_and_zones(row);
        self.record_anchor(row);
        self.record_levels(row);
        Ok(())
    }

    fn record_pens_and_zones(&mut self, row: u32) {
        if let Some(pens) = self.engine.factor::<Pen>() {
            for pen in pens.confirmed_this_tick() {
                self.facts.pens.push(row, *pen);
            }
        }
        let Some(zones) = self.engine.factor::<Zhongshu>() else {
            return;
        };
        for dead in zones.dead_this_tick() {
            self.facts.dead_zones.push(row, *dead);
        }
        let alive = zones.alive();
        // The end of a zone moves with the candles; a strategy has them.
        let name =
            |zone: Option<Zone>| zone.map(|zone| (zone.start_time, zone.formed_time, zone.zg, zone.zd));
        if name(alive) != name(self.zone) {
            self.zone = alive;
            self.facts.zones.push(row, alive);
        }
    }

    fn record_anchor(&mut self, row: u32) {
        let current = self.engine.factor::<Anchor>().and_then(Anchor::current);
        if current != self.anchor {
            self.anchor = current;
            if let Some(anchor) = current {
                self.facts.anchors.push(row, anchor);
            }
        }
    }

    fn record_levels(&mut self, row: u32) {
        let Some(snapshot) = self.engine.factor::<Sr>().and_then(Sr::snapshot_this_tick) else {
            return;
        };
        let from = self.facts.levels.len();
        let open = snapshot
            .levels
            .iter()
            .filter(|level| level.status() != LevelStatus::Broken);
        self.facts.levels.extend(open.map(OpenLevel::from));
        let to = self.facts.levels.len();
        self.facts.snapshots.push(row, (from, to));
    }

    /// The record.
    #[must_use]
    pub fn finish(self) -> FactorFacts {
        self.facts
    }
}
