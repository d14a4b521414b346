//! The feature step: how far feature rows may be read. The rows follow from the events, so none are written.

use tc_market::CandleTime;
use tc_store::WriteTxn;

use super::Unit;
use crate::IngestError;

impl Unit {
    /// Moves the feature head to the newest stored candle at or before `up_to`; never back.
    pub(super) fn advance_features(
        &mut self,
        txn: &dyn WriteTxn,
        up_to: CandleTime,
    ) -> Result<(), IngestError> {
        let goal = txn.floor_time(self.key, up_to)?;
        let (factor_head, Some(up_to)) = (self.state.factor_head, goal) else {
            return Ok(());
        };
        if factor_head < goal {
            return Err(IngestError::FeatureOutOfSync {
                series: self.series.clone(),
                factor_head,
                up_to,
            });
        }
        self.state.feature_head = self.state.feature_head.max(goal);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tc_factor::testing::{moves, walk};
    use tc_market::SeriesId;
    use tc_store::{MemoryStorage, Names, Storage};

    use super::*;

    #[test]
    fn the_head_follows_the_candles_and_never_passes_the_factors() {
        let storage = MemoryStorage::new(Names::default());
        let series: SeriesId = "binance:spot:A/USDT:1m".parse().unwrap();
        let candles = walk(&moves(1, 30));
        let time = |n: usize| candles[n].time();
        let mut txn = storage.begin().unwrap();
        let key = txn.ensure_series(&series).unwrap();
        let arrival = crate::unit::Arrival {
            origin: crate::JobOrigin::Ingest,
            at_ms: 0,
            base: None,
        };
        let mut unit = Unit::new(series, Arc::new(|| 0), arrival);
        unit.open(&*txn).unwrap();
        unit.advance_features(&*txn, CandleTime::MAX).unwrap();
        assert_eq!(unit.state.feature_head, None, "there is no candle");

        txn.put_candles(key, &candles).unwrap();
        let refused = unit.advance_features(&*txn, time(0)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("feature_factor_out_of_sync:binance:spot:A/USDT:1m:0:{}", time(0))
        );
        unit.state.factor_head = Some(time(20));
        let heads: Vec<_> = [
            time(0).shifted(-1),
            time(7),
            time(3),
            time(9).shifted(1),
            time(20),
            time(0),
        ]
        .into_iter()
        .map(|up_to| {
            unit.advance_features(&*txn, up_to).unwrap();
            unit.state.feature_head
        })
        .collect();
        assert_eq!(
            heads,
            [None, Some(7), Some(7), Some(9), Some(20), Some(20)].map(|n| n.map(time))
        );
        let refused = unit.advance_features(&*txn, CandleTime::MAX).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!(
                "feature_factor_out_of_sync:binance:spot:A/USDT:1m:{}:{}",
                time(20),
                time(29)
            )
        );
        assert_eq!(unit.state.feature_head, Some(time(20)), "nothing moved");
    }
}
