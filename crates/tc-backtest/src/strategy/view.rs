//! What a strategy sees: everything up to a candle.

use tc_factor::factors::{
    anchor::PenRef,
    pen::PenEvent,
    zhongshu::{DeadZone, Zone},
};
use tc_market::Candle;

use crate::facts::{FactorFacts, OpenLevel};

/// Candles and facts up to the newest closed candle. All slices end there.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    candles: &'a [Candle],
    newest: &'a Candle,
    pens: &'a [PenEvent],
    pens_before: usize,
    dead_zones: &'a [DeadZone],
    dead_zones_before: usize,
    zone: Option<&'a Zone>,
    anchor: Option<&'a PenRef>,
    levels: &'a [OpenLevel],
}

impl<'a> View<'a> {
    /// The newest closed candle.
    #[inline]
    #[must_use]
    pub const fn candle(&self) -> &'a Candle {
        self.newest
    }

    /// All candles up to the newest one.
    #[must_use]
    pub const fn candles(&self) -> &'a [Candle] {
        self.candles
    }

    /// Confirmed pens, in the order in which they became visible.
    #[must_use]
    pub const fn pens(&self) -> &'a [PenEvent] {
        self.pens
    }

    /// Pens that the newest candle confirmed.
    #[inline]
    #[must_use]
    pub fn new_pens(&self) -> &'a [PenEvent] {
        &self.pens[self.pens_before..]
    }

    /// Zones that have been left, in the order in which that became visible.
    #[must_use]
    pub const fn dead_zones(&self) -> &'a [DeadZone] {
        self.dead_zones
    }

    /// Zones that the newest candle showed to have been left.
    #[must_use]
    pub fn new_dead_zones(&self) -> &'a [DeadZone] {
        &self.dead_zones[self.dead_zones_before..]
    }

    /// The zone that is alive. Its end is that of the candle it was first seen on.
    #[inline]
    #[must_use]
    pub const fn zone(&self) -> Option<&'a Zone> {
        self.zone
    }

    /// Where the anchor points.
    #[inline]
    #[must_use]
    pub const fn anchor(&self) -> Option<&'a PenRef> {
        self.anchor
    }

    /// Support and resistance levels of the newest snapshot that are not broken, by distance to its close.
    #[inline]
    #[must_use]
    pub const fn levels(&self) -> &'a [OpenLevel] {
        self.levels
    }
}

/// Positions in the columns of facts.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    pens: usize,
    dead_zones: usize,
    zones: usize,
    anchors: usize,
    snapshots: usize,
}

impl Cursor {
    /// The view at `row`; rows are visited in ascending order, and there is a candle for each.
    #[inline]
    pub(super) fn move_to<'a>(
        &mut self,
        row: usize,
        candles: &'a [Candle],
        facts: &'a FactorFacts,
    ) -> View<'a> {
        let visible = u32::try_from(row).unwrap_or(u32::MAX);
        let (pens_before, dead_zones_before) = (self.pens, self.dead_zones);
        facts.pens.advance(&mut self.pens, visible);
        facts.dead_zones.advance(&mut self.dead_zones, visible);
        facts.zones.advance(&mut self.zones, visible);
        facts.anchors.advance(&mut self.anchors, visible);
        facts.snapshots.advance(&mut self.snapshots, visible);
        let snapshot = facts.snapshots.until(self.snapshots).last();
        View {
            candles: &candles[..=row],
            newest: &candles[row],
            pens: facts.pens.until(self.pens),
            pens_before,
            dead_zones: facts.dead_zones.until(self.dead_zones),
            dead_zones_before,
            zone: facts.zones.until(self.zones).last().and_then(Option::as_ref),
            anchor: facts.anchors.until(self.anchors).last(),
            levels: snapshot.map_or(&[], |(from, to)| &facts.levels[*from..*to]),
        }
    }
}
