//! SQLite's errors in the words of the port.

use rusqlite::{Error, ErrorCode};
use tc_store::StoreError;

/// A failure of SQLite while doing `action`, on rows of `table`.
pub(crate) fn failed(action: &'static str, table: &'static str) -> impl Fn(Error) -> StoreError {
    move |error| match error {
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::Utf8Error(..) => StoreError::Corrupt {
            table,
            reason: error.to_string(),
        },
        error => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt {
                table,
                reason: error.to_string(),
            },
            _ => StoreError::Backend {
                action,
                source: Box::new(error),
            },
        },
    }
}

/// A call that breaks the contract of a transaction.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Misuse {
    #[error("savepoint {0:?} cannot be opened inside {1:?}")]
    Nesting(tc_store::Savepoint, tc_store::Savepoint),
    #[error("savepoint {0:?} is not open")]
    NotOpen(tc_store::Savepoint),
    #[error("id {0} is not among the names of this store")]
    Unnamed(u16),
}

impl Misuse {
    pub(crate) fn during(self, action: &'static str) -> StoreError {
        StoreError::Backend {
            action,
            source: Box::new(self),
        }
    }
}
