//! Vocabulary of candles, series, time and roll-up.
//!
//! What a candle, a series and a timeframe *are*, and nothing about where they come from or go to: no I/O,
//! no clock, no serialisation. Read [`SeriesId`] and [`Candle`] first.
//!
//! Invariants owned here: I1 (a [`FormingCandle`] is not a [`Candle`]) and I2 (a [`CandleBatch`] is
//! non-empty, of one series, strictly ascending).

mod batch;
mod candle;
mod derived;
mod gap;
mod roll_up;
mod series;
mod time;
mod timeframe;

pub use batch::CandleBatch;
pub use candle::{Candle, CandleError, FormingCandle};
pub use derived::DerivedTimeframes;
pub use gap::{Gap, gaps_between};
pub use roll_up::{RollUp, RollUpError, forming_bucket, merged, roll_up};
pub use series::{CandleId, MarketKind, SeriesId, SeriesIdError};
pub use time::{CandleTime, TimeError, latest_closed};
pub use timeframe::{Timeframe, TimeframeError, TimeframeUnit};
