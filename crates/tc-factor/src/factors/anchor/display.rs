//! What a slice shows of the anchor: which switches, and which pen.
//!
//! Factor contract, sections 9.3 and 9.4.

use std::collections::BTreeSet;

use super::{PenRef, SwitchEvent};
use crate::factors::pen::{PenEvent, PenHead, UnconfirmedPen};

/// Positions in `switches` (ledger order) of those that a slice shows: the last one of each tick, and of these only
/// the first that leads to a given pen.
#[must_use]
pub fn surviving_switches(switches: &[SwitchEvent]) -> Vec<usize> {
    let mut shown_starts = BTreeSet::new();
    let last_of_tick = |position: &usize| {
        switches
            .get(position + 1)
            .is_none_or(|next| next.switch_time != switches[*position].switch_time)
    };
    (0..switches.len())
        .filter(last_of_tick)
        .filter(|position| shown_starts.insert(switches[*position].new_anchor.start_time))
        .collect()
}

/// The pen that a slice shows as current anchor: the candidate of the pen head in place of the engine's own reference
/// when it continues that pen or is longer. `pens` are the confirmed pens of the window in ledger order, `head` is the
/// pen head of the same slice.
#[must_use]
pub fn shown_anchor<'a>(
    current: Option<PenRef>,
    head: &PenHead,
    pens: impl Iterator<Item = &'a PenEvent>,
) -> Option<PenRef> {
    let Some(candidate) = &head.candidate else {
        return current;
    };
    let Some(current) = current else {
        return Some(PenRef::candidate(candidate));
    };
    let prevails = candidate.start_time == current.start_time
        || candidate.strength() > strength(&current, head, pens).unwrap_or(-1.0);
    Some(if prevails {
        PenRef::candidate(candidate)
    } else {
        current
    })
}

/// Length of the pen that `reference` points to, as far as the slice knows it.
fn strength<'a>(reference: &PenRef, head: &PenHead, pens: impl Iterator<Item = &'a PenEvent>) -> Option<f64> {
    let same = |pen: &&UnconfirmedPen| {
        (pen.start_time, pen.end_time, pen.direction)
            == (reference.start_time, reference.end_time, reference.direction)
    };
    let unconfirmed = head.extending.as_ref().filter(same);
    if let Some(pen) = unconfirmed.or_else(|| head.candidate.as_ref().filter(same)) {
        return Some(pen.strength());
    }
    // The last of several maxima wins, as the contract wants it.
    pens.filter(|pen| (pen.start_time, pen.direction) == (reference.start_time, reference.direction))
        .max_by_key(|pen| pen.end_time)
        .map(PenEvent::strength)
}
