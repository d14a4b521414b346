use super::*;

fn series(symbol: &str) -> SeriesId {
    format!("binance:futures:{symbol}/USDT:5m").parse().unwrap()
}

fn missing(head: Option<i64>, target: i64) -> Missing {
    Missing::between(
        head.map(CandleTime::clamped),
        CandleTime::clamped(target),
        "5m".parse().unwrap(),
    )
}

#[test]
fn what_is_missing() {
    let found = |head, target| (missing(head, target).seconds, missing(head, target).candles);
    assert_eq!(found(None, 600), (600, 2));
    assert_eq!(found(Some(300), 600), (300, 1));
    assert_eq!(found(Some(299), 600), (301, 2));
    assert_eq!(found(Some(600), 600), (0, 0));
    assert_eq!(found(Some(900), 600), (0, 0));
}

#[test]
fn half_of_the_way() {
    let mut tracker = ProgressTracker::default();
    let btc = series("BTC");
    assert_eq!(tracker.get(&btc).percent(), Some(100.0));
    tracker.begin(&btc, 900, missing(Some(0), 600), "tail_coverage");
    assert_eq!(tracker.get(&btc).percent(), Some(0.0));
    tracker.advance(&btc, 930, missing(Some(300), 600));
    tracker.succeed(&btc, 950, missing(Some(300), 600), "tail_coverage_partial");
    let progress = tracker.get(&btc);
    assert_eq!(progress.percent(), Some(50.0));
    assert_eq!(
        (progress.state, progress.started_at_s, progress.updated_at_s),
        (BackfillState::Succeeded, Some(900), Some(950))
    );
    assert_eq!(progress.note.as_deref(), Some("tail_coverage_partial"));
    assert!(progress.is_recent(1_070, 120) && !progress.is_recent(1_071, 120));
    // An ended backfill is not moved any more.
    tracker.advance(&btc, 2_000, missing(Some(600), 600));
    assert_eq!(tracker.get(&btc), progress);
}

#[test]
fn a_new_beginning_forgets_how_the_last_one_ended() {
    let mut tracker = ProgressTracker::default();
    let btc = series("BTC");
    tracker.begin(&btc, 900, missing(Some(0), 600), "tail_coverage");
    tracker.fail(
        &btc,
        901,
        missing(Some(0), 600),
        "tail_coverage_best_effort_failed",
        "rest_backfill_failed:down".to_owned(),
    );
    let failed = tracker.get(&btc);
    assert_eq!(failed.state, BackfillState::Failed);
    assert_eq!(failed.error.as_deref(), Some("rest_backfill_failed:down"));
    tracker.begin(&btc, 910, missing(Some(0), 900), "tail_coverage");
    let begun = tracker.get(&btc);
    assert_eq!((begun.note, begun.error), (None, None));
    tracker.succeed(&btc, 911, missing(Some(900), 900), "tail_coverage_done");
    assert_eq!(tracker.get(&btc).percent(), Some(100.0));
}

#[test]
fn further_behind_than_at_the_start_is_no_progress() {
    let progress = BackfillProgress {
        start: missing(Some(300), 600),
        current: missing(Some(300), 1_200),
        ..BackfillProgress::default()
    };
    assert_eq!(progress.percent(), Some(0.0));
    let unknown_start = BackfillProgress {
        start: Missing::default(),
        ..progress
    };
    assert_eq!(unknown_start.percent(), None);
}

#[test]
fn what_ran_in_an_earlier_process_was_interrupted() {
    let mut earlier = ProgressTracker::default();
    earlier.begin(&series("BTC"), 900, missing(None, 600), "tail_coverage");
    earlier.begin(&series("ETH"), 900, missing(None, 600), "tail_coverage");
    earlier.succeed(&series("ETH"), 901, missing(Some(600), 600), "tail_coverage_done");
    let states = earlier
        .states()
        .map(|(series, progress)| (series.clone(), progress.clone()));
    let tracker = ProgressTracker::resumed(states);
    let btc = tracker.get(&series("BTC"));
    assert_eq!(
        (btc.state, btc.error.as_deref()),
        (BackfillState::Failed, Some("interrupted"))
    );
    assert_eq!(tracker.get(&series("ETH")), earlier.get(&series("ETH")));
}

#[test]
fn names_of_states() {
    for state in [
        BackfillState::Idle,
        BackfillState::Running,
        BackfillState::Succeeded,
        BackfillState::Failed,
    ] {
        assert_eq!(BackfillState::named(state.name()), state);
    }
    assert_eq!(BackfillState::named("gone"), BackfillState::Idle);
}

#[test]
fn the_number_of_series_is_bounded_and_running_ones_stay() {
    let mut tracker = ProgressTracker::default();
    let running = series("RUN");
    tracker.begin(&running, 0, missing(None, 600), "tail_coverage");
    for n in 0..=MAX_TRACKED_SERIES {
        let series = series(&format!("S{n}"));
        let at = i64::try_from(n).unwrap() + 1;
        tracker.begin(&series, at, missing(None, 600), "tail_coverage");
        tracker.succeed(&series, at, missing(None, 600), "tail_coverage_partial");
    }
    assert_eq!(tracker.states().count(), MAX_TRACKED_SERIES);
    assert_eq!(tracker.get(&running).state, BackfillState::Running);
    assert_eq!(tracker.get(&series("S0")).state, BackfillState::Idle);
    assert_eq!(
        tracker.get(&series(&format!("S{MAX_TRACKED_SERIES}"))).state,
        BackfillState::Succeeded
    );
}
