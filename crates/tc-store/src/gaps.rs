//! Rows of the gap ledger and of the list of rebuilds. Facts about candles; nothing is ever computed from them.

use tc_market::CandleTime;

/// Gap records of one series at most: beyond that healed ones go first, oldest first.
pub const MAX_GAPS: usize = 10_000;
/// Rebuilds of one series that are remembered.
pub const MAX_EPOCHS: u32 = 1_000;

/// An enum that is stored and served by name.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// The value of this name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }
    };
}

named! {
    /// What left a hole, as far as it is known.
    GapCause {
        /// The live connection was gone.
        Disconnect = "disconnect",
        /// The live connection was silent.
        Stall = "stall",
        /// A live candle came that does not follow the one before.
        HeadJump = "head_jump",
        /// Imported or fetched history has the hole.
        Import = "import",
        /// An ingest request jumped over times.
        Ingest = "ingest",
        /// The exchange itself has no rows there.
        ExchangeOutage = "exchange_outage",
        /// Found in the store.
        Unknown = "unknown",
    }
}

named! {
    /// Where the candles came from that closed a hole.
    HealedFrom {
        /// Candles that were stored already, rolled up.
        Store = "store",
        /// A data directory of freqtrade.
        Freqtrade = "freqtrade",
        /// REST history of the exchange.
        Rest = "rest",
        /// The live stream.
        Stream = "stream",
        /// An ingest request.
        Ingest = "ingest",
    }
}

named! {
    /// Why existing ledgers were folded again.
    RebuildReason {
        /// A candle older than the head arrived.
        LateCandle = "late_candle",
        /// A stored candle got other values.
        CorrectedCandle = "corrected_candle",
        /// Logic or settings changed.
        Fingerprint = "fingerprint",
        /// Logic or settings changed, and old candles were removed first.
        Trim = "trim",
        /// An operator asked for it.
        Operator = "operator",
    }
}

/// What is being done about a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapState {
    /// Nothing at the moment.
    Open,
    /// Its candles are being fetched.
    Filling,
    /// The exchange was asked for the range and has no rows.
    Absent,
    /// Its last missing candle was stored.
    Healed {
        /// When, Unix milliseconds.
        at_ms: i64,
        /// Where that candle came from.
        from: HealedFrom,
    },
}

impl GapState {
    /// Stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Filling => "filling",
            Self::Absent => "absent",
            Self::Healed { .. } => "healed",
        }
    }

    /// Whether candles are there again.
    #[must_use]
    pub const fn is_healed(self) -> bool {
        matches!(self, Self::Healed { .. })
    }
}

/// A maximal run of missing grid times between two stored candles. Records of one series that are not healed do not
/// overlap; the oldest missing time names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapRecord {
    /// First missing open time.
    pub from: CandleTime,
    /// Last missing open time.
    pub to: CandleTime,
    /// Missing candles.
    pub missing: u64,
    /// What left the hole.
    pub cause: GapCause,
    /// What is being done about it.
    pub state: GapState,
    /// When it was first seen, Unix milliseconds.
    pub detected_at_ms: i64,
    /// Tries to fill it.
    pub attempts: u32,
    /// When the last one ended, Unix milliseconds.
    pub last_attempt_at_ms: Option<i64>,
    /// Why it failed; `None`: it did not.
    pub last_error: Option<String>,
}

/// Which gaps are wanted, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GapQuery {
    /// Gaps that end before this do not count.
    pub from: CandleTime,
    /// Gaps that begin after this do not count.
    pub to: CandleTime,
    /// Only healed ones, or only those that are not; `None`: both.
    pub healed: Option<bool>,
    /// Most records to return.
    pub limit: usize,
}

impl GapQuery {
    /// Every gap that is not healed.
    pub const OPEN: Self = Self {
        from: CandleTime::MIN,
        to: CandleTime::MAX,
        healed: Some(false),
        limit: MAX_GAPS,
    };

    /// Whether `gap` counts.
    #[must_use]
    pub fn wants(&self, gap: &GapRecord) -> bool {
        gap.to >= self.from
            && gap.from <= self.to
            && self.healed.is_none_or(|healed| healed == gap.state.is_healed())
    }
}

/// Gaps of a series that are not healed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenGaps {
    /// How many.
    pub count: u64,
    /// Candles that they miss.
    pub missing: u64,
}

/// A step between two neighbouring candles that is larger than the timeframe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CandleStep {
    /// The candle before the hole.
    pub prev: CandleTime,
    /// The candle after it.
    pub next: CandleTime,
}

/// How regular the stored candles of a range are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CandleSteps {
    /// Candles in the range.
    pub count: u64,
    /// The oldest of them.
    pub first: Option<CandleTime>,
    /// The newest of them.
    pub last: Option<CandleTime>,
    /// Steps larger than the timeframe.
    pub gaps: u64,
    /// The largest of those, seconds.
    pub max_gap_s: Option<i64>,
    /// Candles whose time is no multiple of the timeframe.
    pub off_grid: u64,
    /// The newest of those steps, newest first, as many as were asked for.
    pub newest: Vec<CandleStep>,
}

/// A fold of existing ledgers, done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochRecord {
    /// The epoch that it began.
    pub epoch: u32,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Why.
    pub reason: RebuildReason,
    /// First candle folded again; `None`: from the start.
    pub from: Option<CandleTime>,
    /// Candles folded again.
    pub candles: u64,
}
