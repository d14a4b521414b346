//! What waits for one follower.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::{MarketEvent, SessionStatus};

/// Events that may wait. Forming candles are replaced by newer ones, so these are hours of closed candles.
const EVENTS_MAX: usize = 256;

/// Bounded and never full: a forming candle that nobody took makes room for the next one, and when too much else
/// waits the oldest goes, which the reader is told.
#[derive(Debug, Default)]
pub(super) struct EventQueue {
    waiting: Mutex<Waiting>,
    arrival: Notify,
}

impl EventQueue {
    pub(super) fn push(&self, event: MarketEvent) {
        self.lock().push(event);
        self.arrival.notify_one();
    }

    /// Nothing comes any more.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrival.notify_one();
    }

    pub(super) fn pop(&self) -> Option<MarketEvent> {
        self.lock().pop()
    }

    /// The next event, or `None` after the end.
    pub(super) async fn next(&self) -> Option<MarketEvent> {
        loop {
            {
                let mut waiting = self.lock();
                if let Some(event) = waiting.pop() {
                    return Some(event);
                }
                if waiting.closed {
                    return None;
                }
            }
            self.arrival.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Every change is complete before anything can panic.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<MarketEvent>,
    /// Closed candles among the events that were dropped, when there were any since the reader was told.
    missed: Option<u64>,
    closed: bool,
}

impl Waiting {
    fn push(&mut self, event: MarketEvent) {
        if matches!(event, MarketEvent::Forming { .. })
            && let Some(last @ MarketEvent::Forming { .. }) = self.events.back_mut()
        {
            *last = event;
            return;
        }
        if self.events.len() >= EVENTS_MAX {
            self.drop_oldest();
        }
        self.events.push_back(event);
    }

    /// The state of the connection is kept for as long as there is something else to drop.
    fn drop_oldest(&mut self) {
        let droppable = |event: &MarketEvent| !matches!(event, MarketEvent::Status(status) if !matches!(status, SessionStatus::BadFrame(_)));
        let position = self.events.iter().position(droppable).unwrap_or(0);
        let closed = matches!(self.events.remove(position), Some(MarketEvent::Closed { .. }));
        *self.missed.get_or_insert(0) += u64::from(closed);
    }

    fn pop(&mut self) -> Option<MarketEvent> {
        match self.missed.take() {
            Some(closed) => Some(MarketEvent::Status(SessionStatus::Missed { closed })),
            None => self.events.pop_front(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tc_market::{Candle, CandleTime, FormingCandle, SeriesId};

    use super::*;
    use crate::{BadFrame, DisconnectReason};

    fn series() -> SeriesId {
        "binance:futures:BTC/USDT:1m".parse().unwrap()
    }

    fn candle(minute: i64) -> Candle {
        Candle::new(CandleTime::clamped(60 * minute), 1.0, 1.0, 1.0, 1.0, 1.0).unwrap()
    }

    fn closed(minute: i64) -> MarketEvent {
        MarketEvent::Closed {
            series: series(),
            candle: candle(minute),
        }
    }

    fn forming(minute: i64) -> MarketEvent {
        MarketEvent::Forming {
            series: series(),
            candle: FormingCandle::new(candle(minute)),
        }
    }

    fn all(queue: &EventQueue) -> Vec<MarketEvent> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn forming_candles_that_nobody_took_are_replaced_and_closed_ones_kept() {
        let queue = EventQueue::default();
        for event in [
            forming(1),
            forming(1),
            closed(1),
            forming(2),
            forming(2),
            closed(2),
        ] {
            queue.push(event);
        }
        assert_eq!(all(&queue), [forming(1), closed(1), forming(2), closed(2)]);
    }

    #[test]
    fn what_is_dropped_is_told_first_and_the_state_of_the_connection_kept() {
        let queue = EventQueue::default();
        let gone = MarketEvent::Status(SessionStatus::Disconnected {
            reason: DisconnectReason::Lost,
            detail: String::new(),
        });
        queue.push(gone.clone());
        for minute in 0..300 {
            queue.push(closed(minute));
        }
        let events = all(&queue);
        assert_eq!(
            events[..3],
            [
                MarketEvent::Status(SessionStatus::Missed { closed: 45 }),
                gone,
                closed(45)
            ]
        );
        assert_eq!(events.last(), Some(&closed(299)));
    }

    #[tokio::test]
    async fn the_reader_wakes_for_an_event_and_for_the_end() {
        let queue = std::sync::Arc::new(EventQueue::default());
        let reader = std::sync::Arc::clone(&queue);
        let read = tokio::spawn(async move { (reader.next().await, reader.next().await) });
        queue.push(closed(1));
        queue.close();
        assert_eq!(read.await.unwrap(), (Some(closed(1)), None));
    }

    proptest! {
        /// Whatever comes: the queue stays bounded, closed candles keep their order, and none is lost in silence.
        #[test]
        fn bounded_and_honest(kinds in prop::collection::vec(0u8..4, 0..900), takes in 0usize..40) {
            let mut queue = Waiting::default();
            let (mut pushed, mut taken, mut missed, mut minute) = (0u64, Vec::new(), 0, 0);
            let mut take = |queue: &mut Waiting| match queue.pop() {
                Some(MarketEvent::Closed { candle, .. }) => taken.push(candle.time()),
                Some(MarketEvent::Status(SessionStatus::Missed { closed })) => missed += closed,
                _ => {}
            };
            for (n, kind) in kinds.iter().enumerate() {
                minute += 1;
                queue.push(match kind {
                    0 => MarketEvent::Status(SessionStatus::Healthy),
                    1 => MarketEvent::Status(SessionStatus::BadFrame(BadFrame::NotJson)),
                    2 => forming(minute),
                    _ => {
                        pushed += 1;
                        closed(minute)
                    }
                });
                prop_assert!(queue.events.len() <= EVENTS_MAX);
                if takes > 0 && n % takes == 0 {
                    take(&mut queue);
                }
            }
            while !queue.events.is_empty() || queue.missed.is_some() {
                take(&mut queue);
            }
            prop_assert!(taken.is_sorted());
            prop_assert_eq!(u64::try_from(taken.len()).unwrap() + missed, pushed);
        }
    }
}
