//! What a market trades, and for how much.

use std::time::Duration;

use tc_market::MarketKind;

use super::{HistoryClient, request::Ask};
use crate::{Instrument, Ticker, VenueError};

/// Longest wait for a list: somebody looks at the screen meanwhile.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Longest accepted list; the symbols of the spot market have about 15 MB.
const MAX_BODY_BYTES: usize = 64 << 20;

impl HistoryClient {
    /// Everything that is traded on the market, in the order of the venue. Not tried again: the caller has a list of
    /// before.
    ///
    /// # Errors
    /// [`VenueError`].
    pub async fn instruments(&self, market: MarketKind) -> Result<Vec<Instrument>, VenueError> {
        let venue = &self.inner.venue;
        let (url, weight) = venue.instruments_url(market);
        let parse = |body: &[u8]| venue.parse_instruments(body);
        self.ask(list(&url, market, weight), parse).await
    }

    /// The last day of everything that is traded on the market, in the order of the venue. Not tried again.
    ///
    /// # Errors
    /// [`VenueError`].
    pub async fn tickers(&self, market: MarketKind) -> Result<Vec<Ticker>, VenueError> {
        let venue = &self.inner.venue;
        let (url, weight) = venue.tickers_url(market);
        let parse = |body: &[u8]| venue.parse_tickers(body);
        self.ask(list(&url, market, weight), parse).await
    }
}

const fn list(url: &str, market: MarketKind, weight: u32) -> Ask<'_> {
    Ask {
        url,
        market,
        weight,
        timeout: Some(TIMEOUT),
        max_body_bytes: MAX_BODY_BYTES,
        attempts: 1,
    }
}
