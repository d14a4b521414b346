use proptest::prelude::*;

use super::*;
use crate::{GuardrailOptions, GuardrailState};

const FIRST: SocketId = SocketId(0);
const SECOND: SocketId = SocketId(1);

fn session() -> Session {
    Session::new(
        SessionTiming::default(),
        Guardrail::new(GuardrailOptions::default()),
        7,
    )
}

/// A session whose first socket opened at 0 and brought a candle at 100.
fn running() -> Session {
    let mut session = session();
    session.tick(0);
    session.on(FIRST, SocketEvent::Opened, 0);
    session.on(FIRST, SocketEvent::Kline, 100);
    session
}

fn report(status: SessionStatus) -> Action {
    Action::Report(status)
}

fn disconnected(reason: DisconnectReason) -> Action {
    report(SessionStatus::Disconnected {
        reason,
        detail: String::new(),
    })
}

fn waits(actions: &[Action]) -> Vec<u64> {
    let wait = |action: &Action| match action {
        Action::Report(SessionStatus::Waiting { wait_ms, .. }) => Some(*wait_ms),
        _ => None,
    };
    actions.iter().filter_map(wait).collect()
}

/// Lets time pass to `until_ms`, candles coming every 10 s on `socket` and pongs at once.
fn live_until(session: &mut Session, socket: SocketId, from_ms: u64, until_ms: u64) -> Vec<Action> {
    let mut seen = Vec::new();
    for now_ms in (from_ms..=until_ms).step_by(10_000) {
        session.on(socket, SocketEvent::Kline, now_ms);
        for action in session.tick(now_ms) {
            if action == Action::Ping(socket) {
                session.on(socket, SocketEvent::Pong, now_ms);
            } else {
                seen.push(action);
            }
        }
    }
    seen
}

#[test]
fn connects_and_becomes_healthy_after_ten_seconds_with_a_candle() {
    let mut session = session();
    assert_eq!(session.next_deadline_ms(), Some(0));
    assert_eq!(
        session.tick(0),
        [report(SessionStatus::Connecting), Action::Open(FIRST)]
    );
    assert_eq!(
        session.on(FIRST, SocketEvent::Opened, 50),
        [report(SessionStatus::Connected)]
    );
    assert_eq!(
        session.on(FIRST, SocketEvent::Kline, 3_000),
        [report(SessionStatus::Live)]
    );
    assert_eq!(session.live(), Some(FIRST));
    assert_eq!(session.next_deadline_ms(), Some(10_050));
    assert_eq!(session.tick(10_049), []);
    assert_eq!(session.tick(10_050), [report(SessionStatus::Healthy)]);
}

#[test]
fn a_handshake_alone_does_not_clear_the_guardrail() {
    let mut session = session();
    session.tick(0);
    session.on(FIRST, SocketEvent::Ended("refused".to_owned()), 10);
    let retry_ms = session.next_deadline_ms().unwrap();
    session.tick(retry_ms);
    session.on(SECOND, SocketEvent::Opened, retry_ms);
    session.tick(retry_ms + 15_000);
    assert_eq!(
        session
            .guardrail()
            .snapshot(retry_ms + 15_000)
            .consecutive_failures,
        1
    );
    session.on(SECOND, SocketEvent::Kline, retry_ms + 15_001);
    session.tick(retry_ms + 15_001);
    assert_eq!(
        session
            .guardrail()
            .snapshot(retry_ms + 15_001)
            .consecutive_failures,
        0
    );
}

#[test]
fn failures_wait_and_open_the_circuit() {
    let mut session = session();
    let mut now_ms = 0;
    let mut all = Vec::new();
    for attempt in 0..5 {
        session.tick(now_ms);
        let actions = session.on(
            SocketId(attempt),
            SocketEvent::Ended("refused".to_owned()),
            now_ms,
        );
        let wait = waits(&actions);
        assert_eq!(
            actions[0],
            report(SessionStatus::Disconnected {
                reason: DisconnectReason::Connect,
                detail: "refused".to_owned()
            })
        );
        all.extend(wait.clone());
        now_ms += wait[0];
    }
    for (wait_ms, plain_ms) in all.iter().zip([1_000, 2_000, 4_000, 8_000]) {
        assert!(
            (plain_ms * 8 / 10..=plain_ms * 12 / 10).contains(wait_ms),
            "{wait_ms} is not {plain_ms} +- 20 %"
        );
    }
    assert_eq!(all[4], 30_000);
    assert_eq!(
        session.guardrail().snapshot(now_ms - 1).state,
        GuardrailState::Open
    );
    assert_eq!(session.tick(now_ms - 1), []);
    assert_eq!(
        session.tick(now_ms),
        [report(SessionStatus::Connecting), Action::Open(SocketId(5))]
    );
    assert_eq!(
        session.guardrail().snapshot(now_ms).state,
        GuardrailState::HalfOpen
    );
}

