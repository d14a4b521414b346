//! Candle files on this machine, as the tasks see them.

use std::{error::Error, sync::Arc};

use tc_market::{Candle, CandleTime, SeriesId};

/// A source of candle files. Its calls block and may take long.
pub trait LocalHistory: Send + Sync {
    /// The newest `limit` candles of `series` up to `latest_closed`, strictly ascending; none when it has no file.
    ///
    /// # Errors
    /// [`LocalHistoryError`] when the file cannot be used.
    fn newest(
        &self,
        series: &SeriesId,
        limit: usize,
        latest_closed: CandleTime,
    ) -> Result<Vec<Candle>, LocalHistoryError>;
}

/// Why candle files gave nothing.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct LocalHistoryError(Box<dyn Error + Send + Sync>);

impl LocalHistoryError {
    /// With its cause.
    #[must_use]
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

/// As [`LocalHistory::newest`], on a thread that may block.
///
/// # Errors
/// [`LocalHistoryError`], also when the source panicked.
pub(super) async fn newest(
    local: &Arc<dyn LocalHistory>,
    series: &SeriesId,
    limit: usize,
    latest_closed: CandleTime,
) -> Result<Vec<Candle>, LocalHistoryError> {
    let (local, series) = (Arc::clone(local), series.clone());
    tokio::task::spawn_blocking(move || local.newest(&series, limit, latest_closed))
        .await
        .unwrap_or_else(|ended| Err(LocalHistoryError::new(ended)))
}
