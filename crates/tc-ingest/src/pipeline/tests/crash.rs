//! Writing processes that are killed: whatever they were doing, the ledgers are the fold over the stored candles, and
//! what was acknowledged is there.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

use tc_factor::testing::Dice;
use tc_market::{Candle, CandleTime};
use tc_overlay::FoldSetup;
use tc_store::Storage;
use tempfile::{TempDir, tempdir};

use super::{Ears, Stored, batch, pipeline, place, refresh, setup, walk};
use crate::{IngestOptions, RebuildReason};

/// Kills in each of the two tests: 200 together.
const ROUNDS: u64 = 100;
/// Rounds over one store, before the next begins with an empty one.
const ROUNDS_PER_STORE: u64 = 20;

/// What the child is to do, where, and from where on.
const TASK: &str = "TC_KILL_TASK";
const FOLDER: &str = "TC_KILL_FOLDER";
const NEXT: &str = "TC_KILL_NEXT";

/// The body of the child process. Does nothing when it is run as a test among the others.
#[test]
fn child_that_works_until_it_is_killed() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the parent test speaks to its child this way"
    )]
    let setting = |name: &str| env::var(name).ok();
    let Some(task) = setting(TASK) else {
        return;
    };
    let folder = setting(FOLDER).unwrap();
    let next: u64 = setting(NEXT).unwrap().parse().unwrap();
    match task.as_str() {
        "ingest" => ingest(Path::new(&folder), next),
        "rebuild" => rebuild(Path::new(&folder), next),
        other => panic!("{other} is no task"),
    }
}

fn acknowledge(number: u64) {
    // Not `println`, which the test runner may hold back; on a line of its own, after what the runner began.
    let mut output = std::io::stdout().lock();
    writeln!(output, "\ndone {number}").unwrap();
    output.flush().unwrap();
}

