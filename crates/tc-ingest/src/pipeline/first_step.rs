//! The first step of a unit.

use tc_market::CandleBatch;
use tc_store::WriteTxn;

use crate::{
    IngestError, JobInput,
    unit::{Task, Unit, Wanted},
};

/// What comes before the derived steps: opens the series and stores candles. `None` when nothing is stored for it.
pub(super) fn run<'j>(
    unit: &mut Unit,
    txn: &mut dyn WriteTxn,
    input: &'j JobInput,
) -> Result<Option<Wanted<'j>>, IngestError> {
    let whole = |unit: &Unit, task| {
        unit.candle_head().map(|up_to| Wanted {
            up_to,
            appended: None,
            task,
        })
    };
    match input {
        JobInput::Batch(batch) => {
            let step = unit.store_candles(txn, batch)?;
            Ok(Some(Wanted {
                up_to: batch.last_time(),
                appended: step.appends_only.then(|| batch.candles()),
                task: Task::Advance,
            }))
        }
        JobInput::Refresh { up_to, .. } => Ok(unit.open(txn)?.then_some(Wanted {
            up_to: *up_to,
            appended: None,
            task: Task::Advance,
        })),
        JobInput::Rebuild { candles, .. } => {
            if !unit.open(txn)? || unit.candle_head().is_none() {
                return Ok(None);
            }
            let candles = candles.as_ref().map(CandleBatch::candles);
            unit.replace_candles(txn, candles.unwrap_or_default())?;
            Ok(whole(unit, Task::Rebuild))
        }
        JobInput::LookForGaps { .. } => {
            if unit.open(txn)? {
                unit.look_for_gaps(txn)?;
            }
            Ok(None)
        }
        JobInput::GapAttempt { range, attempt, .. } => {
            if unit.open(txn)? {
                unit.note_attempt(txn, *range, attempt)?;
            }
            Ok(None)
        }
        JobInput::Derive { .. } => Ok(None),
        JobInput::RepairDrawings { .. } => {
            unit.open(txn)?;
            Ok(whole(unit, Task::Redraw))
        }
    }
}
