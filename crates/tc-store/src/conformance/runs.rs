//! Finished backtests.

use crate::{ArchivedRun, MAX_RUNS, RunArchive, RunLabel};

/// A run in which every field follows from `n` and `word`.
fn run(n: usize, word: &str) -> ArchivedRun {
    ArchivedRun {
        label: RunLabel {
            run_id: format!("{n:05}"),
            created_at_ms: i64::try_from(n).unwrap() << 33,
            engine: format!("engine {word}"),
            strategy_name: format!("strategy {word}"),
            pair: format!("pair {word}"),
            timeframe: format!("timeframe {word}"),
            state: format!("state {word}"),
        },
        summary: format!("summary {word}").into_bytes(),
        detail: [0, 255, 7].repeat(n % 9),
    }
}

fn listed(archive: &dyn RunArchive, before: Option<&str>, limit: usize) -> Vec<String> {
    let runs = archive.runs(before, limit).unwrap();
    runs.into_iter().map(|(label, _)| label.run_id).collect()
}

/// What every archive must pass; `open` opens the same one each time, as a starting process would.
pub fn check(open: &dyn Fn() -> Box<dyn RunArchive>) {
    let archive = open();
    assert_eq!(listed(archive.as_ref(), None, 10), [""; 0]);
    assert_eq!(archive.run("00001").unwrap(), None);
    for n in [2, 1, 3] {
        archive.put_run(&run(n, "first")).unwrap();
    }
    archive.put_run(&run(2, "second")).unwrap();
    drop(archive);

    let archive = open();
    assert_eq!(listed(archive.as_ref(), None, 10), ["00003", "00002", "00001"]);
    assert_eq!(listed(archive.as_ref(), None, 2), ["00003", "00002"]);
    assert_eq!(listed(archive.as_ref(), Some("00003"), 10), ["00002", "00001"]);
    assert_eq!(listed(archive.as_ref(), Some("00001"), 10), [""; 0]);
    let second = run(2, "second");
    assert_eq!(archive.run("00002").unwrap(), Some(second.clone()));
    let of_list = archive.runs(Some("00003"), 1).unwrap();
    assert_eq!(of_list, [(second.label, second.summary)]);
    assert!(archive.delete_run("00002").unwrap());
    assert!(!archive.delete_run("00002").unwrap());
    assert_eq!(archive.run("00002").unwrap(), None);

    for n in 4..MAX_RUNS + 4 {
        archive.put_run(&run(n, "more")).unwrap();
    }
    let all = listed(archive.as_ref(), None, MAX_RUNS * 2);
    assert_eq!(all.len(), MAX_RUNS);
    assert_eq!(all.last().map(String::as_str), Some("00004"), "the oldest went");
}
