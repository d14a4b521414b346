//! Mailbox, leases and job tasks, with jobs that only wait.

use tc_ingest::SupervisorOptions;
use tokio::sync::{mpsc, watch};

use super::*;

/// Live ingest that follows nothing.
pub(crate) fn idle_control() -> IngestControl {
    let (runner, _events) = Scripted::new();
    IngestControl::spawn(SupervisorOptions::default(), GuardrailOptions::default(), runner)
}

/// Live ingest of Binance series with jobs that only wait.
pub(crate) fn waiting_control(options: SupervisorOptions) -> IngestControl {
    let (runner, _events) = Scripted::new();
    IngestControl::spawn(options, GuardrailOptions::default(), runner)
}

#[derive(Debug, PartialEq, Eq)]
enum Event {
    Started(String),
    Stopped(String),
}

/// Jobs that run until they are stopped or told to fail.
struct Scripted {
    events: mpsc::UnboundedSender<Event>,
    fail: watch::Sender<u32>,
}

impl Scripted {
    fn new() -> (Arc<Self>, mpsc::UnboundedReceiver<Event>) {
        let (events, told) = mpsc::unbounded_channel();
        (
            Arc::new(Self {
                events,
                fail: watch::Sender::new(0),
            }),
            told,
        )
    }
}

impl JobRunner for Scripted {
    fn serves(&self, series: &SeriesId) -> bool {
        series.exchange() == "binance"
    }

    fn run(
        self: Arc<Self>,
        series: SeriesId,
        stop: CancellationToken,
        status: Arc<JobStatus>,
    ) -> Pin<Box<dyn Future<Output = Result<(), LiveError>> + Send>> {
        Box::pin(async move {
            status.live();
            drop(self.events.send(Event::Started(series.symbol().to_owned())));
            let mut fail = self.fail.subscribe();
            tokio::select! {
                () = stop.cancelled() => {
                    drop(self.events.send(Event::Stopped(series.symbol().to_owned())));
                    Ok(())
                }
                _changed = fail.changed() => {
                    Err(LiveError::BufferFull(tc_ingest::BufferFull { waiting: 1 }))
                }
            }
        })
    }
}

fn series(symbol: &str) -> SeriesId {
    format!("binance:futures:{symbol}:1m").parse().unwrap()
}

fn on_demand(max_jobs: usize) -> SupervisorOptions {
    SupervisorOptions {
        ondemand_ingest: true,
        ondemand_max_jobs: max_jobs,
        ..SupervisorOptions::default()
    }
}

fn control(options: SupervisorOptions, runner: &Arc<Scripted>) -> IngestControl {
    IngestControl::spawn(
        options,
        GuardrailOptions::default(),
        Arc::clone(runner) as Arc<dyn JobRunner>,
    )
}

fn started(symbol: &str) -> Option<Event> {
    Some(Event::Started(symbol.to_owned()))
}

fn stopped(symbol: &str) -> Option<Event> {
    Some(Event::Stopped(symbol.to_owned()))
}

#[tokio::test(start_paused = true)]
async fn leases_keep_a_job_and_its_end_follows_the_last_one() {
    let (runner, mut events) = Scripted::new();
    let control = control(on_demand(0), &runner);
    let first = control.acquire(&series("A")).await.unwrap();
    let second = control.acquire(&series("A")).await.unwrap();
    assert_eq!(events.recv().await, started("A"));
    assert!(control.is_live(&series("A")) && !control.is_live(&series("B")));
    drop(first);
    let jobs = control.state().await.unwrap().jobs;
    assert_eq!(
        (jobs.len(), jobs[0].job.references, jobs[0].status.connected),
        (1, Some(1), true)
    );
    drop(second);
    assert_eq!(events.recv().await, stopped("A"), "after the idle time");
    while !control.state().await.unwrap().jobs.is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(!control.is_live(&series("A")));
}

#[tokio::test(start_paused = true)]
async fn refusals() {
    let (runner, mut events) = Scripted::new();
    let control = control(on_demand(1), &runner);
    let foreign: SeriesId = "kraken:spot:A/B:1m".parse().unwrap();
    assert!(!control.serves(&foreign) && control.serves(&series("A")));
    assert!(matches!(
        control.acquire(&foreign).await,
        Err(AcquireError::Unsupported)
    ));
    let lease = control.acquire(&series("A")).await.unwrap();
    assert_eq!(events.recv().await, started("A"));
    let refused = control.acquire(&series("B")).await.map(drop);
    assert_eq!(refused, Err(AcquireError::Refused(IngestRefusal::Capacity)));

    runner.fail.send_modify(|failures| *failures += 1);
    let cooling = loop {
        match control.acquire(&series("A")).await {
            // Accepted as long as the failure has not been noticed.
            Ok(lease) => drop(lease),
            Err(error) => break error,
        }
        tokio::task::yield_now().await;
    };
    assert!(
        matches!(cooling, AcquireError::Refused(IngestRefusal::CoolingDown { .. })),
        "{cooling}"
    );
    assert_eq!(events.recv().await, started("A"), "restarted after the wait");
    let job = control.state().await.unwrap().jobs.remove(0);
    assert_eq!((job.job.crashes, job.job.references), (1, Some(1)));
    assert!(job.guardrail.is_some());
    drop(lease);
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_request_leaves_no_reference() {
    let (runner, mut events) = Scripted::new();
    let control = control(on_demand(0), &runner);
    let (answer, abandoned) = oneshot::channel();
    drop(abandoned);
    let command = Command::Acquire {
        series: series("A"),
        answer,
    };
    assert!(control.inner.mailbox.send(command).is_ok());
    assert_eq!(events.recv().await, started("A"));
    assert_eq!(control.state().await.unwrap().jobs[0].job.references, Some(0));
    assert_eq!(events.recv().await, stopped("A"));
}

#[tokio::test(start_paused = true)]
async fn pinned_jobs_run_without_subscribers_until_the_shutdown() {
    let (runner, mut events) = Scripted::new();
    let options = SupervisorOptions {
        whitelist: vec![series("A"), series("B")],
        whitelist_ingest: true,
        ..SupervisorOptions::default()
    };
    let control = control(options, &runner);
    assert_eq!(
        (events.recv().await, events.recv().await),
        (started("A"), started("B"))
    );
    drop(control.acquire(&series("A")).await.unwrap());
    assert_eq!(control.state().await.unwrap().jobs[0].job.references, None);
    control.shut_down().await;
    assert_eq!(
        (events.recv().await, events.recv().await),
        (stopped("A"), stopped("B"))
    );
    assert!(control.state().await.is_none());
    control.shut_down().await;
}

#[tokio::test]
async fn without_on_demand_ingest_everything_is_accepted_and_nothing_started() {
    let (runner, mut events) = Scripted::new();
    let control = control(SupervisorOptions::default(), &runner);
    let foreign: SeriesId = "kraken:spot:A/B:1m".parse().unwrap();
    assert!(control.serves(&foreign));
    drop(control.acquire(&foreign).await.unwrap());
    assert!(control.state().await.unwrap().jobs.is_empty());
    assert!(events.try_recv().is_err());
}
