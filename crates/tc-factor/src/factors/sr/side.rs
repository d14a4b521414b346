//! The pivots of one side and the lines through pairs of them.
//!
//! Factor contract, section 8.3. What depends on a pair alone is worked out once: the partner of a pivot is the newest
//! older one that fits, so it never changes while it is among the newest 200, and nothing older can take its place
//! afterwards. Touches change only when a pivot comes or goes. Which lines lie too close to each other is known when
//! the newer one comes. Only the crossings depend on the present, and these are remembered per range of tolerances.

use std::collections::VecDeque;

use smallvec::SmallVec;

use super::{
    closes::Closes,
    level::{CandleRef, FlipDirection, Level, LevelStatus, Standing},
    lines::{Band, Newest, Walks},
    pairs::{Line, Pair, Swing, TOLERANCE_ATR, fallback_range},
};
use crate::factors::pivot::Direction;

/// Newest pivots of a side that can make levels.
pub(super) const CLUSTER_PIVOT_LIMIT: usize = 200;
/// Crossings that break a level.
pub(super) const BROKEN_CROSSINGS: u32 = 3;
const NO_SLOT: u16 = u16::MAX;

#[derive(Debug)]
struct Start {
    swing: Swing,
    line: Option<Line>,
    /// Pivots of the side that touch the band.
    touches: u32,
    /// Numbers of newer pivots whose line counts as the same level, ascending.
    newer_near: SmallVec<[u64; 4]>,
    walks: Walks,
    /// Newest snapshot that held the level, and its place there.
    listed: Option<(u64, usize)>,
}

/// A level that stands in the next snapshot unless there are too many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accepted {
    pub(super) side: usize,
    pub(super) position: usize,
    pub(super) standing: Standing,
}

/// The newest pivots of one side, oldest first; each has a number that counts from genesis.
#[derive(Debug)]
pub(super) struct Side {
    direction: Direction,
    starts: VecDeque<Start>,
    first_number: u64,
}

/// The present that levels are judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Present<'a> {
    pub(super) closes: &'a Closes,
    /// The closes since the snapshot before.
    pub(super) newest: &'a Newest,
    pub(super) close: f64,
    pub(super) atr: f64,
}

impl Present<'_> {
    fn tolerance(&self, line: f64) -> f64 {
        let range = if self.atr <= 0.0 {
            fallback_range(line)
        } else {
            self.atr
        };
        range * TOLERANCE_ATR
    }
}

impl Side {
    pub(super) fn new(direction: Direction) -> Self {
        Self {
            direction,
            starts: VecDeque::new(),
            first_number: 0,
        }
    }

    /// Oldest pivot that can still make a level.
    pub(super) fn oldest(&self) -> Option<CandleRef> {
        self.starts.front().map(|start| start.swing.candle)
    }

    /// Takes a new pivot; the oldest one goes when there are too many.
    pub(super) fn enter(&mut self, swing: Swing, closes: &Closes) {
        if self.starts.len() == CLUSTER_PIVOT_LIMIT {
            self.drop_oldest();
        }
        let partner = (0..self.starts.len()).rev().find(|position| {
            let older = &self.starts[*position].swing;
            Pair::of(self.direction, older, &swing).holds(closes)
        });
        self.enter_with(swing, partner);
    }

    fn drop_oldest(&mut self) {
        let Some(gone) = self.starts.pop_front() else {
            return;
        };
        let number = self.first_number;
        self.first_number += 1;
        for start in &mut self.starts {
            if let Some(line) = &start.line {
                if line.partner == number {
                    start.line = None;
                    start.walks = Walks::default();
                } else if line.is_touched_by(&gone.swing) {
                    start.touches -= 1;
                }
            }
        }
    }

    /// Adds a pivot whose partner is known.
    fn enter_with(&mut self, swing: Swing, partner: Option<usize>) {
        let number = self.first_number + self.starts.len() as u64;
        let line = partner.map(|position| {
            let older = &self.starts[position].swing;
            let number = self.first_number + position as u64;
            Line::through(&Pair::of(self.direction, older, &swing), number)
        });
        for start in &mut self.starts {
            let Some(older) = &start.line else {
                continue;
            };
            start.touches += u32::from(older.is_touched_by(&swing));
            if line.is_some_and(|newer| (newer.price - older.price).abs() <= older.same_within) {
                start.newer_near.push(number);
            }
        }
        let mut start = Start {
            swing,
            line,
            touches: 0,
            newer_near: SmallVec::new(),
            walks: Walks::default(),
            listed: None,
        };
        if let Some(line) = &line {
            let touching = self.starts.iter().map(|start| &start.swing).chain([&swing]);
            let touching = touching.filter(|swing| line.is_touched_by(swing)).count();
            start.touches = u32::try_from(touching).unwrap_or(u32::MAX);
        }
        self.starts.push_back(start);
    }

