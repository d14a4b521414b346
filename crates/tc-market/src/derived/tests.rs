use super::*;

fn tf(text: &str) -> Timeframe {
    text.parse().unwrap()
}

fn series(timeframe: &str) -> SeriesId {
    format!("binance:futures:BTC/USDT:USDT:{timeframe}")
        .parse()
        .unwrap()
}

fn minutes(derived: &[&str]) -> DerivedTimeframes {
    let derived: Vec<_> = derived.iter().map(|text| tf(text)).collect();
    DerivedTimeframes::new(tf("1m"), &derived).0
}

#[test]
fn what_is_no_multiple_is_named_and_ignored() {
    let (set, ignored) =
        DerivedTimeframes::new(tf("2m"), &[tf("2m"), tf("4m"), tf("5m"), tf("4m"), tf("1h")]);
    assert_eq!(ignored, [tf("2m"), tf("5m")]);
    assert_eq!(set.built_from(&series("2m")), [series("4m"), series("1h")]);
}

#[test]
fn only_the_set_maps_to_the_base() {
    let set = minutes(&["5m", "1h"]);
    assert!(set.is_derived(&series("1h")));
    assert_eq!(set.base_of(&series("1h")), series("1m"));
    for own in ["1m", "15m", "60m"] {
        assert!(!set.is_derived(&series(own)));
        assert_eq!(set.base_of(&series(own)), series(own));
    }
    assert_eq!(set.built_from(&series("5m")), []);
}

#[test]
fn the_default_derives_nothing() {
    let none = DerivedTimeframes::default();
    assert!(!none.is_derived(&series("5m")));
    assert_eq!(none.base_of(&series("5m")), series("5m"));
    assert_eq!(none.built_from(&series("1m")), []);
}
