use serde_json::Value;
use tc_exchange::HistoryClient;
use tc_ingest::{IngestOptions, IngestPipeline, PublishPolicy};
use tc_store::Storage;

use super::*;
use crate::{
    fixture::{Bench, CandleFile, candle, series},
    hub::{HubOptions, Outbound},
    tasks::LocalHistory,
};

const NO_REST: Option<HistoryClient> = None;
const READ: CandleRead = CandleRead {
    from_cursor: false,
    limit: 500,
    head: None,
};

fn follow_up(bench: &Bench, file: &Arc<CandleFile>, options: ReadFollowUpOptions) -> ReadFollowUp {
    let local: Arc<dyn LocalHistory> = file.clone();
    let coverage = bench.coverage(Some(local), NO_REST);
    ReadFollowUp::new(coverage, options, bench.debug.clone(), Background::default())
}

/// Until everything that was set off is over.
async fn over(follow_up: &ReadFollowUp) {
    follow_up.0.background.tasks.close();
    follow_up.0.background.tasks.wait().await;
    follow_up.0.background.tasks.reopen();
}

const TAIL: ReadFollowUpOptions = ReadFollowUpOptions {
    tail_backfill: true,
    tail_max_candles: None,
    ledger_warm_up: false,
};

#[tokio::test]
async fn the_newest_candles_are_there_at_the_next_read() {
    let bench = Bench::new(HubOptions::default());
    let file = CandleFile::of([60, 120, 180, 240].map(candle).to_vec());
    let follow_up = follow_up(&bench, &file, TAIL);
    let read = CandleRead { limit: 3, ..READ };
    follow_up.after_candles(&series(), read);
    over(&follow_up).await;
    assert_eq!(bench.stored(&series()), [120, 180, 240]);
    follow_up.after_candles(&series(), read);
    over(&follow_up).await;
    assert_eq!(file.reads(), 1, "not again within two seconds");
}

#[tokio::test]
async fn only_reads_of_the_newest_candles_and_no_more_than_allowed() {
    let bench = Bench::new(HubOptions::default());
    let file = CandleFile::of([60, 120, 180, 240].map(candle).to_vec());
    let options = ReadFollowUpOptions {
        tail_max_candles: Some(2),
        ..TAIL
    };
    let follow_up = follow_up(&bench, &file, options);
    let from_cursor = CandleRead {
        from_cursor: true,
        ..READ
    };
    follow_up.after_candles(&series(), from_cursor);
    over(&follow_up).await;
    assert_eq!(file.reads(), 0);
    follow_up.after_candles(&series(), READ);
    over(&follow_up).await;
    assert_eq!(bench.stored(&series()), [180, 240]);
}

#[tokio::test]
async fn nothing_happens_while_it_is_off() {
    let bench = Bench::new(HubOptions::default());
    let file = CandleFile::of(vec![candle(60)]);
    let follow_up = follow_up(&bench, &file, ReadFollowUpOptions::default());
    assert!(!follow_up.is_on());
    follow_up.after_candles(&series(), READ);
    over(&follow_up).await;
    assert_eq!(file.reads(), 0);
}

#[tokio::test]
async fn ledgers_that_are_behind_are_brought_forward_and_told_of() {
    let bench = Bench::new(HubOptions::default());
    // A process without factors has stored candles before.
    let without = IngestOptions {
        factor_ingest: false,
        ..IngestOptions::default()
    };
    let mut pipeline = IngestPipeline::new(Arc::clone(&bench.setup), without, Arc::new(|| 0));
    let batch = tc_market::CandleBatch::new(series(), [60, 120].map(candle).to_vec()).unwrap();
    let job = tc_ingest::Job {
        input: tc_ingest::JobInput::Batch(batch),
        publish: PublishPolicy::RebuildsOnly,
        late: tc_ingest::LatePolicy::Fold,
        origin: tc_ingest::JobOrigin::Ingest,
    };
    pipeline
        .run(bench.storage.as_ref(), bench.hub.as_ref(), vec![job])
        .pop()
        .unwrap()
        .unwrap();

    let options = ReadFollowUpOptions {
        ledger_warm_up: true,
        ..ReadFollowUpOptions::default()
    };
    let follow_up = follow_up(&bench, &CandleFile::of(vec![]), options);
    let head = Some(CandleTime::clamped(120));
    let read = CandleRead {
        from_cursor: true,
        head,
        ..READ
    };
    follow_up.after_candles(&series(), read);
    over(&follow_up).await;
    let stored = bench.storage.snapshot().unwrap();
    let key = stored.series_key(&series()).unwrap().unwrap();
    let state = stored.series_state(key).unwrap();
    assert_eq!((state.factor_head, state.overlay_head), (head, head));
    let watcher = Arc::new(Outbound::for_socket(&HubOptions::default()));
    bench.debug.watch(&watcher);
    let snapshot: Value = serde_json::from_str(&watcher.try_next().unwrap().unwrap().body).unwrap();
    let events = snapshot["events"].as_array().unwrap();
    let told = |event: &&Value| event["event"] == "read.http.market_candles_ledger_warmup";
    let data = &events.iter().find(told).unwrap()["data"];
    assert_eq!(
        (&data["target_time"], &data["factor_head_before"]),
        (&120.into(), &Value::Null)
    );
    assert_eq!(
        (&data["factor_head_after"], &data["overlay_head_after"]),
        (&120.into(), &120.into())
    );
    assert!(!data["steps"].as_array().unwrap().is_empty());
}
