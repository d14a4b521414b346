use proptest::prelude::*;
use tc_factor::{
    FactorEngine, FoldMode,
    factors::pen::{self, PenDirection, PenEvent},
    testing::{events_of, graph, moves, one_minute, prices, walk},
};
use tc_market::Candle;

use super::*;
use crate::{
    facts::{FactorFacts, FactsRecorder},
    signals::{Signal, SignalColumns},
    strategy::{StrategyParams, signals},
};

fn facts(candles: &[Candle]) -> FactorFacts {
    let engine = FactorEngine::genesis(graph(2, 1), one_minute(), FoldMode::Compute);
    let mut recorder = FactsRecorder::new(engine);
    for candle in candles {
        recorder.push(candle, &[]).unwrap();
    }
    recorder.finish()
}

fn with(spec: &StrategySpec, candles: &[Candle], settings: &[(&str, f64)]) -> SignalColumns {
    let mut params = StrategyParams::defaults(spec.params);
    for (name, value) in settings {
        params.set(name, *value).unwrap();
    }
    signals((spec.new)(&params).as_mut(), candles, &facts(candles))
}

fn rows(columns: &SignalColumns, signal: Signal) -> Vec<usize> {
    (0..columns.len())
        .filter(|row| columns.has(*row, signal))
        .collect()
}

#[test]
fn names_and_defaults_are_valid() {
    for spec in STRATEGIES {
        assert!(strategy(spec.name).is_some_and(|found| found.name == spec.name));
        assert!(
            spec.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
            "{}",
            spec.name
        );
        assert!(STRATEGIES.iter().filter(|other| other.name == spec.name).count() == 1);
        let defaults = StrategyParams::defaults(spec.params);
        for param in spec.params {
            let value = match param.default {
                tc_factor::ParamValue::Int(value) => value as f64,
                tc_factor::ParamValue::Float(value) => value,
            };
            assert_eq!(param.value(value), Ok(param.default), "{}", param.name);
            assert!(param.step > 0.0 && param.min < param.max);
        }
        assert_eq!(defaults.iter().count(), spec.params.len());
    }
    assert!(strategy("Nothing").is_none());
}

/// What every strategy asks for on one long walk, with its version. A change of a number without one of the version, or
/// the other way round, is a mistake.
const REVIEWED: &[(&str, &str, [usize; 4], u64)] = &[
    ("PenDirection", "1", [633, 380, 380, 633], 755_585_100_412_167_819),
    (
        "SrRejection",
        "1",
        [957, 1_102, 1_133, 998],
        17_443_611_149_901_951_833,
    ),
    (
        "ZhongshuBreakout",
        "1",
        [17, 44, 58, 51],
        15_146_137_945_310_593_207,
    ),
];

/// Counts of long and short entries and exits, and a digest of every row and tag.
fn digest(columns: &SignalColumns) -> ([usize; 4], u64) {
    let all = [
        Signal::EnterLong,
        Signal::EnterShort,
        Signal::ExitLong,
        Signal::ExitShort,
    ];
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut eat = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for row in 0..columns.len() {
        eat(&all.map(|signal| u8::from(columns.has(row, signal))));
        for tag in [columns.enter_tag(row), columns.exit_tag(row)]
            .into_iter()
            .flatten()
        {
            eat(tag.as_bytes());
        }
    }
    (all.map(|signal| rows(columns, signal).len()), hash)
}

#[test]
fn what_strategies_ask_for_is_what_was_reviewed() {
    let candles = walk(&moves(31, 6_000));
    let found: Vec<_> = STRATEGIES
        .iter()
        .map(|spec| {
            let (counts, hash) = digest(&with(spec, &candles, &[]));
            (spec.name, spec.version, counts, hash)
        })
        .collect();
    assert_eq!(
        found, REVIEWED,
        "raise the version, look at the difference, take the new numbers"
    );
}

#[test]
fn every_strategy_trades() {
    let candles = walk(&moves(5, 4_000));
    for spec in STRATEGIES {
        let columns = with(spec, &candles, &[]);
        for signal in [
            Signal::EnterLong,
            Signal::EnterShort,
            Signal::ExitLong,
            Signal::ExitShort,
        ] {
            assert!(rows(&columns, signal).len() > 5, "{} {signal:?}", spec.name);
        }
    }
}

#[test]
fn every_parameter_matters() {
    let candles = walk(&moves(5, 4_000));
    for spec in STRATEGIES {
        let default = with(spec, &candles, &[]);
        for param in spec.params {
            let steps = [0.0, 1.0, 2.0, 5.0].map(|steps| param.min + steps * param.step);
            let mut values = steps.into_iter().chain([param.max]);
            let matters = values.any(|value| with(spec, &candles, &[(param.name, value)]) != default);
            assert!(matters, "{} {}", spec.name, param.name);
        }
    }
}

#[test]
fn pens_are_followed_on_the_candle_that_confirms_them() {
    let spec = strategy("PenDirection").unwrap();
    let candles = prices("1 2 5 2 1 2 5 2 1 2 5 2 1");
    let columns = with(spec, &candles, &[]);
    let (up, down) = (
        rows(&columns, Signal::EnterLong),
        rows(&columns, Signal::EnterShort),
    );
    assert!(!up.is_empty() && !down.is_empty());
    assert_eq!(up, rows(&columns, Signal::ExitShort));
    assert_eq!(columns.enter_tag(up[0]).map(|tag| &**tag), Some("pen_up"));
    let graph = graph(2, 1);
    let kind = graph.kind(pen::CONFIRMED).unwrap();
    let confirmed = |way: PenDirection| -> Vec<usize> {
        let events = events_of(&graph, &candles);
        let pens = events
            .iter()
            .filter(|event| event.kind == kind)
            .map(|event| PenEvent::decode(event).unwrap());
        let times = pens
            .filter(|pen| pen.direction == way)
            .map(|pen| pen.visible_time);
        times
            .map(|time| candles.binary_search_by_key(&time, Candle::time).unwrap())
            .collect()
    };
    assert_eq!(
        (up.clone(), down),
        (confirmed(PenDirection::Up), confirmed(PenDirection::Down))
    );
    let against = with(spec, &candles, &[("fade", 1.0)]);
    assert_eq!(rows(&against, Signal::EnterShort), up);
}

/// The candles of a walk, and the same ones with another future.
fn futures() -> impl Strategy<Value = (Vec<Candle>, Vec<Candle>, usize)> {
    (
        prop::collection::vec(any::<u16>(), 60..400),
        any::<u64>(),
        0.0..1.0_f64,
    )
        .prop_map(|(moves, seed, cut)| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a part of the length"
            )]
            let cut = 1 + (cut * (moves.len() - 1) as f64) as usize;
            let mut changed = moves.clone();
            let other = tc_factor::testing::moves(seed, moves.len());
            changed[cut..].copy_from_slice(&other[cut..]);
            (walk(&moves), walk(&changed), cut)
        })
}

proptest! {
    #[test]
    fn another_future_changes_no_signal_of_the_past((candles, changed, cut) in futures()) {
        prop_assert_eq!(&candles[..cut], &changed[..cut]);
        for spec in STRATEGIES {
            let whole = with(spec, &candles, &[]).prefix(cut);
            prop_assert_eq!(&whole, &with(spec, &changed, &[]).prefix(cut), "{}", spec.name);
            prop_assert_eq!(&whole, &with(spec, &candles[..cut], &[]), "{}", spec.name);
        }
    }
}
