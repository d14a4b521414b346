//! Candle history from files.
//!
//! Finds candle files (freqtrade data directories, Binance's public archive, single files), tells from their names
//! which series they hold, and decodes a whole file into valid candles plus a report of what was left out. It does
//! not write anything, knows no store and no clock: the newest closed time is an argument.
//!
//! Tables that lie beside candles and hold one value for each time, such as funding rates, are read by [`read_values`].
//!
//! Read [`discover`] first, then [`CandleFile::decode`]. A file layout is one file in `layouts/` and one entry in
//! [`LAYOUTS`].
//!
//! Invariants owned here: nothing is handed out before the whole file was decoded; decoded candles are strictly
//! ascending and every row of the file is accounted for in the [`DecodeReport`]; whatever the bytes, decoding returns.

#[cfg(feature = "columnar")]
mod columns;
mod date;
mod discover;
mod error;
mod file;
mod freqtrade;
mod layouts;
mod naming;
mod rows;
mod source;
mod values;

pub use discover::{Discovery, ImportHints, SkipReason, SkippedFile, discover};
pub use error::{Fault, HistoryError, Retry};
pub use file::CandleFile;
pub use freqtrade::{DownloadRefusal, DownloadTarget, FreqtradeHistory};
pub use layouts::{LAYOUTS, Layout};
pub use naming::{freqtrade_pair, freqtrade_stems};
pub use rows::{DecodeReport, Decoded, LeftOutRow, MAX_LISTED_ROWS, RowFault};
pub use values::{TimedValue, read_values};
