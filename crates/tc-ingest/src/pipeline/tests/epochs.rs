//! What raises the epoch, and what does not: overlay contract 1.3 to 1.6, configuration contract 2.3.

use tc_market::CandleTime;

use super::{World, batch, corrected, deferred, refresh, walk};
use crate::{IngestReport, RebuildReason};

/// Why it was rebuilt, from which candle, over how many, and the epoch after it.
fn rebuilt(report: &IngestReport) -> (Option<(RebuildReason, Option<CandleTime>, u64)>, u32) {
    let rebuilt = report
        .rebuilt
        .as_ref()
        .map(|rebuild| (rebuild.reason, rebuild.from, rebuild.candles));
    (rebuilt, report.epoch)
}

#[test]
fn first_ingest_and_appended_candles_rebuild_nothing() {
    let mut world = World::usual();
    let candles = walk(1, 60);
    let report = world.ingest(&candles[..40]);
    assert_eq!((report.inserted, report.equal, report.changed), (40, 0, 0));
    assert_eq!(rebuilt(&report), (None, 0));
    assert!(report.events > 0);
    let head = Some(candles[39].time());
    assert_eq!(
        (report.candle_head, report.factor_head, report.overlay_head),
        (head, head, head)
    );
    let steps: Vec<&str> = report.steps.iter().map(|step| step.name.as_str()).collect();
    let series = report.series.as_str();
    assert_eq!(
        steps,
        [
            "store.upsert_many_closed",
            "factor.ingest_closed",
            "feature.ingest_closed",
            "overlay.ingest_closed"
        ]
        .map(|step| format!("{step}:{series}"))
    );
    assert_eq!(rebuilt(&world.ingest(&candles[40..])), (None, 0));
    assert_eq!(
        world.assert_in_step().state.generation,
        0,
        "appending removes nothing"
    );
}

#[test]
fn equal_candles_again_change_nothing() {
    let mut world = World::usual();
    let candles = walk(1, 60);
    world.ingest(&candles);
    let before = world.stored();
    for again in [&candles[..], &candles[59..], &candles[..1], &candles[20..40]] {
        let report = world.ingest(again);
        assert_eq!(
            (report.inserted, report.equal, report.changed),
            (0, again.len(), 0)
        );
        assert_eq!((rebuilt(&report), report.events), ((None, 0), 0));
    }
    assert_eq!(world.stored(), before);
    world.restart();
    world.ingest(&candles);
    assert_eq!(world.stored(), before);
}

#[test]
fn late_candles_of_one_run_are_one_rebuild() {
    let mut world = World::usual();
    let candles = walk(2, 60);
    let (late, prompt): (Vec<_>, Vec<_>) = candles
        .iter()
        .enumerate()
        .partition(|(n, _)| [10, 11, 30].contains(n));
    let values =
        |list: Vec<(usize, &tc_market::Candle)>| list.into_iter().map(|(_, c)| *c).collect::<Vec<_>>();
    let (late, prompt) = (values(late), values(prompt));
    world.ingest(&prompt);
    let report = world.ingest(&late);
    let expected = Some((RebuildReason::LateCandle, Some(late[0].time()), 50));
    assert_eq!(rebuilt(&report), (expected, 1));
    assert_eq!(
        (report.inserted, report.factor_head),
        (3, Some(candles[59].time()))
    );
    let stored = world.assert_in_step();
    assert_eq!(stored.candles, candles);
    assert!(stored.state.generation > 0);
    assert_eq!(stored.state.resync_floor, candles[59].time());
}

#[test]
fn a_candle_before_the_first_is_late_too() {
    let mut world = World::usual();
    let candles = walk(3, 30);
    world.ingest(&candles[1..]);
    let report = world.ingest(&candles[..1]);
    assert_eq!(
        rebuilt(&report),
        (Some((RebuildReason::LateCandle, Some(candles[0].time()), 30)), 1)
    );
    world.assert_in_step();
}

#[test]
fn a_corrected_candle_is_a_rebuild() {
    let mut world = World::usual();
    let mut candles = walk(4, 50);
    world.ingest(&candles);
    for (epoch, n) in [(1, 20), (2, 49), (3, 0)] {
        candles[n] = corrected(&candles[n]);
        let report = world.ingest(&candles[n..=n]);
        assert_eq!((report.inserted, report.changed), (0, 1));
        let folded = 50 - n as u64;
        let expected = Some((RebuildReason::CorrectedCandle, Some(candles[n].time()), folded));
        assert_eq!(rebuilt(&report), (expected, epoch));
        assert_eq!(world.assert_in_step().candles, candles);
    }
}

