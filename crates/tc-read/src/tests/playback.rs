//! Playing the past: wherever somebody goes, they see the frame of that candle and nothing later.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use tc_factor::{
    LedgerEvent, SlicePart,
    factors::{sr, zhongshu},
};
use tc_market::{Candle, CandleBatch, CandleTime, SeriesId, merged, roll_up};
use tc_replay::FactorRow;
use tc_store::Storage;

use super::{World, corrected, series, setup, walk};
use crate::{
    Direction, FrameQuery, Moment, MomentKind, Playback, PlaybackOptions, Played, PlayedFrame, ReadError,
    Sight, SliceSelection, WorldFrame,
};

/// What a client makes of the messages.
#[derive(Debug, Default)]
struct Client {
    at: i64,
    catalogue: BTreeMap<String, Value>,
    active: Vec<String>,
    slices: BTreeMap<String, Value>,
}

impl Client {
    fn take(&mut self, played: &Played) {
        match &played.sight {
            None => {}
            Some(Sight::Frame(played)) => self.show(played),
            Some(Sight::Delta(delta)) => {
                assert_eq!(delta.from.seconds(), self.at);
                assert_eq!(delta.candles.last().map(Candle::time), Some(delta.to));
                assert!(delta.candles.is_sorted_by_key(Candle::time));
                assert!(delta.candles.iter().all(|candle| candle.time() > delta.from));
                self.at = delta.to.seconds();
                self.draw(&delta.drawing);
                for row in delta.rows.iter().flatten() {
                    self.change(row);
                }
            }
        }
        if let Some(forming) = &played.forming {
            assert!(forming.candle.time().seconds() > self.at);
            assert!(forming.clock_time >= forming.candle.time());
        }
    }

    fn show(&mut self, played: &PlayedFrame) {
        let frame = &played.frame;
        assert_eq!(played.candle.time(), frame.aligned);
        self.at = frame.aligned.seconds();
        self.catalogue.clear();
        self.draw(&frame.drawing);
        self.slices = slices(frame);
    }

    fn draw(&mut self, drawing: &crate::DrawDelta) {
        for item in &drawing.patch {
            assert!(item.version.seconds() <= self.at, "nothing of the future");
            let definition = serde_json::to_value(&item.definition).unwrap();
            self.catalogue.insert(
                item.instruction_id.clone(),
                json!([item.version.seconds(), definition]),
            );
        }
        self.active.clone_from(&drawing.active_ids);
    }

    fn change(&mut self, row: &FactorRow) {
        assert_eq!(row.candle_time, self.at);
        let Some(snapshot) = &row.snapshot else {
            self.slices.remove(&row.factor_name);
            return;
        };
        let change: Value = serde_json::from_str(snapshot.get()).unwrap();
        if change.get("meta").is_some() {
            let slice = json!({"history": change["history"], "head": change["head"]});
            self.slices.insert(row.factor_name.clone(), slice);
            return;
        }
        let slice = self.slices.get_mut(&row.factor_name).unwrap();
        if let Some(head) = change.get("head") {
            slice["head"] = head.clone();
        }
        for (key, delta) in change["history_delta"].as_object().into_iter().flatten() {
            let list = slice["history"][key].as_array_mut().unwrap();
            list.drain(..usize::try_from(delta["drop"].as_u64().unwrap()).unwrap());
            list.extend(delta["append"].as_array().unwrap().iter().cloned());
        }
    }

    fn drawn(&self) -> Vec<(&String, &Value)> {
        self.active.iter().map(|id| (id, &self.catalogue[id])).collect()
    }
}

fn slices(frame: &WorldFrame) -> BTreeMap<String, Value> {
    let part = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    let factors = frame.slices.factors.iter();
    factors
        .map(|slice| {
            let parts = json!({"history": part(&slice.history), "head": part(&slice.head)});
            (slice.factor_name.to_owned(), parts)
        })
        .collect()
}

