//! A REST fill of a live job.

use tc_exchange::HistoryClient;
use tc_ingest::{Interruption, JobOrigin, LatePolicy, PublishPolicy};
use tc_market::{CandleTime, Gap, SeriesId};

use crate::{
    tasks::history::{Fetched, HistoryError, WritePolicy, fetch_into, refresh},
    threads::WriterHandle,
};

/// Where the missing candles lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Above everything stored: live candles wait until they are there.
    Ahead,
    /// Behind candles that were stored since: the series is folded again.
    Behind,
}

/// What to fetch.
#[derive(Debug)]
pub(super) struct FillOrder {
    pub(super) series: SeriesId,
    pub(super) ranges: Vec<Gap>,
    pub(super) place: Place,
    /// What happened to the stream before.
    pub(super) after: Interruption,
}

/// How a fill ended.
#[derive(Debug)]
pub(super) struct Fill {
    pub(super) place: Place,
    pub(super) inserted: u64,
    pub(super) head: Option<CandleTime>,
    /// What could not be fetched, and why.
    pub(super) failed: Option<(Vec<Gap>, HistoryError)>,
}

impl FillOrder {
    pub(super) async fn run(self, history: HistoryClient, writer: WriterHandle) -> Fill {
        let Self {
            series,
            ranges,
            place,
            after,
        } = self;
        let origin = JobOrigin::Fill(after);
        let policy = match place {
            // These candles are the stream's own, only late: subscribers get them in their place.
            Place::Ahead => WritePolicy {
                publish: PublishPolicy::Everything,
                late: LatePolicy::Fold,
                origin,
            },
            Place::Behind => WritePolicy {
                publish: PublishPolicy::Derived,
                late: LatePolicy::Defer,
                origin,
            },
        };
        let mut fetched = Fetched::default();
        let mut ended = fetch_into(&history, &writer, &series, &ranges, policy, &mut fetched).await;
        if place == Place::Behind
            && let Some(head) = fetched.head
            && let Err(error) = refresh(&writer, &series, head).await
            && ended.is_ok()
        {
            ended = Err(error.into());
        }
        let failed = ended.err().map(|error| (ranges, error));
        Fill {
            place,
            inserted: fetched.inserted,
            head: fetched.head,
            failed,
        }
    }
}
