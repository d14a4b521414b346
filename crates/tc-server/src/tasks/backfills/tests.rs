use std::fs;

use tc_ingest::{BackfillState, Missing};
use tempfile::TempDir;

use super::*;

const MISSING: Missing = Missing {
    seconds: 600,
    candles: 2,
};

fn series(symbol: &str) -> SeriesId {
    format!("binance:futures:{symbol}/USDT:5m").parse().unwrap()
}

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runtime_state/market_backfill_progress.json");
    (folder, path)
}

#[tokio::test]
async fn a_next_process_knows_what_this_one_did() {
    let (_folder, path) = place();
    let backfills = Backfills::resumed(&path);
    let stop = CancellationToken::new();
    let keeper = tokio::spawn(backfills.clone().keep_in(path.clone(), stop.clone()));
    let (btc, eth) = (series("BTC"), series("ETH"));
    backfills.update(|tracker| tracker.begin(&btc, 900, MISSING, "tail_coverage"));
    backfills.update(|tracker| {
        tracker.begin(&eth, 901, MISSING, "tail_coverage");
        tracker.fail(
            &eth,
            902,
            MISSING,
            "tail_coverage_best_effort_failed",
            "down".to_owned(),
        );
    });
    stop.cancel();
    keeper.await.unwrap();

    let next = Backfills::resumed(&path);
    assert_eq!(next.get(&eth), backfills.get(&eth));
    let interrupted = next.get(&btc);
    assert_eq!(
        (interrupted.state, interrupted.error.as_deref(), interrupted.start),
        (BackfillState::Failed, Some("interrupted"), MISSING)
    );
    let names: Vec<_> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["market_backfill_progress.json"]);
}

#[test]
fn a_file_that_is_missing_broken_or_foreign_says_nothing() {
    let (_folder, path) = place();
    let idle = |path: &Path| Backfills::resumed(path).get(&series("BTC")) == BackfillProgress::default();
    assert!(idle(&path));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let state = r#""binance:futures:BTC/USDT:5m":{"state":"succeeded"}"#;
    for text in [
        String::new(),
        "{".to_owned(),
        "[]".to_owned(),
        format!(r#"{{"version":2,"states":{{{state}}}}}"#),
        r#"{"version":1,"states":{"nonsense":{"state":"succeeded"}}}"#.to_owned(),
        r#"{"version":1,"states":{"binance:futures:BTC/USDT:5m":{"state":"paused"}}}"#.to_owned(),
    ] {
        fs::write(&path, &text).unwrap();
        assert!(idle(&path), "{text}");
    }
    fs::write(&path, format!(r#"{{"version":1,"states":{{{state}}}}}"#)).unwrap();
    assert_eq!(
        Backfills::resumed(&path).get(&series("BTC")).state,
        BackfillState::Succeeded
    );
}
