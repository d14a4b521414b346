//! `trade-canvas rebuild`, and processes that die while they rebuild.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "everything here is a test; a failed step ends it with its place"
)]

use std::{
    collections::BTreeMap,
    env, fs, io,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tc_factor::{FoldMode, LedgerEvent};
use tc_ingest::{
    IngestOptions, IngestPipeline, IngestReport, Job, JobInput, JobOrigin, LatePolicy, MicrosClock,
    Publication, PublishError, PublishPolicy, Publisher,
};
use tc_market::{Candle, CandleTime, SeriesId};
use tc_overlay::{FoldOutput, FoldSetup, SeriesFold, SettledRow};
use tc_store::{SeriesState, Storage, StoredCheckpoint};
use tc_store_sqlite::SqliteStorage;
use tempfile::TempDir;
use trade_canvas::{
    compose,
    config::{self, Config, Sources},
};

const SERIES: &str = "binance:spot:BTC/USDT:1m";
const FIRST_S: i64 = 1_700_000_040;
const COUNT: i64 = 2_000;

/// Rounds of a process that is killed at any moment.
const ROUNDS: u64 = 40;

/// Where the child finds its store, and where it dies.
const STORE: &str = "TC_REBUILD_STORE";
const DIE_AT: &str = "TC_REBUILD_DIE_AT";

fn series() -> SeriesId {
    SERIES.parse().unwrap()
}

/// Prices that go up and down, so that there are pivots and pens.
fn rows() -> Vec<[f64; 6]> {
    let mut seed = 7_u32;
    let mut price = 1_000.0;
    let mut rows = Vec::new();
    for n in 0..COUNT {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let open = price;
        price += f64::from(seed >> 24) - 127.5;
        price = price.clamp(100.0, 5_000.0);
        #[expect(clippy::cast_precision_loss, reason = "milliseconds stay far below 2^53")]
        let open_ms = ((FIRST_S + 60 * n) * 1_000) as f64;
        rows.push([
            open_ms,
            open,
            open.max(price) + 3.0,
            open.min(price) - 3.0,
            price,
            1.0,
        ]);
    }
    rows
}

fn program(folder: &Path, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trade-canvas"));
    command
        .current_dir(folder)
        .args(words.split_whitespace())
        .env_clear()
        .env("RUST_LOG", "off")
        .stdin(Stdio::null());
    command
}

/// Exit code, standard output, standard error.
fn run(folder: &Path, words: &str) -> (Option<i32>, String, String) {
    let output = program(folder, words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A folder whose store holds the candles and their ledgers.
fn imported() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("BTC_USDT-1m.json");
    let rows: Vec<serde_json::Value> = rows().iter().map(|row| serde_json::json!(row)).collect();
    fs::write(&file, serde_json::json!(rows).to_string()).unwrap();
    let (code, stdout, stderr) = run(folder.path(), "import BTC_USDT-1m.json --db-path market.db");
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    let path = folder.path().join("market.db");
    (folder, path)
}

fn config(path: &Path) -> Config {
    let environment = BTreeMap::from([(
        format!("{}DB_PATH", config::ENVIRONMENT_PREFIX),
        path.display().to_string(),
    )]);
    let sources = Sources {
        environment: &environment,
        command_line: &BTreeMap::new(),
        read_file: &|_: &Path| Err(io::ErrorKind::NotFound.into()),
        demo_offered: false,
    };
    config::load(&sources).unwrap().config
}

fn open(path: &Path) -> (SqliteStorage, Arc<FoldSetup>) {
    let config = config(path);
    let setup = compose::fold_setup(&config).unwrap();
    (compose::open_store(&config, &setup).unwrap(), setup)
}

/// Everything that is stored of the series.
#[derive(Debug, PartialEq)]
struct Stored {
    state: SeriesState,
    candles: Vec<Candle>,
    events: Vec<LedgerEvent>,
    settled: Vec<SettledRow>,
    checkpoints: Vec<StoredCheckpoint>,
}

impl Stored {
    fn read(path: &Path) -> Self {
        let (store, _) = open(path);
        let snapshot = store.snapshot().unwrap();
        let key = snapshot.series_key(&series()).unwrap().unwrap();
        let (min, max) = (CandleTime::MIN, CandleTime::MAX);
        let mut checkpoints = Vec::new();
        let mut before = Some(max);
        while let Some(checkpoint) = before.and_then(|at| snapshot.checkpoint_at(key, at).unwrap()) {
            before = CandleTime::new(checkpoint.time.seconds() - 1).ok();
            checkpoints.insert(0, checkpoint);
        }
        Self {
            state: snapshot.series_state(key).unwrap(),
            candles: snapshot.candles_between(key, min, max, usize::MAX).unwrap(),
            events: snapshot.events(key, min, max).unwrap(),
            settled: snapshot.settled(key, min, max).unwrap(),
            checkpoints,
        }
    }

    /// The ledgers are those of the stored candles, all of them.
    #[track_caller]
    fn assert_folded(&self, epoch: u32) {
        let setup = compose::fold_setup(&config(Path::new("unused"))).unwrap();
        let mut fold = SeriesFold::genesis(&setup, &series(), FoldMode::Compute);
        let mut expected = FoldOutput::default();
        for candle in &self.candles {
            fold.compute(candle, &mut expected).unwrap();
        }
        assert!(expected.events.len() > 50);
        assert_eq!(self.events, expected.events);
        assert_eq!(self.settled, expected.settled);
        let times = |list: &[StoredCheckpoint]| list.iter().map(|c| c.time).collect::<Vec<_>>();
        let due: Vec<_> = expected.checkpoints.iter().map(|c| c.time).collect();
        assert_eq!(times(&self.checkpoints), due);
        let head = self.candles.last().map(Candle::time);
        let state = &self.state;
        assert_eq!(
            (state.factor_head, state.overlay_head, state.stale_from),
            (head, head, None)
        );
        assert_eq!(
            (self.candles.len(), state.epoch),
            (usize::try_from(COUNT).unwrap(), epoch)
        );
    }
}

/// Deletes the newer half of every ledger.
fn damage(path: &Path) {
    let (store, _) = open(path);
    let mut txn = store.begin().unwrap();
    let key = txn.series_key(&series()).unwrap().unwrap();
    let middle = CandleTime::clamped(FIRST_S + 60 * COUNT / 2);
    txn.discard_ledger_from(key, middle).unwrap();
    txn.discard_settled_from(key, middle).unwrap();
    txn.commit().unwrap();
}

#[test]
fn the_command_heals_a_damaged_series() {
    let (folder, path) = imported();
    let healthy = Stored::read(&path);
    healthy.assert_folded(0);
    damage(&path);
    let command = format!("rebuild {SERIES} --db-path market.db");
    let newest = FIRST_S + 60 * (COUNT - 1);
    for epoch in [1, 2] {
        let (code, stdout, stderr) = run(folder.path(), &command);
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
        let told = format!("rebuilt {SERIES}: {COUNT} candles, up to {newest}, epoch {epoch}\n");
        assert_eq!(stdout, told);
        Stored::read(&path).assert_folded(epoch);
    }
    // The file that was imported is in a data directory as freqtrade would name it.
    let from_files =
        format!("{command} --source history --market-history-source freqtrade --freqtrade-datadir .");
    let (code, stdout, stderr) = run(folder.path(), &from_files);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    assert_eq!(
        stdout,
        format!("rebuilt {SERIES}: {COUNT} candles, up to {newest}, epoch 3\n")
    );
    let log_bytes = fs::metadata(folder.path().join("market.db-wal")).map_or(0, |log| log.len());
    assert_eq!(log_bytes, 0, "the log is moved into the store");
}

#[test]
fn what_cannot_be_rebuilt_is_told_in_one_sentence() {
    let (folder, path) = imported();
    let before = Stored::read(&path);
    let refused = |words: &str, parts: &[&str]| {
        let (code, stdout, stderr) = run(folder.path(), words);
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{words}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{words}: {stderr}");
        for part in parts {
            assert!(stderr.contains(part), "{words}: {part:?} is not in {stderr}");
        }
    };
    let here = format!("rebuild {SERIES} --db-path market.db");
    refused(&format!("rebuild {SERIES}"), &["data/market.db", "--db-path"]);
    assert!(!folder.path().join("data").exists(), "nothing is made on the way");
    refused(
        "rebuild binance:spot:NOPE/USDT:1m --db-path market.db",
        &["NOPE", "import"],
    );
    refused(
        &format!("{here} --source history"),
        &["MARKET_HISTORY_SOURCE", "import"],
    );
    refused(
        &format!("{here} --source history --market-history-source freqtrade"),
        &["no file"],
    );
    refused(
        &format!("{here} --source exchange --profile bare"),
        &["ENABLE_CCXT_BACKFILL"],
    );
    refused(
        &format!("{here} --source exchange --binance-spot-base-url http://127.0.0.1:1"),
        &["nothing was rebuilt"],
    );
    refused(&format!("{here} --enable-factor-ingest=false"), &["factor"]);
    let (held, _) = open(&path);
    refused(&here, &["market.db", &std::process::id().to_string()]);
    drop(held);
    assert_eq!(Stored::read(&path), before);
}

/// Dies with the process when it is told.
struct Mortal {
    published: bool,
}

impl Publisher for Mortal {
    fn publish(&self, _publication: &Publication) -> Result<(), PublishError> {
        if self.published {
            std::process::abort();
        }
        Ok(())
    }
}

/// The body of the child process: rebuilds again and again and acknowledges each on its output, until it is killed or
/// reaches the step at which it dies. Does nothing when it is run as a test among the others.
#[test]
fn child_that_rebuilds_until_it_dies() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the parent test speaks to its child this way"
    )]
    let setting = |name: &str| env::var(name).ok();
    let Some(path) = setting(STORE).map(PathBuf::from) else {
        return;
    };
    let die_at = setting(DIE_AT);
    // The pipeline looks at its clock before and after every step.
    let deadly: Option<u64> = die_at.as_deref().and_then(|step| step.parse().ok());
    let looks = AtomicU64::new(0);
    let clock: MicrosClock = Arc::new(move || {
        if Some(looks.fetch_add(1, Ordering::Relaxed)) == deadly {
            std::process::abort();
        }
        0
    });
    let publisher = Mortal {
        published: die_at.as_deref() == Some("published"),
    };
    let (store, setup) = open(&path);
    let mut pipeline = IngestPipeline::new(setup, IngestOptions::default(), clock);
    loop {
        let epoch = rebuild(&mut pipeline, &store, &publisher).epoch;
        // Not `println`, which the test runner may hold back; on a line of its own, after what the runner began.
        let mut output = io::stdout().lock();
        writeln!(output, "\nrebuilt {epoch}").unwrap();
        output.flush().unwrap();
    }
}