fn start_child(task: &str, folder: &Path, next: u64) -> Child {
    let child = "pipeline::tests::crash::child_that_works_until_it_is_killed";
    Command::new(env::current_exe().unwrap())
        .args(["--exact", child, "--nocapture"])
        .env(TASK, task)
        .env(FOLDER, folder)
        .env(NEXT, next.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Reads acknowledgements until there are `enough` or the child ends; returns the newest.
fn acknowledged(output: &mut impl BufRead, enough: usize) -> Option<u64> {
    let lines = output.lines().map_while(Result::ok);
    let numbers = lines.filter_map(|line| line.strip_prefix("done ")?.parse::<u64>().ok());
    numbers.take(enough).last()
}

/// Lets a child work and kills it, after some acknowledgements and a while that is different each time, from nothing to
/// a few units of its work. Returns its last acknowledgement.
fn work_and_kill(task: &str, folder: &Path, next: u64, dice: &mut Dice, longest: u64) -> Option<u64> {
    let mut child = start_child(task, folder, next);
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let first = match dice.index(4) {
        0 => None,
        enough => acknowledged(&mut output, enough),
    };
    for _ in 0..dice.below(longest) {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    let status = child.wait().unwrap();
    // A child that fails ends itself.
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&status),
        Some(9),
        "{task} from {next}: {status}"
    );
    #[cfg(not(unix))]
    assert!(!status.success());
    acknowledged(&mut output, usize::MAX).or(first)
}

/// What the next process finds, before it does anything.
fn after_restart(folder: &Path, setup: &FoldSetup) -> Option<Stored> {
    place::stored(&place::open(folder, setup))
}

fn usual() -> FoldSetup {
    setup(2, 40)
}

/// Delivery number `n` of a store: every second one is older than the one before, and repeats half of it.
fn delivery(n: u64) -> Vec<Candle> {
    const SIZE: usize = 9;
    let position = usize::try_from(n ^ 1).unwrap() * SIZE;
    let candles = walk(71, position + 2 * SIZE);
    let longer = if n.is_multiple_of(2) { 0 } else { SIZE / 2 };
    candles[position..position + SIZE + longer].to_vec()
}

fn ingest(folder: &Path, next: u64) {
    let setup = usual();
    let storage = place::open(folder, &setup);
    let mut pipeline = pipeline(&setup, &IngestOptions::default());
    for n in next.. {
        let outcome = pipeline.run(&storage, &Ears::default(), vec![batch("A", &delivery(n))]);
        outcome.into_iter().for_each(|report| assert!(report.is_ok()));
        acknowledge(n);
    }
}

/// The candles after the first `count` deliveries.
fn delivered(count: u64) -> Vec<Candle> {
    let mut candles: Vec<Candle> = (0..count).flat_map(delivery).collect();
    candles.sort_by_key(Candle::time);
    candles.dedup();
    candles
}

#[test]
fn killed_while_it_ingests() {
    let mut dice = Dice::new(73);
    let mut place: Option<TempDir> = None;
    let mut next = 0;
    let mut unacknowledged = 0;
    for round in 0..ROUNDS {
        if round.is_multiple_of(ROUNDS_PER_STORE) {
            (place, next) = (Some(tempdir().unwrap()), 0);
        }
        let folder = place.as_ref().unwrap().path();
        let done = work_and_kill("ingest", folder, next, &mut dice, 300_000);
        let proven = done.map_or(next, |n| n + 1);
        let stored = after_restart(folder, &usual());
        let candles = stored
            .as_ref()
            .map_or(Vec::new(), |stored| stored.candles.clone());
        next = if candles == delivered(proven) {
            proven
        } else {
            proven + 1
        };
        assert_eq!(
            candles,
            delivered(next),
            "round {round}: {proven} deliveries were acknowledged"
        );
        unacknowledged += next - proven;
        if let Some(stored) = stored.filter(|_| !candles.is_empty()) {
            stored.assert_in_step(&usual());
        }
    }
    assert!(next > 0, "the last store holds something");
    assert!(unacknowledged < ROUNDS);
}

/// What the ledgers of an epoch are computed with. Odd epochs come of an operator, even ones of other windows.
fn setup_of_epoch(n: u64) -> FoldSetup {
    setup(if (n / 2).is_multiple_of(2) { 2 } else { 3 }, 40)
}

fn rebuild(folder: &Path, next: u64) {
    let storage = place::open(folder, &usual());
    for n in next.. {
        let (job, due) = if n.is_multiple_of(2) {
            (refresh("A", CandleTime::MAX), RebuildReason::Fingerprint)
        } else {
            (super::rebuild("A", &[]), RebuildReason::Operator)
        };
        let mut pipeline = pipeline(&setup_of_epoch(n), &IngestOptions::default());
        let outcome = pipeline.run(&storage, &Ears::default(), vec![job]).pop();
        let report = outcome.unwrap().unwrap();
        let reason = report.rebuilt.map(|rebuild| rebuild.reason);
        assert_eq!((reason, u64::from(report.epoch)), (Some(due), n));
        acknowledge(n);
    }
}

#[test]
fn killed_while_it_rebuilds() {
    let mut dice = Dice::new(79);
    let candles = walk(83, 700);
    let mut place: Option<TempDir> = None;
    let mut epoch = 0;
    for round in 0..ROUNDS {
        if round.is_multiple_of(ROUNDS_PER_STORE) {
            let folder = tempdir().unwrap();
            let storage = place::open(folder.path(), &usual());
            let mut pipeline = pipeline(&usual(), &IngestOptions::default());
            pipeline
                .run(&storage, &Ears::default(), vec![batch("A", &candles)])
                .pop()
                .unwrap()
                .unwrap();
            storage.checkpoint_log().unwrap();
            (place, epoch) = (Some(folder), 0);
        }
        let folder = place.as_ref().unwrap().path();
        let done = work_and_kill("rebuild", folder, epoch + 1, &mut dice, 1_000_000);
        let proven = done.unwrap_or(epoch);
        let stored = after_restart(folder, &usual()).unwrap();
        epoch = u64::from(stored.state.epoch);
        assert!(
            (proven..=proven + 1).contains(&epoch),
            "round {round}: epoch {epoch}, {proven} acknowledged"
        );
        assert_eq!(stored.candles, candles);
        stored.assert_in_step(&setup_of_epoch(epoch));
        let fingerprint = setup_of_epoch(epoch).fingerprint(&super::series("A"));
        assert_eq!(stored.state.fingerprint, Some(fingerprint), "round {round}");
    }
    assert!(epoch > 0, "something was rebuilt");
}
