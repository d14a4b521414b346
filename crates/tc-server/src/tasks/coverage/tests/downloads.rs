//! Coverage with somebody who brings the file up to date.

use std::ops::Range;

use tokio::sync::mpsc;

use super::*;
use crate::{
    debug::DebugLog,
    tasks::{
        Background, CandleFetcher, CandleRead, DownloadOptions, FetchError, Fetching, ReadFollowUp,
        ReadFollowUpOptions,
    },
};

/// Adds candles to a file, each time the test says so.
struct Fetcher {
    file: Arc<CandleFile>,
    minutes: Range<i64>,
    begun: mpsc::UnboundedSender<(SeriesId, CandleTime)>,
    go: Arc<Semaphore>,
    fails: bool,
}

impl CandleFetcher for Fetcher {
    fn serves(&self, _series: &SeriesId) -> bool {
        true
    }

    fn fetch(&self, series: &SeriesId, from: CandleTime) -> Fetching {
        self.begun.send((series.clone(), from)).unwrap();
        let (go, file) = (Arc::clone(&self.go), Arc::clone(&self.file));
        let (minutes, fails) = (self.minutes.clone(), self.fails);
        Box::pin(async move {
            go.acquire().await.unwrap().forget();
            if fails {
                return Err(FetchError::new("no such pair"));
            }
            minutes.for_each(|minute| file.grow(right(minute)));
            Ok(())
        })
    }
}

struct World {
    bench: Bench,
    coverage: Coverage,
    go: Arc<Semaphore>,
    begun: mpsc::UnboundedReceiver<(SeriesId, CandleTime)>,
    background: Background,
}

/// Minute 100 is open, `in_file` is in the file, and a download brings what is missing up to it.
async fn world(in_file: Range<i64>, rest: Option<HistoryClient>, fails: bool) -> World {
    let bench = bench(100, []).await;
    let file = CandleFile::of(in_file.clone().map(right).collect());
    let (told, begun) = mpsc::unbounded_channel();
    let go = Arc::new(Semaphore::new(0));
    let fetcher = Fetcher {
        file: Arc::clone(&file),
        minutes: in_file.end..100,
        begun: told,
        go: Arc::clone(&go),
        fails,
    };
    let background = Background::default();
    let options = DownloadOptions::default();
    let downloads = Downloads::new(Arc::new(fetcher), options, Arc::new(|| 0), background.clone());
    let plain = bench.coverage(Some(file), rest);
    let parts = CoverageParts {
        downloads: Some(downloads),
        ..plain.parts().clone()
    };
    let coverage = rest_on_read(&Coverage::new(parts, plain.options().clone()));
    World {
        bench,
        coverage,
        go,
        begun,
        background,
    }
}

#[tokio::test]
async fn what_the_file_lacks_is_downloaded_and_read_from_it() {
    let mut world = world(80..90, None, false).await;
    let series = btc("1m");
    let covering = world.coverage.ensure_tail(&series, 15, None);
    let meanwhile = async {
        let begun = world.begun.recv().await.unwrap();
        assert_eq!(begun, (series.clone(), CandleTime::clamped(open_s(85))));
        assert_eq!(world.coverage.progress(&series).state, BackfillState::Running);
        world.go.add_permits(1);
    };
    let (covered, ()) = tokio::join!(covering, meanwhile);
    assert_eq!(
        (covered.candles, covered.errors),
        (20, vec![]),
        "all of the file before, then what is new"
    );
    assert_eq!(
        stored(&world.bench, "1m"),
        (80..100).map(right).collect::<Vec<_>>()
    );
    let note = world.coverage.progress(&series).note;
    assert_eq!(note.as_deref(), Some("tail_coverage_done"));
    // What is complete is not downloaded.
    world.coverage.ensure_tail(&series, 15, None).await;
    assert!(world.begun.try_recv().is_err());
}

#[tokio::test]
async fn a_failure_is_an_error_of_its_step_and_told_again_while_the_series_cools_down() {
    let mut world = world(80..90, None, true).await;
    world.go.add_permits(1);
    for _ in 0..2 {
        let covered = world.coverage.ensure_tail(&btc("1m"), 15, None).await;
        assert_eq!(covered.errors, ["download_failed:no such pair"]);
        let progress = world.coverage.progress(&btc("1m"));
        assert_eq!(progress.state, BackfillState::Failed);
        assert_eq!(progress.error.as_deref(), Some("download_failed:no such pair"));
    }
    world.begun.recv().await.unwrap();
    assert!(world.begun.try_recv().is_err(), "it was tried once");
}

#[tokio::test]
async fn whoever_goes_away_leaves_the_download_to_the_others() {
    let mut world = world(80..90, None, false).await;
    let series = btc("1m");
    {
        let mut abandoned = std::pin::pin!(world.coverage.ensure_tail(&series, 15, None));
        tokio::select! {
            _ = &mut abandoned => unreachable!("the download waits for the test"),
            begun = world.begun.recv() => assert_eq!(begun.unwrap().0, series),
        }
    }
    world.go.add_permits(1);
    let covered = world.coverage.ensure_tail(&series, 15, None).await;
    assert_eq!((covered.candles, covered.errors), (15, vec![]));
    assert!(world.begun.try_recv().is_err(), "it is the same one");
}

#[tokio::test]
async fn reads_that_wait_for_downloads_leave_their_turns_to_others() {
    let exchange = Exchange::open(100).await;
    let world = world(0..0, Some(exchange.history.clone()), true).await;
    let options = ReadFollowUpOptions {
        tail_backfill: true,
        ..ReadFollowUpOptions::default()
    };
    let reads = ReadFollowUp::new(
        world.coverage.clone(),
        options,
        DebugLog::off(),
        world.background.clone(),
    );
    let read = CandleRead {
        from_cursor: false,
        limit: 5,
        head: None,
    };
    // The download of this one has failed a moment ago: it goes on to the exchange at once.
    let other = btc("1m");
    let downloads = world.coverage.parts().downloads.clone().unwrap();
    let failing = downloads.begin(&other, CandleTime::MIN).unwrap().unwrap();
    world.go.add_permits(1);
    failing.ended().await.unwrap_err();
    // One download for each turn. None of them ends.
    let waiting = ["3m", "5m", "15m", "30m"].map(btc);
    for series in &waiting {
        reads.after_candles(series, read);
    }
    let waits = |series| world.coverage.progress(series).state == BackfillState::Running;
    while !waiting.iter().all(waits) {
        tokio::task::yield_now().await;
    }
    reads.after_candles(&other, read);
    while world.bench.stored(&other).len() < 5 {
        tokio::task::yield_now().await;
    }
    assert!(waiting.iter().all(waits));
    world.background.stop.cancel();
    world.background.tasks.close();
    world.background.tasks.wait().await;
    exchange.simulator.shutdown().await;
}
