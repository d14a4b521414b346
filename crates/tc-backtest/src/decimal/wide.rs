//! Products that need more than 128 bits.

use std::fmt::Write as _;

use super::Text;

/// Decimal digits taken off at once.
const CHUNK: u64 = 10_000_000_000_000_000_000;

/// An unsigned number of 256 bits, least significant limb first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wide([u64; 4]);

impl Wide {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a number is taken apart into its limbs"
    )]
    pub(super) fn product(a: u128, b: u128) -> Self {
        let (a, b) = ([a as u64, (a >> 64) as u64], [b as u64, (b >> 64) as u64]);
        let mut limbs = [0_u64; 4];
        for (i, x) in a.into_iter().enumerate() {
            let mut carry = 0_u128;
            for (j, y) in b.into_iter().enumerate() {
                let sum = u128::from(x) * u128::from(y) + u128::from(limbs[i + j]) + carry;
                limbs[i + j] = sum as u64;
                carry = sum >> 64;
            }
            limbs[i + 2] = carry as u64;
        }
        Self(limbs)
    }

    /// The nearest `f64` to this number times `10^exponent`.
    pub(super) fn to_f64(self, exponent: i32) -> f64 {
        let mut chunks = [0_u64; 5];
        let mut used = 0;
        let mut rest = self;
        while rest.0 != [0; 4] {
            (rest, chunks[used]) = rest.split_chunk();
            used += 1;
        }
        let mut text = Text::new();
        // 78 digits and an exponent fit.
        for (n, chunk) in chunks[..used].iter().rev().enumerate() {
            let _ = if n == 0 {
                write!(text, "{chunk}")
            } else {
                write!(text, "{chunk:019}")
            };
        }
        if used == 0 {
            return 0.0;
        }
        let _ = write!(text, "e{exponent}");
        text.as_str().parse().unwrap_or_default()
    }

    /// Quotient and rest of the division by [`CHUNK`].
    #[expect(
        clippy::cast_possible_truncation,
        reason = "quotient and rest of a long division fit a limb"
    )]
    fn split_chunk(self) -> (Self, u64) {
        let mut limbs = self.0;
        let mut rest = 0_u128;
        for limb in limbs.iter_mut().rev() {
            let part = (rest << 64) | u128::from(*limb);
            *limb = (part / u128::from(CHUNK)) as u64;
            rest = part % u128::from(CHUNK);
        }
        (Self(limbs), rest as u64)
    }
}
