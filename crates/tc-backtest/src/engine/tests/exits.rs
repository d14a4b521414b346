//! Which exit wins, and at which price.

use super::{futures, pair, pair_on, plain, roi, run, summary};
use crate::{
    BeforeOffset, Config, ExitOptions, ExitReason, FundingSeries, LeverageTier, MarkCandle, Market, RoiStep,
    RoiTable, Shorts, Trading, Trailing, simulate,
};

#[test]
fn a_signal_acts_on_the_open_of_the_next_candle() {
    let run = run(&plain(), "99 L | 100 | 101 l | 102 | 103");
    assert_eq!(summary(&run), [(1, 3, 102.0, "exit_signal")]);
    assert_eq!((run.trades[0].open_rate, run.trades[0].amount), (100.0, 1.0));
    assert_eq!((run.trades[0].profit_abs, run.final_balance), (2.0, 1_002.0));
}

#[test]
fn entry_and_stop_on_one_candle() {
    assert_eq!(
        summary(&run(&plain(), "100 L | 100 101 85 99 | 100 | 100")),
        [(1, 1, 90.0, "stop_loss")]
    );
}

#[test]
fn a_signal_beats_a_stop_on_one_candle() {
    assert_eq!(
        summary(&run(&plain(), "100 L | 100 l | 95 96 80 81 | 80")),
        [(1, 2, 95.0, "exit_signal")]
    );
}

#[test]
fn a_stop_comes_before_the_profit_table() {
    let config = Config {
        roi: roi(0.02),
        ..plain()
    };
    let run = run(&config, "100 L | 100 | 100 110 85 99 | 100");
    assert_eq!(summary(&run), [(1, 2, 90.0, "stop_loss")]);
}

#[test]
fn the_profit_table_comes_before_a_trailing_stop() {
    let config = Config {
        roi: roi(0.05),
        trailing: Some(Trailing {
            positive: None,
            positive_offset: 0.0,
            before_offset: BeforeOffset::Follows,
        }),
        ..plain()
    };
    // The stop has followed to 99 (110 less ten per cent), which the candle reaches too.
    let run = run(&config, "100 L | 100 104 100 104 | 104 110 98 104 | 104");
    assert_eq!(summary(&run), [(1, 2, 105.0, "roi")]);
}

#[test]
fn a_gap_through_a_stop_fills_at_the_stop_when_the_high_still_reaches_it() {
    let gap = |high: f64| run(&plain(), &format!("100 L | 100 | 85 {high} 80 84 | 84"));
    assert_eq!(summary(&gap(91.0)), [(1, 2, 90.0, "stop_loss")]);
    assert_eq!(summary(&gap(89.0)), [(1, 2, 85.0, "stop_loss")]);
}

#[test]
fn there_is_no_entry_on_the_last_candle() {
    assert_eq!(summary(&run(&plain(), "100 | 100 L | 100")), []);
    assert_eq!(
        summary(&run(&plain(), "100 L | 100 | 101")),
        [(1, 2, 101.0, "force_exit")]
    );
}

#[test]
fn an_entry_that_contradicts_itself_is_none() {
    assert_eq!(summary(&run(&plain(), "100 L l | 100 | 100 | 100")), []);
}

#[test]
fn an_exit_signal_needs_no_entry_beside_it() {
    assert_eq!(
        summary(&run(&plain(), "100 L | 100 l L | 101 l | 102 | 103")),
        [(1, 3, 102.0, "exit_signal")]
    );
}

#[test]
fn exit_signals_may_need_a_profit() {
    let config = Config {
        exits: ExitOptions {
            profit_only_above: Some(0.01),
            ..ExitOptions::default()
        },
        ..plain()
    };
    // One per cent is not above one per cent.
    let run = run(&config, "100 L | 100 l | 101 l | 102 | 103");
    assert_eq!(summary(&run), [(1, 3, 102.0, "exit_signal")]);
}

