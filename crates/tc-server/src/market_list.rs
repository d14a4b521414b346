//! What a market trades, by turnover: kept for a while, fetched once whoever asks, old rather than nothing.

mod kept;
mod limiter;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tc_exchange::{HistoryClient, Instrument, Ticker, VenueError};
use tc_market::MarketKind;
use tokio::time::Instant;

use kept::Kept;
use limiter::Limiter;

/// How long the two lists of a market are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarketListOptions {
    /// The instruments.
    pub instruments_ttl: Duration,
    /// Their prices and turnovers.
    pub tickers_ttl: Duration,
}

impl Default for MarketListOptions {
    fn default() -> Self {
        Self {
            instruments_ttl: Duration::from_secs(3_600),
            tickers_ttl: Duration::from_secs(10),
        }
    }
}

/// An instrument and its last day.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Listed {
    pub(crate) instrument: Instrument,
    pub(crate) ticker: Ticker,
}

/// The instruments of one quote asset, greatest turnover first.
#[derive(Debug, Clone)]
pub(crate) struct TopMarkets {
    pub(crate) items: Arc<[Listed]>,
    /// Whether nothing was fetched for this answer.
    pub(crate) cached: bool,
    /// Set when the venue could not be asked: age of the older of the two lists.
    pub(crate) stale: Option<Duration>,
}

/// Why there is no list.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum MarketListError {
    /// Asked to fetch anew too soon after the last time.
    #[error("rate_limited")]
    TooSoon,
    /// The venue gave no list, and there is none from before.
    #[error("{0}")]
    Upstream(String),
}

impl From<&VenueError> for MarketListError {
    fn from(error: &VenueError) -> Self {
        Self::Upstream(error.to_string())
    }
}

/// The last list of a quote asset, with the versions of what it was made of.
type Sorted = BTreeMap<(MarketKind, String), ((u64, u64), Arc<[Listed]>)>;

/// Most quote assets whose lists are remembered.
const SORTED_MAX: usize = 64;

/// Market lists of a venue.
pub struct MarketLists {
    source: HistoryClient,
    markets: BTreeMap<MarketKind, Market>,
    limiter: Mutex<Limiter>,
    sorted: Mutex<Sorted>,
}

struct Market {
    instruments: Kept<Vec<Instrument>>,
    tickers: Kept<Vec<Ticker>>,
}

impl fmt::Debug for MarketLists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MarketLists").finish_non_exhaustive()
    }
}

impl MarketLists {
    /// Nothing is fetched before somebody asks.
    #[must_use]
    pub fn new(source: HistoryClient, options: MarketListOptions) -> Self {
        let market = |kind| {
            let market = Market {
                instruments: Kept::new(options.instruments_ttl),
                tickers: Kept::new(options.tickers_ttl),
            };
            (kind, market)
        };
        Self {
            source,
            markets: MarketKind::ALL.map(market).into(),
            limiter: Mutex::default(),
            sorted: Mutex::default(),
        }
    }

    /// The instruments of `market` that are paid in `quote_asset` (upper case).
    ///
    /// # Errors
    /// [`MarketListError::Upstream`].
    pub(crate) async fn top(
        &self,
        market: MarketKind,
        quote_asset: &str,
    ) -> Result<TopMarkets, MarketListError> {
        self.list(market, quote_asset, false).await
    }

    /// The same, fetched anew, whatever is kept. A try counts against `client`, also one that fails.
    ///
    /// # Errors
    /// [`MarketListError`].
    pub(crate) async fn fresh(
        &self,
        market: MarketKind,
        quote_asset: &str,
        client: IpAddr,
    ) -> Result<TopMarkets, MarketListError> {
        if !self.admits((client, market)) {
            return Err(MarketListError::TooSoon);
        }
        self.list(market, quote_asset, true).await
    }

    fn admits(&self, client: (IpAddr, MarketKind)) -> bool {
        let mut limiter = self.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        limiter.admit(client, Instant::now())
    }

    async fn list(
        &self,
        market: MarketKind,
        quote_asset: &str,
        force: bool,
    ) -> Result<TopMarkets, MarketListError> {
        let Some(kept) = self.markets.get(&market) else {
            return Err(MarketListError::Upstream("no such market".to_owned()));
        };
        let source = &self.source;
        let (instruments, tickers) = tokio::join!(
            kept.instruments.get(force, || source.instruments(market)),
            kept.tickers.get(force, || source.tickers(market)),
        );
        let (instruments, tickers) = (instruments?, tickers?);
        let versions = (instruments.version, tickers.version);
        Ok(TopMarkets {
            items: self.sorted(
                (market, quote_asset),
                versions,
                &instruments.value,
                &tickers.value,
            ),
            cached: instruments.cached && tickers.cached && !force,
            stale: instruments.stale.max(tickers.stale),
        })
    }

    /// One computation per list, however many look at it.
    fn sorted(
        &self,
        (market, quote_asset): (MarketKind, &str),
        versions: (u64, u64),
        instruments: &[Instrument],
        tickers: &[Ticker],
    ) -> Arc<[Listed]> {
        let mut sorted = self.sorted.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (market, quote_asset.to_owned());
        if let Some((of, items)) = sorted.get(&key)
            && *of == versions
        {
            return Arc::clone(items);
        }
        let items = by_turnover(quote_asset, instruments, tickers);
        if sorted.len() >= SORTED_MAX {
            sorted.clear();
        }
        sorted.insert(key, (versions, Arc::clone(&items)));
        items
    }
}

fn by_turnover(quote_asset: &str, instruments: &[Instrument], tickers: &[Ticker]) -> Arc<[Listed]> {
    let known: BTreeMap<&str, &Instrument> = instruments
        .iter()
        .filter(|instrument| instrument.quote_asset == quote_asset)
        .map(|instrument| (instrument.symbol_id.as_str(), instrument))
        .collect();
    let mut listed: Vec<Listed> = tickers
        .iter()
        .filter_map(|ticker| {
            Some(Listed {
                instrument: (*known.get(ticker.symbol_id.as_str())?).clone(),
                ticker: ticker.clone(),
            })
        })
        .collect();
    listed.sort_by(|a, b| b.ticker.quote_volume.total_cmp(&a.ticker.quote_volume));
    listed.into()
}
