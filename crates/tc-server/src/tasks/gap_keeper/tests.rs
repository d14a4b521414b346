use tc_market::CandleTime;
use tc_store::{GapCause, HealedFrom, Storage};

use super::*;
use crate::{
    fixture::Bench,
    tasks::coverage::tests::{Exchange, bench, btc, open_s, right},
};

fn records(bench: &Bench, timeframe: &str) -> Vec<GapRecord> {
    let snapshot = bench.storage.snapshot().unwrap();
    let key = snapshot.series_key(&btc(timeframe)).unwrap().unwrap();
    let query = GapQuery {
        healed: None,
        ..GapQuery::OPEN
    };
    snapshot.gaps(key, &query).unwrap()
}

fn gap(attempts: u32, state: GapState) -> GapRecord {
    GapRecord {
        from: CandleTime::clamped(60),
        to: CandleTime::clamped(60),
        missing: 1,
        cause: GapCause::Unknown,
        state,
        detected_at_ms: 1_000,
        attempts,
        last_attempt_at_ms: (attempts > 0).then_some(2_000),
        last_error: None,
    }
}

#[test]
fn tries_become_rare() {
    let due = |attempts| due_at_ms(&gap(attempts, GapState::Open)).unwrap();
    assert_eq!(due(0), 1_000 + GRACE_MS);
    assert_eq!([due(1), due(2), due(3)], [32_000, 62_000, 122_000]);
    assert_eq!([due(8), due(u32::MAX)], [2_000 + LONGEST_PAUSE_MS; 2]);
    assert_eq!(
        due_at_ms(&gap(1, GapState::Absent)),
        Some(2_000 + ABSENT_PAUSE_MS)
    );
    let healed = GapState::Healed {
        at_ms: 0,
        from: HealedFrom::Rest,
    };
    assert_eq!(due_at_ms(&gap(0, healed)), None);
}

#[tokio::test]
async fn a_hole_is_filled_from_the_exchange_and_folded_once() {
    let exchange = Exchange::open(250).await;
    let bench = bench(250, (100..150).chain(160..200).chain(203..250)).await;
    let coverage = bench.coverage(None, Some(exchange.history.clone()));
    let gaps = due(&coverage).await;
    let from: Vec<i64> = gaps.iter().map(|(_, gap)| gap.from.seconds()).collect();
    assert_eq!(from, [open_s(200), open_s(150)], "newest first");
    for (series, gap) in gaps {
        try_to_fill(&coverage, &series, gap, 100).await;
    }
    let expected: Vec<i64> = (100..250).map(open_s).collect();
    assert_eq!(bench.stored(&btc("1m")), expected);
    for record in records(&bench, "1m") {
        assert!(
            matches!(
                record.state,
                GapState::Healed {
                    from: HealedFrom::Rest,
                    ..
                }
            ),
            "{record:?}"
        );
    }
    assert!(due(&coverage).await.is_empty());
    exchange.simulator.shutdown().await;
}

#[tokio::test]
async fn what_the_exchange_does_not_have_is_absent() {
    // The exchange begins at minute 0; what is before it does not exist there.
    let exchange = Exchange::open(50).await;
    let bench = bench(50, [-30, 0, 1, 2]).await;
    let coverage = bench.coverage(None, Some(exchange.history.clone()));
    for (series, gap) in due(&coverage).await {
        try_to_fill(&coverage, &series, gap, 100).await;
    }
    let [record] = &records(&bench, "1m")[..] else {
        panic!("one record")
    };
    assert_eq!(
        (record.state, record.cause, record.attempts, &record.last_error),
        (GapState::Absent, GapCause::ExchangeOutage, 1, &None)
    );
    exchange.simulator.shutdown().await;
}

#[tokio::test]
async fn a_failed_try_says_why() {
    let exchange = Exchange::unreachable().await;
    let bench = bench(250, [100, 110]).await;
    let coverage = bench.coverage(None, Some(exchange.history.clone()));
    for (series, gap) in due(&coverage).await {
        try_to_fill(&coverage, &series, gap, 100).await;
    }
    let [record] = &records(&bench, "1m")[..] else {
        panic!("one record")
    };
    assert_eq!((record.state, record.attempts), (GapState::Open, 1));
    assert!(record.last_error.is_some(), "{record:?}");
    exchange.simulator.shutdown().await;
}

#[tokio::test]
async fn a_store_from_before_is_looked_through_and_nothing_is_done_without_a_source() {
    let bench = bench(250, [100, 110]).await;
    let mut txn = bench.storage.begin().unwrap();
    let key = txn.series_key(&btc("1m")).unwrap().unwrap();
    let mut state = txn.series_state(key).unwrap();
    state.gaps_known = false;
    txn.put_series_state(key, &state).unwrap();
    txn.delete_gaps(key, &[right(101).time()]).unwrap();
    txn.commit().unwrap();
    assert!(records(&bench, "1m").is_empty());
    keep_gaps(bench.coverage(None, None), false, 100, CancellationToken::new()).await;
    assert_eq!(records(&bench, "1m").len(), 1);
    assert!(due(&bench.coverage(None, None)).await.is_empty());
}
