//! Storage errors.

use std::time::Duration;

use tc_market::SeriesId;

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same call fails again.
    Never,
    /// At once.
    Now,
    /// After a pause.
    After(Duration),
}

/// Who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request was wrong.
    Caller,
    /// The storage device or its files.
    Storage,
    /// This program.
    Bug,
}

/// Why storage could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be opened; the text says what to do.
    #[error("store {path} cannot be opened: {reason}")]
    Open {
        /// File or address.
        path: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// Another process holds the store.
    #[error("store {path} is held by process {holder}; stop it first")]
    Locked {
        /// File.
        path: String,
        /// Process id of the holder.
        holder: String,
    },
    /// The series has never been written.
    #[error("series {0} is not stored")]
    UnknownSeries(SeriesId),
    /// A stored row cannot be read.
    #[error("stored row in {table} cannot be read: {reason}")]
    Corrupt {
        /// Table or logical name.
        table: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Another connection kept the store busy for too long.
    #[error("store stayed busy")]
    Busy,
    /// The backend failed.
    #[error("{action} failed")]
    Backend {
        /// What was being done.
        action: &'static str,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// Whether trying again can help.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Busy => Retry::After(Duration::from_millis(50)),
            _ => Retry::Never,
        }
    }

    /// Who must act.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::UnknownSeries(_) => Fault::Caller,
            _ => Fault::Storage,
        }
    }
}
