//! Answers, contained panics and the end.

use std::sync::mpsc as blocking;

use tc_ingest::PublishPolicy;

use super::*;
use crate::{
    fixture::{Bench, series},
    hub::HubOptions,
};

#[tokio::test]
async fn a_panic_is_one_failed_answer() {
    let bench = Bench::new(HubOptions::default());
    for _ in 0..5 {
        let broken: Result<(), _> = bench.readers.read(|_| panic!("this read broke")).await;
        assert!(matches!(broken, Err(ReadPoolError::Panicked)));
    }
    assert_eq!(
        bench
            .readers
            .read(|snapshot| snapshot.list_series().unwrap().len())
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn each_read_sees_what_was_committed_before() {
    let bench = Bench::new(HubOptions::default());
    for seconds in [60, 120, 180] {
        bench
            .ingest(&series(), &[seconds], PublishPolicy::Everything)
            .await;
        let head = bench
            .readers
            .read(|snapshot| {
                let key = snapshot.series_key(&series()).unwrap().unwrap();
                snapshot.head_time(key).unwrap().unwrap().seconds()
            })
            .await;
        assert_eq!(head.unwrap(), seconds);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_whose_caller_left_is_not_asked_and_the_end_answers_what_waits() {
    let bench = Bench::new(HubOptions::default());
    let storage: Arc<dyn Storage> = bench.storage.clone();
    let held = Arc::strong_count(&storage);
    let pool = ReaderPool::spawn(&storage, 1).unwrap();
    let (go, wait) = blocking::channel::<()>();
    let slow = tokio::spawn({
        let pool = pool.clone();
        async move { pool.read(move |_| wait.recv().is_ok()).await }
    });
    let (tell, told) = blocking::channel();
    let left = tokio::spawn({
        let (pool, tell) = (pool.clone(), tell.clone());
        async move { pool.read(move |_| tell.send("left").unwrap()).await }
    });
    // Waits until both are in the queue or running, then one caller goes away.
    tokio::task::yield_now().await;
    left.abort();
    let _aborted = left.await;
    let stays = pool.read(move |_| tell.send("stays").unwrap());
    let (answered, ()) = tokio::join!(stays, async {
        go.send(()).unwrap();
        pool.drain().await;
    });
    assert_eq!(
        Arc::strong_count(&storage),
        held,
        "the thread let go of the store"
    );
    answered.unwrap();
    assert!(slow.await.unwrap().unwrap());
    assert_eq!(told.recv(), Ok("stays"));
    assert!(matches!(
        pool.read(|_| ()).await,
        Err(ReadPoolError::ShuttingDown)
    ));
}
