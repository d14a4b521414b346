//! One subscription of one connection, as the hub sees it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tc_market::{CandleTime, SeriesId};

use super::{
    delivery::{Delivery, Modes, Outgoing, TooManyWaiting},
    notice::{ClosedFrames, Notice},
    outbound::{CloseReason, Outbound, Purge, SubscriptionId},
};

/// Serialises everything that is sent for one subscription: rules first, then the queue of its connection.
#[derive(Debug)]
pub(super) struct Subscriber {
    id: SubscriptionId,
    series: SeriesId,
    modes: Modes,
    delivery: Mutex<Delivery>,
    outbound: Arc<Outbound>,
}

impl Subscriber {
    pub(super) fn new(
        id: SubscriptionId,
        series: SeriesId,
        modes: Modes,
        cursor: Option<CandleTime>,
        waiting_max: usize,
        outbound: Arc<Outbound>,
    ) -> Self {
        let delivery = Delivery::new(series.timeframe(), modes, cursor, waiting_max);
        Self {
            id,
            series,
            modes,
            delivery: Mutex::new(delivery),
            outbound,
        }
    }

    pub(super) const fn series(&self) -> &SeriesId {
        &self.series
    }

    pub(super) const fn outbound(&self) -> &Arc<Outbound> {
        &self.outbound
    }

    /// A live notice. `scratch` is empty before and after.
    pub(super) fn offer(&self, notice: &Notice, scratch: &mut Vec<Outgoing>) {
        let mut delivery = self.lock();
        match delivery.offer(notice, scratch) {
            Ok(()) => {
                count_gaps(scratch);
                self.outbound.push(self.id, scratch);
            }
            Err(TooManyWaiting) => self.outbound.close(CloseReason::SlowConsumer),
        }
    }

    /// Judges and encodes a page of the catch-up. The encoding does not hold up live notices.
    pub(super) fn page_frames(&self, page: &ClosedFrames) -> CatchUpFrames {
        let (known, hole) = self.lock().page(page.candles());
        let frames = Delivery::page_frames(self.modes, page, known, hole);
        count_gaps(&frames);
        CatchUpFrames {
            candles: page.candles().len() - known,
            gap: hole.is_some(),
            frames,
        }
    }

    /// Queues what there is room for; `false` when the subscription has ended.
    pub(super) fn queue_page(&self, frames: &mut std::vec::IntoIter<Outgoing>) -> bool {
        let delivery = self.lock();
        if delivery.is_ended() {
            return false;
        }
        self.outbound.push_while_room(self.id, frames);
        true
    }

    /// Ends the catch-up: the draw head, then what has waited.
    pub(super) fn go_live(&self, draw_head: Option<Notice>) {
        let mut delivery = self.lock();
        let mut frames = Vec::new();
        let draw_head = draw_head.filter(|_| delivery.wants_draw_head());
        delivery.go_live(draw_head, &mut frames);
        count_gaps(&frames);
        self.outbound.push(self.id, &mut frames);
    }

    /// Nothing more is sent, and what waits is dropped.
    pub(super) fn end(&self) {
        let mut delivery = self.lock();
        drop(delivery.end());
        self.outbound.purge(self.id, Purge::Everything);
    }

    /// Ends in favour of a subscription of the same connection to the same series. What the successor reads again
    /// is dropped; system events are not stored, so they are passed on.
    pub(super) fn hand_over(&self, successor: &Self) {
        let mut delivery = self.lock();
        let mut events = delivery.end();
        self.outbound.purge(self.id, Purge::AllButSystem);
        self.outbound.push(successor.id, &mut events);
    }

    pub(super) fn cursor(&self) -> Option<CandleTime> {
        self.lock().cursor()
    }

    fn lock(&self) -> MutexGuard<'_, Delivery> {
        self.delivery.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A page of the catch-up, ready for the queue.
#[derive(Debug)]
pub(super) struct CatchUpFrames {
    pub(super) candles: usize,
    pub(super) gap: bool,
    pub(super) frames: Vec<Outgoing>,
}

fn count_gaps(frames: &[Outgoing]) {
    let gaps = frames.iter().filter(|frame| frame.gap.is_some()).count();
    if gaps > 0 {
        metrics::counter!("market_ws_gap_total", "healed" => "false").increment(gaps as u64);
    }
}
