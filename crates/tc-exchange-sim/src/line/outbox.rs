//! Frames between being due and being sent.

use std::collections::BTreeMap;

use crate::faults::{Fate, FrameKind};

/// A frame on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) stream: String,
    pub(super) event: String,
    pub(super) kind: FrameKind,
}

/// In the order of sending.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    queue: BTreeMap<(i64, u64), Waiting>,
    next: u64,
    /// By stream: frames that follow the next one.
    held: BTreeMap<String, Vec<(i64, Waiting)>>,
    /// By stall and stream: places of the kept frames in the queue, oldest first.
    kept: BTreeMap<(usize, String), Vec<(i64, u64)>>,
}

impl Outbox {
    /// Takes a frame with its fate; the number of frames that are lost by it.
    pub(super) fn put(&mut self, waiting: Waiting, fate: Fate) -> u64 {
        match fate {
            Fate::Lost => 1,
            Fate::Kept {
                stall,
                until_ms,
                keep,
            } => {
                let name = (stall, waiting.stream.clone());
                let place = self.enqueue(until_ms, waiting);
                let kept = self.kept.entry(name).or_default();
                kept.push(place);
                if kept.len() <= keep {
                    return 0;
                }
                let oldest = kept.remove(0);
                self.queue.remove(&oldest);
                1
            }
            Fate::Sent {
                at_ms,
                times,
                after_next,
            } => {
                if after_next && !self.held.contains_key(&waiting.stream) {
                    let copies = (0..times).map(|_| (at_ms, waiting.clone())).collect();
                    self.held.insert(waiting.stream, copies);
                    return 0;
                }
                let followers = self.held.remove(&waiting.stream).unwrap_or_default();
                for _ in 1..times {
                    self.enqueue(at_ms, waiting.clone());
                }
                self.enqueue(at_ms, waiting);
                for (held_ms, held) in followers {
                    self.enqueue(held_ms.max(at_ms), held);
                }
                0
            }
        }
    }

    /// When the first frame goes out.
    pub(super) fn next_ms(&self) -> Option<i64> {
        self.queue.first_key_value().map(|((at_ms, _), _)| *at_ms)
    }

    pub(super) fn take(&mut self) -> Option<Waiting> {
        let (place, waiting) = self.queue.pop_first()?;
        // A stall that is over keeps nothing any more.
        if !self.kept.is_empty() {
            self.kept.retain(|_, kept| kept.iter().any(|at| at.0 > place.0));
        }
        Some(waiting)
    }

    fn enqueue(&mut self, at_ms: i64, waiting: Waiting) -> (i64, u64) {
        let place = (at_ms, self.next);
        self.next += 1;
        self.queue.insert(place, waiting);
        place
    }
}
