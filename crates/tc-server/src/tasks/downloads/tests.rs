use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::*;

/// Fetches until the test lets it end.
#[derive(Default)]
struct Slow {
    begun: AtomicUsize,
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    go: Arc<Notify>,
    fails: bool,
    panics: bool,
}

/// A fetch under way; counted as such until it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl CandleFetcher for Slow {
    fn serves(&self, series: &SeriesId) -> bool {
        series.market_kind().is_some()
    }

    fn fetch(&self, _series: &SeriesId, _from: CandleTime) -> Fetching {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let (go, fails, panics) = (Arc::clone(&self.go), self.fails, self.panics);
        let (running, most) = (Arc::clone(&self.running), Arc::clone(&self.most));
        Box::pin(async move {
            let now = running.fetch_add(1, Ordering::SeqCst) + 1;
            let _counted = Counted(running);
            most.fetch_max(now, Ordering::SeqCst);
            go.notified().await;
            assert!(!panics, "it trips over something");
            if fails {
                Err(FetchError::new("exit code 2"))
            } else {
                Ok(())
            }
        })
    }
}

impl Slow {
    async fn has_begun(&self, runs: usize) {
        while self.begun.load(Ordering::SeqCst) < runs {
            tokio::task::yield_now().await;
        }
    }
}

struct World {
    slow: Arc<Slow>,
    downloads: Downloads,
    now_s: Arc<AtomicU64>,
    background: Background,
}

fn world(slow: Slow, options: DownloadOptions) -> World {
    let (slow, now_s, background) = (Arc::new(slow), Arc::<AtomicU64>::default(), Background::default());
    let shown = Arc::clone(&now_s);
    let clock: MicrosClock = Arc::new(move || shown.load(Ordering::SeqCst) * 1_000_000);
    World {
        downloads: Downloads::new(slow.clone(), options, clock, background.clone()),
        slow,
        now_s,
        background,
    }
}

impl World {
    fn begin(&self, base: &str) -> Result<Option<Download>, FetchError> {
        self.downloads.begin(&series(base), CandleTime::clamped(60))
    }

    fn run(&self, base: &str) -> Download {
        self.begin(base).unwrap().unwrap()
    }
}

fn series(base: &str) -> SeriesId {
    format!("binance:spot:{base}/USDT:1m").parse().unwrap()
}

#[tokio::test]
async fn whoever_asks_meanwhile_waits_for_the_same_one() {
    let world = world(Slow::default(), DownloadOptions::default());
    let (first, second) = (world.run("A"), world.run("A"));
    world.slow.has_begun(1).await;
    world.slow.go.notify_one();
    let ended = tokio::join!(first.ended(), second.ended());
    assert_eq!(ended, (Ok(()), Ok(())));
    world.now_s.store(599, Ordering::SeqCst);
    assert!(world.begin("A").unwrap().is_none(), "it cools down");
    assert_eq!(world.slow.begun.load(Ordering::SeqCst), 1);
    world.now_s.store(600, Ordering::SeqCst);
    let _again = world.run("A");
    world.slow.has_begun(2).await;
}

#[tokio::test]
async fn one_at_a_time_and_a_failure_is_told_to_everybody() {
    let slow = Slow {
        fails: true,
        ..Slow::default()
    };
    let world = world(slow, DownloadOptions::default());
    let (a, b) = (world.run("A"), world.run("B"));
    for turn in 1..=2 {
        world.slow.has_begun(turn).await;
        world.slow.go.notify_one();
    }
    let failure = FetchError::new("exit code 2");
    let ended = tokio::join!(a.ended(), b.ended());
    assert_eq!(ended, (Err(failure.clone()), Err(failure.clone())));
    assert_eq!(world.slow.most.load(Ordering::SeqCst), 1);
    assert_eq!(
        world.begin("A").unwrap_err(),
        failure,
        "also to who asks too early"
    );
}

#[tokio::test]
async fn a_fetch_that_nobody_waits_for_holds_nobody_up() {
    let world = world(Slow::default(), DownloadOptions::default());
    let abandoned = world.run("A");
    world.slow.has_begun(1).await;
    drop(abandoned);
    let b = world.run("B");
    // The first goes on without anybody, then the second has its turn.
    for turn in 1..=2 {
        world.slow.has_begun(turn).await;
        world.slow.go.notify_one();
    }
    assert_eq!(b.ended().await, Ok(()));
}

#[tokio::test]
async fn the_stop_ends_those_that_run_and_those_that_wait() {
    let world = world(Slow::default(), DownloadOptions::default());
    let (a, b) = (world.run("A"), world.run("B"));
    world.slow.has_begun(1).await;
    assert_eq!(world.slow.running.load(Ordering::SeqCst), 1);
    world.background.stop.cancel();
    world.background.tasks.close();
    world.background.tasks.wait().await;
    assert_eq!(world.slow.running.load(Ordering::SeqCst), 0);
    let stopping = Err(FetchError::new("the server is stopping"));
    assert_eq!(tokio::join!(a.ended(), b.ended()), (stopping.clone(), stopping));
    assert_eq!(
        world.slow.begun.load(Ordering::SeqCst),
        1,
        "the second never began"
    );
}

#[tokio::test]
async fn a_panic_is_a_failure_of_its_series_alone() {
    let slow = Slow {
        panics: true,
        ..Slow::default()
    };
    let world = world(slow, DownloadOptions::default());
    let (a, _b) = (world.run("A"), world.run("B"));
    world.slow.has_begun(1).await;
    world.slow.go.notify_one();
    assert_eq!(a.ended().await, Err(broken_off()));
    world.slow.has_begun(2).await;
}

#[tokio::test]
async fn no_more_wait_than_may_and_only_series_that_somebody_has() {
    let options = DownloadOptions {
        most_waiting: 1,
        ..DownloadOptions::default()
    };
    let world = world(Slow::default(), options);
    let _running = (world.run("A"), world.run("B"));
    assert_eq!(
        world.begin("C").unwrap_err().to_string(),
        "too many downloads are waiting"
    );
    let other = "binance:options:A/USDT:1m".parse().unwrap();
    let begun = world.downloads.begin(&other, CandleTime::clamped(60));
    assert!(begun.unwrap().is_none());
}
