//! Failures on request.

use std::sync::Mutex;

use super::lock;
use crate::StoreError;

/// A call that can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// [`Storage::snapshot`](crate::Storage::snapshot).
    Snapshot,
    /// [`Storage::begin`](crate::Storage::begin).
    Begin,
    /// [`Storage::checkpoint_log`](crate::Storage::checkpoint_log).
    CheckpointLog,
    /// Any method of [`Snapshot`](crate::Snapshot), in a transaction too.
    Read,
    /// [`WriteTxn::ensure_series`](crate::WriteTxn::ensure_series).
    EnsureSeries,
    /// [`WriteTxn::put_series_state`](crate::WriteTxn::put_series_state).
    PutSeriesState,
    /// [`WriteTxn::put_candles`](crate::WriteTxn::put_candles).
    PutCandles,
    /// [`WriteTxn::delete_candles`](crate::WriteTxn::delete_candles).
    DeleteCandles,
    /// [`WriteTxn::trim_candles`](crate::WriteTxn::trim_candles).
    TrimCandles,
    /// [`WriteTxn::append_events`](crate::WriteTxn::append_events).
    AppendEvents,
    /// [`WriteTxn::append_settled`](crate::WriteTxn::append_settled).
    AppendSettled,
    /// [`WriteTxn::put_checkpoint`](crate::WriteTxn::put_checkpoint).
    PutCheckpoint,
    /// [`WriteTxn::discard_ledger_from`](crate::WriteTxn::discard_ledger_from).
    DiscardLedgerFrom,
    /// [`WriteTxn::discard_settled_from`](crate::WriteTxn::discard_settled_from).
    DiscardSettledFrom,
    /// [`WriteTxn::put_gaps`](crate::WriteTxn::put_gaps).
    PutGaps,
    /// [`WriteTxn::delete_gaps`](crate::WriteTxn::delete_gaps).
    DeleteGaps,
    /// [`WriteTxn::put_epoch`](crate::WriteTxn::put_epoch).
    PutEpoch,
    /// [`WriteTxn::savepoint`](crate::WriteTxn::savepoint).
    Savepoint,
    /// [`WriteTxn::rollback_to`](crate::WriteTxn::rollback_to).
    RollbackTo,
    /// [`WriteTxn::release`](crate::WriteTxn::release).
    Release,
    /// [`WriteTxn::commit`](crate::WriteTxn::commit); nothing of the transaction is kept.
    Commit,
}

/// The cause inside an error that a test asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} was told to fail")]
pub struct InjectedFault(pub Operation);

#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<Vec<Armed>>);

#[derive(Debug)]
struct Armed {
    operation: Operation,
    calls_left: usize,
}

impl Faults {
    pub(super) fn arm(&self, operation: Operation, nth: usize) {
        lock(&self.0).push(Armed {
            operation,
            calls_left: nth.max(1),
        });
    }

    pub(super) fn check(&self, operation: Operation) -> Result<(), StoreError> {
        let mut armed = lock(&self.0);
        let mut due = false;
        for fault in armed.iter_mut().filter(|fault| fault.operation == operation) {
            fault.calls_left -= 1;
            due |= fault.calls_left == 0;
        }
        if !due {
            return Ok(());
        }
        armed.retain(|fault| fault.calls_left > 0);
        Err(StoreError::Backend {
            action: "an operation chosen by a test",
            source: Box::new(InjectedFault(operation)),
        })
    }
}
