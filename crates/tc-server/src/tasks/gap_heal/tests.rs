use tc_ingest::PublishPolicy;
use tc_market::SeriesId;

use super::*;
use crate::{
    fixture::{Bench, CandleFile, candle, series},
    hub::HubOptions,
    tasks::coverage::tests::{Exchange, bench, btc, open_s, right},
};

struct World {
    bench: Bench,
    file: Arc<CandleFile>,
    healer: GapHealer,
}

impl World {
    async fn new(stored: &[i64], in_file: &[i64]) -> Self {
        let bench = Bench::new(HubOptions::default());
        let file = CandleFile::of(in_file.iter().copied().map(candle).collect());
        bench.ingest(&series(), stored, PublishPolicy::RebuildsOnly).await;
        let coverage = bench.coverage(Some(file.clone()), None);
        let healer = GapHealer::new(coverage, GapHealOptions::default(), Background::default());
        Self { bench, file, healer }
    }

    async fn recover(&self, expected: i64, actual: i64) -> Vec<i64> {
        recover(&self.healer, &series(), expected, actual).await
    }
}

async fn recover(healer: &GapHealer, series: &SeriesId, expected: i64, actual: i64) -> Vec<i64> {
    let (expected, actual) = (CandleTime::clamped(expected), CandleTime::clamped(actual));
    let candles = healer.recover(series, expected, actual).await;
    candles.iter().map(|candle| candle.time().seconds()).collect()
}

#[tokio::test]
async fn what_the_store_has_needs_no_source() {
    let world = World::new(&[100, 160, 220, 280], &[100, 160, 220, 280]).await;
    assert_eq!(world.recover(160, 280).await, [160, 220]);
    assert!(world.recover(160, 160).await.is_empty());
    assert_eq!(world.file.reads(), 0);
}

#[tokio::test]
async fn late_candles_of_a_file_are_stored_and_folded_once() {
    let world = World::new(&[100, 280], &[100, 160, 220]).await;
    assert_eq!(world.recover(160, 280).await, [160, 220]);
    assert_eq!(world.bench.stored(&series()), [100, 160, 220, 280]);
    let report = world
        .bench
        .ingest(&series(), &[340], PublishPolicy::RebuildsOnly)
        .await;
    assert_eq!(
        (report.epoch, report.factor_head),
        (1, Some(CandleTime::clamped(340)))
    );
}

#[tokio::test]
async fn everybody_who_asks_for_a_hole_shares_one_run() {
    let world = World::new(&[100, 280], &[160, 220]).await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let healer = world.healer.clone();
        asking.spawn(async move { recover(&healer, &series(), 160, 280).await });
    }
    for recovered in asking.join_all().await {
        assert_eq!(recovered, [160, 220]);
    }
    assert_eq!(world.file.reads(), 1);
}

#[tokio::test]
async fn a_hole_that_stayed_open_is_left_alone_for_a_while() {
    let world = World::new(&[100, 280], &[100]).await;
    assert!(world.recover(160, 280).await.is_empty());
    assert_eq!(world.file.reads(), 1);
    world.file.grow(candle(160));
    tokio::time::pause();
    tokio::time::advance(PAUSE - Duration::from_millis(100)).await;
    tokio::time::resume();
    assert!(world.recover(160, 280).await.is_empty());
    assert_eq!(world.file.reads(), 1);
    tokio::time::pause();
    tokio::time::advance(Duration::from_millis(200)).await;
    tokio::time::resume();
    assert_eq!(world.recover(160, 280).await, [160]);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_heals_nothing() {
    let bench = Bench::new(HubOptions::default());
    let file = CandleFile::damaged();
    bench
        .ingest(&series(), &[100, 220], PublishPolicy::RebuildsOnly)
        .await;
    let coverage = bench.coverage(Some(file.clone()), None);
    let healer = GapHealer::new(coverage, GapHealOptions::default(), Background::default());
    assert!(recover(&healer, &series(), 160, 220).await.is_empty());
    assert_eq!(file.reads(), 1);
}

#[tokio::test]
async fn the_exchange_is_asked_for_what_the_file_does_not_have() {
    let exchange = Exchange::open(100).await;
    let bench = bench(100, (0..50).chain(60..100)).await;
    let file = CandleFile::of((45..55).map(right).collect());
    let coverage = bench.coverage(Some(file), Some(exchange.history.clone()));
    let healer = GapHealer::new(coverage, GapHealOptions::default(), Background::default());
    let recovered = recover(&healer, &btc("1m"), open_s(50), open_s(60)).await;
    assert_eq!(recovered, (50..60).map(open_s).collect::<Vec<_>>());
    assert_eq!(exchange.requests(), 1);
    assert_eq!(bench.stored(&btc("1m")).len(), 100);
    exchange.simulator.shutdown().await;
}

#[tokio::test]
async fn an_exchange_that_does_not_answer_leaves_the_hole() {
    let exchange = Exchange::unreachable().await;
    let bench = bench(100, (0..50).chain(60..100)).await;
    let coverage = bench.coverage(None, Some(exchange.history.clone()));
    let healer = GapHealer::new(coverage, GapHealOptions::default(), Background::default());
    assert!(
        recover(&healer, &btc("1m"), open_s(50), open_s(60))
            .await
            .is_empty()
    );
    exchange.simulator.shutdown().await;
}

#[tokio::test]
async fn a_longer_timeframe_is_healed_from_its_base() {
    let exchange = Exchange::open(100).await;
    let bench = bench(100, 0..100).await;
    let stored = [40, 55].map(open_s);
    bench
        .ingest(&btc("5m"), &stored, PublishPolicy::RebuildsOnly)
        .await;
    let coverage = bench.coverage(None, Some(exchange.history.clone()));
    let healer = GapHealer::new(coverage, GapHealOptions::default(), Background::default());
    let recovered = recover(&healer, &btc("5m"), open_s(45), open_s(55)).await;
    assert_eq!(recovered, [open_s(45), open_s(50)]);
    assert_eq!(exchange.requests(), 0);
    exchange.simulator.shutdown().await;
}

#[test]
fn a_hole_is_healed_when_no_step_is_too_long() {
    let healed = |times: &[i64], from, to| {
        let candles: Vec<Candle> = times.iter().copied().map(candle).collect();
        let gap = Gap {
            from: CandleTime::clamped(from),
            to: CandleTime::clamped(to),
        };
        is_healed(&candles, gap, &series())
    };
    assert!(healed(&[160, 220], 160, 220));
    assert!(!healed(&[160], 160, 220));
    assert!(!healed(&[220], 160, 220));
    assert!(!healed(&[], 160, 160));
    // Candles off the grid of the hole close it as well.
    assert!(healed(&[150, 200, 250], 160, 220));
}
