//! Forming candles of the series that are derived from the one of a job.

use tc_exchange::FormingThrottle;
use tc_market::{Candle, CandleTime, FormingCandle, SeriesId, forming_bucket, merged};

use super::{LiveError, LiveOptions, LiveRunner};

/// The open buckets. What they keep of closed minutes is read from the store and forgotten with every commit.
pub(super) struct DerivedForming {
    base: SeriesId,
    buckets: Vec<OpenBucket>,
    /// The base candle that was shown last and not yet for the derived series, and when.
    waiting: Option<(FormingCandle, u64)>,
}

struct OpenBucket {
    series: SeriesId,
    throttle: FormingThrottle,
    closed: Option<ClosedPart>,
}

/// The stored minutes of a bucket before the one that is forming.
#[derive(Clone, Copy)]
struct ClosedPart {
    before: CandleTime,
    values: Option<Candle>,
}

impl DerivedForming {
    pub(super) fn new(base: &SeriesId, options: &LiveOptions) -> Self {
        let bucket = |series| OpenBucket {
            series,
            throttle: FormingThrottle::new(options.forming_min_interval_ms),
            closed: None,
        };
        Self {
            base: base.clone(),
            buckets: options.derived.built_from(base).into_iter().map(bucket).collect(),
            waiting: None,
        }
    }

    /// The base candle was shown at `now_ms`, monotonic milliseconds.
    pub(super) const fn shown(&mut self, candle: FormingCandle, now_ms: u64) {
        self.waiting = Some((candle, now_ms));
    }

    /// The candle that waits is not shown for the derived series; the next one may be.
    pub(super) const fn skip(&mut self) {
        self.waiting = None;
    }

    /// Candles were stored: closed parts are read again.
    pub(super) fn forget(&mut self) {
        for bucket in &mut self.buckets {
            bucket.closed = None;
        }
    }

    /// Shows the buckets that the waiting candle belongs to, to those who follow them.
    pub(super) async fn publish(&mut self, runner: &LiveRunner) {
        let Some((candle, now_ms)) = self.waiting.take() else {
            return;
        };
        for bucket in &mut self.buckets {
            let timeframe = bucket.series.timeframe();
            let open = timeframe.align(candle.time());
            if runner.hub.subscriptions(&bucket.series) == 0 || !bucket.throttle.admit(open, None, now_ms) {
                continue;
            }
            let part = match bucket.closed.filter(|part| part.before == candle.time()) {
                Some(part) => part,
                None => match closed_part(runner, &self.base, open, candle.time()).await {
                    Ok(part) => part,
                    Err(error) => {
                        tracing::debug!(series = %bucket.series, %error, "open bucket is not shown");
                        continue;
                    }
                },
            };
            bucket.closed = Some(part);
            let shown = forming_bucket(part.values.as_ref(), &candle, timeframe);
            runner.hub.publish_forming(&bucket.series, shown);
        }
    }
}

async fn closed_part(
    runner: &LiveRunner,
    base: &SeriesId,
    open: CandleTime,
    before: CandleTime,
) -> Result<ClosedPart, LiveError> {
    let (series, last) = (base.clone(), before.shifted(-1));
    let read = runner
        .readers
        .read(move |snapshot| match snapshot.series_key(&series)? {
            Some(key) if open <= last => snapshot.candles_between(key, open, last, usize::MAX),
            _ => Ok(Vec::new()),
        });
    let mut minutes = read.await??;
    minutes.retain(|candle| base.timeframe().is_aligned(candle.time()));
    Ok(ClosedPart {
        before,
        values: merged(&minutes),
    })
}
