use super::*;

const HOUR_MS: i64 = 3_600_000;

/// Payments at these hours.
fn funding(hours: impl IntoIterator<Item = i64>) -> FundingSeries {
    let at: Vec<TimedValue> = hours.into_iter().map(|hour| (hour * HOUR_MS, 1.0)).collect();
    FundingSeries::new(&at, &marks(&at, &at), i64::MIN..=i64::MAX)
}

fn told(hours: impl IntoIterator<Item = i64>, from: i64, to: i64) -> Option<&'static str> {
    lacking(&funding(hours), (from * HOUR_MS, to * HOUR_MS))
}

#[test]
fn a_run_between_the_first_and_the_last_payment_lacks_nothing() {
    let days = || (0..10).map(|n| n * 8);
    assert_eq!(told(days(), 3, 70), None);
    // The payment after the last one is not due yet, and the one before the first was due already.
    assert_eq!(told(days(), -8, 80), None);
    assert_eq!(told(days(), 9, 15), None, "no payment is due");
    assert_eq!(told((0..100).map(|n| n * 4), 0, 396), None);
}

#[test]
fn a_run_that_reaches_further_lacks_a_part() {
    let days = || (0..10).map(|n| n * 8);
    assert_eq!(told(days(), -9, 70), Some(INCOMPLETE));
    assert_eq!(told(days(), 3, 81), Some(INCOMPLETE));
    let with_hole = || (0..5).chain(20..30).map(|n| n * 8);
    assert_eq!(told(with_hole(), 0, 200), Some(INCOMPLETE));
    assert_eq!(told(with_hole(), 160, 200), None, "the hole is before it");
}

#[test]
fn a_run_elsewhere_lacks_all() {
    let days = || (0..10).map(|n| n * 8);
    assert_eq!(told(days(), 100, 200), Some(MISSING));
    assert_eq!(told(days(), -200, -100), Some(MISSING));
    assert_eq!(told([], 0, 1), Some(MISSING));
}
