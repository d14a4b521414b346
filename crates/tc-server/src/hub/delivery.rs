//! What one subscriber is sent, and in which order: the rules, without sockets.

#[cfg(test)]
mod props;
#[cfg(test)]
mod tests;

use axum::extract::ws::Utf8Bytes;
use tc_market::{Candle, CandleTime, Timeframe};

use super::notice::{ClosedFrames, DrawHead, Notice};

/// Candles that a subscriber misses before the one that comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hole {
    /// First missing open time.
    pub(super) expected_next: CandleTime,
    /// Open time of the candle that follows.
    pub(super) actual: CandleTime,
}

/// One frame for the queue, with the gap notice that must stay directly before it.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub(super) gap: Option<Utf8Bytes>,
    pub(super) body: Utf8Bytes,
    pub(super) kind: Kind,
}

/// What a frame is, as far as the queue cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Closed candles up to this one; never dropped.
    Closed(CandleTime),
    /// Never dropped either.
    System,
    /// Only the newest counts.
    Forming(CandleTime),
    /// Only the newest counts.
    DrawHead,
}

/// What a client asked for beside the candles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Modes {
    pub(super) batch: bool,
    pub(super) draw_head: bool,
}

/// More live frames wait for the catch-up of a subscription than a connection may queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooManyWaiting;

/// What happens to a hole before the candle that comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holes {
    /// The client is told of it.
    Tell,
    /// Somebody tries to heal it first; until then everything waits.
    Heal,
}

/// The state of one subscription.
///
/// It begins in catch-up: pages are taken with [`Delivery::page`], live notices wait. [`Delivery::go_live`] lets them
/// through; from then on [`Delivery::offer`] answers at once. Closed times never repeat and never go back.
#[derive(Debug)]
pub(super) struct Delivery {
    timeframe: Timeframe,
    modes: Modes,
    cursor: Option<CandleTime>,
    phase: Phase,
    waiting_max: usize,
    holes: Holes,
}

#[derive(Debug)]
enum Phase {
    CatchingUp {
        first_page: bool,
        waiting: Vec<Notice>,
    },
    Live,
    /// The first of those that wait are the candles behind the hole.
    Healing {
        waiting: Vec<Notice>,
    },
    Ended,
}

impl Delivery {
    /// `cursor`: newest candle that the client has; `None`: nothing is known to be missing.
    pub(super) const fn new(
        timeframe: Timeframe,
        modes: Modes,
        cursor: Option<CandleTime>,
        waiting_max: usize,
        holes: Holes,
    ) -> Self {
        let phase = Phase::CatchingUp {
            first_page: true,
            waiting: Vec::new(),
        };
        Self {
            timeframe,
            modes,
            cursor,
            phase,
            waiting_max,
            holes,
        }
    }

    /// Newest closed time that was sent, or what the client said it has.
    pub(super) const fn cursor(&self) -> Option<CandleTime> {
        self.cursor
    }

    pub(super) const fn wants_draw_head(&self) -> bool {
        self.modes.draw_head
    }