fn rebuild(pipeline: &mut IngestPipeline, store: &SqliteStorage, publisher: &Mortal) -> IngestReport {
    let job = Job {
        input: JobInput::Rebuild {
            series: series(),
            candles: None,
        },
        publish: PublishPolicy::Derived,
        late: LatePolicy::Fold,
        origin: JobOrigin::Ingest,
    };
    pipeline.run(store, publisher, vec![job]).pop().unwrap().unwrap()
}

fn start_child(path: &Path, die_at: Option<&str>) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "child_that_rebuilds_until_it_dies", "--nocapture"])
        .env(STORE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some(step) = die_at {
        command.env(DIE_AT, step);
    }
    command.spawn().unwrap()
}

/// Reads acknowledgements until there are `enough` or the child ends; the newest epoch that they prove.
fn acknowledged(output: &mut impl BufRead, enough: usize) -> u32 {
    let mut proven = 0;
    output
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("rebuilt ")?.parse().ok())
        .take(enough)
        .for_each(|epoch| proven = epoch);
    proven
}

#[test]
fn death_at_every_step_leaves_the_series_as_it_was_or_rebuilt() {
    let (_folder, path) = imported();
    damage(&path);
    let before = Stored::read(&path);
    let mut died = 0;
    for step in 0.. {
        let mut child = start_child(&path, Some(&step.to_string()));
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let proven = acknowledged(&mut output, 1);
        child.kill().unwrap();
        child.wait().unwrap();
        if proven > 0 {
            // All steps of one rebuild are behind it.
            break;
        }
        assert_eq!(Stored::read(&path), before, "died at step {step}");
        died += 1;
    }
    assert!(
        died >= 6,
        "begin and end of candles, factors and drawings, not {died}"
    );

    let epoch = Stored::read(&path).state.epoch;
    damage(&path);
    let mut child = start_child(&path, Some("published"));
    assert!(!child.wait().unwrap().success());
    Stored::read(&path).assert_folded(epoch + 1);
}

#[test]
fn death_at_any_moment_leaves_the_series_as_it_was_or_rebuilt() {
    let (_folder, path) = imported();
    let mut epoch = 0;
    for round in 0..ROUNDS {
        let mut child = start_child(&path, None);
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let proven = acknowledged(&mut output, 1);
        // A different stretch of the following rebuild each time.
        for _ in 0..round * 60_000 {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let proven = acknowledged(&mut output, usize::MAX).max(proven);
        assert!(proven > epoch);
        let stored = Stored::read(&path);
        epoch = stored.state.epoch;
        assert!(
            (proven..=proven + 1).contains(&epoch),
            "{proven} acknowledged, {epoch} stored"
        );
        stored.assert_folded(epoch);
    }
}