#[test]
fn an_entry_signal_may_keep_a_trade_from_its_profit() {
    let config = Config {
        roi: roi(0.02),
        exits: ExitOptions {
            ignore_roi_if_entry_signal: true,
            ..ExitOptions::default()
        },
        ..plain()
    };
    let run = run(&config, "100 L | 100 L | 100 105 100 104 | 104 106 103 105 | 105");
    assert_eq!(summary(&run), [(1, 3, 103.0, "roi")]);
}

#[test]
fn the_table_has_steps() {
    let step = |minutes, ratio| RoiStep { minutes, ratio };
    let config = Config {
        roi: RoiTable::new([step(0, 0.5), step(2, 0.01), step(4, -1.0)]),
        ..plain()
    };
    // At the age of two minutes one per cent is enough; the open is better than that.
    let better = run(&config, "100 L | 100 | 100 103 100 103 | 103 104 102 103 | 103");
    assert_eq!(summary(&better), [(1, 3, 103.0, "roi")]);
    // At the age of four minutes the trade ends whatever it has brought.
    let over = run(&config, "100 L | 100 | 100 | 100 | 99 | 98 99 97 98 | 98");
    assert_eq!(summary(&over), [(1, 5, 98.0, "roi")]);
}

#[test]
fn a_trailing_stop_on_the_candle_of_the_entry_assumes_the_worst() {
    let config = Config {
        trailing: Some(Trailing {
            positive: Some(0.01),
            positive_offset: 0.03,
            before_offset: BeforeOffset::Stays,
        }),
        ..plain()
    };
    // The stop follows to 104.94; nobody knows whether the price went there first, so the least that armed it counts.
    let run = run(&config, "100 L | 100 106 100 101 | 101");
    assert_eq!(summary(&run), [(1, 1, 102.0, "trailing_stop_loss")]);
    assert_eq!(
        (run.trades[0].stop_loss_abs, run.trades[0].stop_loss_ratio),
        (104.94, -0.01)
    );
}

#[test]
fn a_trailing_stop_waits_for_its_offset() {
    let config = |before_offset| Config {
        trailing: Some(Trailing {
            positive: Some(0.01),
            positive_offset: 0.05,
            before_offset,
        }),
        ..plain()
    };
    // Ten per cent below 104 is 93.60000000000001, which is rounded up.
    let text = "100 L | 100 | 100 104 100 104 | 104 104 93 94 | 94";
    assert_eq!(
        summary(&run(&config(BeforeOffset::Stays), text)),
        [(1, 4, 94.0, "force_exit")]
    );
    assert_eq!(
        summary(&run(&config(BeforeOffset::Follows), text)),
        [(1, 3, 93.61, "trailing_stop_loss")]
    );
}

#[test]
fn a_trade_is_turned_around_on_one_candle() {
    let run = run(&futures(), "100 L | 100 | 101 l S | 102 | 101 L s | 100 | 99");
    assert_eq!(
        summary(&run),
        [
            (1, 3, 102.0, "exit_signal"),
            (3, 5, 100.0, "exit_signal"),
            (5, 6, 99.0, "force_exit")
        ]
    );
    let profits: Vec<f64> = run.trades.iter().map(|trade| trade.profit_abs).collect();
    assert_eq!(profits, [2.0, 1.96, -1.0]);
}

#[test]
fn short_signals_need_permission() {
    let config = Config {
        trading: Trading::Futures {
            leverage: 1.0,
            shorts: Shorts::Ignored,
        },
        ..plain()
    };
    let text = "100 S | 100 | 101 L S | 102 | 103";
    for config in [config, plain()] {
        assert_eq!(summary(&run(&config, text)), [(3, 4, 103.0, "force_exit")]);
    }
}

