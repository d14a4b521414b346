//! Random backtests.

use tc_backtest::{
    BeforeOffset, Config, DataRange, ExitOptions, MarkCandle, PairSeries, RoiStep, RoiTable, Shorts, Slots,
    Stake, Trading, Trailing,
};
use tc_market::{Candle, Timeframe};

use super::{
    dice::Dice,
    markets::{self, RandomMarket},
    prices::{self, Manner},
};

/// 2024-01-01, Unix milliseconds.
const EPOCH_MS: i64 = 1_704_067_200_000;
const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;
const BASES: [&str; 4] = ["BTC", "ETH", "SHIB", "XRP"];

/// A backtest that nobody wrote.
#[derive(Debug)]
pub(super) struct RandomCase {
    pub(super) name: String,
    pub(super) timeframe: Timeframe,
    pub(super) range: DataRange,
    pub(super) config: Config,
    pub(super) pairs: Vec<RandomPair>,
}

/// One pair of a backtest.
#[derive(Debug)]
pub(super) struct RandomPair {
    pub(super) market: RandomMarket,
    pub(super) candles: Vec<Candle>,
    /// Signals of each candle.
    pub(super) signals: Vec<SignalRow>,
    /// Funding rates: Unix milliseconds, share.
    pub(super) rates: Vec<(i64, f64)>,
    pub(super) marks: Vec<MarkCandle>,
}

/// Signals and tags of one candle.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignalRow {
    /// Enter long, exit long, enter short, exit short.
    pub(super) flags: [bool; 4],
    pub(super) enter_tag: &'static str,
    pub(super) exit_tag: &'static str,
}

impl RandomCase {
    pub(super) fn of(seed: u64) -> Self {
        let dice = &mut Dice::new(seed);
        let timeframe: Timeframe = dice
            .pick(&["1m", "5m", "5m", "15m", "15m", "1h", "1d"])
            .parse()
            .unwrap();
        let step_ms = timeframe.seconds() * 1_000;
        let count = if step_ms == DAY_MS {
            dice.between(60, 300)
        } else {
            dice.between(200, 1_200)
        };
        // Around a month border, so that price steps change on the way.
        let border = EPOCH_MS + dice.pick(&[31, 60, 91, 121, 152]) * DAY_MS;
        let days_before = (step_ms * dice.between(0, count) / DAY_MS) * DAY_MS;
        let first_ms = border - days_before;
        let futures = dice.one_in(2);
        // Longer candles move further.
        let move_ = dice.pick(&[0.001, 0.003, 0.006, 0.015]);
        let range = range(dice, first_ms, step_ms, count);
        let config = config(dice, futures, move_, step_ms / 60_000);
        let pairs = usize::try_from(dice.pick(&[1, 1, 2, 2, 3, 4])).unwrap();
        let plan = Plan {
            futures,
            move_,
            first_ms,
            count,
            timeframe,
        };
        let mut case = Self {
            name: format!("random_{seed}"),
            timeframe,
            range,
            pairs: BASES[..pairs]
                .iter()
                .map(|base| pair(dice, base, &config, plan))
                .collect(),
            config,
        };
        // A range and a start-up may leave nothing of a pair that begins late.
        let all = case.pairs.len();
        let (series, range) = (case.timeframe, case.range);
        let prepared = |pair: &RandomPair| {
            PairSeries::prepare(pair.market.market.clone(), &pair.candles, series, range).is_ok()
        };
        if case.pairs.iter().filter(|pair| prepared(pair)).count() < all.min(2) {
            case.range = DataRange::default();
        } else {
            case.pairs.retain(prepared);
        }
        case
    }
}

/// What the pairs of a case share.
#[derive(Debug, Clone, Copy)]
struct Plan {
    futures: bool,
    move_: f64,
    first_ms: i64,
    count: i64,
    timeframe: Timeframe,
}

fn range(dice: &mut Dice, first_ms: i64, step_ms: i64, count: i64) -> DataRange {
    let days = step_ms * count / DAY_MS;
    let startup = dice.pick(&[0, 0, 1, 5, 30, 100]);
    let (mut start, mut end) = (None, None);
    if days >= 2 && dice.one_in(2) {
        start = Some(dice.between(0, days / 3));
        end = dice.one_in(2).then(|| dice.between(days * 2 / 3, days));
    }
    let day = |day: i64| first_ms + day * DAY_MS;
    DataRange {
        start_ms: start.map(day),
        end_ms: end.map(day),
        startup_candles: usize::try_from(startup).unwrap(),
    }
}

