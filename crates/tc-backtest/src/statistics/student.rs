//! Student's t distribution.

/// Steps of the continued fraction; it converges in about the square root of the degrees of freedom.
const MAX_STEPS: u32 = 10_000;

/// Probability that a t distributed value is at least as far from zero as `t`.
pub(crate) fn two_sided_p(t: f64, degrees: f64) -> f64 {
    if !t.is_finite() {
        return 0.0;
    }
    let square = t * t;
    incomplete_beta(
        degrees / (degrees + square),
        square / (degrees + square),
        degrees / 2.0,
    )
}

/// Regularized incomplete beta function of `a` and one half at `x`; `y` is `1 - x`, given apart to keep its digits.
fn incomplete_beta(x: f64, y: f64, a: f64) -> f64 {
    const B: f64 = 0.5;
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    let log_front = log_gamma_step(a) - libm::lgamma(B) + a * log(x, y) + B * log(y, x);
    let front = libm::exp(log_front);
    if x < (a + 1.0) / (a + B + 2.0) {
        front * fraction(x, a, B) / a
    } else {
        1.0 - front * fraction(y, B, a) / B
    }
}

/// Logarithm of `gamma(a + 1/2) / gamma(a)`; by its series where the difference of two large logarithms would lose
/// digits.
fn log_gamma_step(a: f64) -> f64 {
    if a < 100.0 {
        return libm::lgamma(a + 0.5) - libm::lgamma(a);
    }
    let square = a * a;
    0.5 * libm::log(a) - (1.0 / 8.0 - (1.0 / 192.0 - 1.0 / 640.0 / square) / square) / a
}

/// Logarithm of `x`, of which `rest` is what is missing to one.
fn log(x: f64, rest: f64) -> f64 {
    if rest < 0.5 {
        libm::log1p(-rest)
    } else {
        libm::log(x)
    }
}

/// The continued fraction of the incomplete beta function, by Lentz' method.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let kept = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / kept(1.0 - (a + b) * x / (a + 1.0));
    let mut result = d;
    for step in 1..MAX_STEPS {
        let m = f64::from(step);
        for term in [
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / kept(1.0 + term * d);
            c = kept(1.0 + term / c);
            result *= d * c;
        }
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_probabilities() {
        for (t, degrees, expected) in [
            (0.0, 5.0, 1.0),
            (1.0, 1.0, 0.5),
            (2.0, 2.0, 0.183_503_419_072_273_85),
            (12.706_204_736_174_705, 1.0, 0.05),
            (1.96, 1e4, 0.050_023_520_231_833_03),
            (3.3, 150.0, 0.001_208_004_354_785_562_2),
            (17.5, 53.0, 1.112_637_269_536_845_9e-23),
            (0.001, 40.0, 0.999_207_086_286_057_4),
        ] {
            let found = two_sided_p(t, degrees);
            assert!(
                (found - expected).abs() < 1e-9,
                "{t} {degrees}: {found} {expected}"
            );
        }
        assert!(two_sided_p(f64::INFINITY, 3.0) <= 0.0);
    }
}
