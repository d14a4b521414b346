//! REST history, page by page.

mod lists;
mod request;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tc_market::{Candle, CandleTime, MarketKind, SeriesId};
use tokio::time::Instant;

use crate::{BadFrame, KlineQuery, Venue, VenueError, WeightBudget};

/// How requests name their sender.
const USER_AGENT: &str = concat!("trade-canvas/", env!("CARGO_PKG_VERSION"));
/// Shortest accepted request timeout.
const MIN_TIMEOUT_MS: u64 = 1_000;

/// Limits of a [`HistoryClient`]. All times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryOptions {
    /// Longest wait for one answer; below 1,000 counts as 1,000.
    pub timeout_ms: u64,
    /// Tries of one request; at least 1.
    pub attempts: u32,
    /// Pause before the second try; doubles with each further one.
    pub backoff_ms: u64,
    /// Longest wait for the rate limit; when more is needed the request fails instead.
    pub max_wait_ms: u64,
}

impl Default for HistoryOptions {
    fn default() -> Self {
        Self {
            timeout_ms: 10_000,
            attempts: 4,
            backoff_ms: 500,
            max_wait_ms: 90_000,
        }
    }
}

/// Fetches candles of closed buckets, and the lists of a market. Clones share one rate budget per market: make one client per process.
#[derive(Debug, Clone)]
pub struct HistoryClient {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    venue: Arc<dyn Venue>,
    http: reqwest::Client,
    options: HistoryOptions,
    started: Instant,
    budgets: BTreeMap<MarketKind, Mutex<WeightBudget>>,
}

impl HistoryClient {
    /// Honours the proxy variables of the environment.
    ///
    /// # Errors
    /// [`VenueError::Client`] when the HTTP client cannot be set up.
    ///
    /// # Panics
    /// When no process-wide rustls crypto provider is installed.
    pub fn new(venue: Arc<dyn Venue>, options: HistoryOptions) -> Result<Self, VenueError> {
        let timeout_ms = options.timeout_ms.max(MIN_TIMEOUT_MS);
        let http = reqwest::Client::builder()
            .timeout(Duration::from_millis(timeout_ms))
            .user_agent(USER_AGENT)
            .build()
            .map_err(VenueError::Client)?;
        let budgets = MarketKind::ALL
            .into_iter()
            .map(|market| {
                (
                    market,
                    Mutex::new(WeightBudget::half_of(venue.rest_limits(market).weight_per_minute)),
                )
            })
            .collect();
        let options = HistoryOptions {
            timeout_ms,
            ..options
        };
        Ok(Self {
            inner: Arc::new(Inner {
                venue,
                http,
                options,
                started: Instant::now(),
                budgets,
            }),
        })
    }

    /// Whether the venue has history of the series.
    #[must_use]
    pub fn serves(&self, series: &SeriesId) -> bool {
        self.inner.venue.stream_name(series).is_ok()
    }

    /// The candles `from ..= to` (open times), oldest page first, none later than `latest_closed`.
    #[must_use]
    pub fn fetch_range(
        &self,
        series: &SeriesId,
        from: CandleTime,
        to: CandleTime,
        latest_closed: CandleTime,
    ) -> HistoryPages {
        let to = to.min(latest_closed);
        HistoryPages {
            client: self.clone(),
            series: series.clone(),
            next: (from <= to).then_some(from),
            to,
            dropped: DroppedRows::default(),
        }
    }

    /// The newest `limit` rows, the open bucket included, with their numbers of trades; ascending.
    ///
    /// # Errors
    /// [`VenueError`] when the venue cannot be asked.
    pub(crate) async fn newest(
        &self,
        series: &SeriesId,
        limit: u32,
    ) -> Result<Vec<(CandleTime, u64)>, VenueError> {
        let query = KlineQuery {
            from: None,
            to: None,
            limit,
        };
        let page = self.page(series, &query).await?;
        let mut rows: Vec<_> = page
            .rows
            .iter()
            .flatten()
            .map(|(candle, trades)| (candle.time(), *trades))
            .collect();
        rows.sort_unstable();
        Ok(rows)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.inner.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn with_budget<T>(&self, market: MarketKind, act: impl FnOnce(&mut WeightBudget, u64) -> T) -> Option<T> {
        let budget = self.inner.budgets.get(&market)?;
        // A budget is plain numbers: a panic elsewhere cannot leave it half changed.
        let mut budget = budget.lock().unwrap_or_else(PoisonError::into_inner);
        Some(act(&mut budget, self.now_ms()))
    }
}

/// Pages of one range, pulled one at a time.
#[derive(Debug)]
pub struct HistoryPages {
    client: HistoryClient,
    series: SeriesId,
    /// Open time at which the next page begins; `None` at the end.
    next: Option<CandleTime>,
    to: CandleTime,
    dropped: DroppedRows,
}

impl HistoryPages {
    /// The next page: valid candles inside the range, ascending, at least one; `None` at the end.
    ///
    /// The pages stop at the end of the range, at an empty answer, and when an answer does not get further.
    /// After an error the same page may be asked for again.
    ///
    /// # Errors
    /// [`VenueError`] after the bounded retries.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Candle>>, VenueError> {
        let timeframe = self.series.timeframe();
        let limits = match self.series.market_kind() {
            Some(market) => self.client.inner.venue.rest_limits(market),
            None => {
                return Err(VenueError::UnsupportedMarket {
                    market: self.series.market().to_owned(),
                });
            }
        };
        while let Some(from) = self.next {
            let left = (self.to.seconds() - from.seconds()) / timeframe.seconds() + 1;
            let limit = u32::try_from(left)
                .unwrap_or(u32::MAX)
                .clamp(1, limits.rows_per_page);
            let query = KlineQuery {
                from: Some(from),
                to: Some(self.to),
                limit,
            };
            let page = self.client.page(&self.series, &query).await?;
            self.next = page
                .last_open
                .filter(|last| *last >= from)
                .map(|last| timeframe.next(last))
                .filter(|next| *next > from && *next <= self.to);
            let candles = self.accept(page.rows, from);
            if !candles.is_empty() {
                return Ok(Some(candles));
            }
        }
        Ok(None)
    }

    /// What was left out so far.
    #[must_use]
    pub const fn dropped(&self) -> &DroppedRows {
        &self.dropped
    }

    fn accept(&mut self, rows: Vec<Result<(Candle, u64), BadFrame>>, from: CandleTime) -> Vec<Candle> {
        let mut candles = Vec::with_capacity(rows.len());
        for row in rows {
            match row {
                Ok((candle, _)) if candle.time() >= from && candle.time() <= self.to => candles.push(candle),
                Ok(_) => self.dropped.count("out_of_range"),
                Err(reason) => self.dropped.count(reason.reason()),
            }
        }
        candles.sort_by_key(Candle::time);
        candles.dedup_by_key(|candle| candle.time());
        candles
    }
}

/// Rows that were left out, counted by reason.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DroppedRows(BTreeMap<&'static str, u64>);

impl DroppedRows {
    fn count(&mut self, reason: &'static str) {
        *self.0.entry(reason).or_default() += 1;
    }

    /// Reason and number, in the order of the reasons.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.0.iter().map(|(reason, rows)| (*reason, *rows))
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}