const WINDOW: u32 = 30;

impl World {
    fn open_at(&self, clock: Option<SeriesId>, at_time: i64) -> Result<(Playback, Played), ReadError> {
        let options = PlaybackOptions {
            series: self.series.clone(),
            clock,
            window_candles: WINDOW,
            part: SlicePart::All,
            slices: true,
        };
        let snapshot = self.storage.snapshot().unwrap();
        self.reader.open_playback(&*snapshot, options, at_time)
    }

    fn forward(&self, playback: &mut Playback, bars: usize) -> Played {
        let snapshot = self.storage.snapshot().unwrap();
        self.reader.forward(&*snapshot, playback, bars, None).unwrap()
    }

    fn moment(&self, playback: &Playback, names: &[&str], direction: Direction) -> Option<Moment> {
        let graph = &self.setup.factors;
        let kinds: Vec<MomentKind> = names
            .iter()
            .map(|name| MomentKind::named(graph, name).unwrap())
            .collect();
        let snapshot = self.storage.snapshot().unwrap();
        self.reader
            .next_moment(&*snapshot, playback, &kinds, direction)
            .unwrap()
    }

    /// The client shows what a frame of its candle shows.
    fn check(&self, client: &Client) {
        let query = FrameQuery {
            at_time: Some(client.at),
            window_candles: WINDOW,
            selection: SliceSelection::default(),
        };
        let snapshot = self.storage.snapshot().unwrap();
        let frame = self.reader.frame(&*snapshot, &self.series, &query).unwrap();
        let mut expected = Client {
            at: client.at,
            ..Client::default()
        };
        expected.draw(&frame.drawing);
        let (shown, expected) = (client.drawn(), expected.drawn());
        assert_eq!(shown.len(), expected.len());
        for ((id, shown), (expected_id, expected)) in shown.into_iter().zip(expected) {
            assert_eq!((id, &shown[1]), (expected_id, &expected[1]));
            // Of a drawing that went and came back within one move the client keeps the first version.
            assert!(shown[0].as_i64() <= expected[0].as_i64());
        }
        assert_eq!(client.slices, slices(&frame));
    }
}

#[derive(Debug, Clone)]
enum Command {
    Forward(usize),
    Back(usize),
    Seek(i64),
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        3 => (1_usize..8).prop_map(Command::Forward),
        1 => (8_usize..90).prop_map(Command::Forward),
        2 => (1_usize..20).prop_map(Command::Back),
        1 => (-10_i64..220).prop_map(Command::Seek),
    ]
}

fn run(world: &World, playback: &mut Playback, client: &mut Client, command: &Command) -> Played {
    let snapshot = world.storage.snapshot().unwrap();
    let reader = &world.reader;
    let played = match command {
        Command::Forward(bars) => reader.forward(&*snapshot, playback, *bars, None),
        Command::Back(bars) => reader.back(&*snapshot, playback, *bars),
        Command::Seek(candle) => {
            let time = playback.first().seconds() + candle * 60 + 7;
            reader.seek(&*snapshot, playback, time)
        }
    };
    let played = played.unwrap();
    client.take(&played);
    assert_eq!(client.at, playback.at().seconds());
    played
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_move_ends_in_the_frame_of_its_candle(
        seed in any::<u64>(),
        start in 0_i64..200,
        commands in prop::collection::vec(command(), 1..16),
    ) {
        let candles = walk(seed, 200);
        let world = World::with(&candles);
        let (mut playback, played) = world.open_at(None, candles[0].time().seconds() + start * 60).unwrap();
        let mut client = Client::default();
        client.take(&played);
        world.check(&client);
        for command in &commands {
            run(&world, &mut playback, &mut client, command);
            world.check(&client);
        }
    }

    /// A five minute series that is played minute by minute.
    #[test]
    fn a_clock_forms_the_bars_that_are_shown(
        seed in any::<u64>(),
        start in 0_i64..300,
        commands in prop::collection::vec(command(), 1..12),
    ) {
        let (world, minutes, clock) = five_minutes(seed, 300);
        let (mut playback, played) =
            world.open_at(Some(clock), minutes[0].time().seconds() + start * 60).unwrap();
        let mut client = Client::default();
        client.take(&played);
        let mut played = played;
        for command in &commands {
            world.check(&client);
            let clock_at = playback.clock_at().unwrap().seconds();
            prop_assert!(client.at + 300 <= clock_at + 60);
            let open = clock_at.div_euclid(300) * 300;
            let inside: Vec<Candle> = minutes
                .iter()
                .filter(|minute| (open..=clock_at).contains(&minute.time().seconds()))
                .copied()
                .collect();
            let complete = clock_at + 60 == open + 300;
            let expected = (!complete).then(|| merged(&inside).unwrap());
            prop_assert_eq!(played.forming.as_ref().map(|forming| *forming.candle.values()), expected);
            played = run(&world, &mut playback, &mut client, command);
            if played.sight.is_none() && played.forming.is_none() {
                break;
            }
        }
    }
}