#[test]
fn leverage_moves_the_stop_closer_and_liquidation_waits_behind_it() {
    let config = Config {
        trading: Trading::Futures {
            leverage: 10.0,
            shorts: Shorts::Allowed,
        },
        stop_loss: -0.99,
        ..plain()
    };
    let mut leveraged = pair("100 L | 100 | 100 101 91 92 | 92");
    let market = Market {
        tiers: vec![LeverageTier {
            min_notional: 0.0,
            max_notional: None,
            maintenance_rate: 0.01,
            maintenance_amount: 0.0,
            max_leverage: 20.0,
        }],
        ..leveraged.series.market().clone()
    };
    leveraged = super::pair_on(market, "100 L | 100 | 100 101 91 92 | 92");
    let run = simulate(&config, &[leveraged.input()]).unwrap();
    // Ten pieces on a stake of 100: worth 900.9 is lost with the margin; five per cent of the way back are kept.
    let liquidation = 91.36;
    assert_eq!(run.trades[0].liquidation_price, Some(liquidation));
    assert_eq!(summary(&run), [(1, 2, liquidation, "liquidation")]);
    let tight = Config {
        stop_loss: -0.5,
        ..config
    };
    let run = simulate(&tight, &[leveraged.input()]).unwrap();
    assert_eq!(summary(&run), [(1, 2, 95.0, "stop_loss")]);
}

#[test]
fn funding_is_paid_for_every_time_the_trade_was_open() {
    let hour = super::START_S * 1_000 + 3_600_000;
    let mut text = "100 L | 100".to_owned();
    (0..120).for_each(|_| text.push_str(" | 100"));
    let mut pair = pair(&text);
    let rates = [
        (hour - 3_600_000, 0.5),
        (hour, 0.001),
        (hour + 3_600_000, 0.002),
        (hour + 7_200_000, 0.004),
    ];
    let marks = rates.map(|(time_ms, _)| MarkCandle {
        time_ms,
        open: 200.0,
        close: 150.0,
    });
    pair.funding = FundingSeries::new(&rates, &marks, 0..=i64::MAX);
    let run = simulate(&futures(), &[pair.input()]).unwrap();
    // Opened after the first time; closed before the last one.
    let paid = 200.0 * 0.001 + 200.0 * 0.002;
    assert_eq!(run.trades[0].funding_fees, -paid);
    assert_eq!(run.trades[0].profit_abs, -0.6);
    assert_eq!(run.trades[0].exit_reason, ExitReason::ForceExit);
    let spot = simulate(&plain(), &[pair.input()]).unwrap();
    assert_eq!(spot.trades[0].funding_fees, 0.0);
}

#[test]
fn the_profit_is_that_of_the_price_paid_not_of_the_grid() {
    let market = Market::spot("A/B", 5.0, 0.001).unwrap();
    let coarse = pair_on(market, "103 L | 103 | 110 l | 110 | 110");
    let run = simulate(&plain(), &[coarse.input()]).unwrap();
    let trade = &run.trades[0];
    assert_eq!((trade.open_rate, trade.entry_rate), (105.0, 103.0));
    assert_eq!(trade.profit_abs, 6.79);
    assert_eq!(trade.profit_ratio, 6.79 / (0.97 * 103.0));
    assert_eq!(trade.entry_cost, 0.97 * 103.0);
}

#[test]
fn a_stop_of_the_whole_price_is_no_initial_stop() {
    let config = Config {
        stop_loss: -1.0,
        trailing: Some(Trailing {
            positive: Some(0.01),
            positive_offset: 0.0,
            before_offset: BeforeOffset::Follows,
        }),
        ..plain()
    };
    let run = run(&config, "100 L | 100 | 110 | 120 | 120");
    let trade = &run.trades[0];
    assert_eq!((trade.initial_stop_loss_abs, trade.stop_loss_abs), (108.9, 118.8));
    assert_eq!(
        (trade.initial_stop_loss_ratio, trade.stop_loss_ratio),
        (-1.0, -0.01)
    );
}

#[test]
fn tags_say_what_opened_and_closed_a_trade() {
    let mut tagged = pair("100 L | 100 | 101 l | 102 | 103");
    tagged.signals.tag_entry(0, "breakout".into());
    tagged.signals.tag_exit(2, "flip".into());
    let run = simulate(&plain(), &[tagged.input()]).unwrap();
    assert_eq!(run.trades[0].enter_tag.as_deref(), Some("breakout"));
    assert_eq!(run.trades[0].exit_reason.as_str(), "flip");
}
