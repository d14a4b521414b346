//! Live streams over shared connections.
//!
//! One task per market drives a fleet: it moves bytes between sockets and those who follow a stream. Each follower has
//! a queue of its own, so one that is slow neither holds up the others nor stops the reading of a socket.

mod driver;
mod queue;
mod socket;

use std::{
    collections::BTreeMap,
    fmt,
    hash::{BuildHasher, Hasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tc_market::{MarketKind, SeriesId};
use tokio::sync::{mpsc, oneshot};

use driver::{Driver, Order};
use queue::EventQueue;

use crate::{
    FleetLimits, GuardrailOptions, HistoryClient, MarketEvent, SessionTiming, StreamName, Venue, VenueError,
};

/// How connections behave.
#[derive(Debug, Clone, Default)]
pub struct SessionOptions {
    /// Timers.
    pub timing: SessionTiming,
    /// Limits of the back-off.
    pub guardrail: GuardrailOptions,
    /// What the venue takes.
    pub limits: FleetLimits,
    /// Asked when a stream is silent; without it a silent stream is taken for dead.
    pub probe: Option<HistoryClient>,
}

/// Unbounded, because leaving must not wait; a follower sends two orders in its life.
type Mailbox = mpsc::UnboundedSender<Order>;

/// Handle to the live streams of a venue. Cheap to clone.
#[derive(Clone)]
pub struct LiveStreams {
    inner: Arc<Inner>,
}

struct Inner {
    venue: Arc<dyn Venue>,
    mailboxes: BTreeMap<MarketKind, Mailbox>,
    followers: AtomicU64,
}

impl fmt::Debug for LiveStreams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveStreams")
            .field("venue", &self.inner.venue)
            .finish_non_exhaustive()
    }
}

impl LiveStreams {
    /// Starts the drivers in the present runtime. They connect when something is followed, and end when every handle
    /// and every stream is gone. `wss` addresses need a process-wide rustls crypto provider.
    ///
    /// # Panics
    /// Outside of a runtime.
    #[must_use]
    pub fn spawn(venue: Arc<dyn Venue>, options: &SessionOptions) -> Self {
        let mailboxes = MarketKind::ALL.into_iter().map(|market| {
            let (mailbox, orders) = mpsc::unbounded_channel();
            let driver = Driver::new(market, Arc::clone(&venue), options, random_seed());
            tokio::spawn(driver.run(orders));
            (market, mailbox)
        });
        Self {
            inner: Arc::new(Inner {
                mailboxes: mailboxes.collect(),
                venue,
                followers: AtomicU64::new(0),
            }),
        }
    }

    /// Whether the venue has a stream for the series.
    #[must_use]
    pub fn serves(&self, series: &SeriesId) -> bool {
        self.inner.venue.stream_name(series).is_ok()
    }

    /// Follows a series. Connection failures are no errors: they are reported as [`crate::SessionStatus`] and retried
    /// for ever, as the guardrail of the connection decides.
    ///
    /// # Errors
    /// [`VenueError`] when the venue has no stream for the series.
    pub fn follow(&self, series: &SeriesId) -> Result<LiveStream, VenueError> {
        let stream = self.inner.venue.stream_name(series)?;
        let mailbox = series
            .market_kind()
            .and_then(|market| self.inner.mailboxes.get(&market))
            .ok_or_else(|| VenueError::UnsupportedMarket {
                market: series.market().to_owned(),
            })?;
        let id = self.inner.followers.fetch_add(1, Ordering::Relaxed);
        let queue = Arc::new(EventQueue::default());
        let order = Order::Follow {
            stream: stream.clone(),
            series: series.clone(),
            id,
            queue: Arc::clone(&queue),
        };
        if mailbox.send(order).is_err() {
            queue.close();
        }
        let ticket = Ticket {
            mailbox: mailbox.clone(),
            stream,
            id,
        };
        Ok(LiveStream {
            queue,
            ticket: Some(ticket),
        })
    }
}

/// One follower's events. Dropping it ends the subscription.
#[derive(Debug)]
pub struct LiveStream {
    queue: Arc<EventQueue>,
    ticket: Option<Ticket>,
}

#[derive(Debug)]
struct Ticket {
    mailbox: Mailbox,
    stream: StreamName,
    id: u64,
}

impl Ticket {
    fn give_back(self, done: Option<oneshot::Sender<()>>) {
        let Self { mailbox, stream, id } = self;
        // A driver that is gone follows nothing.
        let _gone = mailbox.send(Order::Leave { stream, id, done });
    }
}

impl LiveStream {
    /// The next event; `None` when the driver is gone.
    pub async fn next(&mut self) -> Option<MarketEvent> {
        self.queue.next().await
    }

    /// The next event if one waits.
    pub fn try_next(&mut self) -> Option<MarketEvent> {
        self.queue.pop()
    }

    /// Ends the subscription and waits for the orderly end of a connection that carries nothing any more.
    pub async fn close(mut self) {
        if let Some(ticket) = self.ticket.take() {
            let (done, closed) = oneshot::channel();
            ticket.give_back(Some(done));
            // The driver answers or is gone; both are the end.
            let _ended = closed.await;
        }
    }
}

impl Drop for LiveStream {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            ticket.give_back(None);
        }
    }
}

/// The standard library's per-process hash keys are its only source of randomness; jitter needs no better.
fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}