/// A five minute series and the minutes it is made of; the first minute begins a bar.
fn five_minutes(seed: u64, count: usize) -> (World, Vec<Candle>, SeriesId) {
    let minutes: Vec<Candle> = (0_i64..)
        .zip(walk(seed, count))
        .map(|(n, candle)| candle.at(CandleTime::clamped(1_700_000_100 + n * 60)))
        .collect();
    let (world, clock) = two_series(&minutes, &minutes);
    (world, minutes, clock)
}

/// A five minute series that is made of some minutes, and a clock that holds others.
fn two_series(made_of: &[Candle], minutes: &[Candle]) -> (World, SeriesId) {
    let clock = series();
    let shown: SeriesId = "binance:spot:A/B:5m".parse().unwrap();
    let mut world = World::new(clock.clone(), setup(2, 40));
    world.ingest(minutes);
    let bars = roll_up(made_of, clock.timeframe(), shown.timeframe()).unwrap();
    world.series = shown;
    let batch = CandleBatch::new(world.series.clone(), bars).unwrap();
    world.ingest(batch.candles());
    (world, clock)
}

#[test]
fn a_clock_that_begins_later_is_where_the_playback_begins() {
    let (_, minutes, _) = five_minutes(6, 200);
    // The clock begins in the middle of a bar.
    let (world, clock) = two_series(&minutes, &minutes[62..]);
    for asked in [0, 61, 62] {
        let at_time = minutes[asked].time().seconds();
        let (mut playback, played) = world.open_at(Some(clock.clone()), at_time).unwrap();
        assert_eq!(playback.first(), minutes[62].time(), "asked for minute {asked}");
        assert_eq!(playback.clock_at(), Some(minutes[62].time()));
        assert_eq!(playback.at(), minutes[55].time());
        let mut client = Client::default();
        client.take(&played);
        assert_eq!(played.forming.unwrap().candle.time(), minutes[60].time());
        for command in [Command::Forward(30), Command::Back(500)] {
            run(&world, &mut playback, &mut client, &command);
        }
        assert_eq!(playback.clock_at(), Some(minutes[62].time()));
        let all = ["pivot.major", "pivot.minor"];
        assert_eq!(world.moment(&playback, &all, Direction::Earlier), None);
    }
}

#[test]
fn bars_that_no_candle_of_the_clock_completes_are_not_shown() {
    let (_, minutes, _) = five_minutes(6, 200);
    // The series holds bars that are newer than the newest candle of the clock.
    let (world, clock) = two_series(&minutes[100..], &minutes[..98]);
    let newest = minutes[199].time().seconds();
    assert!(matches!(
        world.open_at(Some(clock), newest),
        Err(ReadError::NoData)
    ));
    let (world, clock) = two_series(&minutes, &minutes[..98]);
    let (playback, _) = world.open_at(Some(clock), newest).unwrap();
    assert_eq!(playback.clock_at(), Some(minutes[97].time()));
    assert_eq!(playback.at(), minutes[90].time());
    assert!(playback.has_ended());
}

