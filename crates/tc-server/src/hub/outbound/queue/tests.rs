//! Order, bounds and conflation.

use proptest::prelude::*;

use super::*;

const A: SubscriptionId = SubscriptionId(1);
const B: SubscriptionId = SubscriptionId(2);

fn queue(frames: usize, bytes: usize) -> Queue {
    Queue::new(QueueLimits { frames, bytes })
}

fn outgoing(kind: Kind, text: &str) -> Outgoing {
    Outgoing {
        gap: None,
        body: text.to_owned().into(),
        kind,
    }
}

const fn closed(time: i64) -> Kind {
    Kind::Closed(CandleTime::clamped(time))
}

const fn forming(time: i64) -> Kind {
    Kind::Forming(CandleTime::clamped(time))
}

fn drained(queue: &mut Queue) -> Vec<String> {
    std::iter::from_fn(|| queue.pop())
        .map(|entry| entry.body.to_string())
        .collect()
}

#[test]
fn only_the_newest_forming_frame_waits_in_its_place() {
    let mut queue = queue(10, 1_000);
    queue.push(A, outgoing(forming(60), "f1")).unwrap();
    queue.push(B, outgoing(closed(60), "b")).unwrap();
    queue.push(A, outgoing(forming(60), "f2")).unwrap();
    queue.push(B, outgoing(forming(120), "g")).unwrap();
    assert_eq!(drained(&mut queue), ["f2", "b", "g"]);
    queue.push(A, outgoing(forming(60), "f3")).unwrap();
    assert_eq!(drained(&mut queue), ["f3"]);
}

#[test]
fn a_closed_candle_overtakes_the_forming_frame_that_waits() {
    let mut queue = queue(10, 1_000);
    queue.push(A, outgoing(forming(60), "f60")).unwrap();
    queue.push(A, outgoing(closed(60), "c60")).unwrap();
    queue.push(A, outgoing(forming(180), "f180")).unwrap();
    queue.push(A, outgoing(closed(120), "c120")).unwrap();
    assert_eq!(drained(&mut queue), ["c60", "c120", "f180"]);
}

#[test]
fn a_newer_draw_head_waits_behind_its_candles() {
    let mut queue = queue(10, 1_000);
    queue.push(A, outgoing(Kind::DrawHead, "d1")).unwrap();
    queue.push(A, outgoing(closed(60), "c")).unwrap();
    queue.push(A, outgoing(Kind::DrawHead, "d2")).unwrap();
    assert_eq!(drained(&mut queue), ["c", "d2"]);
}

#[test]
fn bounds_count_what_waits() {
    let mut queue = queue(3, 8);
    queue.push(A, outgoing(closed(60), "0123456789")).unwrap();
    assert_eq!(
        queue.push(A, outgoing(closed(120), "x")),
        Err(Overflow),
        "one large frame waits alone"
    );
    queue.pop().unwrap();
    for time in [60, 120, 180] {
        queue.push(A, outgoing(closed(time), "x")).unwrap();
    }
    assert_eq!(queue.push(A, outgoing(closed(240), "x")), Err(Overflow));
    queue.purge(A, Purge::Everything);
    assert_eq!((queue.frames, queue.bytes, queue.pop()), (0, 0, None));
    let gap = Outgoing {
        gap: Some("gap".to_owned().into()),
        ..outgoing(closed(60), "x")
    };
    queue.push(A, gap.clone()).unwrap();
    assert_eq!(queue.push(A, gap), Err(Overflow), "a gap notice is a frame");
    assert_eq!(queue.deepest(), 3);
}

#[test]
fn a_subscription_that_is_replaced_keeps_its_system_events() {
    let mut queue = queue(10, 1_000);
    for (subscription, kind, text) in [
        (A, closed(60), "c"),
        (A, Kind::System, "s"),
        (A, forming(120), "f"),
        (B, closed(60), "b"),
    ] {
        queue.push(subscription, outgoing(kind, text)).unwrap();
    }
    queue.purge(A, Purge::AllButSystem);
    queue.push(A, outgoing(forming(120), "f2")).unwrap();
    assert_eq!(drained(&mut queue), ["s", "b", "f2"]);
}

#[test]
fn a_catch_up_leaves_half_of_the_queue_free() {
    let mut queue = queue(4, 1_000);
    assert!(queue.has_room());
    queue.push(A, outgoing(closed(60), "x")).unwrap();
    assert!(queue.has_room());
    queue.push(A, outgoing(closed(120), "x")).unwrap();
    assert!(!queue.has_room());
    queue.pop();
    assert!(queue.has_room());
}

proptest! {
    /// Closed and system frames come out complete and in order; a forming frame is never followed by its own or an
    /// earlier closed candle, and at most one of each replaceable frame waits.
    #[test]
    fn order_under_any_interleaving(steps in prop::collection::vec((0u8..6, 0u32..2), 0..200)) {
        let mut queue = queue(1_000, 1 << 20);
        let (mut sent, mut time) = ([const { Vec::new() }; 2], [0i64; 2]);
        let mut expected = [const { Vec::new() }; 2];
        for (number, (step, which)) in steps.into_iter().enumerate() {
            let (subscription, slot) = (SubscriptionId(which), usize::try_from(which).unwrap());
            let kind = match step {
                0 => { time[slot] += 60; closed(time[slot]) }
                1 => Kind::System,
                2 => Kind::DrawHead,
                3 => forming(time[slot] + 60),
                _ => {
                    if let Some(entry) = queue.pop() {
                        let text = entry.body.to_string();
                        sent[usize::from(text.starts_with('1'))].push(text);
                    }
                    continue;
                }
            };
            let text = format!("{which} {number} {kind:?}");
            if matches!(kind, Kind::Closed(_) | Kind::System) {
                expected[slot].push(text.clone());
            }
            queue.push(subscription, outgoing(kind, &text)).unwrap();
            let waiting = |wanted: fn(&Kind) -> bool| {
                queue.slots.iter().flatten().filter(|s| s.subscription == subscription && wanted(&s.kind)).count()
            };
            prop_assert!(waiting(|kind| matches!(kind, Kind::Forming(_))) <= 1);
            prop_assert!(waiting(|kind| *kind == Kind::DrawHead) <= 1);
        }
        for text in drained(&mut queue) {
            sent[usize::from(text.starts_with('1'))].push(text);
        }
        prop_assert_eq!((queue.frames, queue.bytes, queue.newest.len()), (0, 0, 0));
        for (sent, expected) in sent.iter().zip(&expected) {
            let kept: Vec<_> = sent.iter().filter(|t| t.contains("Closed") || t.contains("System")).cloned().collect();
            prop_assert_eq!(&kept, expected);
            let mut last_closed = String::new();
            for text in sent {
                if text.contains("Closed") {
                    last_closed = text.split('@').nth(1).unwrap().to_owned();
                } else if text.contains("Forming") {
                    prop_assert_ne!(text.split('@').nth(1).unwrap(), last_closed.as_str());
                }
            }
        }
    }
}
