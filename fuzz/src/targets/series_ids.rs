//! Series ids and timeframes.

use tc_market::{SeriesId, Timeframe};

/// What is read is printed and read again as the same.
pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(series) = text.parse::<SeriesId>() {
        assert_eq!(series.as_str(), text);
        let again: SeriesId = series.to_string().parse().expect("it can be read");
        assert_eq!(again, series);
        let same = series
            .with_timeframe(series.timeframe())
            .expect("it has that timeframe");
        assert_eq!(same.timeframe(), series.timeframe());
    }
    if let Ok(timeframe) = text.parse::<Timeframe>() {
        assert!(timeframe.seconds() > 0);
        let again: Timeframe = timeframe.to_string().parse().expect("it can be read");
        assert_eq!(again.seconds(), timeframe.seconds());
    }
}