#[test]
fn late_and_new_candles_in_one_batch() {
    let mut world = World::usual();
    let candles = walk(5, 50);
    world.ingest(&candles[10..40]);
    let report = world.ingest(&candles);
    assert_eq!((report.inserted, report.equal), (20, 30));
    assert_eq!(
        rebuilt(&report),
        (Some((RebuildReason::LateCandle, Some(candles[0].time()), 50)), 1)
    );
    world.assert_in_step();
}

#[test]
fn a_job_of_many_batches_is_one_rebuild_at_its_end() {
    let mut world = World::usual();
    let candles = walk(6, 90);
    world.ingest(&candles[60..80]);
    let before = world.stored();
    for (n, chunk) in candles[..60].chunks(20).enumerate() {
        let report = world.run_one(deferred("A", chunk)).unwrap();
        assert_eq!(rebuilt(&report), (None, 0));
        let stored = world.stored();
        assert_eq!(
            stored.state.stale_from,
            Some(candles[0].time()),
            "the earliest one"
        );
        assert_eq!(
            (&stored.events, &stored.settled),
            (&before.events, &before.settled)
        );
        assert_eq!(stored.candles.len(), 20 + 20 * (n + 1));
        // What waits is stored: a restart in between loses nothing.
        world.restart();
    }
    // Even what only appends waits, because the ledgers before it are not right.
    world.run_one(deferred("A", &candles[80..])).unwrap();
    assert_eq!(world.stored().state.factor_head, Some(candles[79].time()));
    let report = world.refresh();
    assert_eq!(
        rebuilt(&report),
        (Some((RebuildReason::LateCandle, Some(candles[0].time()), 90)), 1)
    );
    assert_eq!(world.assert_in_step().candles, candles);
    assert_eq!(rebuilt(&world.refresh()), (None, 1));
}

#[test]
fn a_deferring_job_that_only_appends_is_folded_as_it_comes() {
    let mut world = World::usual();
    for chunk in walk(7, 60).chunks(20) {
        let report = world.run_one(deferred("A", chunk)).unwrap();
        assert_eq!(report.factor_head, report.candle_head);
    }
    assert_eq!(world.assert_in_step().state.epoch, 0);
}

#[test]
fn a_live_candle_folds_what_another_job_deferred() {
    let mut world = World::usual();
    let candles = walk(8, 60);
    world.ingest(&candles[30..50]);
    world.run_one(deferred("A", &candles[..30])).unwrap();
    let report = world.ingest(&candles[50..]);
    assert_eq!(
        rebuilt(&report),
        (Some((RebuildReason::LateCandle, Some(candles[0].time()), 60)), 1)
    );
    world.assert_in_step();
}

#[test]
fn refresh_of_an_unknown_series_writes_nothing() {
    let mut world = World::usual();
    let report = world.refresh();
    assert_eq!((report.candle_head, report.steps.len()), (None, 0));
    assert_eq!(world.stored_of("A"), None);
    assert_eq!(world.heard(), [""; 0]);
}

#[test]
fn refresh_goes_no_further_than_it_is_asked() {
    let mut world = World::usual();
    world.options.factor_ingest = false;
    world.restart();
    let candles = walk(9, 40);
    world.ingest(&candles);
    world.options.factor_ingest = true;
    world.restart();
    for n in [10, 10, 5, 25] {
        world.run_one(refresh("A", candles[n].time())).unwrap();
        let head = Some(candles[n.max(10)].time());
        let state = world.stored().state;
        assert_eq!(
            (state.factor_head, state.overlay_head, state.epoch),
            (head, head, 0)
        );
    }
    world.refresh();
    world.assert_in_step();
}

#[test]
fn candles_may_lie_at_both_ends_of_time() {
    let mut world = World::usual();
    let candles = walk(10, 20);
    let first = candles[0].at(CandleTime::MIN);
    let last = candles[19].at(CandleTime::MAX);
    world.ingest(&[first]);
    world.ingest(&candles);
    world.ingest(&[last]);
    world.restart();
    let report = world.ingest(&[corrected(&candles[5])]);
    assert_eq!(report.epoch, 1);
    world.restart();
    world.options.overlay_ingest = false;
    world.restart();
    world.ingest(&[candles[5]]);
    world.options.overlay_ingest = true;
    world.restart();
    world.refresh();
    world.assert_in_step();
    world.restart();
    assert_eq!(world.run_one(batch("A", &[last])).unwrap().equal, 1);
}
