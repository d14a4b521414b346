//! Pages of candles and the list of series: market contract 8.

use tc_ingest::LatePolicy;
use tc_market::{CandleBatch, SeriesId};
use tc_store::Storage;

use super::{World, series, setup};
use crate::{CandlePage, CandleQuery, series_list};

fn world(series: &str, times: &[i64]) -> World {
    let mut world = World::new(series.parse().unwrap(), setup(2, 40));
    let candles: Vec<_> = times
        .iter()
        .map(|time| tc_factor::testing::candle(*time, 1.0, 2.0, 0.5, 1.5))
        .collect();
    if !candles.is_empty() {
        world.ingest(&candles);
    }
    world
}

/// Head and times of a page.
fn page(world: &World, since: Option<i64>, limit: usize, now_s: i64) -> (Option<i64>, Vec<i64>) {
    let snapshot = world.storage.snapshot().unwrap();
    let query = CandleQuery { since, limit, now_s };
    let page = CandlePage::read(&*snapshot, &world.series, &query).unwrap();
    let times = page.candles.iter().map(|candle| candle.time().seconds());
    (
        page.server_head_time.map(tc_market::CandleTime::seconds),
        times.collect(),
    )
}

#[test]
fn newest_without_a_cursor_and_oldest_after_one() {
    let world = world("binance:spot:A/B:1m", &[100, 160, 220]);
    let late = 100_000;
    assert_eq!(page(&world, None, 2, late), (Some(220), vec![160, 220]));
    assert_eq!(page(&world, None, 500, late), (Some(220), vec![100, 160, 220]));
    assert_eq!(page(&world, Some(160), 500, late), (Some(220), vec![220]));
    assert_eq!(page(&world, Some(0), 2, late), (Some(220), vec![100, 160]));
    assert_eq!(page(&world, Some(-7), 2, late), (Some(220), vec![100, 160]));
    assert_eq!(page(&world, Some(159), 1, late), (Some(220), vec![160]));
    assert_eq!(page(&world, Some(220), 500, late), (Some(220), vec![]));
    assert_eq!(page(&world, Some(i64::MAX), 500, late), (Some(220), vec![]));
    assert_eq!(page(&world, None, 500, late).1.len(), 3);
}

#[test]
fn nothing_stored() {
    let world = world("binance:spot:A/B:1m", &[]);
    assert_eq!(page(&world, None, 500, 1_000), (None, vec![]));
    assert_eq!(page(&world, Some(0), 500, 1_000), (None, vec![]));
}

#[test]
fn candles_that_are_not_closed_yet_are_withheld() {
    let world = world("binance:spot:A/B:1h", &[0, 3_600, 7_200]);
    assert_eq!(page(&world, None, 500, 7_201), (Some(7_200), vec![0, 3_600]));
    // An ahead cursor cannot hide live updates.
    assert_eq!(page(&world, Some(7_200), 500, 7_201), (Some(7_200), vec![]));
    assert_eq!(page(&world, Some(7_200), 500, 10_799), (Some(7_200), vec![]));
    assert_eq!(page(&world, Some(3_600), 500, 10_800), (Some(7_200), vec![7_200]));
    assert_eq!(
        page(&world, Some(7_100), 500, 7_201).1,
        [0_i64; 0],
        "acts as 3600"
    );
    // Before the first hour has passed, the bucket at 0 counts as closed.
    assert_eq!(page(&world, None, 500, 30), (Some(7_200), vec![0]));
}

#[test]
fn a_clock_that_does_not_fit_the_data_hides_nothing() {
    let world = world("binance:spot:A/B:1h", &[0, 3_600, 7_200, 10_800, 14_400]);
    // The latest closed hour is 3600: the newest candle is more than two hours later.
    assert_eq!(
        page(&world, None, 500, 7_201).1,
        [0, 3_600, 7_200, 10_800, 14_400]
    );
    // A cursor within the two hours acts as 3600; one beyond them is as synthetic as the data.
    assert_eq!(page(&world, Some(10_800), 500, 7_201).1, [7_200, 10_800, 14_400]);
    assert_eq!(page(&world, Some(10_801), 500, 7_201).1, [14_400]);
    assert_eq!(
        page(&world, None, 500, 10_800).1,
        [0, 3_600, 7_200],
        "exactly two hours are not more"
    );
}

#[test]
fn series_are_listed_by_id_and_found_in_any_case() {
    let mut world = World::new(series(), setup(2, 40));
    for (id, times) in [
        ("binance:spot:ETH/USDT:1m", &[60, 120][..]),
        ("binance:futures:BTC/USDT:5m", &[300][..]),
        ("binance:futures:ETH/USDT:1m", &[180][..]),
    ] {
        let id: SeriesId = id.parse().unwrap();
        let candles = times
            .iter()
            .map(|time| tc_factor::testing::candle(*time, 1.0, 2.0, 0.5, 1.5));
        let batch = CandleBatch::new(id, candles.collect()).unwrap();
        world.run(tc_ingest::JobInput::Batch(batch), LatePolicy::Fold);
    }
    let snapshot = world.storage.snapshot().unwrap();
    let list = |part: Option<&str>, limit| -> Vec<String> {
        let found = series_list(&*snapshot, part, limit).unwrap();
        found.iter().map(|summary| summary.series.to_string()).collect()
    };
    let all = [
        "binance:futures:BTC/USDT:5m",
        "binance:futures:ETH/USDT:1m",
        "binance:spot:ETH/USDT:1m",
    ];
    assert_eq!(list(None, 10), all);
    assert_eq!(list(Some("eth"), 10), all[1..]);
    assert_eq!(list(Some("SPOT:Eth"), 10), all[2..]);
    assert_eq!(list(None, 2), all[..2]);
    assert_eq!(list(Some("xrp"), 10), [""; 0]);
    let summary = series_list(&*snapshot, Some("spot"), 1).unwrap().pop().unwrap();
    let seconds = |time: Option<tc_market::CandleTime>| time.map(tc_market::CandleTime::seconds);
    assert_eq!(
        (seconds(summary.first_time), seconds(summary.head_time)),
        (Some(60), Some(120))
    );
}