    pub(super) const fn is_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended)
    }

    /// Nothing more is sent. Returns the system events that still waited.
    pub(super) fn end(&mut self) -> Vec<Outgoing> {
        let before = std::mem::replace(&mut self.phase, Phase::Ended);
        let (Phase::CatchingUp { waiting, .. } | Phase::Healing { waiting }) = before else {
            return Vec::new();
        };
        let system = |notice| match notice {
            Notice::System(body) => Some(Outgoing {
                gap: None,
                body,
                kind: Kind::System,
            }),
            _ => None,
        };
        waiting.into_iter().filter_map(system).collect()
    }

    /// The hole before the first page of the catch-up, if it has to be healed before the page is taken.
    pub(super) fn page_hole_to_heal(&self, candles: &[Candle]) -> Option<Hole> {
        let Phase::CatchingUp { first_page: true, .. } = self.phase else {
            return None;
        };
        self.hole_to_heal(candles)
    }

    /// The next page of the catch-up, ascending. Only a hole before the first candle of all is announced.
    ///
    /// Returns the number of candles below or at the cursor, which are to be left out, and the hole.
    pub(super) fn page(&mut self, candles: &[Candle]) -> (usize, Option<Hole>) {
        let Phase::CatchingUp { first_page, .. } = &mut self.phase else {
            return (candles.len(), None);
        };
        let leading = std::mem::take(first_page);
        let known = self.known(candles);
        let hole = candles
            .get(known)
            .filter(|_| leading)
            .and_then(|first| self.hole_before(first.time()));
        if known < candles.len() {
            self.cursor = candles.last().map(Candle::time);
        }
        (known, hole)
    }

    /// The frames of a page that [`Delivery::page`] judged.
    pub(super) fn page_frames(
        modes: Modes,
        page: &ClosedFrames,
        known: usize,
        hole: Option<Hole>,
    ) -> Vec<Outgoing> {
        let candles = page.candles();
        if known >= candles.len() {
            return Vec::new();
        }
        let gap = hole.map(|hole| page.gap(hole));
        let last = candles[candles.len() - 1].time();
        if modes.batch {
            return vec![Outgoing {
                gap,
                body: page.from(known),
                kind: Kind::Closed(last),
            }];
        }
        let mut gap = gap;
        (known..candles.len())
            .map(|index| Outgoing {
                gap: gap.take(),
                body: page.one(index),
                kind: Kind::Closed(candles[index].time()),
            })
            .collect()
    }

    /// The catch-up is complete: the draw head, if there is one, then everything that waited. Returns a hole that has
    /// to be healed before the rest.
    pub(super) fn go_live(&mut self, draw_head: Option<Notice>, out: &mut Vec<Outgoing>) -> Option<Hole> {
        if !matches!(self.phase, Phase::CatchingUp { .. }) {
            return None;
        }
        let before = std::mem::replace(&mut self.phase, Phase::Live);
        let Phase::CatchingUp { waiting, .. } = before else {
            return None;
        };
        let told = draw_head.as_ref().and_then(Notice::head);
        if let Some(notice) = draw_head {
            self.live(&notice, out);
        }
        // A head that the catch-up has told of already, or an older one, says nothing new.
        let stale = |notice: &Notice| {
            let known = notice.head().zip(told);
            known.is_some_and(|(head, told)| (head.epoch, head.to) <= (told.epoch, told.to))
        };
        let news: Vec<Notice> = waiting.into_iter().filter(|notice| !stale(notice)).collect();
        self.take_up(news.into_iter(), out)
    }

    /// A hole is healed as far as possible: what was recovered, then the candles behind it whatever is still missing,
    /// then everything that waited. Returns the next hole that has to be healed before the rest.
    pub(super) fn healed(
        &mut self,
        recovered: Option<&ClosedFrames>,
        out: &mut Vec<Outgoing>,
    ) -> Option<Hole> {
        if !matches!(self.phase, Phase::Healing { .. }) {
            return None;
        }
        let before = std::mem::replace(&mut self.phase, Phase::Live);
        let Phase::Healing { waiting } = before else {
            return None;
        };
        if let Some(frames) = recovered {
            self.closed(frames, out);
        }
        let mut waiting = waiting.into_iter();
        if let Some(behind) = waiting.next() {
            self.live(&behind, out);
        }
        self.take_up(waiting, out)
    }

    /// Lets notices that waited through, up to a hole that has to be healed first.
    fn take_up(&mut self, mut waiting: std::vec::IntoIter<Notice>, out: &mut Vec<Outgoing>) -> Option<Hole> {
        while let Some(notice) = waiting.next() {
            if let Some(hole) = self.notice_hole_to_heal(&notice) {
                let waiting = std::iter::once(notice).chain(waiting).collect();
                self.phase = Phase::Healing { waiting };
                return Some(hole);
            }
            self.live(&notice, out);
        }
        None
    }

    /// A live notice: its frames, in order, or nothing while it has to wait. Returns a hole that has to be healed
    /// before it.
    pub(super) fn offer(
        &mut self,
        notice: &Notice,
        out: &mut Vec<Outgoing>,
    ) -> Result<Option<Hole>, TooManyWaiting> {
        match &mut self.phase {
            Phase::Live => {
                if let Some(hole) = self.notice_hole_to_heal(notice) {
                    let waiting = vec![notice.clone()];
                    self.phase = Phase::Healing { waiting };
                    return Ok(Some(hole));
                }
                self.live(notice, out);
            }
            Phase::Ended => {}
            Phase::CatchingUp { waiting, .. } | Phase::Healing { waiting } => {
                match notice {
                    Notice::Forming { .. } => {
                        waiting.retain(|other| !matches!(other, Notice::Forming { .. }))
                    }
                    Notice::DrawHead { .. } => {
                        waiting.retain(|other| !matches!(other, Notice::DrawHead { .. }))
                    }
                    Notice::Closed(_) | Notice::System(_) => {}
                }
                if waiting.len() >= self.waiting_max {
                    return Err(TooManyWaiting);
                }
                waiting.push(notice.clone());
            }
        }
        Ok(None)
    }

    fn live(&mut self, notice: &Notice, out: &mut Vec<Outgoing>) {
        match notice {
            Notice::Closed(frames) => self.closed(frames, out),
            Notice::Forming { time, frame } => {
                if self.cursor.is_none_or(|cursor| *time > cursor) {
                    out.push(Outgoing {
                        gap: None,
                        body: frame.clone(),
                        kind: Kind::Forming(*time),
                    });
                }
            }
            Notice::System(frame) => out.push(Outgoing {
                gap: None,
                body: frame.clone(),
                kind: Kind::System,
            }),
            Notice::DrawHead { frame, .. } => {
                if self.modes.draw_head {
                    out.push(Outgoing {
                        gap: None,
                        body: frame.clone(),
                        kind: Kind::DrawHead,
                    });
                }
            }
        }
    }

    fn closed(&mut self, frames: &ClosedFrames, out: &mut Vec<Outgoing>) {
        let candles = frames.candles();
        let known = self.known(candles);
        let Some(last) = candles[known..].last().map(Candle::time) else {
            return;
        };
        if self.modes.batch && candles.len() > 1 {
            let gap = self
                .hole_before(candles[known].time())
                .map(|hole| frames.gap(hole));
            out.push(Outgoing {
                gap,
                body: frames.from(known),
                kind: Kind::Closed(last),
            });
            self.cursor = Some(last);
            return;
        }
        for (index, candle) in candles.iter().enumerate().skip(known) {
            let gap = self.hole_before(candle.time()).map(|hole| frames.gap(hole));
            out.push(Outgoing {
                gap,
                body: frames.one(index),
                kind: Kind::Closed(candle.time()),
            });
            self.cursor = Some(candle.time());
        }
    }

    fn notice_hole_to_heal(&self, notice: &Notice) -> Option<Hole> {
        match notice {
            Notice::Closed(frames) => self.hole_to_heal(frames.candles()),
            _ => None,
        }
    }

    /// The hole before the first candle that is newer than the cursor.
    fn hole_to_heal(&self, candles: &[Candle]) -> Option<Hole> {
        if self.holes == Holes::Tell {
            return None;
        }
        self.hole_before(candles.get(self.known(candles))?.time())
    }

    /// How many of the ascending candles are not newer than the cursor.
    fn known(&self, candles: &[Candle]) -> usize {
        self.cursor.map_or(0, |cursor| {
            candles.partition_point(|candle| candle.time() <= cursor)
        })
    }

    fn hole_before(&self, actual: CandleTime) -> Option<Hole> {
        let expected_next = self.timeframe.next(self.cursor?);
        (actual > expected_next).then_some(Hole {
            expected_next,
            actual,
        })
    }
}

impl Notice {
    const fn head(&self) -> Option<DrawHead> {
        match self {
            Self::DrawHead { head, .. } => Some(*head),
            _ => None,
        }
    }
}
