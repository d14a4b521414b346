//! A range from REST.

use tc_exchange::{HistoryClient, VenueError};
use tc_ingest::JobOrigin;
use tc_market::{CandleTime, SeriesId};

use super::{Coverage, CoverageError, Window, absent};
use crate::tasks::history::{count_rejected, count_rows};

/// Why a range is not complete.
#[derive(Debug, thiserror::Error)]
pub(in crate::tasks) enum RestError {
    #[error(transparent)]
    Venue(#[from] VenueError),
    #[error(transparent)]
    Coverage(#[from] CoverageError),
}

impl Coverage {
    /// Stores the candles that the exchange has for the window, whose ends are closed buckets, page by page;
    /// `stored` hears the newest stored candle after each. What lies behind the head waits for [`Coverage::settle`].
    pub(in crate::tasks) async fn fetch(
        &self,
        history: &HistoryClient,
        series: &SeriesId,
        window: Window,
        mut stored: impl FnMut(Option<CandleTime>) + Send,
    ) -> Result<(), RestError> {
        let built = self.options().derived.is_derived(series);
        let mut pages = history.fetch_range(series, window.from, window.to, window.to);
        while let Some(mut candles) = pages.next_page().await? {
            count_rows(candles.len());
            if built {
                // The exchange adds volumes up in another way: what was built here must not change to and fro.
                candles = absent(&self.parts().readers, series, candles)
                    .await
                    .map_err(CoverageError::from)?;
            }
            let report = self.store(JobOrigin::Rest, series, candles).await;
            if let Some(report) = report.map_err(CoverageError::from)? {
                stored(report.candle_head);
            }
        }
        count_rejected(pages.dropped());
        Ok(())
    }
}
