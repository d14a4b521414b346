use tc_market::CandleTime;

use super::*;
use crate::signals::Signal;

fn candle(minute: i64, close: f64) -> Candle {
    Candle::new(
        CandleTime::clamped(minute * 60),
        close,
        close + 1.0,
        close - 0.5,
        close,
        1.0,
    )
    .unwrap()
}

fn prepare(candles: &[Candle], range: DataRange) -> Result<PairSeries, DataError> {
    PairSeries::prepare(
        Market::spot("A/B", 0.01, 0.001).unwrap(),
        candles,
        Timeframe::MINUTE,
        range,
    )
}

fn minutes(series: &PairSeries) -> Vec<i64> {
    (0..series.bars().len())
        .map(|row| series.time_ms(row) / 60_000)
        .collect()
}

#[test]
fn missing_candles_are_flat_and_have_no_signals() {
    let candles = [candle(1, 10.0), candle(2, 11.0), candle(5, 12.0), candle(6, 13.0)];
    let series = prepare(&candles, DataRange::default()).unwrap();
    assert_eq!(minutes(&series), [1, 2, 3, 4, 5, 6]);
    let flat = Bar {
        open: 11.0,
        high: 11.0,
        low: 11.0,
        close: 11.0,
    };
    assert_eq!(series.bars()[3], flat);
    let sources: Vec<_> = (0..6).map(|row| series.source(row)).collect();
    assert_eq!(sources, [Some(0), Some(1), None, None, Some(2), Some(3)]);

    let mut signals = SignalColumns::new(4);
    signals.set(1, Signal::EnterLong);
    signals.set(2, Signal::ExitLong);
    assert_eq!(*series.flags(&signals), [0, 1, 0, 0, 2, 0]);
    assert!(series.is_regular());
}

#[test]
fn the_range_is_taken_with_its_start_up() {
    let candles: Vec<_> = (1..=9).map(|minute| candle(minute, 10.0)).collect();
    let range = |start: i64, end: i64, startup_candles| DataRange {
        start_ms: Some(start * 60_000),
        end_ms: Some(end * 60_000),
        startup_candles,
    };
    let series = prepare(&candles, range(5, 8, 2)).unwrap();
    assert_eq!(minutes(&series), [3, 4, 5, 6, 7, 8]);
    assert_eq!(
        (series.first_row(), series.begin_ms(), series.finish_ms()),
        (2, 300_000, 480_000)
    );
    let mut signals = SignalColumns::new(9);
    signals.set(4, Signal::EnterShort);
    assert_eq!(series.flags(&signals)[2], 4);

    let series = prepare(&candles, range(5, 8, 0)).unwrap();
    assert_eq!((series.first_row(), minutes(&series)), (0, vec![5, 6, 7, 8]));
    // With too little history the start-up eats into the range.
    let series = prepare(&candles, range(2, 8, 4)).unwrap();
    assert_eq!(series.begin_ms(), 300_000);
}

#[test]
fn times_off_the_grid_are_kept() {
    let mut candles: Vec<_> = (1..=3).map(|minute| candle(minute, 10.0)).collect();
    candles.push(candle(0, 11.0).at(CandleTime::clamped(390)));
    let series = prepare(&candles, DataRange::default()).unwrap();
    let times: Vec<_> = (0..series.bars().len())
        .map(|row| series.time_ms(row) / 1_000)
        .collect();
    assert_eq!(times, [60, 120, 180, 240, 300, 360, 390]);
    assert!(!series.is_regular());
}

#[test]
fn unusable_candles_are_refused() {
    let one = [candle(1, 10.0)];
    assert!(matches!(
        prepare(&[], DataRange::default()),
        Err(DataError::TooFewCandles { candles: 0, .. })
    ));
    assert!(matches!(
        prepare(&one, DataRange::default()),
        Err(DataError::TooFewCandles { candles: 1, .. })
    ));
    let twice = [candle(2, 10.0), candle(2, 10.0)];
    assert!(matches!(
        prepare(&twice, DataRange::default()),
        Err(DataError::OutOfOrder { .. })
    ));
    let apart = [candle(1, 10.0), candle(100_000_000, 10.0)];
    assert!(matches!(
        prepare(&apart, DataRange::default()),
        Err(DataError::HoleTooLong { .. })
    ));
}
