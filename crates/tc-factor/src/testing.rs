//! Candles and engines for tests: a mini-language for cases that fit on a screen, price walks for properties, the
//! worked [`examples`] of the factor contract, and a [`naive`] model of all factors to hold the engine against.

mod dice;
mod difference;
pub mod examples;
mod market;
pub mod naive;

use std::{fmt::Write as _, sync::Arc};

use tc_market::{Candle, CandleTime, Timeframe};

pub use self::{
    dice::Dice,
    difference::difference,
    market::{market, market_stream},
};
use crate::{
    Completer, FactorEngine, FactorGraph, FactorSettings, FactorSpec, FeatureValue, FoldMode, LedgerEvent,
    factors::FACTORS, source_factor,
};

/// The factors that recorded vectors speak of. A build with further ones gives the same for these.
pub const RECORDED_FACTORS: [&str; 5] = ["pivot", "pen", "zhongshu", "anchor", "sr"];

/// Step between the candles of this module, seconds.
pub const STEP_S: i64 = 60;
/// Open time of the first candle of [`walk`].
pub const WALK_START_S: i64 = 1_700_000_040;

/// One-minute candles at 60, 120, …; every number is a candle whose four prices are that number.
///
/// `+n` leaves out n candles.
///
/// # Panics
/// On text that is not of this form.
#[must_use]
pub fn prices(text: &str) -> Vec<Candle> {
    build(text.split_whitespace())
}

/// One-minute candles at 60, 120, … separated by `|`, each one of `price`, `high low`, `high low close` or
/// `open high low close`.
///
/// `+n` in place of a candle leaves out n candles.
///
/// # Panics
/// On text that is not of this form.
#[must_use]
pub fn bars(text: &str) -> Vec<Candle> {
    build(text.split('|').map(str::trim))
}

fn build<'a>(bars: impl Iterator<Item = &'a str>) -> Vec<Candle> {
    let mut time = 0;
    let mut candles = Vec::new();
    for bar in bars {
        if let Some(missing) = bar.strip_prefix('+') {
            time += STEP_S * whole(missing);
            continue;
        }
        time += STEP_S;
        let numbers: Vec<f64> = bar.split_whitespace().map(number).collect();
        candles.push(match numbers[..] {
            [price] => candle(time, price, price, price, price),
            [high, low] => candle(time, low, high, low, low),
            [high, low, close] => candle(time, close, high, low, close),
            [open, high, low, close] => candle(time, open, high, low, close),
            _ => panic!("{bar:?} is not a candle"),
        });
    }
    candles
}

fn whole(text: &str) -> i64 {
    match text.parse() {
        Ok(number) => number,
        Err(_) => panic!("{text:?} is not a whole number"),
    }
}

fn number(text: &str) -> f64 {
    match text.parse() {
        Ok(number) => number,
        Err(_) => panic!("{text:?} is not a number"),
    }
}

/// A candle with volume 1 at `time` seconds.
///
/// # Panics
/// On values that are no candle.
#[must_use]
pub fn candle(time: i64, open: f64, high: f64, low: f64, close: f64) -> Candle {
    match Candle::new(CandleTime::clamped(time), open, high, low, close, 1.0) {
        Ok(candle) => candle,
        Err(error) => panic!("not a candle at {time}: {error}"),
    }
}

/// The file form of candles: a header line, then `candle_time,open,high,low,close,volume`.
///
/// # Panics
/// On text that is not of this form.
#[must_use]
pub fn candles_from_csv(text: &str) -> Vec<Candle> {
    let row = |line: &str| {
        let (time, values) = line.split_once(',').unwrap_or((line, ""));
        let values: Vec<f64> = values.split(',').map(number).collect();
        let [open, high, low, close, volume] = values[..] else {
            panic!("{line:?} is not a row of candles");
        };
        match Candle::new(CandleTime::clamped(whole(time)), open, high, low, close, volume) {
            Ok(candle) => candle,
            Err(error) => panic!("not a candle: {line}: {error}"),
        }
    };
    text.lines().skip(1).map(row).collect()
}

