use super::*;
use crate::{FleetLimits, GuardrailOptions, GuardrailState, StreamCommand, StreamVerb, fleet::ConnectBudget};

const FIRST: SocketId = SocketId::new(0, 0);
const SECOND: SocketId = SocketId::new(0, 1);

/// A session with its share of what a fleet owns.
struct Rig {
    session: Session,
    connects: ConnectBudget,
    streams_max: usize,
}

impl Rig {
    fn new(timing: SessionTiming) -> Self {
        let limits = FleetLimits::default();
        Self {
            session: Session::new(0, timing, Guardrail::new(GuardrailOptions::default()), 7),
            connects: ConnectBudget::new(limits.connects_per_minute),
            streams_max: limits.streams_per_connection,
        }
    }

    fn turn(&mut self, now_ms: u64, act: impl FnOnce(&mut Session, &mut Turn<'_>)) -> Vec<Action> {
        let mut turn = Turn {
            now_ms,
            streams_max: self.streams_max,
            connects: &mut self.connects,
            actions: Vec::new(),
        };
        act(&mut self.session, &mut turn);
        turn.actions
    }

    fn tick(&mut self, now_ms: u64) -> Vec<Action> {
        self.turn(now_ms, Session::tick)
    }

    fn on(&mut self, socket: SocketId, event: SocketEvent, now_ms: u64) -> Vec<Action> {
        self.turn(now_ms, |session, turn| session.on(socket, event, turn))
    }

    fn want(&mut self, stream: &StreamName, now_ms: u64) -> Vec<Action> {
        self.turn(now_ms, |session, turn| session.want(stream.clone(), turn))
    }

    fn release(&mut self, stream: &StreamName, now_ms: u64) -> Vec<Action> {
        self.turn(now_ms, |session, turn| session.release(stream, turn))
    }

    fn guardrail(&self) -> &Guardrail {
        &self.session.guardrail
    }

    fn live(&self) -> Option<SocketId> {
        self.session.live()
    }

    fn next_deadline_ms(&self) -> Option<u64> {
        self.session.next_deadline_ms()
    }
}

fn btc() -> StreamName {
    StreamName::new("btcusdt@kline_1m")
}

fn eth() -> StreamName {
    StreamName::new("ethusdt@kline_1m")
}

/// Nothing is collected, so that the times of the tests are plain.
fn timing() -> SessionTiming {
    SessionTiming {
        gather_ms: 0,
        ..SessionTiming::default()
    }
}

/// One that wants a stream since 0.
fn session() -> Rig {
    let mut rig = Rig::new(timing());
    assert_eq!(rig.want(&btc(), 0), []);
    rig
}

fn open(socket: SocketId) -> Action {
    Action::Open {
        socket,
        streams: vec![btc()],
    }
}

fn kline() -> SocketEvent {
    SocketEvent::Kline(btc())
}

fn probe(socket: SocketId) -> Action {
    let stream = btc();
    Action::ProbeStall { socket, stream }
}

fn send(socket: SocketId, id: u64, verb: StreamVerb, streams: &[StreamName]) -> Action {
    let streams = streams.to_vec();
    let command = StreamCommand { id, verb, streams };
    Action::Send { socket, command }
}

/// A session whose first socket opened at 0 and brought a candle at 100.
fn running() -> Rig {
    let mut session = session();
    session.tick(0);
    session.on(FIRST, SocketEvent::Opened, 0);
    session.on(FIRST, kline(), 100);
    session
}

fn report(status: SessionStatus) -> Action {
    let stream = btc();
    Action::Tell { stream, status }
}

fn disconnected(reason: DisconnectReason) -> Action {
    report(SessionStatus::Disconnected {
        reason,
        detail: String::new(),
    })
}

fn waits(actions: &[Action]) -> Vec<u64> {
    let wait = |action: &Action| match action {
        Action::Tell {
            status: SessionStatus::Waiting { wait_ms, .. },
            ..
        } => Some(*wait_ms),
        _ => None,
    };
    actions.iter().filter_map(wait).collect()
}

/// Lets time pass to `until_ms`, candles coming every 10 s on `socket` and pongs at once.
fn live_until(session: &mut Rig, socket: SocketId, from_ms: u64, until_ms: u64) -> Vec<Action> {
    let mut seen = Vec::new();
    for now_ms in (from_ms..=until_ms).step_by(10_000) {
        session.on(socket, kline(), now_ms);
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
    assert_eq!(session.tick(0), [report(SessionStatus::Connecting), open(FIRST)]);
    assert_eq!(
        session.on(FIRST, SocketEvent::Opened, 50),
        [report(SessionStatus::Connected)]
    );
    assert_eq!(session.on(FIRST, kline(), 3_000), [report(SessionStatus::Live)]);
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
    session.on(SECOND, kline(), retry_ms + 15_001);
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
            SocketId::new(0, attempt),
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
        [report(SessionStatus::Connecting), open(SocketId::new(0, 5))]
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
    session.on(FIRST, kline(), 39_000);
    assert_eq!(session.tick(40_000), [Action::Ping(FIRST)]);
    session.on(FIRST, kline(), 59_000);
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
    let quiet = |session: &mut Rig, from: u64| {
        for now_ms in (from..from + 60_100).step_by(100) {
            for action in session.tick(now_ms) {
                match action {
                    Action::Ping(socket) => {
                        session.on(socket, SocketEvent::Pong, now_ms);
                    }
                    Action::ProbeStall { socket, .. } => return Some((socket, now_ms)),
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
    assert_eq!(session.on(FIRST, SocketEvent::Quiet(btc()), 60_200), []);
    assert_eq!(quiet(&mut session, 60_200), Some((FIRST, 120_200)));
    let actions = session.on(FIRST, SocketEvent::Stalled(btc()), 120_300);
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
        ..timing()
    };
    let mut session = Rig::new(timing);
    session.want(&btc(), 0);
    session.tick(0);
    session.on(FIRST, SocketEvent::Opened, 0);
    assert_eq!(session.tick(5_000), [probe(FIRST)]);
    session.on(FIRST, kline(), 5_100);
    assert_eq!(session.on(FIRST, SocketEvent::Stalled(btc()), 5_200), []);
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
        probed |= actions.contains(&probe(FIRST));
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
            open(SECOND)
        ]
    );
    assert_eq!(session.on(SECOND, SocketEvent::Opened, rotate_ms + 100), []);
    assert_eq!(session.on(FIRST, kline(), rotate_ms + 150), []);
    assert_eq!(session.live(), Some(FIRST), "the successor is only connecting");
    assert_eq!(
        session.on(SECOND, kline(), rotate_ms + 200),
        [
            Action::Close(FIRST),
            disconnected(DisconnectReason::Rotation),
            report(SessionStatus::Connected),
            report(SessionStatus::Live)
        ]
    );
    assert_eq!(session.live(), Some(SECOND));
    assert!(session.session.link(FIRST).is_none());
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
        [report(SessionStatus::Rotating), open(SocketId::new(0, 2))]
    );
}

#[test]
fn an_announced_shutdown_is_no_failure() {
    let mut session = running();
    assert_eq!(
        session.on(FIRST, SocketEvent::ShutdownNotice, 500),
        [report(SessionStatus::Rotating), open(SECOND)]
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
    assert_eq!(session.on(SECOND, kline(), 700), [report(SessionStatus::Live)]);
    assert_eq!(session.guardrail().snapshot(700).window_failures, 0);
}

/// A session with two streams whose socket has brought both.
fn running_with_two() -> Rig {
    let mut session = Rig::new(timing());
    session.want(&btc(), 0);
    session.want(&eth(), 0);
    session.tick(0);
    session.on(FIRST, SocketEvent::Opened, 0);
    for stream in [btc(), eth()] {
        session.on(FIRST, SocketEvent::Kline(stream), 100);
    }
    session
}

#[test]
fn what_is_wanted_before_the_connection_is_in_its_address() {
    let mut session = Rig::new(SessionTiming {
        gather_ms: 25,
        ..timing()
    });
    assert_eq!(session.want(&eth(), 0), []);
    assert_eq!(session.want(&btc(), 20), []);
    assert_eq!(session.next_deadline_ms(), Some(25));
    let opened = session.tick(25);
    assert_eq!(
        opened.last(),
        Some(&Action::Open {
            socket: FIRST,
            streams: vec![btc(), eth()]
        })
    );
}

#[test]
fn further_streams_are_added_by_commands_that_keep_their_distance() {
    let mut session = running();
    let tell = |stream: StreamName, status| Action::Tell { stream, status };
    let added = session.want(&eth(), 1_000);
    assert_eq!(added, [tell(eth(), SessionStatus::Connected)]);
    assert_eq!(
        session.tick(1_000),
        [send(FIRST, 1, StreamVerb::Subscribe, &[eth()])]
    );
    session.release(&btc(), 1_010);
    assert_eq!(session.tick(1_249), []);
    assert_eq!(
        session.tick(1_250),
        [send(FIRST, 2, StreamVerb::Unsubscribe, &[btc()])]
    );
    session.on(FIRST, SocketEvent::Accepted(1), 1_300);
    session.on(FIRST, SocketEvent::Accepted(2), 1_300);
    assert_eq!(
        session.on(FIRST, SocketEvent::Kline(eth()), 1_400),
        [tell(eth(), SessionStatus::Live)]
    );
    assert_eq!(session.on(FIRST, kline(), 1_500), [], "given up");
    session.want(&btc(), 2_000);
    assert_eq!(
        session.tick(2_000),
        [send(FIRST, 3, StreamVerb::Subscribe, &[btc()])]
    );
}

#[test]
fn without_streams_there_is_no_connection() {
    let mut session = running();
    assert_eq!(session.release(&btc(), 500), [Action::Close(FIRST)]);
    assert_eq!(session.next_deadline_ms(), None);
    session.want(&btc(), 600);
    assert_eq!(
        session.tick(600),
        [report(SessionStatus::Connecting), open(SECOND)]
    );
}

#[test]
fn a_stream_that_is_wanted_again_waits_for_the_end_of_the_one_before() {
    let mut session = running_with_two();
    session.release(&eth(), 1_000);
    assert_eq!(
        session.tick(1_000),
        [send(FIRST, 1, StreamVerb::Unsubscribe, &[eth()])]
    );
    session.want(&eth(), 1_100);
    assert_eq!(session.tick(2_000), [], "the venue has not answered");
    session.on(FIRST, SocketEvent::Accepted(1), 2_100);
    assert_eq!(
        session.tick(2_100),
        [send(FIRST, 2, StreamVerb::Subscribe, &[eth()])]
    );
}

#[test]
fn a_command_without_an_answer_ends_the_connection() {
    let mut session = running_with_two();
    session.release(&eth(), 1_000);
    session.tick(1_000);
    session.on(FIRST, kline(), 10_900);
    let actions = session.tick(11_000);
    assert_eq!(
        actions[..3],
        [
            report(SessionStatus::Healthy),
            Action::Close(FIRST),
            disconnected(DisconnectReason::NoAnswer)
        ]
    );
}

#[test]
fn the_stream_at_fault_in_a_refused_command_is_found_and_told() {
    let mut session = running();
    let names: Vec<_> = ["a", "b", "c", "d", "e"].map(StreamName::new).to_vec();
    for name in &names {
        session.want(name, 1_000);
    }
    let (mut now_ms, mut refused, mut carried) = (1_000, Vec::new(), Vec::new());
    while now_ms < 5_000 {
        for action in session.tick(now_ms) {
            let Action::Send { command, .. } = action else {
                continue;
            };
            assert_eq!(command.verb, StreamVerb::Subscribe);
            let event = if command.streams.contains(&names[3]) {
                let body = RefusalBody {
                    code: 2,
                    message: "Invalid request: invalid stream".to_owned(),
                };
                let command = Some(command.id);
                SocketEvent::Refused { command, body }
            } else {
                carried.extend(command.streams.clone());
                SocketEvent::Accepted(command.id)
            };
            refused.extend(session.on(FIRST, event, now_ms));
        }
        now_ms += 250;
    }
    assert_eq!(
        refused,
        [Action::Tell {
            stream: names[3].clone(),
            status: SessionStatus::Refused {
                code: 2,
                message: "Invalid request: invalid stream".to_owned()
            }
        }]
    );
    carried.sort();
    assert_eq!(carried, [&names[..3], &names[4..]].concat());
}

#[test]
fn a_silent_stream_on_a_talking_socket_is_subscribed_again_before_the_socket_is_given_up() {
    let mut session = running_with_two();
    let probe_eth = || Action::ProbeStall {
        socket: FIRST,
        stream: eth(),
    };
    let stalled = || SocketEvent::Stalled(eth());
    let seen = live_until(&mut session, FIRST, 10_000, 70_000);
    assert_eq!(seen.last(), Some(&probe_eth()));
    let told = session.on(FIRST, stalled(), 70_100);
    let Action::Tell {
        stream,
        status:
            SessionStatus::Disconnected {
                reason: DisconnectReason::Stall,
                ..
            },
    } = &told[0]
    else {
        panic!("{told:?}")
    };
    assert_eq!((stream, told.len()), (&eth(), 1));
    assert_eq!(
        session.tick(70_100),
        [send(FIRST, 1, StreamVerb::Unsubscribe, &[eth()])]
    );
    session.on(FIRST, SocketEvent::Accepted(1), 70_200);
    assert_eq!(
        session.tick(70_400),
        [send(FIRST, 2, StreamVerb::Subscribe, &[eth()])]
    );
    session.on(FIRST, SocketEvent::Accepted(2), 70_500);
    let seen = live_until(&mut session, FIRST, 80_000, 140_000);
    assert_eq!(seen, [probe_eth()]);
    let actions = session.on(FIRST, stalled(), 140_100);
    assert_eq!(
        actions[..2],
        [Action::Close(FIRST), disconnected(DisconnectReason::Stall)]
    );
    assert_eq!(session.guardrail().snapshot(140_100).window_failures, 1);

    // Another connection did not help: that stream alone is asked for again and again from here on.
    let retry_ms = 142_000;
    let opened = session.tick(retry_ms);
    assert!(
        matches!(opened[..], [.., Action::Open { socket: SECOND, .. }]),
        "{opened:?}"
    );
    session.on(SECOND, SocketEvent::Opened, retry_ms);
    let mut from_ms = retry_ms + 100;
    for round in 0..4 {
        let seen = live_until(&mut session, SECOND, from_ms, from_ms + 70_000);
        let probe = Action::ProbeStall {
            socket: SECOND,
            stream: eth(),
        };
        assert!(seen.contains(&probe), "{round}: {seen:?}");
        let told = session.on(SECOND, stalled(), from_ms + 70_100);
        assert!(!told.contains(&Action::Close(SECOND)), "{round}: {told:?}");
        for (n, verb) in [StreamVerb::Unsubscribe, StreamVerb::Subscribe]
            .into_iter()
            .enumerate()
        {
            let n = u64::try_from(n).unwrap();
            let at_ms = from_ms + 70_600 + n * 500;
            let id = round * 2 + n + 1;
            assert_eq!(session.tick(at_ms), [send(SECOND, id, verb, &[eth()])]);
            session.on(SECOND, SocketEvent::Accepted(id), at_ms + 100);
        }
        from_ms += 72_000;
    }
    assert_eq!(session.live(), Some(SECOND));
}

#[test]
fn a_stream_that_comes_back_may_be_subscribed_again_later() {
    let mut session = running_with_two();
    for round in 0..3 {
        let from_ms = 10_000 + round * 100_000;
        live_until(&mut session, FIRST, from_ms, from_ms + 60_000);
        assert_eq!(
            session
                .on(FIRST, SocketEvent::Stalled(eth()), from_ms + 60_100)
                .len(),
            1
        );
        let mut answers = 0;
        for now_ms in (from_ms + 60_100..from_ms + 62_000).step_by(100) {
            for action in session.tick(now_ms) {
                if let Action::Send { command, .. } = action {
                    session.on(FIRST, SocketEvent::Accepted(command.id), now_ms);
                    answers += 1;
                }
            }
        }
        assert_eq!(answers, 2);
        session.on(FIRST, SocketEvent::Kline(eth()), from_ms + 62_000);
        live_until(&mut session, FIRST, from_ms + 62_000, from_ms + 92_000);
    }
    assert_eq!(session.live(), Some(FIRST));
}

#[test]
fn a_silent_socket_is_given_up_at_the_first_verdict() {
    let mut session = running_with_two();
    session.tick(20_000);
    session.on(FIRST, SocketEvent::Pong, 20_000);
    session.tick(40_000);
    session.on(FIRST, SocketEvent::Pong, 40_000);
    assert!(session.tick(60_100).contains(&probe(FIRST)));
    let actions = session.on(FIRST, SocketEvent::Stalled(btc()), 60_200);
    assert_eq!(actions[0], Action::Close(FIRST));
    assert_eq!(session.on(FIRST, SocketEvent::Stalled(eth()), 60_300), []);
}

#[test]
fn a_successor_is_told_what_changed_while_it_was_connecting() {
    let mut session = running();
    session.on(FIRST, SocketEvent::ShutdownNotice, 500);
    session.want(&eth(), 600);
    assert_eq!(
        session.tick(600),
        [send(FIRST, 1, StreamVerb::Subscribe, &[eth()])]
    );
    session.on(SECOND, SocketEvent::Opened, 700);
    assert_eq!(
        session.tick(700),
        [send(SECOND, 1, StreamVerb::Subscribe, &[eth()])]
    );
    let taken_over = session.on(SECOND, SocketEvent::Kline(eth()), 800);
    assert_eq!(taken_over[0], Action::Close(FIRST));
    let live = |stream| Action::Tell {
        stream,
        status: SessionStatus::Live,
    };
    assert_eq!(taken_over.last(), Some(&live(eth())));
    assert_eq!(
        session.on(SECOND, kline(), 900),
        [live(btc())],
        "each stream says where it stands"
    );
}