#[test]
fn steps_back_and_forth_are_the_same_way() {
    let (world, minutes, clock) = five_minutes(4, 120);
    let (mut playback, _) = world.open_at(Some(clock), minutes[62].time().seconds()).unwrap();
    assert_eq!(playback.clock_at(), Some(minutes[62].time()));
    let mut client = Client::default();
    for (command, at) in [
        (Command::Back(1), 61),
        (Command::Back(10), 51),
        (Command::Forward(3), 54),
        (Command::Forward(1), 55),
        (Command::Back(500), 4),
        (Command::Forward(1000), 119),
    ] {
        run(&world, &mut playback, &mut client, &command);
        let reached = playback.clock_at().unwrap();
        // The oldest bar is the oldest thing that can be shown.
        assert_eq!(reached, minutes[at].time(), "{command:?}");
    }
    assert!(playback.has_ended());
}

#[test]
fn the_end_is_that_of_the_opening_until_somebody_looks_for_more() {
    let candles = walk(2, 120);
    let mut world = World::with(&candles[..100]);
    let (mut playback, _) = world.open_at(None, candles[90].time().seconds()).unwrap();
    world.ingest(&candles[100..]);
    let played = world.forward(&mut playback, 50);
    assert_eq!(playback.at(), candles[99].time());
    assert!(playback.has_ended() && matches!(played.sight, Some(Sight::Delta(_))));
    assert!(world.forward(&mut playback, 1).sight.is_none());
    let snapshot = world.storage.snapshot().unwrap();
    world.reader.look_for_more(&*snapshot, &mut playback).unwrap();
    assert!(!playback.has_ended());
    world.forward(&mut playback, 50);
    assert_eq!(playback.at(), candles[119].time());
}

#[test]
fn a_series_that_was_folded_again_is_shown_anew() {
    let candles = walk(2, 100);
    let mut world = World::with(&candles);
    let (mut playback, played) = world.open_at(None, candles[60].time().seconds()).unwrap();
    let mut client = Client::default();
    client.take(&played);
    world.ingest(&[corrected(&candles[30])]);
    let played = world.forward(&mut playback, 3);
    let Some(Sight::Frame(frame)) = &played.sight else {
        panic!("a frame was expected");
    };
    assert_eq!((frame.epoch, frame.frame.aligned), (1, candles[60].time()));
    client.take(&played);
    client.take(&world.forward(&mut playback, 3));
    assert_eq!(playback.at(), candles[63].time());
    world.check(&client);
}

#[test]
fn a_ledger_that_is_behind_is_told_and_the_playback_stands() {
    let candles = walk(2, 100);
    let mut world = World::with(&candles);
    let (mut playback, played) = world.open_at(None, candles[60].time().seconds()).unwrap();
    let mut client = Client::default();
    client.take(&played);
    world.ingest_deferred(&[corrected(&candles[30])]);
    let snapshot = world.storage.snapshot().unwrap();
    let refused = world.reader.forward(&*snapshot, &mut playback, 1, None);
    assert!(matches!(refused, Err(ReadError::OutOfSync { .. })));
    drop(snapshot);
    assert_eq!(playback.at(), candles[60].time());
    world.refresh();
    client.take(&world.forward(&mut playback, 1));
    world.check(&client);
}

#[test]
fn without_candles_there_is_nothing_to_play() {
    let world = World::new(series(), setup(2, 40));
    assert!(matches!(world.open_at(None, 6000), Err(ReadError::NoData)));
}