/// One-minute candles along a path of prices, one candle per move, on a coarse price grid: ties, flat runs, outside
/// bars and missing candles are frequent. Equal moves give equal candles.
#[must_use]
pub fn walk(moves: &[u16]) -> Vec<Candle> {
    let mut time = WALK_START_S - STEP_S;
    let mut level = 0_i32;
    let step = |&choice: &u16| {
        let choice = i32::from(choice);
        let (slope, upper, lower, special) =
            (choice % 7 - 3, choice / 7 % 4, choice / 28 % 4, choice / 112 % 12);
        time += STEP_S;
        let from = level;
        // Far from the middle the path turns back, so that prices stay above zero however long it is.
        level = if level.abs() > 60 {
            level / 2
        } else {
            level + slope
        };
        let (mut high, mut low) = (from.max(level) + upper, from.min(level) - lower);
        match special {
            7..=8 => (level, high, low) = (from, from, from),
            9 => (high, low) = (high + 9, low - 9),
            10 => time += STEP_S * i64::from(1 + choice / 1344 % 3),
            _ => {}
        }
        let price = |level: i32| f64::from(1000 + level) * 0.1;
        candle(time, price(from), price(high), price(low), price(level))
    };
    moves.iter().map(step).collect()
}

/// Moves for a long [`walk`]; equal seeds give equal moves.
#[must_use]
pub fn moves(seed: u64, count: usize) -> Vec<u16> {
    let mut dice = Dice::new(seed);
    let next = |_| (dice.roll() & 0xffff) as u16;
    (0..count).map(next).collect()
}

/// Timeframe of the candles of this module.
///
/// # Panics
/// Never.
#[must_use]
pub fn one_minute() -> Timeframe {
    match "1m".parse() {
        Ok(timeframe) => timeframe,
        Err(_) => unreachable!("a valid timeframe"),
    }
}

/// The built-in factors with these half widths of the pivot windows.
///
/// # Panics
/// On widths below 1.
#[must_use]
pub fn graph(major: i64, minor: i64) -> Arc<FactorGraph> {
    graph_of(FACTORS, major, minor)
}

/// Some of the built-in factors with these half widths of the pivot windows.
///
/// # Panics
/// On widths below 1, or when a dependency is missing.
#[must_use]
pub fn graph_of(specs: &[FactorSpec], major: i64, minor: i64) -> Arc<FactorGraph> {
    match FactorGraph::build(specs, &FactorSettings::with_pivot_windows(major, minor)) {
        Ok(graph) => Arc::new(graph),
        Err(error) => panic!("these factors do not fit together: {error}"),
    }
}

/// Events of a run over `candles` from genesis.
///
/// # Panics
/// When the candles are not ascending.
#[must_use]
pub fn events_of(graph: &Arc<FactorGraph>, candles: &[Candle]) -> Vec<LedgerEvent> {
    let mut engine = FactorEngine::genesis(Arc::clone(graph), one_minute(), FoldMode::Compute);
    let mut events = Vec::new();
    for candle in candles {
        match engine.compute(candle) {
            Ok(new) => events.extend_from_slice(new),
            Err(error) => panic!("{error}"),
        }
    }
    events
}

/// The events of a ledger with complete payloads, from the first event on.
///
/// # Panics
/// When the first event of a chain is not among them, or on an unreadable payload.
#[must_use]
pub fn complete(graph: &FactorGraph, events: &[LedgerEvent]) -> Vec<LedgerEvent> {
    let mut events = events.to_vec();
    let mut completer = Completer::new(graph);
    for event in &mut events {
        if let Err(error) = completer.complete(event) {
            panic!("{event:?}: {error}");
        }
    }
    events
}

/// One line per event: visible time, kind, event key and payload. `events` are a ledger from its first event on.
///
/// # Panics
/// On an event of another graph or with an unreadable payload.
#[must_use]
pub fn lines(graph: &FactorGraph, events: &[LedgerEvent]) -> String {
    let mut text = String::new();
    for event in &complete(graph, events) {
        let Some(kind) = graph.kind_spec(event.kind) else {
            panic!("{event:?} is of no kind");
        };
        let mut json = Vec::new();
        let (Ok(key), Ok(())) = ((kind.event_key)(event), (kind.write_json)(event, &mut json)) else {
            panic!("{event:?} cannot be read");
        };
        let json = String::from_utf8_lossy(&json);
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{} {} {key} {json}", event.visible_time, kind.name);
    }
    text
}

/// Whether a recorded feature column says something about `graph`: its factor runs, or, for the number of all events,
/// every recorded factor does.
#[must_use]
pub fn compares_feature(graph: &FactorGraph, key: &str) -> bool {
    let runs = |factor: &str| graph.names().any(|name| name == factor);
    match source_factor(key) {
        "feature" => RECORDED_FACTORS.iter().all(|factor| runs(factor)),
        factor => runs(factor),
    }
}

/// A value of a feature row as JSON.
#[must_use]
pub fn feature_json(value: FeatureValue) -> serde_json::Value {
    match value {
        FeatureValue::Float(value) => value.into(),
        FeatureValue::Int(value) => value.into(),
        FeatureValue::Bool(value) => value.into(),
        FeatureValue::Text(value) => value.into(),
    }
}
