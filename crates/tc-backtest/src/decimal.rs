//! Exact products of decimals.
//!
//! An exchange computes with the decimals that people write, not with the binary fractions nearest to them. Here a
//! number means the shortest decimal that reads back as the same `f64`; products are exact and become an `f64` once, at
//! the end.

mod wide;

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "results are exact")]
mod tests;

use std::fmt::Write as _;

use wide::Wide;

/// Powers of ten that an `f64` holds exactly.
pub(crate) const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];
/// Whole numbers below this have at most 15 digits: no two of them, at the same place, are the same `f64`.
pub(crate) const FIFTEEN_DIGITS: f64 = 1e15;
/// Adding and taking away this much rounds a number below 2^51 to the nearest whole one.
const ROUNDING: f64 = 6_755_399_441_055_744.0;
/// Numbers of decimals that prices, amounts and fees usually have, tried before the long way.
const USUAL_DECIMALS: [usize; 4] = [2, 5, 8, 0];

/// A number of at least zero: `mantissa * 10^exponent`, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) mantissa: u128,
    pub(crate) exponent: i32,
}

impl Decimal {
    /// The shortest decimal that reads back as `x`, which is finite and at least zero.
    pub(crate) fn of(x: f64) -> Self {
        debug_assert!(x.is_finite() && x >= 0.0, "{x} is no amount");
        USUAL_DECIMALS
            .into_iter()
            .find_map(|decimals| Self::with_decimals(x, decimals))
            .unwrap_or_else(|| Self::spelled(x))
    }

    /// `x` if its shortest decimal has at most `decimals` decimals and few enough digits to tell cheaply.
    #[inline]
    pub(crate) fn with_decimals(x: f64, decimals: usize) -> Option<Self> {
        let exponent = -i32::try_from(decimals).ok()?;
        let scale = POWERS.get(decimals)?;
        let scaled = x * scale;
        if scaled >= FIFTEEN_DIGITS {
            return None;
        }
        let whole = nearest_whole(scaled);
        #[expect(
            clippy::float_cmp,
            reason = "the decimal is the number only if it reads back as the same bits"
        )]
        let reads_back = whole / scale == x;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole and below 10^15"
        )]
        let mantissa = whole as u64;
        reads_back.then_some(Self {
            mantissa: u128::from(mantissa),
            exponent,
        })
    }

    /// The long way: as text.
    fn spelled(x: f64) -> Self {
        let mut text = Text::new();
        // Sixteen digits, a point and an exponent fit.
        let _ = write!(text, "{x:e}");
        let (digits, exponent) = text.as_str().split_once('e').unwrap_or((text.as_str(), "0"));
        let mut mantissa: u128 = 0;
        let mut decimals = 0;
        let mut after_point = false;
        for byte in digits.bytes() {
            if byte == b'.' {
                after_point = true;
            } else {
                mantissa = mantissa * 10 + u128::from(byte - b'0');
                decimals += i32::from(after_point);
            }
        }
        Self {
            mantissa,
            exponent: exponent.parse::<i32>().unwrap_or_default() - decimals,
        }
    }

    /// The nearest `f64`.
    pub(crate) fn to_f64(self) -> f64 {
        const EXACT: u128 = 1 << 53;
        if self.mantissa < EXACT && (-22..=0).contains(&self.exponent) {
            return self.mantissa as f64 / POWERS[self.exponent.unsigned_abs() as usize];
        }
        let mut text = Text::new();
        let _ = write!(text, "{}e{}", self.mantissa, self.exponent);
        text.as_str().parse().unwrap_or_default()
    }
}

/// Nearest whole number, half to even, of a number between 0 and 2^51.
#[inline]
pub(crate) fn nearest_whole(x: f64) -> f64 {
    (x + ROUNDING) - ROUNDING
}

/// `1 + rate` or `1 - rate`, the factor by which a fee changes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FeeFactor(Decimal);

/// Most decimals a fee may have.
pub(crate) const FEE_DECIMALS: i32 = 24;

impl FeeFactor {
    /// `1 + rate`; `rate` is in `0 .. 1` and has at most [`FEE_DECIMALS`] decimals.
    pub(crate) fn plus(rate: f64) -> Self {
        let (one, fee) = Self::aligned(rate);
        Self(Decimal {
            mantissa: one + fee.mantissa,
            ..fee
        })
    }

    /// `1 - rate`.
    pub(crate) fn minus(rate: f64) -> Self {
        let (one, fee) = Self::aligned(rate);
        Self(Decimal {
            mantissa: one.saturating_sub(fee.mantissa),
            ..fee
        })
    }

    fn aligned(rate: f64) -> (u128, Decimal) {
        let fee = Decimal::of(rate);
        debug_assert!((-FEE_DECIMALS..=0).contains(&fee.exponent), "{rate} is no fee");
        (10_u128.pow(fee.exponent.unsigned_abs().min(38)), fee)
    }
}

/// `amount * rate * factor`, exact until it becomes an `f64`.
pub(crate) fn value(amount: Decimal, rate: Decimal, factor: FeeFactor) -> f64 {
    // Shortest decimals have at most 17 digits, so the first product always fits.
    let gross = amount.mantissa * rate.mantissa;
    let exponent = amount.exponent + rate.exponent + factor.0.exponent;
    match gross.checked_mul(factor.0.mantissa) {
        Some(mantissa) => Decimal { mantissa, exponent }.to_f64(),
        None => Wide::product(gross, factor.0.mantissa).to_f64(exponent),
    }
}

/// `a * b`, exact until it becomes an `f64`.
pub(crate) fn product(a: Decimal, b: Decimal) -> f64 {
    Decimal {
        mantissa: a.mantissa * b.mantissa,
        exponent: a.exponent + b.exponent,
    }
    .to_f64()
}

/// A short text on the stack.
#[derive(Debug)]
pub(crate) struct Text {
    bytes: [u8; 120],
    len: usize,
}

impl Text {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; 120],
            len: 0,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl std::fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.len + text.len();
        let free = self.bytes.get_mut(self.len..end).ok_or(std::fmt::Error)?;
        free.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
