//! Rounding to price and amount steps, and to eight decimals.
//!
//! All of it is exact on the shortest decimal of a number. Most numbers are far enough from a border for plain `f64` to
//! decide; the rest goes the long way.

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "results are exact")]
mod tests;

use std::fmt::Write as _;

use crate::decimal::{Decimal, FIFTEEN_DIGITS, POWERS, Text, nearest_whole};

/// Relative error that scaling a number by a power of ten, and taking it for its shortest decimal, stays below.
const SCALING_ERROR: f64 = 4e-16;
/// Decimals that stop levels are rounded to after they have been put on the grid.
const LEVEL_DECIMALS: usize = 14;

/// Nearest `f64` of the exact value of `x` rounded half to even at eight decimals.
#[must_use]
pub fn round8(x: f64) -> f64 {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let scaled = x.abs() * 1e8;
    if scaled < EXACT / 8.0 {
        let below = scaled.floor();
        let rest = scaled - below;
        if (rest - 0.5).abs() > scaled * SCALING_ERROR {
            let whole = if rest > 0.5 { below + 1.0 } else { below };
            return (whole / 1e8).copysign(x);
        }
    }
    round_as_text(x, 8)
}

/// `x` with so many decimals, half to even on its exact value.
pub(crate) fn round_decimals(x: f64, decimals: usize) -> f64 {
    round_as_text(x, decimals)
}

/// `x` with so many decimals as tables of numbers are rounded: scaled, made whole, scaled back.
pub(crate) fn round_scaled(x: f64, decimals: usize) -> f64 {
    let scale = POWERS[decimals.min(POWERS.len() - 1)];
    (x * scale).round_ties_even() / scale
}

fn round_as_text(x: f64, decimals: usize) -> f64 {
    let mut text = Text::new();
    match write!(text, "{x:.decimals$}") {
        Ok(()) => text.as_str().parse().unwrap_or(x),
        // A number of a hundred digits has no decimals.
        Err(_) => x,
    }
}

/// A price or amount step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tick {
    step: f64,
    exact: Decimal,
    /// `n` when the step is `10^-n`.
    decimals: Option<usize>,
}

/// A step that is zero, negative or not finite.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("a step must be above zero and finite, got {0}")]
pub struct TickError(pub f64);

/// Which multiple of the step is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Towards {
    Nearest,
    Zero,
    Away,
}

impl Tick {
    /// A step of `step`.
    ///
    /// # Errors
    /// [`TickError`] unless it is above zero and finite.
    pub fn new(step: f64) -> Result<Self, TickError> {
        if !(step.is_finite() && step > 0.0) {
            return Err(TickError(step));
        }
        let mut exact = Decimal::of(step);
        while exact.mantissa.is_multiple_of(10) && exact.mantissa > 0 {
            exact.mantissa /= 10;
            exact.exponent += 1;
        }
        let decimals = (exact.mantissa == 1 && (-22..=0).contains(&exact.exponent))
            .then_some(exact.exponent.unsigned_abs() as usize);
        Ok(Self {
            step,
            exact,
            decimals,
        })
    }

    /// A step of `10^-decimals`; at most 22 decimals count.
    #[must_use]
    pub fn of_decimals(decimals: usize) -> Self {
        let decimals = decimals.min(22);
        Self {
            step: 1.0 / POWERS[decimals],
            exact: Decimal {
                mantissa: 1,
                exponent: -i32::try_from(decimals).unwrap_or_default(),
            },
            decimals: Some(decimals),
        }
    }

    /// The step itself.
    #[must_use]
    pub const fn step(&self) -> f64 {
        self.step
    }

    /// Nearest multiple, half up. `x` is at least zero.
    #[must_use]
    pub fn near(&self, x: f64) -> f64 {
        self.multiple(x, Towards::Nearest)
    }

    /// Greatest multiple that is at most `x`.
    #[must_use]
    pub fn truncated(&self, x: f64) -> f64 {
        self.multiple(x, Towards::Zero)
    }

    /// Like [`Tick::truncated`], for price levels: rounded to 14 decimals when it moved.
    #[must_use]
    pub fn down(&self, x: f64) -> f64 {
        self.level(x, Towards::Zero)
    }

    /// Smallest multiple that is at least `x`, for price levels: rounded to 14 decimals when it moved.
    #[must_use]
    pub fn up(&self, x: f64) -> f64 {
        self.level(x, Towards::Away)
    }

    fn level(&self, x: f64, towards: Towards) -> f64 {
        let level = self.multiple(x, towards);
        // With so few decimals the nearest number to the level is its own rounding.
        if self.exact.exponent >= -14 {
            return level;
        }
        round_as_text(level, LEVEL_DECIMALS)
    }

    #[inline]
    fn multiple(&self, x: f64, towards: Towards) -> f64 {
        if let Some(decimals) = self.decimals {
            let scale = POWERS[decimals];
            let scaled = x * scale;
            if scaled < FIFTEEN_DIGITS {
                let below = nearest_whole(scaled);
                let below = if below > scaled { below - 1.0 } else { below };
                let rest = scaled - below;
                let error = scaled * SCALING_ERROR;
                let border = if towards == Towards::Nearest {
                    (rest - 0.5).abs()
                } else {
                    rest.min(1.0 - rest)
                };
                if border > error {
                    let up = match towards {
                        Towards::Nearest => rest > 0.5,
                        Towards::Zero => false,
                        Towards::Away => true,
                    };
                    return if up { below + 1.0 } else { below } / scale;
                }
                if towards != Towards::Nearest && Decimal::with_decimals(x, decimals).is_some() {
                    return x;
                }
            }
        }
        self.exact_multiple(x, towards)
    }

    /// The multiple by exact arithmetic.
    fn exact_multiple(&self, x: f64, towards: Towards) -> f64 {
        let number = Decimal::of(x);
        let exponent = number.exponent.min(self.exact.exponent);
        let aligned = |decimal: Decimal| {
            let shift = decimal.exponent.abs_diff(exponent);
            10_u128
                .checked_pow(shift)
                .and_then(|power| decimal.mantissa.checked_mul(power))
        };
        let Some(step) = aligned(self.exact) else {
            // The number is far below half a step.
            return if towards == Towards::Away && x > 0.0 {
                self.step
            } else {
                0.0
            };
        };
        // A number that is so much greater than the step has no digits as small as the step.
        let Some(mantissa) = aligned(number) else { return x };
        let rest = mantissa % step;
        if rest == 0 {
            return x;
        }
        let up = match towards {
            Towards::Nearest => rest >= step - rest,
            Towards::Zero => false,
            Towards::Away => true,
        };
        let mantissa = mantissa - rest + if up { step } else { 0 };
        Decimal { mantissa, exponent }.to_f64()
    }
}
