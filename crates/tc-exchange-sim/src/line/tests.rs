use proptest::prelude::*;
use serde_json::Value;
use tc_market::{Candle, CandleTime};

use super::*;
use crate::{
    ContentFault, FaultScript, FrameFault, FrameKind, Handshake, LimitFault, MarketFault, SampleSet,
    ScheduledFault,
};

const FIRST_S: i64 = 1_747_353_600;
/// Where the clocks stand at first.
const START_MS: i64 = (FIRST_S + 1_000 * 60) * 1000;
const ONE: &str = "/market/ws/btcusdt@kline_1m";

fn exchange(faults: Vec<ScheduledFault>) -> Arc<Exchange> {
    let minute = |i: i64| {
        let price = 100.0 + f64::from(i32::try_from(i * 37 % 101).unwrap());
        let time = CandleTime::new(FIRST_S + i * 60).unwrap();
        Candle::new(time, price, price + 2.5, price - 2.5, price + 1.0, 4.0).unwrap()
    };
    let candles: Vec<Candle> = (0..3_000).map(minute).collect();
    let data =
        ["BTC/USDT", "ETH/USDT"].map(|symbol| (MarketKind::Futures, symbol.to_owned(), candles.clone()));
    let spot = (MarketKind::Spot, "BTC/USDT".to_owned(), candles.clone());
    let set = SampleSet::new(data.into_iter().chain([spot]).collect()).unwrap();
    Arc::new(Exchange::new(set, 3, SimLimits::default(), FaultScript { faults }).unwrap())
}

/// Milliseconds after the start, real time passing alike.
fn at(ms: i64) -> Now {
    Now {
        market_ms: START_MS + ms,
        real_ms: u64::try_from(ms).unwrap(),
    }
}

const fn start(ms: i64) -> i64 {
    START_MS + ms
}

/// A candle frame every ten seconds.
fn connect(exchange: &Arc<Exchange>, path: &str) -> Result<Line, Handshake> {
    exchange.connect(path, |_| 10_000, at(0))
}

/// Everything up to `to_ms`, pongs coming at once.
fn play(line: &mut Line, to_ms: i64, step_ms: i64) -> Vec<Output> {
    let mut said = Vec::new();
    let mut now_ms = 0;
    loop {
        while let Some(output) = line.poll(at(now_ms)) {
            if let Output::Ping(payload) = &output {
                line.hear(Input::Pong(payload.as_bytes()), at(now_ms));
            } else {
                said.push(output);
            }
        }
        if now_ms >= to_ms {
            return said;
        }
        now_ms = (now_ms + step_ms).min(to_ms);
    }
}

fn played(faults: Vec<ScheduledFault>, to_ms: i64) -> Vec<Output> {
    play(&mut connect(&exchange(faults), ONE).unwrap(), to_ms, 1_000)
}

/// The minutes of the candle frames since the start; final ones as they are, others below zero.
fn minutes(said: &[Output]) -> Vec<i64> {
    let minute = |output: &Output| {
        let Output::Text(text) = output else { return None };
        let event: Value = serde_json::from_str(text).ok()?;
        let minute = (event["k"]["t"].as_i64()? - START_MS) / 60_000;
        Some(if event["k"]["x"] == true {
            minute
        } else {
            -minute - 1
        })
    };
    said.iter().filter_map(minute).collect()
}

fn finals(said: &[Output]) -> Vec<i64> {
    minutes(said).into_iter().filter(|minute| *minute >= 0).collect()
}

fn frames(from_ms: i64, until_ms: i64, fault: FrameFault) -> ScheduledFault {
    ScheduledFault::between(start(from_ms), start(until_ms), fault)
}

