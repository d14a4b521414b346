//! Facts of a stretch of candles, handed over as they are read: what puts them beside a year of candles keeps few of them.

use tc_factor::{CodecError, KindId, LedgerEvent};
use tc_market::{Candle, CandleTime, SeriesId};
use tc_store::{EventQuery, Order, Payloads, Snapshot};

use crate::{ReadError, ReadModel, position::StoredSeries};

/// Candles whose events are in memory at a time.
const STRETCH_CANDLES: i64 = 50_000;

/// Which facts are wanted.
#[derive(Debug, Clone, Copy)]
pub struct FactsQuery<'a> {
    /// First candle.
    pub from: CandleTime,
    /// Last candle.
    pub to: CandleTime,
    /// Their kinds.
    pub kinds: &'a [KindId],
}

impl ReadModel {
    /// Hands every event of these kinds to `take`, in ledger order, and answers with the first candle of the ledger; it
    /// knows nothing of what was before. `None`: no candle of the series is known. Feature vectors must cover the last
    /// candle, since what is read here is what they count.
    ///
    /// # Errors
    /// [`ReadError::OutOfSync`] when they do not; what `take` answers.
    pub fn facts(
        &self,
        snapshot: &dyn Snapshot,
        series: &SeriesId,
        query: &FactsQuery<'_>,
        mut take: impl FnMut(&[LedgerEvent]) -> Result<(), CodecError>,
    ) -> Result<Option<CandleTime>, ReadError> {
        let Some(stored) = StoredSeries::open(snapshot, series)? else {
            return Ok(None);
        };
        let candles = snapshot.candles_between(stored.key, CandleTime::MIN, CandleTime::MAX, 1)?;
        let Some(first) = candles.first().map(Candle::time) else {
            return Ok(None);
        };
        stored.require_features(query.to)?;
        let stretch_s = STRETCH_CANDLES * series.timeframe().seconds();
        let mut from = query.from;
        while from <= query.to {
            let next = from.shifted(stretch_s);
            let mut events = snapshot.find_events(
                stored.key,
                &EventQuery {
                    from,
                    to: next.shifted(-1).min(query.to),
                    kinds: Some(query.kinds),
                    order: Order::Ascending,
                    limit: usize::MAX,
                    payloads: Payloads::Stored,
                },
            )?;
            stored.complete(&self.setup.factors, &mut events)?;
            take(&events)?;
            if next <= from {
                break;
            }
            from = next;
        }
        Ok(Some(first))
    }
}
