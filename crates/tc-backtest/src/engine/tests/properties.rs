//! What holds for every market, whatever the signals.

use proptest::prelude::*;
use tc_market::{Candle, CandleTime, Timeframe};

use super::{START_S, Trading, plain};
use crate::{
    BeforeOffset, Config, DataRange, FundingSeries, Market, PairInput, PairSeries, RoiStep, RoiTable, Run,
    Shorts, Signal, SignalColumns, Slots, Stake, Trailing, simulate,
};

/// One candle of a pair: move of the close, reach above and below, signals.
type Step = (i8, u8, u8, u8);

#[derive(Debug, Clone)]
struct Scene {
    config: Config,
    pairs: Vec<Vec<Step>>,
}

fn scenes() -> impl Strategy<Value = Scene> {
    let step = (-30_i8..=30, 0_u8..20, 0_u8..20, any::<u8>());
    let pairs = prop::collection::vec(prop::collection::vec(step, 4..120), 1..4);
    let config = (
        0_u32..4,
        prop::bool::ANY,
        prop::bool::ANY,
        prop::bool::ANY,
        1_u8..20,
        prop::option::of(1_u8..30),
    )
        .prop_map(|(slots, unlimited, futures, trailing, stop, roi)| Config {
            stake: if unlimited && slots > 0 {
                Stake::Unlimited
            } else {
                Stake::Fixed(120.0)
            },
            slots: if slots == 0 {
                Slots::Unlimited
            } else {
                Slots::AtMost(slots)
            },
            fee: 0.000_75,
            trading: if futures {
                Trading::Futures {
                    leverage: 3.0,
                    shorts: Shorts::Allowed,
                }
            } else {
                Trading::Spot
            },
            stop_loss: -f64::from(stop) / 100.0,
            roi: RoiTable::new(roi.map(|ratio| RoiStep {
                minutes: 0,
                ratio: f64::from(ratio) / 100.0,
            })),
            trailing: trailing.then_some(Trailing {
                positive: Some(0.01),
                positive_offset: 0.02,
                before_offset: BeforeOffset::Follows,
            }),
            ..plain()
        });
    (config, pairs).prop_map(|(config, pairs)| Scene { config, pairs })
}

fn candles(steps: &[Step]) -> Vec<Candle> {
    // Two decimals from the start: the price step of a month is read off all its prices.
    let mut level = 1_001_i32;
    let candle = |(at, &(change, above, below, _)): (i64, &Step)| {
        let open = level;
        level = (level + i32::from(change)).clamp(300, 3_000);
        let (high, low) = (
            open.max(level) + i32::from(above),
            open.min(level) - i32::from(below),
        );
        let price = |level: i32| f64::from(level) / 100.0;
        let time = CandleTime::clamped(START_S + 60 * at);
        Candle::new(time, price(open), price(high), price(low), price(level), 1.0).unwrap()
    };
    (0..).zip(steps).map(candle).collect()
}

fn signals(steps: &[Step]) -> SignalColumns {
    let mut columns = SignalColumns::new(steps.len());
    for (row, (_, _, _, roll)) in steps.iter().enumerate() {
        match roll {
            0..=39 => columns.set(row, Signal::EnterLong),
            40..=59 => columns.set(row, Signal::ExitLong),
            60..=89 => columns.set(row, Signal::EnterShort),
            90..=109 => columns.set(row, Signal::ExitShort),
            110..=119 => {
                columns.set(row, Signal::ExitLong);
                columns.set(row, Signal::EnterShort);
            }
            _ => {}
        }
    }
    columns
}

fn run(scene: &Scene) -> Run {
    let funding = FundingSeries::default();
    let pairs: Vec<(PairSeries, SignalColumns)> = scene
        .pairs
        .iter()
        .map(|steps| {
            let market = Market::spot("A/B", 0.01, 0.001).unwrap();
            let series =
                PairSeries::prepare(market, &candles(steps), Timeframe::MINUTE, DataRange::default())
                    .unwrap();
            (series, signals(steps))
        })
        .collect();
    let inputs: Vec<_> = pairs
        .iter()
        .map(|(series, signals)| PairInput {
            series,
            signals,
            funding: Some(&funding),
        })
        .collect();
    simulate(&scene.config, &inputs).unwrap()
}

proptest! {
    #[test]
    fn money_is_neither_made_nor_lost(scene in scenes()) {
        let run = run(&scene);
        let profit: f64 = run.trades.iter().map(|trade| trade.profit_abs).sum();
        prop_assert!((run.final_balance - run.starting_balance - profit).abs() < 1e-9);
        for trade in &run.trades {
            let bought = trade.amount * trade.open_rate;
            let sold = trade.amount * trade.close_rate;
            let fees = bought * trade.fee_open + sold * trade.fee_close;
            let gross = (sold - bought) * trade.side.sign();
            prop_assert!((trade.profit_abs - (gross - fees)).abs() < 1e-6, "{trade:?}");
        }
    }

    #[test]
    fn slots_are_never_exceeded(scene in scenes()) {
        let run = run(&scene);
        let open_at = |time: i64| {
            // A trade that closes on a candle frees its slot for entries on the same candle.
            run.trades.iter().filter(|trade| trade.open_ms <= time && time < trade.close_ms).count()
        };
        if let Slots::AtMost(slots) = scene.config.slots {
            for trade in &run.trades {
                prop_assert!(open_at(trade.open_ms) <= slots as usize);
            }
        }
        for pair in 0..scene.pairs.len() {
            let trades: Vec<_> = run.trades.iter().filter(|trade| trade.pair == pair).collect();
            for two in trades.windows(2) {
                prop_assert!(two[0].close_ms <= two[1].open_ms, "{two:?}");
            }
        }
    }

    #[test]
    fn prices_lie_inside_their_candles(scene in scenes()) {
        for trade in run(&scene).trades {
            let candles = candles(&scene.pairs[trade.pair]);
            let at = |time: i64| &candles[usize::try_from((time / 1_000 - START_S) / 60).unwrap()];
            prop_assert_eq!(at(trade.open_ms).open(), trade.open_rate);
            let exit = at(trade.close_ms);
            prop_assert!(exit.low() <= trade.close_rate && trade.close_rate <= exit.high(), "{:?}", trade);
        }
    }

    #[test]
    fn the_future_changes_nothing_that_is_over(scene in scenes(), cut in 2_usize..60, other in any::<u8>()) {
        let whole = run(&scene);
        let mut changed = scene.clone();
        for step in changed.pairs.iter_mut().flat_map(|steps| steps.iter_mut().skip(cut)) {
            *step = (step.0.wrapping_neg(), other % 20, step.1, other);
        }
        // The signal of the candle before the cut acts on the first changed one.
        let cut_ms = (START_S + 60 * i64::try_from(cut).unwrap()) * 1_000;
        let before = |run: &Run| -> Vec<crate::Trade> {
            run.trades.iter().filter(|trade| trade.close_ms < cut_ms).cloned().collect()
        };
        let changed = run(&changed);
        prop_assert_eq!(before(&whole), before(&changed));
        let kept = (cut - 1).min(whole.equity.values.len());
        prop_assert_eq!(&whole.equity.values[..kept], &changed.equity.values[..kept]);
    }

    #[test]
    fn the_same_input_gives_the_same_bits(scene in scenes()) {
        prop_assert_eq!(run(&scene), run(&scene));
    }
}
