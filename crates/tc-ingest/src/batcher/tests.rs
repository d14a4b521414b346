//! Rules of the buffer.

use proptest::prelude::*;

use super::*;

const fn at(seconds: i64) -> CandleTime {
    CandleTime::clamped(seconds)
}

fn candle(seconds: i64, price: f64) -> Candle {
    Candle::new(at(seconds), price, price, price, price, 1.0).unwrap()
}

fn times(batch: &[Candle]) -> Vec<i64> {
    batch.iter().map(|candle| candle.time().seconds()).collect()
}

fn batcher(batch_max: usize, head: Option<i64>) -> Batcher {
    Batcher::new(
        BatcherOptions {
            batch_max,
            ..BatcherOptions::default()
        },
        head.map(at),
        1_000,
    )
}

#[test]
fn a_lone_candle_is_flushed_at_once_and_leaves_after_the_commit() {
    let mut batcher = batcher(200, None);
    assert_eq!(batcher.due(1_000), None);
    assert_eq!(batcher.push(candle(60, 1.0)), Ok(Pushed::Waiting));
    assert_eq!(batcher.due(1_000), Some(FlushReason::Timeout));
    assert_eq!(times(&batcher.batch()), [60]);
    assert_eq!(batcher.len(), 1, "still waiting for the commit");
    batcher.committed(at(60), 1_005);
    assert!(batcher.is_empty());
    assert_eq!(batcher.head(), Some(at(60)));
}

#[test]
fn several_candles_wait_for_the_interval_or_the_threshold() {
    let mut batcher = batcher(3, Some(0));
    batcher.push(candle(120, 1.0)).unwrap();
    batcher.push(candle(60, 1.0)).unwrap();
    assert_eq!(batcher.due(1_499), None);
    assert_eq!(batcher.next_deadline_ms(), Some(1_500));
    assert_eq!(batcher.due(1_500), Some(FlushReason::Timeout));
    batcher.push(candle(120, 2.0)).unwrap();
    assert_eq!(batcher.len(), 2, "the later of two candles of one time counts");
    batcher.push(candle(180, 1.0)).unwrap();
    batcher.push(candle(240, 1.0)).unwrap();
    assert_eq!(batcher.due(1_001), Some(FlushReason::Threshold));
    assert_eq!(batcher.batch()[1], candle(120, 2.0));
    assert_eq!(times(&batcher.batch()), [60, 120, 180], "at most one batch");
    batcher.committed(at(180), 1_002);
    assert_eq!(batcher.due(1_002), Some(FlushReason::Timeout), "one is left");
}

#[test]
fn candles_at_or_below_the_head_are_dropped_and_counted() {
    let mut batcher = batcher(10, Some(120));
    assert_eq!(batcher.push(candle(60, 1.0)), Ok(Pushed::Behind));
    assert_eq!(batcher.push(candle(120, 9.0)), Ok(Pushed::Behind));
    assert_eq!((batcher.behind(), batcher.len()), (2, 0));
    batcher.push(candle(180, 1.0)).unwrap();
    batcher.committed(at(300), 2_000);
    assert!(batcher.is_empty(), "somebody else stored up to 300");
    assert_eq!(batcher.push(candle(300, 1.0)), Ok(Pushed::Behind));
}

#[test]
fn a_failed_flush_is_tried_again_after_the_interval() {
    let mut batcher = batcher(2, None);
    batcher.push(candle(60, 1.0)).unwrap();
    batcher.failed(5_000);
    assert_eq!(batcher.due(5_499), None);
    batcher.push(candle(120, 1.0)).unwrap();
    assert_eq!(
        batcher.due(5_499),
        None,
        "a full batch does not hammer a failing store"
    );
    assert_eq!(batcher.due(5_500), Some(FlushReason::Timeout));
    assert_eq!(times(&batcher.batch()), [60, 120]);
}

#[test]
fn the_buffer_is_bounded() {
    let options = BatcherOptions {
        waiting_max: 2,
        ..BatcherOptions::default()
    };
    let mut batcher = Batcher::new(options, None, 0);
    batcher.push(candle(60, 1.0)).unwrap();
    batcher.push(candle(120, 1.0)).unwrap();
    assert_eq!(batcher.push(candle(180, 1.0)), Err(BufferFull { waiting: 2 }));
    assert_eq!(batcher.push(candle(120, 2.0)), Ok(Pushed::Waiting));
}

#[test]
fn nothing_is_due_while_earlier_candles_are_fetched() {
    let mut batcher = batcher(1, Some(60));
    batcher.hold(true);
    batcher.push(candle(240, 1.0)).unwrap();
    assert_eq!((batcher.due(99_999), batcher.next_deadline_ms()), (None, None));
    assert_eq!(batcher.newest(), Some(at(240)));
    batcher.hold(false);
    assert_eq!(batcher.due(99_999), Some(FlushReason::Threshold));
    assert_eq!(batcher.discard(), 1);
    assert_eq!(batcher.newest(), Some(at(60)));
}

proptest! {
    /// Whatever fails in between, what is committed is ascending and complete above the head.
    #[test]
    fn commits_are_ascending_and_lose_nothing(
        steps in prop::collection::vec((1i64..200, any::<bool>(), 0u64..900), 1..150),
    ) {
        let mut batcher = batcher(4, Some(30));
        let (mut now_ms, mut stored, mut head) = (1_000, Vec::new(), 30);
        let mut expected = std::collections::BTreeSet::new();
        for (time, store_works, wait_ms) in steps {
            if batcher.push(candle(time, 1.0)).unwrap() == Pushed::Waiting {
                expected.insert(time);
            } else {
                prop_assert!(time <= head);
            }
            now_ms += wait_ms;
            if batcher.due(now_ms).is_some() {
                if store_works {
                    let batch = times(&batcher.batch());
                    prop_assert!(!batch.is_empty() && batch[0] > head);
                    head = *batch.last().unwrap();
                    stored.extend(batch);
                    batcher.committed(at(head), now_ms);
                } else {
                    batcher.failed(now_ms);
                }
            }
        }
        stored.extend(times(&batcher.waiting.values().copied().collect::<Vec<_>>()));
        prop_assert!(stored.is_sorted_by(|a, b| a < b));
        prop_assert_eq!(stored, expected.into_iter().collect::<Vec<_>>());
    }
}
