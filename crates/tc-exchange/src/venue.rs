//! The pure description of a venue.

use std::{borrow::Borrow, fmt, sync::Arc};

use tc_market::{Candle, CandleError, CandleTime, FormingCandle, MarketKind, SeriesId};

use crate::VenueError;

/// How one venue writes addresses, frames and rows. No I/O, no clock, no state.
pub trait Venue: Send + Sync + fmt::Debug {
    /// First part of the series ids that it serves.
    fn name(&self) -> &'static str;

    /// Name of the series' candle stream.
    ///
    /// # Errors
    /// [`VenueError`] for another exchange, an unknown market, or a symbol without a slash.
    fn stream_name(&self, series: &SeriesId) -> Result<StreamName, VenueError>;

    /// Address of a socket that carries these streams of one market, each frame with the name of its stream.
    fn streams_url(&self, market: MarketKind, streams: &[StreamName]) -> String;

    /// Text of a command that changes what an open socket carries.
    fn write_command(&self, command: &StreamCommand) -> String;

    /// Reads one frame; never panics and never fails, unreadable bytes are [`Frame::Bad`].
    fn parse_frame(&self, bytes: &[u8]) -> StreamFrame;

    /// Whether a candle frame belongs to `series`.
    fn belongs_to(&self, kline: &Kline, series: &SeriesId) -> bool;

    /// Paging and rate limits of the history endpoint.
    fn rest_limits(&self, market: MarketKind) -> RestLimits;

    /// Request weight of a history page of `rows` rows.
    fn klines_weight(&self, market: MarketKind, rows: u32) -> u32;

    /// Address of one page of history.
    ///
    /// # Errors
    /// As [`Venue::stream_name`].
    fn klines_url(&self, series: &SeriesId, query: &KlineQuery) -> Result<String, VenueError>;

    /// Reads one page of history. Rows that break a rule are in the result as such.
    ///
    /// # Errors
    /// [`VenueError::Json`] or [`VenueError::Shape`] when the body is no list of rows.
    fn parse_klines(&self, body: &[u8]) -> Result<KlineRows, VenueError>;

    /// Address and request weight of the list of instruments.
    fn instruments_url(&self, market: MarketKind) -> (String, u32);

    /// Reads the list of instruments that are traded now. Entries that cannot be read are left out.
    ///
    /// # Errors
    /// [`VenueError::Json`] or [`VenueError::Shape`] when the body is no such list.
    fn parse_instruments(&self, body: &[u8]) -> Result<Vec<Instrument>, VenueError>;

    /// Address and request weight of the tickers of a whole market.
    fn tickers_url(&self, market: MarketKind) -> (String, u32);

    /// Reads the tickers. Entries without a symbol or a quote volume are left out.
    ///
    /// # Errors
    /// As [`Venue::parse_instruments`].
    fn parse_tickers(&self, body: &[u8]) -> Result<Vec<Ticker>, VenueError>;

    /// Reads the body of a refusal, if it is one.
    fn parse_refusal(&self, body: &[u8]) -> Option<RefusalBody>;
}

/// Something that is traded now: on spot markets a pair, on futures markets a perpetual contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    /// Name in the venue's spelling.
    pub symbol_id: String,
    /// What is bought.
    pub base_asset: String,
    /// What it is paid with.
    pub quote_asset: String,
}

/// The last 24 hours of an instrument.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticker {
    /// Name in the venue's spelling.
    pub symbol_id: String,
    /// Last price, if it is a number.
    pub last_price: Option<f64>,
    /// Turnover in the quote asset.
    pub quote_volume: f64,
    /// Change of the price in percent, if it is a number.
    pub price_change_percent: Option<f64>,
}

/// Name of a stream in the venue's spelling. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamName(Arc<str>);

impl StreamName {
    /// The name as the venue writes it.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name as the venue writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for StreamName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Changes what an open socket carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamCommand {
    /// Number of the command on its socket, repeated in the answer.
    pub id: u64,
    /// What to do with the streams.
    pub verb: StreamVerb,
    /// At least one.
    pub streams: Vec<StreamName>,
}

