//! Grouping, draining and the end by panic.

use std::sync::mpsc as blocking;

use tc_ingest::{GapChanges, JobInput, JobOrigin, LatePolicy, PublishPolicy, Work};
use tc_market::{CandleTime, SeriesId};

use super::*;
use crate::{
    fixture::{Bench, series},
    hub::HubOptions,
};

fn refresh(symbol: &str) -> Job {
    let series: SeriesId = format!("binance:spot:{symbol}/USDT:1m").parse().unwrap();
    let input = JobInput::Refresh {
        series,
        up_to: CandleTime::MAX,
    };
    Job {
        input,
        publish: PublishPolicy::Derived,
        late: LatePolicy::Fold,
        origin: JobOrigin::Ingest,
    }
}

fn report(job: &Job) -> IngestReport {
    IngestReport {
        series: job.series().clone(),
        inserted: 0,
        equal: 0,
        changed: 0,
        events: 0,
        rebuilt: None,
        epoch: 0,
        candle_head: None,
        factor_head: None,
        feature_head: None,
        overlay_head: None,
        gaps: GapChanges::default(),
        work: Work::default(),
        steps: Vec::new(),
        derived: Vec::new(),
        publish_error: None,
    }
}

/// A writer that tells of each group and waits for permission to run it.
fn stepped(
    queue_capacity: usize,
) -> (
    WriterHandle,
    blocking::Receiver<Vec<String>>,
    blocking::Sender<()>,
) {
    let (tell, groups) = blocking::channel();
    let (permit, permitted) = blocking::channel();
    let run = move |jobs: Vec<Job>| {
        tell.send(jobs.iter().map(|job| job.series().symbol().to_owned()).collect())
            .unwrap();
        permitted.recv().unwrap();
        jobs.iter().map(|job| Ok(report(job))).collect()
    };
    let writer =
        WriterThread::spawn_with(run, queue_capacity, || panic!("not reached"), DebugLog::off()).unwrap();
    (writer, groups, permit)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_jobs_share_a_group_and_every_caller_gets_its_own_answer() {
    let (writer, groups, permit) = stepped(8);
    let submit = |symbol: &'static str| {
        tokio::spawn({
            let writer = writer.clone();
            async move {
                writer
                    .submit(refresh(symbol))
                    .await
                    .unwrap()
                    .series
                    .symbol()
                    .to_owned()
            }
        })
    };
    let first = submit("A");
    assert_eq!(
        groups.recv().unwrap(),
        ["A/USDT"],
        "a job that waits alone goes alone"
    );
    // While the first runs, these wait.
    let mut waiting = Vec::new();
    for (position, symbol) in ["B", "C", "B", "D"].into_iter().enumerate() {
        waiting.push(submit(symbol));
        while writer.queue_depth() < position + 1 {
            tokio::task::yield_now().await;
        }
    }
    for _ in 0..3 {
        permit.send(()).unwrap();
    }
    assert_eq!(groups.recv().unwrap(), ["B/USDT", "C/USDT", "D/USDT"]);
    assert_eq!(groups.recv().unwrap(), ["B/USDT"]);
    assert_eq!(first.await.unwrap(), "A/USDT");
    for (task, symbol) in waiting.into_iter().zip(["B/USDT", "C/USDT", "B/USDT", "D/USDT"]) {
        assert_eq!(task.await.unwrap(), symbol);
    }
    assert_eq!(writer.queue_depth(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_makes_callers_wait_and_a_drain_does_everything_accepted() {
    let (writer, groups, permit) = stepped(1);
    let running = tokio::spawn({
        let writer = writer.clone();
        async move { writer.submit(refresh("A")).await }
    });
    assert_eq!(groups.recv().unwrap().len(), 1);
    let waiting: Vec<_> = ["B", "C"]
        .into_iter()
        .map(|symbol| {
            tokio::spawn({
                let writer = writer.clone();
                async move { writer.submit(refresh(symbol)).await }
            })
        })
        .collect();
    while writer.queue_depth() < 2 {
        tokio::task::yield_now().await;
    }
    let drained = tokio::spawn({
        let writer = writer.clone();
        async move { writer.drain().await }
    });
    while writer.sender().is_some() {
        tokio::task::yield_now().await;
    }
    assert!(matches!(
        writer.submit(refresh("Z")).await,
        Err(SubmitError::ShuttingDown)
    ));
    let _taken = permit.send(());
    let _taken = permit.send(());
    let _taken = permit.send(());
    assert!(running.await.unwrap().is_ok());
    for accepted in waiting {
        assert!(accepted.await.unwrap().is_ok(), "accepted before the drain");
    }
    drained.await.unwrap();
    assert_eq!(writer.queue_depth(), 0);
}

#[tokio::test]
async fn a_panic_ends_the_process() {
    let (halted, was_halted) = oneshot::channel();
    let run = |_| panic!("the pipeline broke");
    let writer = WriterThread::spawn_with(run, 4, move || halted.send(()).unwrap(), DebugLog::off()).unwrap();
    assert!(matches!(
        writer.submit(refresh("A")).await,
        Err(SubmitError::ShuttingDown)
    ));
    was_halted.await.unwrap();
    assert!(matches!(
        writer.submit(refresh("B")).await,
        Err(SubmitError::ShuttingDown)
    ));
    writer.drain().await;
}

#[tokio::test]
async fn the_real_pipeline_stores_and_reports() {
    let bench = Bench::new(HubOptions::default());
    let report = bench
        .ingest(&series(), &[60, 120], PublishPolicy::Everything)
        .await;
    assert_eq!(
        (report.inserted, report.candle_head),
        (2, Some(CandleTime::clamped(120)))
    );
    assert_eq!(bench.stored(&series()), [60, 120]);
    let writer = bench.writer.clone();
    let imported = std::thread::spawn(move || writer.submit_blocking(refresh("GLD")));
    assert!(imported.join().unwrap().is_ok());
    assert_eq!(bench.storage.commits(), 2);
}
