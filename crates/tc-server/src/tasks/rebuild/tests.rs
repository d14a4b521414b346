//! Rebuilds over the in-memory store, with the exchange simulator as a source.

use tc_exchange::{Binance, BinanceEndpoints, HistoryOptions, Venue};
use tc_exchange_sim::{SampleSet, SimConfig, Simulator, VirtualClock};
use tc_market::MarketKind;
use tc_store::Storage;

use super::*;
use crate::{
    fixture::{Bench, CandleFile},
    hub::HubOptions,
    tasks::history::{WritePolicy, write},
};

const ORIGIN_S: i64 = 1_700_000_040;

fn btc() -> SeriesId {
    "binance:futures:BTC/USDT:1m".parse().unwrap()
}

const fn open_s(minute: i64) -> i64 {
    ORIGIN_S + 60 * minute
}

/// What the exchange has for a minute.
fn right(minute: i64) -> Candle {
    let price = |minute: i64| f64::from(i32::try_from(100 + minute * 7 % 11).unwrap());
    let (open, close) = (price(minute), price(minute + 1));
    let time = CandleTime::clamped(open_s(minute));
    Candle::new(
        time,
        open,
        open.max(close) + 0.5,
        open.min(close) - 0.5,
        close,
        2.0,
    )
    .unwrap()
}

fn wrong(minute: i64) -> Candle {
    let candle = right(minute);
    let (open, high, low) = (candle.open(), candle.high() + 1.0, candle.low());
    Candle::new(candle.time(), open, high, low, candle.close(), 1.0).unwrap()
}

struct World {
    bench: Bench,
    simulator: Simulator,
    parts: RebuildParts,
}

const QUIETLY: WritePolicy = WritePolicy {
    publish: PublishPolicy::RebuildsOnly,
    late: LatePolicy::Fold,
    origin: JobOrigin::Rest,
};

impl World {
    /// An exchange with 300 minutes of which those before `now` are closed, and a store with `stored`.
    async fn new(now: i64, stored: Vec<Candle>) -> Self {
        // Another test of this process may have installed it.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let candles = (0..300).map(right).collect();
        let data = SampleSet::new(vec![(MarketKind::Futures, "BTC/USDT".to_owned(), candles)]).unwrap();
        let clock = VirtualClock::manual((open_s(now) + 30) * 1_000);
        let simulator = Simulator::start(SimConfig::new(data, clock)).await.unwrap();
        let endpoints = BinanceEndpoints {
            spot_ws: simulator.ws_base(MarketKind::Spot),
            futures_ws: simulator.ws_base(MarketKind::Futures),
            spot_rest: simulator.rest_base(MarketKind::Spot),
            futures_rest: simulator.rest_base(MarketKind::Futures),
        };
        let venue: Arc<dyn Venue> = Arc::new(Binance::new(endpoints).unwrap());
        let options = HistoryOptions {
            attempts: 1,
            ..HistoryOptions::default()
        };
        let bench = Bench::new(HubOptions::default());
        bench.clock.set_s(open_s(now) + 30);
        let parts = RebuildParts {
            writer: bench.writer.clone(),
            readers: bench.readers.clone(),
            local: None,
            history: Some(HistoryClient::new(venue, options).unwrap()),
            clock: bench.clock.clone(),
        };
        write(&parts.writer, &btc(), stored, QUIETLY).await.unwrap();
        Self {
            bench,
            simulator,
            parts,
        }
    }

    async fn rebuild(&self, source: RebuildSource) -> Result<RebuiltSeries, RebuildError> {
        rebuild(&self.parts, &btc(), source).await
    }

    fn stored(&self) -> Vec<Candle> {
        let snapshot = self.bench.storage.snapshot().unwrap();
        let key = snapshot.series_key(&btc()).unwrap().unwrap();
        let state = snapshot.series_state(key).unwrap();
        let head = snapshot.head_time(key).unwrap();
        assert_eq!(
            (state.factor_head, state.overlay_head, state.stale_from),
            (head, head, None)
        );
        let all = (CandleTime::MIN, CandleTime::MAX);
        snapshot.candles_between(key, all.0, all.1, usize::MAX).unwrap()
    }
}

#[tokio::test]
async fn from_what_is_stored() {
    let world = World::new(250, (10..60).map(wrong).collect()).await;
    let expected = RebuiltSeries {
        candles: 50,
        replaced: 0,
        added: 0,
        head_time: right(59).time(),
        epoch: 1,
    };
    assert_eq!(world.rebuild(RebuildSource::Stored).await.unwrap(), expected);
    assert_eq!(world.stored(), (10..60).map(wrong).collect::<Vec<_>>());
    world.simulator.shutdown().await;
}