    /// Steps 4 and 5 over all pivots, newest first; appends the accepted levels in the order of acceptance.
    pub(super) fn accept(&mut self, present: &Present<'_>, out: &mut Vec<Accepted>) {
        let first = out.len();
        let mut slot_of = [NO_SLOT; CLUSTER_PIVOT_LIMIT];
        for position in (0..self.starts.len()).rev() {
            let start = &self.starts[position];
            if start.line.is_none() {
                continue;
            }
            let mut slot = NO_SLOT;
            for number in &start.newer_near {
                let newer = usize::try_from(number - self.first_number).unwrap_or(usize::MAX);
                slot = slot.min(slot_of.get(newer).copied().unwrap_or(NO_SLOT));
            }
            if slot == NO_SLOT {
                let standing = self.standing(position, present);
                slot_of[position] = u16::try_from(out.len() - first).unwrap_or(NO_SLOT);
                out.push(Accepted {
                    side: 0,
                    position,
                    standing,
                });
                continue;
            }
            let taken = out[first + usize::from(slot)];
            if taken.standing.status != LevelStatus::Broken {
                continue;
            }
            let standing = self.standing(position, present);
            if standing.status != LevelStatus::Broken {
                slot_of[taken.position] = NO_SLOT;
                slot_of[position] = slot;
                out[first + usize::from(slot)] = Accepted {
                    side: 0,
                    position,
                    standing,
                };
            }
        }
    }

    /// Price of the line of an accepted level.
    pub(super) fn price(&self, position: usize) -> f64 {
        self.starts[position].line.as_ref().map_or(0.0, |line| line.price)
    }

    /// The level as a snapshot holds it.
    pub(super) fn level(&self, accepted: &Accepted) -> Option<Level> {
        let start = &self.starts[accepted.position];
        let line = start.line.as_ref()?;
        Some(Level {
            level_type: self.direction,
            price: line.price,
            band_low: line.band_low,
            band_high: line.band_high,
            band_width_atr: line.band_width_atr,
            first: line.first,
            last: start.swing.candle,
            standing: accepted.standing,
        })
    }

    /// Remembers that the level stands at `place` in snapshot number `snapshot`; returns where it stood in the one
    /// before.
    pub(super) fn list(&mut self, position: usize, place: usize, snapshot: u64) -> Option<usize> {
        let start = &mut self.starts[position];
        let listed = start.listed.replace((snapshot, place));
        listed
            .filter(|(before, _)| *before + 1 == snapshot)
            .map(|(_, place)| place)
    }

    /// Remembers where the level whose newer pivot is at `last` stood in snapshot number `snapshot`.
    pub(super) fn restore_listing(&mut self, last: CandleRef, place: usize, snapshot: u64) {
        let position = self
            .starts
            .partition_point(|start| start.swing.candle.idx < last.idx);
        if let Some(start) = self.starts.get_mut(position)
            && start.swing.candle == last
        {
            start.listed = Some((snapshot, place));
        }
    }

    /// Step 4.
    fn standing(&mut self, position: usize, present: &Present<'_>) -> Standing {
        let start = &mut self.starts[position];
        let line = start.line.as_ref().map_or(0.0, |line| line.price);
        let band = Band::around(line, present.tolerance(line));
        let from = start.swing.candle.idx + 1;
        let walk = start
            .walks
            .up_to_newest(present.closes, present.newest, from, band, BROKEN_CROSSINGS);
        let status = match walk.crossings {
            0 => LevelStatus::Active,
            BROKEN_CROSSINGS.. => LevelStatus::Broken,
            _ if present.close > band.upper => LevelStatus::Flip(FlipDirection::Up),
            _ if present.close < band.lower => LevelStatus::Flip(FlipDirection::Down),
            _ => LevelStatus::Flip(FlipDirection::Undecided),
        };
        Standing {
            status,
            touches: start.touches,
            death: (walk.crossings > 0).then(|| CandleRef {
                idx: walk.last,
                time: present.closes.time(walk.last),
            }),
        }
    }

    /// Pivots, oldest first, each with the distance to its partner on this side (0: none).
    pub(super) fn swings(&self) -> impl ExactSizeIterator<Item = (&Swing, u64)> {
        self.starts.iter().enumerate().map(|(position, start)| {
            let number = self.first_number + position as u64;
            let partner = start.line.as_ref().map_or(0, |line| number - line.partner);
            (&start.swing, partner)
        })
    }

    /// Adds a pivot as [`Side::swings`] told of it; `None` when it can have no such partner.
    pub(super) fn restore(&mut self, swing: Swing, partner: u64) -> Option<()> {
        if self.starts.len() == CLUSTER_PIVOT_LIMIT {
            return None;
        }
        let partner = match usize::try_from(partner).ok()? {
            0 => None,
            distance => Some(self.starts.len().checked_sub(distance)?),
        };
        self.enter_with(swing, partner);
        Some(())
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let walks = self.starts.iter().map(|start| start.walks.heap_bytes());
        self.starts.capacity() * size_of::<Start>() + walks.sum::<usize>()
    }
}
