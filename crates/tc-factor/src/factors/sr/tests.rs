//! Worked examples of the factor contract, section 14.5, and what the remembered walks must give.

use std::{convert::Infallible, sync::Arc};

use proptest::prelude::*;
use serde_json::Value;

use super::{
    SNAPSHOT, SrSnapshot,
    closes::Closes,
    lines::{Band, Newest, Walk, Walks},
    snapshot::Chain,
};
use crate::{
    Completer, FactorEngine, FoldMode, LedgerEvent, SliceInput, SlicePart, WindowEvents,
    testing::{bars, complete, events_of, graph, lines, moves, one_minute, prices, walk},
};

const EXAMPLE: &str = "101 99 100 | 104 102 103 | 103 100 101 | 102 98 99 | 104.5 101 103.5 | 103 100 101 | \
                       102 99 100 | 103.8 101 103 | 102.5 100.5 101 | 101 97 98";

#[test]
fn worked_example() {
    let graph = graph(1, 1);
    let text = lines(&graph, &events_of(&graph, &bars(EXAMPLE)));
    let snapshots: Vec<(&str, Value)> = text
        .lines()
        .filter(|line| line.contains(SNAPSHOT))
        .map(|line| {
            let key = line.split(' ').nth(2).unwrap();
            (
                key,
                serde_json::from_str(&line[line.find('{').unwrap()..]).unwrap(),
            )
        })
        .collect();
    let keys: Vec<&str> = snapshots.iter().map(|(key, _)| *key).collect();
    assert_eq!(
        keys,
        [
            "snapshot:180:0:none",
            "snapshot:300:0:none",
            "snapshot:360:1:da95a498a68e",
            "snapshot:480:2:56d0d03eaf1e",
            "snapshot:540:2:2c8906da9a97",
        ]
    );
    let level = &snapshots[2].1["levels"][0];
    let expected = serde_json::json!({
        "price": 104.0, "type": "resistance", "level_type": "resistance", "status": "active", "first_idx": 1,
        "second_idx": 4, "last_idx": 4, "first_time": 120, "second_time": 300, "last_time": 300, "count": 2,
        "flip_dir": null, "touch_indices": [1, 4], "touch_times": [120, 300], "level_score": 0.75,
        "band_low": 102.0, "band_high": 104.0, "band_width_atr": 0.597_014_925_373_134_3, "death_idx": null,
        "death_time": null, "death_price": null,
    });
    assert_eq!(level, &expected);
    let levels = snapshots[4].1["levels"].as_array().unwrap();
    let shown: Vec<_> = levels
        .iter()
        .map(|level| {
            (
                level["price"].as_f64(),
                level["count"].as_u64(),
                level["level_score"].as_f64(),
            )
        })
        .collect();
    assert_eq!(shown[0].0, Some(99.0));
    assert_eq!(
        shown[1],
        (Some(103.8), Some(3), Some(0.875)),
        "104.0 was too close to it"
    );
    assert_eq!(snapshots[0].1["algorithm"], "", "no level, no algorithm");
}

fn closes(text: &str) -> Closes {
    let mut closes = Closes::default();
    for candle in prices(text) {
        closes.push(candle.time(), candle.close());
    }
    closes
}

#[test]
fn crossings_of_a_line() {
    let band = Band::around(10.0, 0.5);
    let crossings = closes("10 11 9 11 9 11 10");
    let mut walk = Walk::starting_at(1);
    walk.advance(&crossings, 6, band, 9);
    assert_eq!(walk.crossings, 4);

    let broken = closes("10 11 9 11 10.5 9.5 9");
    let walk = *Walks::default().up_to_newest(&broken, &Newest::before(7), 1, band, 3);
    assert_eq!(
        (walk.crossings, walk.last),
        (3, 6),
        "10.5 and 9.5 lie on the edge"
    );
    let flipped = closes("10 11 9 10.5 11");
    let walk = *Walks::default().up_to_newest(&flipped, &Newest::before(5), 1, band, 3);
    assert_eq!((walk.crossings, walk.last), (2, 4));
}

/// Crossings close by close, as the contract says it.
fn plain(closes: &[f64], from: usize, line: f64, tolerance: f64, limit: u32) -> (u32, u64) {
    let (mut side, mut crossings, mut last) = (0, 0, 0);
    for (idx, close) in closes.iter().enumerate().skip(from) {
        let position = if *close > line + tolerance {
            1
        } else if *close < line - tolerance {
            -1
        } else {
            continue;
        };
        if side != 0 && side != position {
            (crossings, last) = (crossings + 1, idx as u64);
            if crossings == limit {
                break;
            }
        }
        side = position;
    }
    (crossings, last)
}

