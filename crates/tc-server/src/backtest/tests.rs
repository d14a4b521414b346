//! With an engine whose runs end when they are told to.

use std::{sync::Arc, time::Duration};

use serde_json::value::to_raw_value;
use tc_store::{MemoryStorage, Names, RunArchive};
use tokio::sync::{mpsc, oneshot};

use super::{runs::BacktestLimits, *};
use crate::{fixture::NoEngine, resources::backtest::dto::write_answer, tasks::Background};

/// Tells when a run begins, with what ends it.
type Begun = mpsc::UnboundedSender<Beginning>;

type Beginning = (String, oneshot::Sender<Result<RunReport, BacktestRefusal>>);

struct Held(Begun);

impl Ready<RunReport> for Held {
    fn run(
        self: Box<Self>,
        run_id: String,
        progress: Progress,
    ) -> Answer<Result<RunReport, BacktestRefusal>> {
        Box::pin(async move {
            progress("simulating", Some(12.5));
            let (end, ended) = oneshot::channel();
            self.0.send((run_id, end)).unwrap();
            ended.await.unwrap()
        })
    }
}

struct Bench {
    backtests: Backtests,
    background: Background,
    archive: Arc<MemoryStorage>,
    begun: Begun,
    begins: mpsc::UnboundedReceiver<Beginning>,
}

impl Bench {
    fn new(at_once: usize, waiting: usize) -> Self {
        let archive = Arc::new(MemoryStorage::new(Names::default()));
        let background = Background::default();
        let backtests = Backtests::new(BacktestsParts {
            engines: Engines {
                freqtrade: Arc::new(NoEngine),
                native: None,
                mock: Arc::new(NoEngine),
                mock_all: false,
            },
            archive: archive.clone(),
            limits: BacktestLimits { at_once, waiting },
            background: background.clone(),
        });
        let (begun, begins) = mpsc::unbounded_channel();
        Self {
            backtests,
            background,
            archive,
            begun,
            begins,
        }
    }

    fn start(&self) -> Option<(LiveRun, oneshot::Receiver<RunEnd>)> {
        self.start_with(EngineName::Freqtrade)
    }

    fn start_with(&self, engine: EngineName) -> Option<(LiveRun, oneshot::Receiver<RunEnd>)> {
        let held = Box::new(Held(self.begun.clone()));
        let wanted = Wanted {
            kind: RunKind::Run,
            engine,
            order: order(),
            series: None,
        };
        self.backtests.start(wanted, held, write_answer)
    }

    fn state(&self, run: &LiveRun) -> String {
        let kept = self.archive.run(&run.head.run_id).unwrap();
        kept.map(|row| row.label.state).unwrap_or_default()
    }
}

fn order() -> RunOrder {
    RunOrder {
        strategy_name: "Demo".to_owned(),
        pair: "BTC/USDT".to_owned(),
        venue: Venue::default(),
        timeframe: "5m".to_owned(),
        timerange: Some(" ".to_owned()),
        params: serde_json::Map::new(),
        trading: serde_json::Map::new(),
    }
}

fn report(exit_code: i32, has_result: bool) -> RunReport {
    let result = RunResult {
        total_trades: 1,
        start_ms: Some(1),
        end_ms: None,
        starting_balance: Some(1_000.0),
        final_balance: Some(1_001.0),
        metrics: to_raw_value(&serde_json::json!({ "sharpe": null })).unwrap(),
        trades: to_raw_value(&serde_json::json!([{ "pair": "BTC/USDT" }])).unwrap(),
        equity: vec![(1, 1_000.0)],
        file: None,
    };
    RunReport {
        exit_code,
        duration: Duration::from_millis(7),
        command: vec!["freqtrade".to_owned()],
        stdout: "said".to_owned(),
        stderr: String::new(),
        result: if has_result {
            Ok(result)
        } else {
            Err("nothing".to_owned())
        },
        warnings: vec!["funding_data_missing"],
    }
}

#[tokio::test]
async fn runs_take_turns_and_few_wait() {
    let mut bench = Bench::new(1, 1);
    let (first, first_end) = bench.start().unwrap();
    let (first_id, end_first) = bench.begins.recv().await.unwrap();
    assert_eq!(first_id, first.head.run_id);
    let (second, _) = bench.start().unwrap();
    assert!(second.head.run_id > first.head.run_id);
    assert!(bench.start().is_none(), "one runs and one waits");
    let standing = first.standing();
    assert_eq!(
        (standing.state, standing.stage, standing.percent),
        (RunState::Running, Some("simulating"), Some(12.5))
    );
    assert_eq!(second.standing().state, RunState::Queued);
    let ids: Vec<String> = bench
        .backtests
        .all_running(None)
        .iter()
        .map(|run| run.head.run_id.clone())
        .collect();
    assert_eq!(ids, [second.head.run_id.clone(), first.head.run_id.clone()]);
    end_first.send(Ok(report(0, true))).unwrap();
    assert!(matches!(first_end.await, Ok(RunEnd::Answered { .. })));
    let (second_id, _end) = bench.begins.recv().await.unwrap();
    assert_eq!(second_id, second.head.run_id);
    assert!(bench.start().is_some(), "there is room again");
}

