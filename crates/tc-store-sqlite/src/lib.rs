//! Facts in one SQLite file.
//!
//! Implements the ports of `tc-store`: rows, transactions, snapshots, migrations and the lock that makes one process
//! the writer. It decides nothing about the rows, keeps no cache of them beside SQLite's own, and knows no payload.
//!
//! Start reading at [`SqliteStorage`], then at the tables in `schema/*.sql`. Candles, events and drawings are clustered
//! by series and time without a rowid: a packed 64-bit rowid loads about a tenth faster and takes an eighth less room,
//! but hides the time from people who query the view `candles`, and from its index.
//!
//! Invariants owned here: I3 (readers see whole transactions), and that a committed transaction survives a crash.

mod connection;
mod failure;
mod lock;
mod numbering;
mod options;
mod pool;
mod runs;
mod schema;
mod session;
mod storage;
mod writing;

pub use options::SqliteOptions;
pub use storage::{SqliteReader, SqliteStorage};

#[cfg(test)]
mod tests;