proptest! {
    #[test]
    fn remembered_walks_are_those_that_are_done_anew(
        steps in prop::collection::vec(-3_i32..=3, 1..900),
        start in any::<prop::sample::Index>(),
        line in -8_i32..8,
        asked in prop::collection::vec((any::<prop::sample::Index>(), 0_u32..24), 1..40),
    ) {
        let mut level = 0;
        let values: Vec<f64> = steps.iter().map(|step| { level += step; f64::from(level) * 0.1 + 100.0 }).collect();
        let from = start.index(values.len());
        let line = f64::from(line) * 0.1 + 100.0;
        let mut asked: Vec<(usize, f64)> = asked.iter().map(|(at, tenths)| (at.index(values.len()), f64::from(*tenths) * 0.05)).collect();
        asked.sort_by_key(|(at, _)| *at);
        let (mut closes, mut walks) = (Closes::default(), Walks::default());
        let mut newest = Newest::before(0);
        for (at, tolerance) in asked {
            while closes.next_idx() <= at as u64 {
                let idx = closes.next_idx();
                let time = tc_market::CandleTime::clamped(60 * i64::try_from(idx).unwrap());
                closes.push(time, values[usize::try_from(idx).unwrap()]);
                newest.push(values[usize::try_from(idx).unwrap()]);
            }
            let walk = *walks.up_to_newest(&closes, &newest, from as u64, Band::around(line, tolerance), 3);
            newest = Newest::before(closes.next_idx());
            let expected = plain(&values[..=at], from, line, tolerance, 3);
            prop_assert_eq!((walk.crossings, if walk.crossings == 0 { 0 } else { walk.last }), expected, "at {} with {}", at, tolerance);
        }
    }

    #[test]
    fn a_chain_of_differences_gives_every_snapshot(moves in prop::collection::vec(any::<u16>(), 0..500)) {
        let graph = graph(1, 1);
        let events = events_of(&graph, &walk(&moves));
        let kind = graph.kind(SNAPSHOT).unwrap();
        let whole: Vec<_> = complete(&graph, &events).into_iter().filter(|event| event.kind == kind).collect();
        let stored: Vec<_> = events.iter().filter(|event| event.kind == kind).collect();
        let mut before: Option<SrSnapshot> = None;
        let mut chain = Chain::default();
        for (n, (whole, stored)) in whole.iter().zip(stored).enumerate() {
            let now = SrSnapshot::decode(whole).unwrap();
            prop_assert_eq!(SrSnapshot::decode(stored).is_ok(), n % 32 == 0);
            prop_assert_eq!(&SrSnapshot::decode_after(stored, before.as_ref()).unwrap(), &now);
            // The close decides the order; any close gives a payload that leads back to the snapshot.
            let origins: Vec<Option<usize>> = now.levels.iter().map(|level| {
                let same = |other: &super::Level| (other.level_type, other.last) == (level.level_type, level.last);
                before.as_ref().and_then(|before| before.levels.iter().position(same))
            }).collect();
            let again = chain.encode(before.as_ref().map(|before| (before, origins.as_slice())), &now, 99.5);
            let event = crate::LedgerEvent { payload: again, ..whole.clone() };
            prop_assert_eq!(&SrSnapshot::decode_after(&event, before.as_ref()).unwrap(), &now);
            before = Some(now);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn a_window_of_differences_reads_as_one_of_complete_snapshots(
        seed in any::<u64>(), begin in any::<prop::sample::Index>(), widths in (1_i64..=3, 1_i64..=2),
    ) {
        let graph = graph(widths.0, widths.1);
        let candles = walk(&moves(seed, 400));
        let stored = events_of(&graph, &candles);
        let whole = complete(&graph, &stored);
        let from = candles[begin.index(candles.len())].time();
        let first = stored.partition_point(|event| event.visible_time < from);
        let mut window = stored[first..].to_vec();
        let earlier = |from, to| {
            let between = stored.iter().filter(|event| (from..=to).contains(&event.visible_time));
            Ok::<_, Infallible>(between.cloned().collect())
        };
        Completer::complete_first(&graph, &mut window, from, earlier).unwrap();
        let engine = FactorEngine::genesis(Arc::clone(&graph), one_minute(), FoldMode::Compute);
        let input = |events| SliceInput {
            position: graph.names().position(|name| name == super::NAME).unwrap(),
            events: WindowEvents::new(&graph, events),
            engine: &engine,
            at: candles[399].time(),
            part: SlicePart::History,
        };
        let text = |history: Vec<u8>| String::from_utf8(history).unwrap();
        let one_by_one = text(input(&whole[first..]).history().unwrap());
        prop_assert_eq!(&text(input(&window).history().unwrap()), &one_by_one);
        let own = |events: &[LedgerEvent]| {
            text(super::text::history(WindowEvents::new(&graph, events).of_kind(SNAPSHOT)).unwrap())
        };
        prop_assert_eq!(&own(&window), &one_by_one);
        prop_assert_eq!(&own(&whole[first..]), &one_by_one);
    }
}

#[test]
fn differences_are_small() {
    let graph = graph(8, 2);
    let events = events_of(&graph, &walk(&moves(3, 20_000)));
    let kind = graph.kind(SNAPSHOT).unwrap();
    let bytes = |events: &[crate::LedgerEvent]| {
        let snapshots = events.iter().filter(|event| event.kind == kind);
        snapshots.map(|event| event.payload.len()).sum::<usize>()
    };
    let (stored, whole) = (bytes(&events), bytes(&complete(&graph, &events)));
    assert!(stored * 4 < whole, "{stored} bytes instead of {whole}");
}