#[tokio::test]
async fn a_native_run_waits_for_no_process() {
    let mut bench = Bench::new(1, 0);
    let (process, _) = bench.start().unwrap();
    assert_eq!(bench.begins.recv().await.unwrap().0, process.head.run_id);
    assert!(bench.start().is_none(), "no other process begins");
    let (native, _) = bench.start_with(EngineName::Native).unwrap();
    assert_eq!(bench.begins.recv().await.unwrap().0, native.head.run_id);
    assert!(
        bench.start_with(EngineName::Native).is_none(),
        "native runs take turns as well"
    );
}

#[tokio::test]
async fn what_came_out_is_kept() {
    let mut bench = Bench::new(1, 0);
    for (outcome, state) in [
        (Ok(report(0, true)), "done"),
        (Ok(report(0, false)), "failed"),
        (Ok(report(2, false)), "failed"),
        (Ok(report(124, false)), "timed_out"),
        (
            Err(BacktestRefusal::ExportMissing {
                directory: "x".into(),
            }),
            "failed",
        ),
    ] {
        let (run, end) = bench.start().unwrap();
        bench.begins.recv().await.unwrap().1.send(outcome).unwrap();
        end.await.unwrap();
        assert_eq!(bench.state(&run), state);
        assert!(bench.backtests.running(&run.head.run_id).is_none());
    }
    let all = bench.backtests.finished(None, 10).await.unwrap();
    let states: Vec<&str> = all.iter().map(|record| record.state.as_str()).collect();
    assert_eq!(states, ["failed", "timed_out", "failed", "failed", "done"]);
    assert_eq!(all[0].error.as_deref(), Some("the run wrote no result"));
    let done = bench
        .backtests
        .find(&all[4].head.run_id, Ok)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(done.head.timerange, None, "a blank range is none");
    let answer: serde_json::Value = serde_json::from_str(done.response.unwrap().get()).unwrap();
    assert_eq!(answer["result"]["trades"][0]["pair"], "BTC/USDT");
    assert_eq!(
        (&answer["stdout"], &answer["run_id"]),
        (&serde_json::json!("said"), &serde_json::json!(done.head.run_id))
    );
    let brief: serde_json::Value = serde_json::from_str(all[4].response.as_ref().unwrap().get()).unwrap();
    assert!(
        brief["result"].get("trades").is_none() && brief["stdout"] == "",
        "{brief}"
    );
    assert_eq!(brief["result"]["total_trades"], 1);
    bench.backtests.delete(&done.head.run_id).await.unwrap();
    let gone = bench.backtests.delete(&done.head.run_id).await;
    assert!(matches!(gone, Err(DeleteError::NotFound)));
}

#[tokio::test]
async fn a_run_can_be_called_off_while_it_runs_or_waits() {
    let mut bench = Bench::new(1, 1);
    let (first, first_end) = bench.start().unwrap();
    let (_, end_first) = bench.begins.recv().await.unwrap();
    let (second, second_end) = bench.start().unwrap();
    second.cancel.cancel();
    assert!(matches!(second_end.await, Ok(RunEnd::Cancelled)));
    assert!(matches!(
        bench.backtests.delete(&first.head.run_id).await,
        Err(DeleteError::Running)
    ));
    first.cancel.cancel();
    assert!(matches!(first_end.await, Ok(RunEnd::Cancelled)));
    assert!(end_first.is_closed(), "the run itself ended");
    first.over.cancelled().await;
    assert_eq!(
        (bench.state(&first), bench.state(&second)),
        ("cancelled".to_owned(), "cancelled".to_owned())
    );
}

#[tokio::test]
async fn a_stop_of_the_server_ends_runs() {
    let mut bench = Bench::new(1, 0);
    let (run, end) = bench.start().unwrap();
    let (_, held) = bench.begins.recv().await.unwrap();
    bench.background.stop.cancel();
    bench.background.tasks.close();
    bench.background.tasks.wait().await;
    assert!(held.is_closed());
    assert!(matches!(end.await, Ok(RunEnd::Cancelled)));
    assert_eq!(bench.state(&run), "cancelled");
}

#[test]
fn an_engine_that_is_not_there_is_told() {
    let bench = Bench::new(1, 0);
    let engines = bench.backtests.engines();
    let refused = engines.named(EngineName::Native).err();
    assert_eq!(
        refused,
        Some(BacktestRefusal::EngineUnavailable(EngineName::Native))
    );
    assert!(engines.named(EngineName::Freqtrade).is_ok());
    let all_mock = Engines {
        mock_all: true,
        ..engines.clone()
    };
    assert!(all_mock.named(EngineName::Native).is_ok());
}