#[test]
fn frames_are_lost_repeated_swapped_and_late() {
    let cases = [
        (FrameFault::Skip, vec![0, 2, 3]),
        (FrameFault::Duplicate { copies: 2 }, vec![0, 1, 1, 1, 2, 3]),
        (FrameFault::Late { by_ms: 65_000 }, vec![0, 2, 1, 3]),
        (FrameFault::Stall { burst: 0 }, vec![0, 2, 3]),
        (FrameFault::Stall { burst: 1 }, vec![0, 1, 2, 3]),
    ];
    for (fault, expected) in cases {
        // The second minute ends at 120 s.
        assert_eq!(
            finals(&played(vec![frames(119_000, 121_000, fault)], 240_000)),
            expected,
            "{fault:?}"
        );
    }
    let closed = frames(119_000, 121_000, FrameFault::Reorder).on_frames(FrameKind::Closed);
    let said = minutes(&played(vec![closed], 140_000));
    let swapped: Vec<i64> = said
        .into_iter()
        .skip_while(|minute| *minute != -2)
        .skip_while(|minute| *minute == -2)
        .collect();
    assert_eq!(
        swapped,
        [-3, 1, -3, -3],
        "the first frame of the next minute comes before the final one"
    );
}

#[test]
fn a_stall_keeps_pings_and_ends_with_the_newest_finals() {
    let exchange = exchange(vec![frames(30_000, 330_000, FrameFault::Stall { burst: 2 })]);
    let mut line = connect(&exchange, ONE).unwrap();
    let mut pings = 0;
    let mut said = Vec::new();
    for ms in (0..=340_000).step_by(500) {
        while let Some(output) = line.poll(at(ms)) {
            match output {
                Output::Ping(payload) => {
                    line.hear(Input::Pong(payload.as_bytes()), at(ms));
                    pings += 1;
                }
                output => said.push((ms, output)),
            }
        }
    }
    assert_eq!(pings, 1, "futures ping every three minutes");
    assert!(said.iter().all(|(ms, _)| *ms < 30_000 || *ms >= 330_000));
    let after: Vec<Output> = said
        .into_iter()
        .filter(|(ms, _)| *ms == 330_000)
        .map(|(_, output)| output)
        .collect();
    assert_eq!(minutes(&after), [3, 4, -6]);
    assert_eq!(exchange.counters().closed_frames, 2);
    assert!(exchange.counters().lost_frames > 20);
}

#[test]
fn spoiled_frames_take_the_place_of_good_ones() {
    for fault in [
        ContentFault::Garbled,
        ContentFault::WrongSymbol,
        ContentFault::NotANumber,
        ContentFault::EmptyNumber,
    ] {
        let spoiled =
            ScheduledFault::between(start(119_000), start(121_000), fault).on_frames(FrameKind::Closed);
        let (good, bad) = (played(Vec::new(), 240_000), played(vec![spoiled], 240_000));
        assert_eq!(good.len(), bad.len());
        let different: Vec<_> = good.iter().zip(&bad).filter(|(good, bad)| good != bad).collect();
        assert_eq!(different.len(), 1, "{fault:?}");
        assert_eq!(finals(std::slice::from_ref(different[0].0)), [1]);
    }
}

#[test]
fn a_correction_differs_from_the_row_and_an_outage_from_nothing() {
    let minute = |n: i64| start(n * 60_000);
    let exchange = exchange(vec![
        ScheduledFault::between(minute(1), minute(2), MarketFault::Correction),
        ScheduledFault::between(minute(2), minute(4), MarketFault::Outage),
    ]);
    let said = play(&mut connect(&exchange, ONE).unwrap(), 300_000, 1_000);
    assert_eq!(finals(&said), [0, 1, 4]);
    assert!(
        minutes(&said).iter().all(|minute| ![-3, -4].contains(minute)),
        "nothing forms either"
    );
    let close = |n: usize| {
        let finals = said
            .iter()
            .filter(|output| finals(std::slice::from_ref(output)).len() == 1);
        let Output::Text(text) = finals.clone().nth(n).unwrap() else {
            panic!()
        };
        let event: Value = serde_json::from_str(text).unwrap();
        event["k"]["c"].as_str().unwrap().parse::<f64>().unwrap()
    };
    let series = "binance:futures:BTC/USDT:1m".parse().unwrap();
    let row = |n: i64| {
        exchange
            .closed(&series, CandleTime::clamped(minute(n) / 1000))
            .map(|candle| candle.close())
    };
    assert_eq!(row(0).map(f64::to_bits), Some(close(0).to_bits()));
    assert_ne!(row(1).map(f64::to_bits), Some(close(1).to_bits()));
    assert_eq!((row(2), row(3)), (None, None));
}

