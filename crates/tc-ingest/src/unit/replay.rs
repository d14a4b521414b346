//! Getting a fold back: from the newest usable checkpoint, or from genesis, without writing.

use tc_factor::{Fingerprint, FoldMode};
use tc_market::{CandleTime, SeriesId};
use tc_overlay::{FoldOutput, FoldSetup, ResumeError, SeriesFold};
use tc_store::{SeriesKey, SeriesLedger, Snapshot};

use super::PAGE_CANDLES;
use crate::IngestError;

/// Where a ledger ends, and whether it was computed with what runs now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ledger {
    pub(super) head: CandleTime,
    pub(super) verified: bool,
}

/// The fold in compute mode at the end of the ledger. Candles after the checkpoint are folded again; what they give
/// must be exactly what the ledger holds.
pub(super) fn restore_fold<S: Snapshot + ?Sized>(
    setup: &FoldSetup,
    series: &SeriesId,
    key: SeriesKey,
    snapshot: &S,
    fingerprint: Fingerprint,
    ledger: Ledger,
) -> Result<SeriesFold, IngestError> {
    let source = SeriesLedger::new(snapshot, key);
    let resumed = SeriesFold::resume(
        setup,
        series,
        FoldMode::Compute,
        fingerprint,
        &source,
        ledger.head,
    );
    let resumed = resumed.map_err(|error| match error {
        ResumeError::Source(error) => IngestError::Store(error),
        ResumeError::Fold(error) => IngestError::Fold(error),
    })?;
    if resumed.damaged > 0 {
        tracing::warn!(%series, checkpoints = resumed.damaged, "damaged checkpoints passed over");
    }
    let mut fold = resumed.fold;
    let mut from = fold.head().map_or(CandleTime::MIN, |time| time.shifted(1));
    while fold.head() < Some(ledger.head) {
        let candles = snapshot.candles_between(key, from, ledger.head, PAGE_CANDLES)?;
        let Some(last) = candles.last() else {
            break;
        };
        let mut out = FoldOutput::default();
        for candle in &candles {
            fold.compute(candle, &mut out)?;
        }
        if ledger.verified {
            let stored = snapshot.events(key, from, last.time())?;
            let differs =
                (0..stored.len().max(out.events.len())).find(|n| stored.get(*n) != out.events.get(*n));
            if let Some(event) = differs.and_then(|n| stored.get(n).or_else(|| out.events.get(n))) {
                return Err(IngestError::LedgerMismatch(event.visible_time));
            }
        }
        from = last.time().shifted(1);
    }
    Ok(fold)
}
