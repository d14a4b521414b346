//! Times in sentences for people.

use tc_market::CandleTime;

/// The time in UTC, to the minute: `2026-11-21 14:05 UTC`. Fields of an event stay numbers.
pub(super) fn utc(time: CandleTime) -> String {
    let known = chrono::DateTime::from_timestamp(time.seconds(), 0);
    known.map_or_else(
        || time.to_string(),
        |time| time.format("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readable_to_the_minute() {
        let utc = |seconds| utc(CandleTime::clamped(seconds));
        assert_eq!(utc(0), "1970-01-01 00:00 UTC");
        assert_eq!(utc(1_795_798_500), "2026-11-27 16:55 UTC");
        assert_eq!(utc(CandleTime::MAX.seconds()), "2242-03-16 12:56 UTC");
    }
}