#[test]
fn connections_break_at_a_moment_or_a_byte() {
    let drop = ScheduledFault::at(start(90_000), ConnectionFault::Drop);
    let said = played(vec![drop], 200_000);
    assert_eq!((finals(&said), said.last()), (vec![0], Some(&Output::Gone)));

    let whole: Vec<Output> = played(Vec::new(), 60_000);
    let length = |output: &Output| match output {
        Output::Text(text) => frame_length(text.len()),
        _ => 0,
    };
    let first = length(&whole[0]);
    for bytes in [1, first - 1, first, first + 1, first + 200] {
        let cut = ScheduledFault::at(start(0), ConnectionFault::DropAfterBytes { bytes });
        let said = played(vec![cut], 60_000);
        let Some(Output::Torn { text, bytes: last }) = said.last() else {
            panic!("{bytes}: {said:?}")
        };
        let before: u64 = said.iter().map(length).sum();
        assert_eq!(before + last, bytes);
        assert!(*last <= frame_length(text.len()));
    }
}

#[test]
fn a_connection_that_opens_later_is_not_struck_by_what_is_past() {
    let drop = ScheduledFault::at(start(0), ConnectionFault::Drop);
    assert_eq!(finals(&played(vec![drop], 120_000)), [0, 1]);
}

#[test]
fn attempts_are_refused_cut_or_answered_with_silence() {
    let attempt = |fault: ConnectionFault| {
        let exchange = exchange(vec![ScheduledFault::between(start(0), start(5), fault)]);
        let line = connect(&exchange, ONE);
        let later = exchange.connect(ONE, |_| 10_000, at(5));
        assert_eq!(finals(&play(&mut later.unwrap(), 120_000, 500)).len(), 2);
        line
    };
    assert_eq!(attempt(ConnectionFault::Refuse).unwrap_err(), Handshake::Nothing);
    let mut closed = attempt(ConnectionFault::AcceptThenClose).unwrap();
    assert_eq!(
        (closed.wake().real_ms, closed.poll(at(0))),
        (Some(0), Some(Output::Gone))
    );
    let mut silent = attempt(ConnectionFault::Unrouted).unwrap();
    let subscribe = r#"{"method":"SUBSCRIBE","params":["ethusdt@kline_1m"],"id":1}"#;
    let ack = Output::Text(r#"{"id":1,"result":null}"#.to_owned());
    assert_eq!(silent.hear(Input::Text(subscribe), at(0)), Some(ack));
    assert_eq!(play(&mut silent, 600_000, 1_000), []);
}

#[test]
fn a_shutdown_is_announced_and_comes() {
    let fault = ConnectionFault::AnnounceShutdown {
        close_after_ms: 20_000,
    };
    let exchange = exchange(vec![ScheduledFault::at(start(15_000), fault)]);
    let mut spot = connect(&exchange, "/ws/btcusdt@kline_1m").unwrap();
    let said = play(&mut spot, 60_000, 1_000);
    let notice = Output::Text(format!(r#"{{"e":"serverShutdown","E":{}}}"#, start(15_000)));
    assert_eq!(
        said.iter().position(|output| *output == notice),
        Some(1),
        "{said:?}"
    );
    assert_eq!(
        said.last(),
        Some(&Output::Close {
            code: 1001,
            reason: ""
        })
    );
    assert_eq!(said.len(), 5, "frames at 10, 20 and 30 s");
}

#[test]
fn limits_hold_for_connections_that_open_in_their_window() {
    let limit = |limit: LimitFault| exchange(vec![ScheduledFault::at(start(0), limit)]);
    let old = limit(LimitFault::Lifetime { seconds: 30 });
    let said = play(&mut connect(&old, ONE).unwrap(), 60_000, 1_000);
    assert_eq!(
        (said.len(), said.last()),
        (
            3,
            Some(&Output::Close {
                code: 1001,
                reason: ""
            })
        )
    );

    let busy = limit(LimitFault::ConnectionAttempts { attempts: 2 });
    let attempt = |ms| busy.connect(ONE, |_| 10_000, at(ms)).map(|line| line.number());
    assert_eq!(
        [
            attempt(0),
            attempt(1),
            attempt(2),
            attempt(300_000),
            attempt(300_001),
            attempt(700_000)
        ],
        [
            Ok(0),
            Ok(1),
            Err(Handshake::Status(429)),
            Err(Handshake::Status(429)),
            Err(Handshake::Status(429)),
            Ok(2)
        ]
    );
    assert_eq!(busy.counters().refused_connections, 3);

    let narrow = limit(LimitFault::Streams { streams: 1 });
    let two = "/market/stream?streams=btcusdt@kline_1m/ethusdt@kline_1m";
    assert_eq!(connect(&narrow, two).unwrap_err(), Handshake::Status(400));

    let short = limit(LimitFault::MessagesPerSecond { messages: 1 });
    let mut line = connect(&short, ONE).unwrap();
    assert_eq!(line.hear(Input::Other, at(0)), None);
    assert!(matches!(
        line.hear(Input::Other, at(999)),
        Some(Output::Close { code: 1008, .. })
    ));

    let strict = exchange(vec![
        ScheduledFault::at(start(0), LimitFault::PingInterval { ms: 5_000 }),
        ScheduledFault::at(start(0), LimitFault::PongTimeout { ms: 2_000 }),
    ]);
    let mut line = connect(&strict, ONE).unwrap();
    assert_eq!(line.wake().real_ms, Some(5_000));
    assert_eq!(line.poll(at(5_000)), Some(Output::Ping(start(5_000).to_string())));
    assert_eq!(line.hear(Input::Pong(b"another"), at(5_001)), None);
    assert_eq!(line.wake().real_ms, Some(7_000));
    assert!(matches!(
        line.poll(at(7_000)),
        Some(Output::Close { code: 1008, .. })
    ));
    assert_eq!(strict.counters().pongs_missed, 1);
    drop(line);
    let counters = strict.counters();
    assert_eq!(
        (counters.open_connections, counters.most_open_connections),
        (0, 1)
    );
}

#[test]
fn without_pings_nobody_has_to_answer() {
    let exchange = exchange(vec![ScheduledFault::between(
        start(0),
        start(600_000),
        ConnectionFault::NoPings,
    )]);
    let mut line = connect(&exchange, "/ws").unwrap();
    let pings: Vec<i64> = (0..=640).filter(|s| line.poll(at(s * 1_000)).is_some()).collect();
    assert_eq!(pings, [600, 620, 640]);
}

fn anything() -> Vec<ScheduledFault> {
    let shared = |fault: FrameFault| ScheduledFault::at(start(0), fault).share(0.1);
    vec![
        shared(FrameFault::Skip),
        shared(FrameFault::Duplicate { copies: 1 }),
        shared(FrameFault::Reorder),
        shared(FrameFault::Late { by_ms: 7_000 }),
        frames(100_000, 170_000, FrameFault::Stall { burst: 1 }),
        ScheduledFault::at(start(0), ContentFault::Garbled).share(0.05),
        ScheduledFault::at(start(0), MarketFault::Correction).share(0.1),
        ScheduledFault::at(start(0), MarketFault::ClockSkew { by_ms: 250 }),
        // Pings follow real time.
        ScheduledFault::at(start(-1), ConnectionFault::NoPings),
        ScheduledFault::at(start(520_000), ConnectionFault::DropAfterBytes { bytes: 5_000 }),
    ]
}

proptest! {
    #[test]
    fn the_same_script_and_seed_say_the_same_whatever_the_steps(step_ms in 1_000i64..90_000) {
        let both = "/market/stream?streams=btcusdt@kline_1m/ethusdt@kline_1m";
        let said = |step_ms| {
            let mut line = connect(&exchange(anything()), both).unwrap();
            play(&mut line, 900_000, step_ms)
        };
        let fine = said(250);
        prop_assert!(matches!(fine.last(), Some(Output::Torn { .. })), "{:?}", fine.last());
        prop_assert!(said(step_ms) == fine);
    }
}
