//! One request: budget, retries, limits.

use std::time::Duration;

use reqwest::{Response, header::RETRY_AFTER};
use tc_market::{MarketKind, SeriesId};

use super::HistoryClient;
use crate::{KlineQuery, KlineRows, RefusalBody, Retry, VenueError};

/// Longest accepted body; a page of 1,500 rows has about 250 kB.
const MAX_BODY_BYTES: usize = 4 << 20;
/// Wait after a 429 or 418 that does not say how long.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(60);
/// Most of a foreign body that goes into an error.
const MAX_MESSAGE_CHARS: usize = 200;

/// One request: where, what it costs and how long it may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) url: &'a str,
    pub(super) market: MarketKind,
    pub(super) weight: u32,
    /// Shorter than that of the client.
    pub(super) timeout: Option<Duration>,
    pub(super) max_body_bytes: usize,
    /// Tries, at least 1.
    pub(super) attempts: u32,
}

impl HistoryClient {
    /// Fetches one page, with bounded retries.
    pub(super) async fn page(&self, series: &SeriesId, query: &KlineQuery) -> Result<KlineRows, VenueError> {
        let url = self.inner.venue.klines_url(series, query)?;
        let Some(market) = series.market_kind() else {
            return Err(VenueError::UnsupportedMarket {
                market: series.market().to_owned(),
            });
        };
        let ask = Ask {
            url: &url,
            market,
            weight: self.inner.venue.klines_weight(market, query.limit),
            timeout: None,
            max_body_bytes: MAX_BODY_BYTES,
            attempts: self.inner.options.attempts,
        };
        self.ask(ask, |body| self.inner.venue.parse_klines(body)).await
    }

    /// Asks until there is an answer, the tries are used up or another one makes no sense.
    pub(super) async fn ask<T>(
        &self,
        ask: Ask<'_>,
        parse: impl Fn(&[u8]) -> Result<T, VenueError>,
    ) -> Result<T, VenueError> {
        let mut tries = 1;
        loop {
            let error = match self.try_once(ask, &parse).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let pause = match error.retry() {
                Retry::Never => return Err(error),
                Retry::Now => Duration::ZERO,
                Retry::After(pause) => pause,
            };
            if tries >= ask.attempts || pause > self.max_wait() {
                return Err(error);
            }
            let backoff_ms = self
                .inner
                .options
                .backoff_ms
                .saturating_mul(1 << (tries - 1).min(20));
            let pause = pause.max(Duration::from_millis(backoff_ms)).min(self.max_wait());
            let (url, pause_ms) = (ask.url, pause.as_millis());
            tracing::debug!(url, tries, pause_ms, %error, "request is tried again");
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    async fn try_once<T>(
        &self,
        ask: Ask<'_>,
        parse: impl Fn(&[u8]) -> Result<T, VenueError>,
    ) -> Result<T, VenueError> {
        self.spend(ask.market, ask.weight).await?;
        let mut request = self.inner.http.get(ask.url);
        if let Some(timeout) = ask.timeout {
            request = request.timeout(timeout);
        }
        let failed = |error| self.transport(error, ask.timeout);
        let response = request.send().await.map_err(failed)?;
        self.note_used_weight(ask.market, &response);
        let status = response.status().as_u16();
        let retry_after = retry_after(&response);
        let body = self.body(response, ask).await?;
        match status {
            200 => parse(&body),
            429 | 418 => {
                let retry_after = retry_after.unwrap_or(DEFAULT_RETRY_AFTER);
                self.block(ask.market, retry_after);
                Err(VenueError::RateLimited { status, retry_after })
            }
            408 | 500.. => Err(VenueError::Unavailable {
                status,
                message: self.words(&body).message,
            }),
            _ => {
                let RefusalBody { code, message } = self.words(&body);
                Err(VenueError::Refused {
                    status,
                    code,
                    message,
                })
            }
        }
    }

    /// Waits until the budget of the market has room.
    async fn spend(&self, market: MarketKind, weight: u32) -> Result<(), VenueError> {
        while let Some(Err(wait_ms)) =
            self.with_budget(market, |budget, now_ms| budget.reserve(weight, now_ms))
        {
            let wait = Duration::from_millis(wait_ms);
            if wait > self.max_wait() {
                return Err(VenueError::RateLimited {
                    status: 429,
                    retry_after: wait,
                });
            }
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    fn note_used_weight(&self, market: MarketKind, response: &Response) {
        let header = self.inner.venue.rest_limits(market).used_weight_header;
        let used = response
            .headers()
            .get(header)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        if let Some(used) = used {
            self.with_budget(market, |budget, now_ms| budget.report(used, now_ms));
        }
    }

    fn block(&self, market: MarketKind, wait: Duration) {
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        self.with_budget(market, |budget, now_ms| budget.block(wait_ms, now_ms));
    }

    async fn body(&self, mut response: Response, ask: Ask<'_>) -> Result<Vec<u8>, VenueError> {
        let failed = |error| self.transport(error, ask.timeout);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > ask.max_body_bytes {
                return Err(VenueError::Unavailable {
                    status: 200,
                    message: "body is too long".to_owned(),
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn words(&self, body: &[u8]) -> RefusalBody {
        self.inner
            .venue
            .parse_refusal(body)
            .unwrap_or_else(|| RefusalBody {
                code: 0,
                message: String::from_utf8_lossy(body)
                    .chars()
                    .take(MAX_MESSAGE_CHARS)
                    .collect(),
            })
    }

    fn transport(&self, error: reqwest::Error, timeout: Option<Duration>) -> VenueError {
        if error.is_timeout() {
            let own_ms = timeout.map(|own| u64::try_from(own.as_millis()).unwrap_or(u64::MAX));
            return VenueError::Timeout {
                timeout_ms: own_ms.unwrap_or(self.inner.options.timeout_ms),
            };
        }
        VenueError::Transport(error)
    }

    fn max_wait(&self) -> Duration {
        Duration::from_millis(self.inner.options.max_wait_ms)
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response
        .headers()
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds))
}