fn config(dice: &mut Dice, futures: bool, move_: f64, candle_minutes: i64) -> Config {
    let leverage = if futures {
        dice.pick(&[1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 20.0])
    } else {
        1.0
    };
    let wallet: f64 = dice.pick(&[50.0, 200.0, 1_000.0, 1_000.0, 12_345.678, 1_000_000.0]);
    let slots = dice.pick(&[1, 1, 2, 2, 3, 4, -1]);
    let ratio: f64 = dice.pick(&[0.5, 0.99, 0.99, 1.0]);
    let fixed = [0.009, 0.05, 0.11, 0.333, 0.5, 0.97];
    let stake = if slots < 0 || dice.one_in(2) {
        Stake::Fixed((wallet * ratio * dice.pick(&fixed)).max(1.0_f64))
    } else {
        Stake::Unlimited
    };
    let shorts = if dice.one_in(4) {
        Shorts::Ignored
    } else {
        Shorts::Allowed
    };
    // Profits and stops are as far away as a trade moves in some candles.
    let reach = move_ * leverage;
    Config {
        wallet,
        stake,
        tradable_balance_ratio: ratio,
        slots: u32::try_from(slots).map_or(Slots::Unlimited, Slots::AtMost),
        fee: dice.pick(&[0.0, 0.0002, 0.00075, 0.001, 0.001, 0.005]),
        trading: if futures {
            Trading::Futures { leverage, shorts }
        } else {
            Trading::Spot
        },
        roi: roi(dice, reach, candle_minutes),
        stop_loss: stop(dice, reach),
        trailing: trailing(dice, reach),
        exits: ExitOptions {
            use_exit_signal: !dice.one_in(5),
            profit_only_above: dice.one_in(4).then(|| dice.pick(&[0.0, 0.0, reach, -reach])),
            ignore_roi_if_entry_signal: dice.one_in(4),
        },
        liquidation_buffer: dice.pick(&[0.05, 0.05, 0.0, 0.2]),
        amount_reserve: dice.pick(&[0.05, 0.05, 0.0, 0.3]),
        exit_timeout_ms: dice.one_in(2).then(|| dice.pick(&[1, 10, 60, 600]) * 60_000),
    }
}

fn rounded(x: f64) -> f64 {
    (x * 1e5).round() / 1e5
}

fn roi(dice: &mut Dice, reach: f64, candle_minutes: i64) -> RoiTable {
    if dice.one_in(6) {
        return RoiTable::new([]);
    }
    let mut steps = Vec::new();
    let (mut minutes, mut ratio): (i64, f64) = (
        if dice.one_in(5) { candle_minutes } else { 0 },
        dice.within(1.0, 12.0) * reach,
    );
    for _ in 0..dice.between(1, 4) {
        steps.push(RoiStep {
            minutes,
            ratio: rounded(ratio),
        });
        minutes +=
            dice.between(1, 30) * candle_minutes + if dice.one_in(3) { dice.between(1, 59) } else { 0 };
        ratio *= dice.within(0.2, 0.9);
        if dice.one_in(6) {
            ratio = dice.pick(&[0.0, -0.5 * reach]);
        }
    }
    if dice.one_in(4) {
        steps.push(RoiStep { minutes, ratio: -1.0 });
    }
    RoiTable::new(steps)
}

fn stop(dice: &mut Dice, reach: f64) -> f64 {
    let far = dice.pick(&[0.99, 1.0, 0.5]);
    let near = (reach * dice.within(0.3, 25.0)).clamp(0.0005, 0.99);
    let stop = if dice.one_in(6) { far } else { near };
    -rounded(stop)
}

fn trailing(dice: &mut Dice, reach: f64) -> Option<Trailing> {
    if dice.one_in(2) {
        return None;
    }
    let positive = dice
        .one_in(2)
        .then(|| rounded((reach * dice.within(0.3, 5.0)).clamp(0.0001, 0.5)));
    let above = rounded(positive.unwrap_or(0.0) + (reach * dice.within(0.1, 5.0)).clamp(0.0001, 0.4));
    let positive_offset = if dice.one_in(3) { 0.0 } else { above };
    let stays = positive.is_some() && dice.one_in(2);
    Some(Trailing {
        positive,
        positive_offset,
        before_offset: if stays {
            BeforeOffset::Stays
        } else {
            BeforeOffset::Follows
        },
    })
}

fn pair(dice: &mut Dice, base: &str, config: &Config, plan: Plan) -> RandomPair {
    let step_ms = plan.timeframe.seconds() * 1_000;
    let late = if dice.one_in(5) {
        dice.between(1, plan.count / 3)
    } else {
        0
    };
    let early = if dice.one_in(5) {
        dice.between(1, plan.count / 4)
    } else {
        0
    };
    let manner = Manner::any(dice, plan.move_);
    let first_ms = plan.first_ms + late * step_ms;
    let count = plan.count - late - early;
    let candles = prices::candles(dice, &manner, plan.timeframe, first_ms, count);
    let (enter_in, exit_in) = (dice.pick(&[1, 3, 10, 40]), dice.pick(&[2, 6, 20, 80]));
    let signals = candles.iter().map(|_| signals(dice, enter_in, exit_in)).collect();
    let (mut rates, mut marks) = (Vec::new(), Vec::new());
    if plan.futures {
        let last_ms = plan.first_ms + plan.count * step_ms;
        let hours = (last_ms - plan.first_ms) / HOUR_MS;
        let (every, hole_in) = (dice.pick(&[1, 4, 8, 8]), dice.pick(&[5, 50, 100_000]));
        for hour in 0..=hours {
            let time = plan.first_ms + hour * HOUR_MS;
            if !dice.one_in(hole_in) {
                let (open, close) = (dice.within(0.9, 1.1), dice.within(0.9, 1.1));
                let (open, close) = (manner.base * open, manner.base * close);
                marks.push(MarkCandle {
                    time_ms: time,
                    open,
                    close,
                });
            }
            if hour % every == 0 && !dice.one_in(hole_in) {
                rates.push((time, (dice.bell() * 1e4).round() / 1e7));
            }
        }
    }
    RandomPair {
        market: markets::any(dice, base, config, &manner),
        candles,
        signals,
        rates,
        marks,
    }
}

fn signals(dice: &mut Dice, enter_in: i64, exit_in: i64) -> SignalRow {
    SignalRow {
        flags: [enter_in, exit_in, enter_in, exit_in].map(|sides| dice.one_in(sides)),
        enter_tag: dice.pick(&["", "", "trend", "breakout", "Zed"]),
        exit_tag: dice.pick(&["", "", "flip", "done", "roi"]),
    }
}
