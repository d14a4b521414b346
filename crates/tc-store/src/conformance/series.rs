//! Series rows.

use super::{
    Factory,
    fixture::{BTC, ETH, Fixture, at, candles, id, state},
};
use crate::{SeriesState, SeriesSummary, StoreError};

/// A key is made once and survives.
pub fn keys_are_stable(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let (first, second) = fixture.write(|txn, key| {
        assert_eq!(txn.ensure_series(&id(BTC)).unwrap(), key);
        assert_eq!(txn.series_key(&id(ETH)).unwrap(), None);
        let other = txn.ensure_series(&id(ETH)).unwrap();
        assert_eq!(txn.series_key(&id(ETH)).unwrap(), Some(other));
        (key, other)
    });
    assert_ne!(first, second);
    fixture.reopen(super::fixture::names());
    let snapshot = fixture.snapshot();
    assert_eq!(snapshot.series_key(&id(BTC)).unwrap(), Some(first));
    assert_eq!(snapshot.series_key(&id(ETH)).unwrap(), Some(second));
    assert_eq!(
        snapshot.series_key(&id("binance:futures:BTC/USDT:5m")).unwrap(),
        None
    );
    drop(snapshot);
    fixture.write(|txn, key| {
        assert_eq!(key, first);
        assert_eq!(txn.ensure_series(&id(ETH)).unwrap(), second);
    });
}

/// Default, full and cleared states.
pub fn state_round_trips(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write_and_check(
        |_, _| {},
        |read, key| assert_eq!(read.series_state(key).unwrap(), SeriesState::default()),
    );
    fixture.write_and_check(
        |txn, key| {
            txn.put_series_state(key, &state(1)).unwrap();
            txn.put_series_state(key, &state(7)).unwrap();
            let other = txn.ensure_series(&id(ETH)).unwrap();
            txn.put_series_state(other, &state(9)).unwrap();
        },
        |read, key| {
            assert_eq!(read.series_state(key).unwrap(), state(7));
            let other = read.series_key(&id(ETH)).unwrap().unwrap();
            assert_eq!(read.series_state(other).unwrap(), state(9));
        },
    );
    let extreme = SeriesState {
        factor_head: Some(at(0)),
        feature_head: Some(tc_market::CandleTime::MAX),
        stale_from: Some(tc_market::CandleTime::MAX),
        ..SeriesState::default()
    };
    fixture.write_and_check(
        |txn, key| txn.put_series_state(key, &extreme).unwrap(),
        |read, key| assert_eq!(read.series_state(key).unwrap(), extreme),
    );
    let unknown = crate::SeriesKey(4_000_000_000);
    let missing = fixture.snapshot().series_state(unknown);
    assert!(matches!(missing, Err(StoreError::Corrupt { .. })), "{missing:?}");
}

/// Ascending by id whatever the order of making; ends and epochs included.
pub fn list_is_ascending_with_both_ends(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    assert!(fixture.snapshot().list_series().unwrap().is_empty());
    fixture.write_and_check(
        |txn, btc| {
            let eth = txn.ensure_series(&id(ETH)).unwrap();
            txn.ensure_series(&id("binance:futures:BTC/USDT:5m")).unwrap();
            txn.ensure_series(&id("a:b:C:1m")).unwrap();
            txn.put_candles(btc, &candles(&[0, 60, 120])).unwrap();
            txn.put_candles(eth, &candles(&[180])).unwrap();
            txn.put_series_state(eth, &state(3)).unwrap();
        },
        |read, _| {
            let line = |text, ends: Option<(i64, i64)>, epoch| SeriesSummary {
                series: id(text),
                first_time: ends.map(|(first, _)| at(first)),
                head_time: ends.map(|(_, head)| at(head)),
                epoch,
            };
            let expected = [
                line("a:b:C:1m", None, 0),
                line(BTC, Some((0, 120)), 0),
                line("binance:futures:BTC/USDT:5m", None, 0),
                line(ETH, Some((180, 180)), state(3).epoch),
            ];
            assert_eq!(read.list_series().unwrap(), expected);
        },
    );
}
