//! One subscription of one connection, as the hub sees it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tc_market::{Candle, CandleTime, SeriesId};
use tokio::runtime::Handle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    delivery::{Delivery, Hole, Holes, Modes, Outgoing, TooManyWaiting},
    notice::{ClosedFrames, Notice},
    outbound::{CloseReason, Outbound, Purge, SubscriptionId},
};
use crate::tasks::GapHealer;

/// Serialises everything that is sent for one subscription: rules first, then the queue of its connection.
#[derive(Debug)]
pub(super) struct Subscriber {
    id: SubscriptionId,
    series: SeriesId,
    modes: Modes,
    delivery: Mutex<Delivery>,
    outbound: Arc<Outbound>,
    healing: Option<Healing>,
}

/// What heals the holes of a subscription, and where that runs.
#[derive(Debug, Clone)]
pub(super) struct Healing {
    pub(super) healer: GapHealer,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
    pub(super) runtime: Handle,
}

impl Subscriber {
    pub(super) fn new(
        id: SubscriptionId,
        series: SeriesId,
        modes: Modes,
        cursor: Option<CandleTime>,
        waiting_max: usize,
        outbound: Arc<Outbound>,
        healing: Option<Healing>,
    ) -> Self {
        let holes = if healing.is_some() {
            Holes::Heal
        } else {
            Holes::Tell
        };
        let delivery = Delivery::new(series.timeframe(), modes, cursor, waiting_max, holes);
        Self {
            id,
            series,
            modes,
            delivery: Mutex::new(delivery),
            outbound,
            healing,
        }
    }

    pub(super) const fn series(&self) -> &SeriesId {
        &self.series
    }

    pub(super) const fn outbound(&self) -> &Arc<Outbound> {
        &self.outbound
    }

    /// A live notice. `scratch` is empty before and after.
    pub(super) fn offer(this: &Arc<Self>, notice: &Notice, scratch: &mut Vec<Outgoing>) {
        let mut delivery = this.lock();
        match delivery.offer(notice, scratch) {
            Ok(hole) => {
                count_gaps(scratch);
                this.outbound.push(this.id, scratch);
                drop(delivery);
                if let Some(hole) = hole {
                    Self::spawn_heal(this, hole);
                }
            }
            Err(TooManyWaiting) => this.outbound.close(CloseReason::SlowConsumer),
        }
    }

    /// Live notices wait from now on until the hole is healed or given up.
    fn spawn_heal(this: &Arc<Self>, hole: Hole) {
        let Some(healing) = this.healing.clone() else {
            return;
        };
        let subscriber = Arc::clone(this);
        let heal = async move {
            let mut next = Some(hole);
            while let Some(hole) = next {
                let recovered = tokio::select! {
                    biased;
                    () = healing.stop.cancelled() => return,
                    _reason = subscriber.outbound.closed() => return,
                    recovered = subscriber.recover(hole) => recovered,
                };
                next = subscriber.healed(recovered);
            }
        };
        healing.tasks.spawn_on(heal, &healing.runtime);
    }

    /// What can be had of a hole, ascending.
    pub(super) async fn recover(&self, hole: Hole) -> Vec<Candle> {
        match &self.healing {
            Some(healing) => {
                healing
                    .healer
                    .recover(&self.series, hole.expected_next, hole.actual)
                    .await
            }
            None => Vec::new(),
        }
    }

    /// Sends what was recovered, then what has waited; returns the next hole that has to be healed first.
    fn healed(&self, recovered: Vec<Candle>) -> Option<Hole> {
        let mut delivery = self.lock();
        let mut frames = Vec::new();
        let recovered = (!recovered.is_empty()).then(|| ClosedFrames::new(self.series.clone(), recovered));
        let next = delivery.healed(recovered.as_ref(), &mut frames);
        count_gaps(&frames);
        if recovered.is_some() && frames.iter().all(|frame| frame.gap.is_none()) {
            count_healed();
        }
        self.outbound.push(self.id, &mut frames);
        next
    }

    /// The hole that has to be healed before a page of the catch-up is taken.
    pub(super) fn hole_to_heal(&self, page: &[Candle]) -> Option<Hole> {
        self.lock().page_hole_to_heal(page)
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
    pub(super) fn go_live(this: &Arc<Self>, draw_head: Option<Notice>) {
        let mut delivery = this.lock();
        let mut frames = Vec::new();
        let draw_head = draw_head.filter(|_| delivery.wants_draw_head());
        let hole = delivery.go_live(draw_head, &mut frames);
        count_gaps(&frames);
        this.outbound.push(this.id, &mut frames);
        drop(delivery);
        if let Some(hole) = hole {
            Self::spawn_heal(this, hole);
        }
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

/// A hole that nobody had to be told of.
pub(super) fn count_healed() {
    metrics::counter!("market_ws_gap_total", "healed" => "true").increment(1);
}
