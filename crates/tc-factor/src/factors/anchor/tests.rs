//! What a slice shows of the anchor. The worked examples of the engine's own reference are with the zones.

use tc_market::CandleTime;

use super::{PenRef, RefKind, SwitchEvent, SwitchReason, shown_anchor, surviving_switches};
use crate::factors::pen::{PenDirection, PenEvent, PenHead, UnconfirmedPen};

fn time(seconds: i64) -> CandleTime {
    CandleTime::clamped(seconds)
}

fn reference(kind: RefKind, start: i64, end: i64) -> PenRef {
    PenRef {
        kind,
        start_time: time(start),
        end_time: time(end),
        direction: PenDirection::Up,
    }
}

fn switch(at: i64, reason: SwitchReason, start: i64) -> SwitchEvent {
    SwitchEvent {
        switch_time: time(at),
        reason,
        old_anchor: None,
        new_anchor: reference(RefKind::Confirmed, start, start + 60),
    }
}

#[test]
fn the_last_switch_of_a_tick_counts_and_a_return_is_not_shown_again() {
    use SwitchReason::{StrongPen, ZhongshuEntry};
    let switches = [
        switch(300, StrongPen, 120),
        switch(600, ZhongshuEntry, 240),
        switch(600, StrongPen, 420),
        switch(900, StrongPen, 120),
        switch(960, StrongPen, 240),
    ];
    // 240 was not shown at 600, so it is new at 960; 120 was.
    assert_eq!(surviving_switches(&switches), [0, 2, 4]);
}

fn unconfirmed(start: i64, end: i64, length: f64, direction: PenDirection) -> UnconfirmedPen {
    UnconfirmedPen {
        start_time: time(start),
        end_time: time(end),
        start_price: 100.0,
        end_price: 100.0 + length,
        direction,
    }
}

fn confirmed(start: i64, end: i64, length: f64) -> PenEvent {
    PenEvent {
        start_time: time(start),
        end_time: time(end),
        start_price: 100.0,
        end_price: 100.0 + length,
        direction: PenDirection::Up,
        visible_time: time(end + 60),
        start_idx: 0,
        end_idx: 1,
    }
}

#[test]
fn a_longer_candidate_is_shown_in_place_of_the_anchor() {
    let head = PenHead {
        extending: Some(unconfirmed(300, 360, 9.0, PenDirection::Up)),
        candidate: Some(unconfirmed(360, 420, -5.0, PenDirection::Down)),
    };
    let candidate = PenRef::candidate(&head.candidate.unwrap());
    let pens = [confirmed(120, 180, 4.0), confirmed(120, 240, 6.0)];
    let shown = |current, pens: &[PenEvent]| shown_anchor(current, &head, pens.iter());

    assert_eq!(shown(None, &pens), Some(candidate));
    let extending = reference(RefKind::Candidate, 300, 360);
    assert_eq!(
        shown(Some(extending), &pens),
        Some(extending),
        "9 is longer than 5"
    );
    let stale = reference(RefKind::Candidate, 300, 340);
    assert_eq!(
        shown(Some(stale), &pens),
        Some(candidate),
        "another end: length unknown"
    );
    let anchored = reference(RefKind::Confirmed, 120, 180);
    assert_eq!(
        shown(Some(anchored), &pens),
        Some(anchored),
        "the later end counts: 6 is longer"
    );
    assert_eq!(shown(Some(anchored), &pens[..1]), Some(candidate));
    assert_eq!(shown(Some(anchored), &[]), Some(candidate), "outside the window");
    let same_start = reference(RefKind::Confirmed, 360, 400);
    assert_eq!(shown(Some(same_start), &pens), Some(candidate));
    assert_eq!(
        shown_anchor(Some(anchored), &PenHead::default(), pens.iter()),
        Some(anchored)
    );
}
