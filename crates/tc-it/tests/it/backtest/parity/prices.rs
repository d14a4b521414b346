//! Candles of a market that never was.

use tc_backtest::{date_of, day_of};
use tc_market::{Candle, CandleTime, Timeframe};

use super::dice::Dice;

/// Powers of ten, exact.
const POWERS: [f64; 19] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
];

/// Most decimals of a price: freqtrade does not trade on markets with steps much smaller.
const FINEST: usize = 10;

/// How the prices of one pair move and are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// First price.
    pub(super) base: f64,
    /// Usual move of a candle, as a share.
    pub(super) move_: f64,
    /// Decimals of prices in months of even and of odd number; `None`: every digit that a number has.
    pub(super) decimals: Option<[usize; 2]>,
    /// A candle in so many begins a hole.
    pub(super) hole_in: Option<i64>,
}

impl Manner {
    pub(super) fn any(dice: &mut Dice, move_: f64) -> Self {
        let magnitude = dice.pick(&[-8, -6, -5, -4, -2, -1, 0, 0, 1, 2, 2, 3, 4, 4]);
        let base = decimal(dice.within(1.0, 10.0), magnitude);
        // Digits of a price; few make steps that are large beside the moves.
        let digits = dice.pick(&[3, 4, 4, 5, 5, 6, 7]);
        let fine = usize::try_from(digits - 1 - magnitude)
            .unwrap_or_default()
            .min(FINEST);
        let coarse = fine.saturating_sub(usize::from(dice.one_in(2)) + usize::from(dice.one_in(4)));
        let decimals = if dice.one_in(3) {
            [fine, coarse]
        } else if dice.one_in(2) {
            [coarse, fine]
        } else {
            [fine, fine]
        };
        Self {
            base: base.max(1.0 / POWERS[fine]),
            move_,
            decimals: (magnitude < 0 || !dice.one_in(10)).then_some(decimals),
            hole_in: dice.one_in(3).then(|| dice.pick(&[20, 60, 200])),
        }
    }

    fn written(&self, price: f64, time_ms: i64) -> f64 {
        let month = date_of(day_of(time_ms)).month;
        let Some([even, odd]) = self.decimals else {
            return price;
        };
        let scale = POWERS[if month % 2 == 0 { even } else { odd }];
        (price * scale).round().max(1.0) / scale
    }
}

/// `digit * 10^exponent`, the number nearest to it.
pub(super) fn decimal(digit: f64, exponent: i64) -> f64 {
    let power = POWERS[usize::try_from(exponent.unsigned_abs()).unwrap()];
    if exponent < 0 {
        digit / power
    } else {
        digit * power
    }
}

/// `count` candles from `first_ms` on, and fewer where there are holes.
pub(super) fn candles(
    dice: &mut Dice,
    manner: &Manner,
    timeframe: Timeframe,
    first_ms: i64,
    count: i64,
) -> Vec<Candle> {
    let mut made = Vec::new();
    let (mut close, mut hole) = (manner.base, 0);
    for n in 0..count {
        let time_ms = first_ms + n * timeframe.seconds() * 1_000;
        let open = if dice.one_in(8) {
            step(dice, close, manner.move_)
        } else {
            close
        };
        let still = dice.one_in(25);
        close = if still {
            open
        } else {
            step(dice, open, manner.move_)
        };
        // Prices that wander too far would leave the digits they are written with.
        close = close.clamp(manner.base / 3.0, manner.base * 3.0);
        let (mut high, mut low) = (open.max(close), open.min(close));
        if !still {
            high *= 1.0 + manner.move_ * dice.share();
            low *= 1.0 - manner.move_ * dice.share();
        }
        let [open, high, low, shown] = [open, high, low, close].map(|price| manner.written(price, time_ms));
        if hole == 0 && n > 0 && manner.hole_in.is_some_and(|sides| dice.one_in(sides)) {
            hole = dice.between(1, 6);
        }
        if hole > 0 && n + 1 < count {
            hole -= 1;
            continue;
        }
        let time = CandleTime::new(time_ms / 1_000).unwrap();
        let volume = if still { 0.0 } else { 1.0 + n as f64 };
        made.push(Candle::new(time, open, high, low, shown, volume).unwrap());
    }
    made
}

fn step(dice: &mut Dice, price: f64, move_: f64) -> f64 {
    let change = if dice.one_in(40) {
        4.0 * move_ * dice.bell()
    } else {
        move_ * dice.bell()
    };
    price * (1.0 + change.clamp(-0.6, 0.6))
}