/// What a [`StreamCommand`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamVerb {
    /// Carries them from now on.
    Subscribe,
    /// Carries them no longer.
    Unsubscribe,
}

/// One page of history to ask for. Times are inclusive open times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KlineQuery {
    /// Oldest wanted candle; absent: the newest `limit` ones up to `to`.
    pub from: Option<CandleTime>,
    /// Newest wanted candle; absent: up to the open bucket.
    pub to: Option<CandleTime>,
    /// Rows at most.
    pub limit: u32,
}

/// What the history endpoint of a market allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestLimits {
    /// Rows of the page size with the best weight per row.
    pub rows_per_page: u32,
    /// Request weight that the venue accepts per minute.
    pub weight_per_minute: u32,
    /// Response header with the weight used in the last minute.
    pub used_weight_header: &'static str,
}

/// The rows of a history page, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KlineRows {
    /// Each row: a valid candle with its number of trades, or what is wrong with it.
    pub rows: Vec<Result<(Candle, u64), BadFrame>>,
    /// Greatest open time among all rows, readable ones of invalid candles included.
    pub last_open: Option<CandleTime>,
}

/// The venue's words of refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalBody {
    /// The venue's code.
    pub code: i64,
    /// The venue's words.
    pub message: String,
}

/// One frame of a socket with the stream that it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamFrame {
    /// Name of the stream; absent in answers to commands and in what cannot be read.
    pub stream: Option<String>,
    /// What it says.
    pub frame: Frame,
}

/// What a frame says.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// A candle, forming or closed.
    Kline(Kline),
    /// A command was accepted.
    Ack {
        /// Id of the command, when it was a number.
        id: Option<u64>,
    },
    /// A command was refused.
    Refused {
        /// Id of the command, when it was a number.
        id: Option<u64>,
        /// The venue's words.
        body: RefusalBody,
    },
    /// The venue is about to close this connection.
    ServerShutdown,
    /// A well-formed event that nobody asked for.
    Ignored,
    /// Unreadable, and why.
    Bad(BadFrame),
}

/// A candle as a stream sends it.
#[derive(Debug, Clone, PartialEq)]
pub struct Kline {
    /// Symbol in the venue's spelling.
    pub symbol: String,
    /// Interval in the venue's spelling.
    pub interval: String,
    /// Number of trades so far.
    pub trades: u64,
    /// The candle.
    pub bar: Bar,
}

/// A candle with the venue's word on whether it is final.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bar {
    /// Still moving.
    Forming(FormingCandle),
    /// Final.
    Closed(Candle),
}

impl Bar {
    /// Open time of the bucket.
    #[must_use]
    pub const fn time(&self) -> CandleTime {
        match self {
            Self::Forming(candle) => candle.time(),
            Self::Closed(candle) => candle.time(),
        }
    }
}

/// Why a frame or row was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum BadFrame {
    /// Not JSON.
    #[error("not json")]
    NotJson,
    /// JSON, but no object (a frame) or no list (rows).
    #[error("not of the expected json type")]
    WrongType,
    /// A field is absent or of another type.
    #[error("field {0} is missing or of another type")]
    Field(&'static str),
    /// The open time is no positive whole number in range.
    #[error("open time is not usable")]
    Time,
    /// A price or volume is no number.
    #[error("field {0} is not a number")]
    Number(&'static str),
    /// The values break a rule of candles.
    #[error(transparent)]
    Rule(#[from] CandleError),
    /// A candle of a series that was not asked for.
    #[error("candle of another series")]
    WrongSeries,
}

impl BadFrame {
    /// A short stable name, fit for a metric label.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::WrongType => "wrong_type",
            Self::Field(_) => "missing_field",
            Self::Time => "bad_time",
            Self::Number(_) => "not_a_number",
            Self::Rule(rule) => rule.reason(),
            Self::WrongSeries => "wrong_series",
        }
    }
}