#[test]
fn a_slow_handshake_is_given_up() {
    let mut session = session();
    session.tick(0);
    assert_eq!(session.next_deadline_ms(), Some(10_000));
    let actions = session.tick(10_000);
    assert_eq!(actions[0], Action::Close(FIRST));
    assert_eq!(waits(&actions).len(), 1);
    assert_eq!(session.live(), None);
    assert_eq!(
        session.on(FIRST, SocketEvent::Opened, 10_001),
        [],
        "a socket that was given up is forgotten"
    );
}

#[test]
fn pings_every_twenty_seconds_and_gives_up_without_a_pong() {
    let mut session = running();
    session.tick(10_000);
    assert_eq!(session.next_deadline_ms(), Some(20_000));
    assert_eq!(session.tick(20_000), [Action::Ping(FIRST)]);
    session.on(FIRST, SocketEvent::Pong, 20_100);
    session.on(FIRST, SocketEvent::Kline, 39_000);
    assert_eq!(session.tick(40_000), [Action::Ping(FIRST)]);
    session.on(FIRST, SocketEvent::Kline, 59_000);
    let actions = session.tick(60_000);
    assert_eq!(
        actions[..2],
        [Action::Close(FIRST), disconnected(DisconnectReason::PongTimeout)]
    );
    assert_eq!(waits(&actions).len(), 1);
}

#[test]
fn silence_is_checked_before_it_counts() {
    let mut session = running();
    let quiet = |session: &mut Session, from: u64| {
        for now_ms in (from..from + 60_100).step_by(100) {
            for action in session.tick(now_ms) {
                match action {
                    Action::Ping(socket) => {
                        session.on(socket, SocketEvent::Pong, now_ms);
                    }
                    Action::ProbeStall(socket) => return Some((socket, now_ms)),
                    _ => {}
                }
            }
        }
        None
    };
    assert_eq!(
        quiet(&mut session, 100),
        Some((FIRST, 60_100)),
        "60 s after the candle at 100 ms"
    );
    assert_eq!(session.on(FIRST, SocketEvent::Quiet, 60_200), []);
    assert_eq!(quiet(&mut session, 60_200), Some((FIRST, 120_200)));
    let actions = session.on(FIRST, SocketEvent::Stalled, 120_300);
    assert_eq!(
        actions[..2],
        [Action::Close(FIRST), disconnected(DisconnectReason::Stall)]
    );
    assert_eq!(waits(&actions).len(), 1);
}

#[test]
fn a_verdict_that_a_candle_has_overtaken_does_not_count() {
    let timing = SessionTiming {
        stall_timeout_ms: 5_000,
        ..SessionTiming::default()
    };
    let mut session = Session::new(timing, Guardrail::new(GuardrailOptions::default()), 7);
    session.tick(0);
    session.on(FIRST, SocketEvent::Opened, 0);
    assert_eq!(session.tick(5_000), [Action::ProbeStall(FIRST)]);
    session.on(FIRST, SocketEvent::Kline, 5_100);
    assert_eq!(session.on(FIRST, SocketEvent::Stalled, 5_200), []);
    assert_eq!(session.live(), Some(FIRST));
}

#[test]
fn a_socket_that_never_brings_a_candle_is_checked_too() {
    let mut session = session();
    session.tick(0);
    session.on(FIRST, SocketEvent::Opened, 0);
    let mut probed = false;
    for now_ms in (0..=60_000).step_by(20_000) {
        let actions = session.tick(now_ms);
        session.on(FIRST, SocketEvent::Pong, now_ms);
        probed |= actions.contains(&Action::ProbeStall(FIRST));
    }
    assert!(probed);
}

#[test]
fn rotation_keeps_the_old_socket_until_the_first_candle_of_the_new_one() {
    let rotate_ms = SessionTiming::default().rotate_after_ms;
    let mut session = running();
    let seen = live_until(&mut session, FIRST, 10_000, rotate_ms);
    assert_eq!(
        seen,
        [
            report(SessionStatus::Healthy),
            report(SessionStatus::Rotating),
            Action::Open(SECOND)
        ]
    );
    assert_eq!(session.on(SECOND, SocketEvent::Opened, rotate_ms + 100), []);
    assert_eq!(session.on(FIRST, SocketEvent::Kline, rotate_ms + 150), []);
    assert_eq!(session.live(), Some(FIRST), "the successor is only connecting");
    assert_eq!(
        session.on(SECOND, SocketEvent::Kline, rotate_ms + 200),
        [
            Action::Close(FIRST),
            disconnected(DisconnectReason::Rotation),
            report(SessionStatus::Connected),
            report(SessionStatus::Live)
        ]
    );
    assert_eq!(session.live(), Some(SECOND));
    assert!(!session.knows(FIRST));
    assert_eq!(session.guardrail().snapshot(rotate_ms).consecutive_failures, 0);
}