#[test]
fn moments_are_where_something_becomes_visible() {
    let names = [
        "pen.confirmed",
        "anchor.switch",
        "zhongshu.dead",
        zhongshu::FORMED,
        sr::BROKEN,
    ];
    let mut seen = [0; 5];
    for seed in 0..6 {
        let candles = walk(seed, 400);
        let world = World::with(&candles);
        let happens = naive_moments(&world, &candles);
        let middle = candles[candles.len() / 2].time().seconds();
        for (name, seen) in names.iter().zip(&mut seen) {
            let times = &happens[name];
            *seen += times.len();
            for at in [candles[0].time().seconds(), middle, candles[399].time().seconds()] {
                let (playback, _) = world.open_at(None, at).unwrap();
                let later = times.iter().find(|time| **time > at);
                let found = world.moment(&playback, &[name], Direction::Later);
                assert_eq!(
                    found.map(|moment| moment.at.seconds()).as_ref(),
                    later,
                    "{name} after {at}"
                );
                let earlier = times.iter().rev().find(|time| **time < at);
                let found = world.moment(&playback, &[name], Direction::Earlier);
                assert_eq!(
                    found.map(|moment| moment.at.seconds()).as_ref(),
                    earlier,
                    "{name} before {at}"
                );
            }
        }
        let (playback, _) = world.open_at(None, middle).unwrap();
        let nearest = names
            .iter()
            .filter_map(|name| happens[name].iter().find(|time| **time > middle))
            .min();
        let found = world.moment(&playback, &names, Direction::Later);
        assert_eq!(found.map(|moment| moment.at.seconds()).as_ref(), nearest);
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
    assert!(MomentKind::named(&World::with(&walk(1, 5)).setup.factors, "pen.drawn").is_err());
}

/// By the frames of all candles, and the events of the ledger.
fn naive_moments(world: &World, candles: &[Candle]) -> BTreeMap<&'static str, Vec<i64>> {
    let mut happens: BTreeMap<&'static str, Vec<i64>> = BTreeMap::new();
    let snapshot = world.storage.snapshot().unwrap();
    let key = snapshot.series_key(&world.series).unwrap().unwrap();
    let events: Vec<LedgerEvent> = snapshot.events(key, CandleTime::MIN, CandleTime::MAX).unwrap();
    for name in ["pen.confirmed", "anchor.switch", "zhongshu.dead"] {
        let kind = world.setup.factors.kind(name);
        let times = events.iter().filter(|event| Some(event.kind) == kind);
        let mut times: Vec<i64> = times.map(|event| event.visible_time.seconds()).collect();
        times.dedup();
        happens.insert(name, times);
    }
    let (mut zones, mut broken) = (Vec::new(), Vec::new());
    happens.insert(zhongshu::FORMED, Vec::new());
    happens.insert(sr::BROKEN, Vec::new());
    for candle in candles {
        let query = FrameQuery {
            at_time: Some(candle.time().seconds()),
            window_candles: WINDOW,
            selection: SliceSelection::default(),
        };
        let slices = slices(&world.reader.frame(&*snapshot, &world.series, &query).unwrap());
        let list = |factor: &str, key: &str, fields: [&str; 3], wanted: &dyn Fn(&Value) -> bool| {
            let items = slices.get(factor).and_then(|slice| slice["head"][key].as_array());
            let items = items.into_iter().flatten().filter(|item| wanted(item));
            items
                .map(|item| fields.map(|field| item[field].clone()))
                .collect::<Vec<_>>()
        };
        let now = list(
            "zhongshu",
            "alive",
            ["start_time", "formed_time", "entry_direction"],
            &|_| true,
        );
        if now.iter().any(|zone| !zones.contains(zone)) {
            happens
                .get_mut(zhongshu::FORMED)
                .unwrap()
                .push(candle.time().seconds());
        }
        zones = now;
        let fields = ["first_time", "last_time", "level_type"];
        let now = list("sr", "levels", fields, &|level| level["status"] == "broken");
        if now.iter().any(|level| !broken.contains(level)) {
            happens.get_mut(sr::BROKEN).unwrap().push(candle.time().seconds());
        }
        broken = now;
    }
    happens
}
