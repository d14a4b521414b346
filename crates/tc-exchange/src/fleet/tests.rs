use super::*;

fn fleet(streams_per_connection: usize, connects_per_minute: usize) -> Fleet {
    let timing = SessionTiming {
        gather_ms: 0,
        ..SessionTiming::default()
    };
    let limits = FleetLimits {
        streams_per_connection,
        connects_per_minute,
    };
    Fleet::new(timing, GuardrailOptions::default(), limits, 7)
}

fn name(n: usize) -> StreamName {
    StreamName::new(&format!("s{n}@kline_1m"))
}

fn opened(actions: Vec<Action>) -> Vec<usize> {
    let streams = |action| match action {
        Action::Open { streams, .. } => Some(streams.len()),
        _ => None,
    };
    actions.into_iter().filter_map(streams).collect()
}

#[test]
fn five_hundred_streams_take_three_connections() {
    let mut fleet = fleet(200, 20);
    for n in 0..500 {
        fleet.want(name(n), 0);
        assert_eq!(fleet.want(name(n), 0), [], "wanted already");
    }
    assert_eq!(opened(fleet.tick(0)), [200, 200, 100]);
}

#[test]
fn a_place_that_is_given_up_is_taken_by_the_next_stream() {
    let mut fleet = fleet(2, 20);
    for n in 0..4 {
        fleet.want(name(n), 0);
    }
    let first = SocketId::new(0, 0);
    fleet.tick(0);
    fleet.on(first, SocketEvent::Opened, 0);
    fleet.release(&name(1), 0);
    fleet.want(name(4), 0);
    assert_eq!(
        fleet.streams_of(first).cloned().collect::<Vec<_>>(),
        [name(0), name(4)]
    );
    assert!(fleet.is_live(first));
}

#[test]
fn connections_beyond_the_limit_wait() {
    let mut fleet = fleet(1, 2);
    for n in 0..3 {
        fleet.want(name(n), 0);
    }
    assert_eq!(opened(fleet.tick(0)), [1, 1]);
    assert_eq!(opened(fleet.tick(59_999)), [0usize; 0]);
    assert_eq!(opened(fleet.tick(60_000)), [1]);
}