#[tokio::test]
async fn from_the_exchange() {
    // 20 to 29 and 35 are missing, 30 to 34 are wrong, and one lies beside the grid, where the exchange has none.
    let odd = right(35).at(CandleTime::clamped(open_s(35) + 7));
    let mut stored: Vec<Candle> = (10..20).chain(36..60).map(right).collect();
    stored.extend((30..35).map(wrong));
    stored.push(odd);
    let world = World::new(250, stored).await;
    let expected = RebuiltSeries {
        candles: 51,
        replaced: 5,
        added: 11,
        head_time: right(59).time(),
        epoch: 1,
    };
    assert_eq!(world.rebuild(RebuildSource::Exchange).await.unwrap(), expected);
    let mut after: Vec<Candle> = (10..60).map(right).collect();
    after.insert(26, odd);
    assert_eq!(
        world.stored(),
        after,
        "nothing outside of the stored range is fetched"
    );
    let again = world.rebuild(RebuildSource::Exchange).await.unwrap();
    assert_eq!((again.replaced, again.added, again.epoch), (0, 0, 2));
    world.simulator.shutdown().await;
}

#[tokio::test]
async fn from_files() {
    // The file begins before what is stored and goes on behind it; 20 to 29 are missing, 30 to 34 are wrong.
    let mut stored: Vec<Candle> = (10..20).chain(35..60).map(right).collect();
    stored.extend((30..35).map(wrong));
    let mut world = World::new(250, stored).await;
    world.parts.local = Some(CandleFile::of((0..80).map(right).collect()));
    world.parts.history = None;
    let expected = RebuiltSeries {
        candles: 50,
        replaced: 5,
        added: 10,
        head_time: right(59).time(),
        epoch: 1,
    };
    assert_eq!(world.rebuild(RebuildSource::History).await.unwrap(), expected);
    assert_eq!(world.stored(), (10..60).map(right).collect::<Vec<_>>());

    for (local, complaint) in [
        (None, "MARKET_HISTORY_SOURCE"),
        (Some(CandleFile::of(vec![right(5)])), "no file"),
        (Some(CandleFile::damaged()), "cut short"),
    ] {
        world.parts.local = local.map(|file| file as Arc<dyn LocalHistory>);
        let refused = world.rebuild(RebuildSource::History).await.unwrap_err();
        assert!(refused.to_string().contains(complaint), "{refused}");
    }
    assert_eq!(world.stored(), (10..60).map(right).collect::<Vec<_>>());
    world.simulator.shutdown().await;
}

#[tokio::test]
async fn more_candles_than_are_held_are_one_rebuild_all_the_same() {
    let world = World::new(250, vec![wrong(0), right(10), wrong(200)]).await;
    let rebuilt = world.rebuild(RebuildSource::Exchange).await.unwrap();
    let expected = RebuiltSeries {
        candles: 201,
        replaced: 2,
        added: 198,
        head_time: right(200).time(),
        epoch: 1,
    };
    assert_eq!(rebuilt, expected);
    assert_eq!(world.stored(), (0..=200).map(right).collect::<Vec<_>>());
    world.simulator.shutdown().await;
}

#[tokio::test]
async fn open_buckets_are_not_taken() {
    // The store is ahead of the exchange's clock.
    let world = World::new(50, (45..55).map(wrong).collect()).await;
    let rebuilt = world.rebuild(RebuildSource::Exchange).await.unwrap();
    assert_eq!((rebuilt.replaced, rebuilt.added, rebuilt.candles), (5, 0, 10));
    let expected: Vec<Candle> = (45..50).map(right).chain((50..55).map(wrong)).collect();
    assert_eq!(world.stored(), expected);
    world.simulator.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_asked_changes_nothing() {
    let mut world = World::new(250, (10..20).map(wrong).collect()).await;
    let unknown: SeriesId = "binance:futures:NOPE/USDT:1m".parse().unwrap();
    for source in [RebuildSource::Stored, RebuildSource::Exchange] {
        let refused = rebuild(&world.parts, &unknown, source).await.unwrap_err();
        assert!(matches!(refused, RebuildError::NoData(series) if series == unknown));
    }
    // One that the exchange does not know.
    let stored = vec![right(10)];
    write(&world.parts.writer, &unknown, stored, QUIETLY)
        .await
        .unwrap();
    let refused = rebuild(&world.parts, &unknown, RebuildSource::Exchange)
        .await
        .unwrap_err();
    assert!(matches!(refused, RebuildError::Venue(_)), "{refused}");
    world.parts.history = None;
    let refused = world.rebuild(RebuildSource::Exchange).await.unwrap_err();
    assert!(refused.to_string().contains("ENABLE_CCXT_BACKFILL"), "{refused}");
    let exchange = RebuildSource::Exchange;
    assert!(matches!(refused, RebuildError::Unavailable { wanted, .. } if wanted == exchange));
    assert_eq!(world.stored(), (10..20).map(wrong).collect::<Vec<_>>());
    world.simulator.shutdown().await;
}
