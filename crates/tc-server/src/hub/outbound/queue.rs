//! Order, bounds and conflation of frames that wait for one connection.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use axum::extract::ws::Utf8Bytes;
use tc_market::CandleTime;

use crate::hub::delivery::{Kind, Outgoing};

/// Names a subscription within its connection; 0 stands for the connection itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::hub) struct SubscriptionId(pub(in crate::hub) u32);

/// Bounds of a queue.
#[derive(Debug, Clone, Copy)]
pub(in crate::hub) struct QueueLimits {
    pub(in crate::hub) frames: usize,
    pub(in crate::hub) bytes: usize,
}

/// Emptied slots count for something too: a queue that nobody reads stays bounded.
const SLOTS_PER_FRAME: usize = 4;

/// The queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::hub) struct Overflow;

/// What is dropped of a subscription that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::hub) enum Purge {
    /// It is over.
    Everything,
    /// Another one follows, which will send the candles again, but not the system events.
    AllButSystem,
}

/// A frame with the gap notice that goes directly before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Sent first.
    pub(crate) gap: Option<Utf8Bytes>,
    /// Sent next.
    pub(crate) body: Utf8Bytes,
}

impl Entry {
    fn frames(&self) -> usize {
        1 + usize::from(self.gap.is_some())
    }

    fn bytes(&self) -> usize {
        self.body.len() + self.gap.as_ref().map_or(0, |gap| gap.len())
    }
}

#[derive(Debug)]
pub(super) struct Queue {
    limits: QueueLimits,
    /// Slots that were emptied later stay in place until they reach the front.
    slots: VecDeque<Option<Slot>>,
    /// Number of the front slot.
    front: u64,
    newest: BTreeMap<SubscriptionId, Newest>,
    frames: usize,
    bytes: usize,
    deepest: usize,
}

#[derive(Debug)]
struct Slot {
    subscription: SubscriptionId,
    entry: Entry,
    kind: Kind,
}

/// Where the frames that may be replaced wait.
#[derive(Debug, Default, Clone, Copy)]
struct Newest {
    forming: Option<(u64, CandleTime)>,
    draw_head: Option<u64>,
}

impl Queue {
    pub(super) const fn new(limits: QueueLimits) -> Self {
        Self {
            limits,
            slots: VecDeque::new(),
            front: 0,
            newest: BTreeMap::new(),
            frames: 0,
            bytes: 0,
            deepest: 0,
        }
    }

    pub(super) fn push(&mut self, subscription: SubscriptionId, outgoing: Outgoing) -> Result<(), Overflow> {
        let Outgoing { gap, body, kind } = outgoing;
        let entry = Entry { gap, body };
        let pending = self.newest.get(&subscription).copied().unwrap_or_default();
        match kind {
            Kind::System => self.append(subscription, entry, kind),
            Kind::DrawHead => {
                // It belongs after the candles that it speaks of, so the older one leaves its place.
                if let Some(older) = pending.draw_head {
                    self.take(older);
                }
                self.append(subscription, entry, kind)
            }
            Kind::Forming(time) => match pending.forming {
                Some((place, _)) => self.replace(subscription, place, entry, time),
                None => self.append(subscription, entry, kind),
            },
            Kind::Closed(last) => match pending.forming {
                // A forming frame never waits before a closed candle: one of a later bucket moves behind it.
                Some((place, time)) => {
                    let waiting = self.take(place);
                    self.append(subscription, entry, kind)?;
                    match waiting.filter(|_| time > last) {
                        Some(slot) => self.append(subscription, slot.entry, slot.kind),
                        None => Ok(()),
                    }
                }
                None => self.append(subscription, entry, kind),
            },
        }
    }

    /// Whether a catch-up may add a frame.
    pub(super) const fn has_room(&self) -> bool {
        self.frames == 0 || (self.frames < self.limits.frames / 2 && self.bytes < self.limits.bytes / 2)
    }

    /// Frames that wait.
    pub(super) const fn frames(&self) -> usize {
        self.frames
    }

    pub(super) fn pop(&mut self) -> Option<Entry> {
        loop {
            let slot = self.slots.pop_front()?;
            self.front += 1;
            if let Some(slot) = slot {
                self.forget(&slot);
                return Some(slot.entry);
            }
        }
    }

    pub(super) fn purge(&mut self, subscription: SubscriptionId, what: Purge) {
        let goes = |slot: &Slot| {
            slot.subscription == subscription && (what == Purge::Everything || slot.kind != Kind::System)
        };
        for slot in &mut self.slots {
            if slot.as_ref().is_some_and(goes)
                && let Some(gone) = slot.take()
            {
                self.frames -= gone.entry.frames();
                self.bytes -= gone.entry.bytes();
            }
        }
        self.newest.remove(&subscription);
    }

    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.newest.clear();
        (self.frames, self.bytes) = (0, 0);
    }

    pub(super) const fn deepest(&self) -> usize {
        self.deepest
    }

    fn append(&mut self, subscription: SubscriptionId, entry: Entry, kind: Kind) -> Result<(), Overflow> {
        let (frames, bytes) = (self.frames + entry.frames(), self.bytes + entry.bytes());
        let slots_full = self.slots.len() >= self.limits.frames.saturating_mul(SLOTS_PER_FRAME);
        if frames > self.limits.frames || slots_full || (bytes > self.limits.bytes && self.frames > 0) {
            return Err(Overflow);
        }
        let place = self.front + self.slots.len() as u64;
        match kind {
            Kind::Forming(time) => self.newest.entry(subscription).or_default().forming = Some((place, time)),
            Kind::DrawHead => self.newest.entry(subscription).or_default().draw_head = Some(place),
            Kind::Closed(_) | Kind::System => {}
        }
        self.slots.push_back(Some(Slot {
            subscription,
            entry,
            kind,
        }));
        (self.frames, self.bytes) = (frames, bytes);
        self.deepest = self.deepest.max(frames);
        Ok(())
    }

    fn replace(
        &mut self,
        subscription: SubscriptionId,
        place: u64,
        entry: Entry,
        time: CandleTime,
    ) -> Result<(), Overflow> {
        let kind = Kind::Forming(time);
        match self.slot_mut(place) {
            Some(slot @ Some(_)) => {
                let added = entry.bytes();
                let gone = slot
                    .replace(Slot {
                        subscription,
                        entry,
                        kind,
                    })
                    .map_or(0, |old| old.entry.bytes());
                self.bytes = self.bytes + added - gone;
                self.newest.entry(subscription).or_default().forming = Some((place, time));
                Ok(())
            }
            _ => self.append(subscription, entry, kind),
        }
    }

    fn take(&mut self, place: u64) -> Option<Slot> {
        let slot = self.slot_mut(place)?.take()?;
        self.forget(&slot);
        Some(slot)
    }

    fn slot_mut(&mut self, place: u64) -> Option<&mut Option<Slot>> {
        let index = usize::try_from(place.checked_sub(self.front)?).ok()?;
        self.slots.get_mut(index)
    }

    /// A slot left the queue.
    fn forget(&mut self, slot: &Slot) {
        self.frames -= slot.entry.frames();
        self.bytes -= slot.entry.bytes();
        let Some(newest) = self.newest.get_mut(&slot.subscription) else {
            return;
        };
        match slot.kind {
            Kind::Forming(_) => newest.forming = None,
            Kind::DrawHead => newest.draw_head = None,
            Kind::Closed(_) | Kind::System => return,
        }
        if newest.forming.is_none() && newest.draw_head.is_none() {
            self.newest.remove(&slot.subscription);
        }
    }
}
