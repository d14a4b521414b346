//! Order under any interleaving of writes, publications and catch-up pages.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tc_market::{FormingCandle, SeriesId};

use super::{
    tests::{all_told, candle, candles},
    *,
};

#[derive(Debug, Clone)]
enum Step {
    /// Stores and publishes candles from the given distance after the newest one on.
    Publish {
        skip: i64,
        count: usize,
    },
    /// Stores without publishing.
    Silent {
        skip: i64,
        count: usize,
    },
    /// Publishes a candle that everybody has passed.
    Late,
    Forming,
    Page,
    GoLive,
    /// Ends the healing of a hole with the times of the bits.
    Healed {
        recovered: u8,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1i64..4, 1usize..4).prop_map(|(skip, count)| Step::Publish { skip, count }),
        1 => (1i64..3, 1usize..3).prop_map(|(skip, count)| Step::Silent { skip, count }),
        1 => Just(Step::Late),
        2 => Just(Step::Forming),
        3 => Just(Step::Page),
        1 => Just(Step::GoLive),
        2 => any::<u8>().prop_map(|recovered| Step::Healed { recovered }),
    ]
}

/// Store and subscriber side by side.
struct World {
    series: SeriesId,
    stored: BTreeSet<i64>,
    delivery: Delivery,
    told: Vec<String>,
    live: bool,
    hole: Option<Hole>,
}

impl World {
    fn store(&mut self, skip: i64, count: usize) -> Vec<i64> {
        let newest = self.stored.last().copied().unwrap_or(600);
        let times: Vec<i64> = (0..count)
            .map(|i| newest + 60 * (skip + i64::try_from(i).unwrap()))
            .collect();
        self.stored.extend(&times);
        times
    }

    fn offer(&mut self, notice: &Notice) {
        let mut out = Vec::new();
        let waits = !self.live || self.hole.is_some();
        let hole = self.delivery.offer(notice, &mut out).unwrap();
        assert!(
            !waits || out.is_empty(),
            "live frames wait for the catch-up and for a hole"
        );
        assert!(self.hole.is_none() || hole.is_none(), "one hole at a time");
        self.hole = self.hole.or(hole);
        self.told.extend(all_told(out));
    }

    /// The next page, as it is stored now; `true` when it reached the head.
    fn page(&mut self, limit: usize) -> bool {
        let cursor = self.delivery.cursor().map_or(0, CandleTime::seconds);
        let times: Vec<i64> = self.stored.range(cursor + 1..).take(limit).copied().collect();
        let page = ClosedFrames::new(self.series.clone(), candles(&times));
        let (known, hole) = self.delivery.page(page.candles());
        self.told.extend(all_told(Delivery::page_frames(
            self.delivery.modes,
            &page,
            known,
            hole,
        )));
        times.len() < limit
    }

    fn go_live(&mut self) {
        let mut out = Vec::new();
        self.hole = self.delivery.go_live(None, &mut out);
        self.live = true;
        self.told.extend(all_told(out));
    }

    fn healed(&mut self, recovered: u8) {
        let Some(hole) = self.hole else { return };
        let grid = (hole.expected_next.seconds()..hole.actual.seconds()).step_by(60);
        let times: Vec<i64> = grid
            .zip(0..8)
            .filter(|(_, bit)| recovered & (1 << bit) != 0)
            .map(|(time, _)| time)
            .collect();
        self.stored.extend(&times);
        let frames = ClosedFrames::new(self.series.clone(), candles(&times));
        let mut out = Vec::new();
        self.hole = self
            .delivery
            .healed((!times.is_empty()).then_some(&frames), &mut out);
        self.told.extend(all_told(out));
    }
}

fn times_of(told: &str) -> Vec<i64> {
    let (kind, rest) = told.split_once(' ').unwrap();
    match kind {
        "closed" | "batch" => rest.split(',').map(|time| time.parse().unwrap()).collect(),
        _ => Vec::new(),
    }
}

proptest! {
    #[test]
    fn ascending_once_and_gaps_first(
        before in 0usize..8, heals in any::<bool>(), since in prop::option::of(0i64..20), batch in any::<bool>(), limit in 1usize..4,
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let series: SeriesId = "binance:spot:BTC/USDT:1m".parse().unwrap();
        let cursor = since.map(|n| CandleTime::clamped(600 + 60 * n));
        let modes = Modes { batch, draw_head: false };
        let holes = if heals { Holes::Heal } else { Holes::Tell };
        let delivery = Delivery::new(series.timeframe(), modes, cursor, usize::MAX, holes);
        let mut world = World {
            series, stored: BTreeSet::new(), delivery, told: Vec::new(), live: false, hole: None,
        };
        world.store(1, before);
        let (mut published, mut all_read) = (BTreeSet::new(), false);
        for step in steps {
            match step {
                Step::Publish { skip, count } => {
                    let times = world.store(skip, count);
                    published.extend(times.iter().copied());
                    let notice = Notice::closed(&world.series, candles(&times));
                    world.offer(&notice);
                }
                Step::Silent { skip, count } => drop(world.store(skip, count)),
                Step::Late => {
                    if let Some(first) = world.stored.first().copied().filter(|_| world.live) {
                        let notice = Notice::closed(&world.series, candles(&[first]));
                        if world.delivery.cursor().is_some() {
                            world.offer(&notice);
                        }
                    }
                }
                Step::Forming => {
                    let open = world.stored.last().copied().unwrap_or(600) + 60;
                    let notice = Notice::forming(&world.series, FormingCandle::new(candle(open)));
                    world.offer(&notice);
                }
                Step::Page if !world.live => all_read = world.page(limit),
                Step::GoLive if !world.live && all_read => world.go_live(),
                Step::Healed { recovered } => world.healed(recovered),
                Step::Page | Step::GoLive => {}
            }
        }
        if !world.live {
            while !world.page(limit) {}
            world.go_live();
        }
        while world.hole.is_some() {
            world.healed(0);
        }

        let mut newest = cursor.map(CandleTime::seconds);
        let mut gap: Option<(i64, i64)> = None;
        let mut sent = BTreeSet::new();
        for told in &world.told {
            let times = times_of(told);
            if let Some((expected, actual)) = gap.take() {
                prop_assert_eq!(times.first(), Some(&actual), "a gap comes directly before its candle");
                prop_assert_eq!(Some(expected), newest.map(|newest| newest + 60));
                prop_assert!(actual > expected);
            }
            for time in times {
                prop_assert!(newest.is_none_or(|newest| time > newest), "{time} after {newest:?}");
                newest = Some(time);
                sent.insert(time);
            }
            if let Some(hole) = told.strip_prefix("gap ") {
                let (expected, actual) = hole.split_once('-').unwrap();
                gap = Some((expected.parse().unwrap(), actual.parse().unwrap()));
            }
            if let Some(open) = told.strip_prefix("forming ") {
                prop_assert!(newest.is_none_or(|newest| open.parse::<i64>().unwrap() > newest));
            }
        }
        prop_assert!(gap.is_none());
        let first = cursor.map_or(0, CandleTime::seconds);
        let missed: Vec<_> = published.iter().filter(|time| **time > first && !sent.contains(*time)).collect();
        prop_assert!(missed.is_empty(), "published and never sent: {missed:?}");
    }
}