#[test]
fn a_successor_that_fails_leaves_the_old_socket_alone_and_is_tried_again() {
    let rotate_ms = SessionTiming::default().rotate_after_ms;
    let mut session = running();
    live_until(&mut session, FIRST, 10_000, rotate_ms);
    let actions = session.on(SECOND, SocketEvent::Ended("refused".to_owned()), rotate_ms + 10);
    let wait_ms = waits(&actions)[0];
    assert_eq!(actions.len(), 1);
    assert_eq!(session.live(), Some(FIRST));
    assert_eq!(
        session.tick(rotate_ms + 10 + wait_ms),
        [report(SessionStatus::Rotating), Action::Open(SocketId(2))]
    );
}

#[test]
fn an_announced_shutdown_is_no_failure() {
    let mut session = running();
    assert_eq!(
        session.on(FIRST, SocketEvent::ShutdownNotice, 500),
        [report(SessionStatus::Rotating), Action::Open(SECOND)]
    );
    assert_eq!(
        session.on(FIRST, SocketEvent::ShutdownNotice, 510),
        [],
        "said twice"
    );
    let end = session.on(FIRST, SocketEvent::Ended(String::new()), 600);
    assert_eq!(
        end,
        [
            disconnected(DisconnectReason::ServerShutdown),
            report(SessionStatus::Connecting)
        ]
    );
    assert_eq!(session.live(), Some(SECOND));
    assert_eq!(
        session.on(SECOND, SocketEvent::Opened, 650),
        [report(SessionStatus::Connected)]
    );
    assert_eq!(
        session.on(SECOND, SocketEvent::Kline, 700),
        [report(SessionStatus::Live)]
    );
    assert_eq!(session.guardrail().snapshot(700).window_failures, 0);
}

#[derive(Debug, Clone)]
enum Step {
    Pass(u64),
    Event(u32, SocketEvent),
}

fn step() -> impl Strategy<Value = Step> {
    let event = prop_oneof![
        Just(SocketEvent::Opened),
        Just(SocketEvent::Ended("x".to_owned())),
        Just(SocketEvent::Kline),
        Just(SocketEvent::Pong),
        Just(SocketEvent::ShutdownNotice),
        Just(SocketEvent::Stalled),
        Just(SocketEvent::Quiet),
    ];
    prop_oneof![
        (0u64..100_000_000).prop_map(Step::Pass),
        (0u32..3, event).prop_map(|(back, e)| Step::Event(back, e))
    ]
}

proptest! {
    /// Whatever happens: at most two sockets are open, none twice, and there is always a next deadline in the future.
    #[test]
    fn always_one_way_forward(steps in prop::collection::vec(step(), 1..120)) {
        let mut session = session();
        let mut now_ms = 0;
        let mut open = std::collections::BTreeSet::new();
        let mut opened = 0;
        for step in steps {
            let actions = match step {
                Step::Pass(ms) => {
                    now_ms += ms;
                    session.tick(now_ms)
                }
                Step::Event(back, event) => {
                    let socket = SocketId(u32::saturating_sub(opened, back + 1));
                    if matches!(event, SocketEvent::Ended(_)) {
                        open.remove(&socket);
                    }
                    session.on(socket, event, now_ms)
                }
            };
            for action in actions {
                match action {
                    Action::Open(socket) => {
                        prop_assert!(open.insert(socket));
                        opened += 1;
                    }
                    Action::Close(socket) => {
                        prop_assert!(open.remove(&socket));
                    }
                    Action::Ping(socket) | Action::ProbeStall(socket) => prop_assert!(open.contains(&socket)),
                    Action::Report(_) => {}
                }
            }
            prop_assert!(open.len() <= 2);
            prop_assert!(session.live().is_none_or(|live| open.contains(&live)));
            session.tick(now_ms).into_iter().for_each(|action| {
                if let Action::Open(socket) = action {
                    open.insert(socket);
                    opened += 1;
                } else if let Action::Close(socket) = action {
                    open.remove(&socket);
                }
            });
            prop_assert!(session.next_deadline_ms().is_some_and(|at| at > now_ms));
        }
    }
}
