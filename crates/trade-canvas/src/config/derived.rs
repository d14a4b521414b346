//! The options of derived timeframes.

use tc_market::{DerivedTimeframes, Timeframe};

use super::{Notice, resolved::Resolved};

const BASE: &str = "DERIVED_BASE_TIMEFRAME";
const SET: &str = "DERIVED_TIMEFRAMES";

/// Series that are built from the candles of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivedConfig {
    /// Which timeframes are built from which; none while the feature is off.
    pub timeframes: DerivedTimeframes,
    /// Base candles of which a first subscription builds a series; at least 100.
    pub backfill_base_candles: usize,
}

/// What cannot be used is left out and told.
pub(super) fn read(options: &Resolved, notices: &mut Vec<Notice>) -> DerivedConfig {
    let mut timeframes = DerivedTimeframes::default();
    if options.switch("ENABLE_DERIVED_TIMEFRAMES") {
        let mut ignore = |option, given: &str, reason| {
            notices.push(Notice::TimeframeIgnored {
                option,
                given: given.to_owned(),
                reason,
            });
        };
        let parse = |text: &str| text.parse::<Timeframe>().ok();
        let base_text = options.text(BASE);
        if parse(base_text).is_none() {
            ignore(BASE, base_text, "is not a timeframe, using 1m");
        }
        if let Some(base) = parse(base_text).or_else(|| parse("1m")) {
            let mut wanted = Vec::new();
            for text in options.list(SET) {
                match parse(text) {
                    Some(timeframe) => wanted.push(timeframe),
                    None => ignore(SET, text, "is not a timeframe and is ignored"),
                }
            }
            let (kept, ignored) = DerivedTimeframes::new(base, &wanted);
            for timeframe in ignored {
                let reason = "is no true multiple of the base timeframe and is ignored";
                ignore(SET, &timeframe.to_string(), reason);
            }
            timeframes = kept;
        }
    }
    DerivedConfig {
        timeframes,
        backfill_base_candles: options.count("DERIVED_BACKFILL_BASE_CANDLES"),
    }
}
