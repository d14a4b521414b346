//! How far the ledgers of a series are, without refusing.

use tc_market::{CandleTime, SeriesId};
use tc_store::Snapshot;

use crate::{ReadError, ReadModel, position::StoredSeries};

/// Heads of a series as one snapshot sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LedgerHeads {
    /// The newest stored candle at or before the instant that was asked for.
    pub aligned: Option<CandleTime>,
    /// The newest stored candle.
    pub candle_head: Option<CandleTime>,
    /// Newest candle that the factors cover.
    pub factor_head: Option<CandleTime>,
    /// Newest candle that the drawings cover.
    pub overlay_head: Option<CandleTime>,
    factors_cover: bool,
    drawings_cover: bool,
}

impl LedgerHeads {
    /// Whether the factors cover the aligned candle.
    #[must_use]
    pub const fn factors_cover(&self) -> bool {
        self.factors_cover
    }

    /// Whether both ledgers cover it.
    #[must_use]
    pub const fn covers(&self) -> bool {
        self.factors_cover && self.drawings_cover
    }
}

/// Heads of a series, and whether they cover the candle at or before `at` (`None`: the newest).
///
/// # Errors
/// [`ReadError::Store`].
pub fn ledger_heads(
    model: &ReadModel,
    snapshot: &dyn Snapshot,
    series: &SeriesId,
    at: Option<i64>,
) -> Result<LedgerHeads, ReadError> {
    let Some(stored) = StoredSeries::open(snapshot, series)? else {
        return Ok(LedgerHeads::default());
    };
    let aligned = stored.floor(at)?;
    Ok(LedgerHeads {
        aligned,
        candle_head: stored.floor(None)?,
        factor_head: stored.state.factor_head,
        overlay_head: stored.state.overlay_head,
        factors_cover: aligned.is_some_and(|at| stored.require_factors(at).is_ok()),
        drawings_cover: aligned.is_some_and(|at| stored.require_drawings(model, at).is_ok()),
    })
}
