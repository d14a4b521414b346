//! Sums, spreads and tests over columns of numbers.
//!
//! Sums go pairwise, means and spreads from the first value to the last: the orders in which the libraries below freqtrade
//! do it. Where all values are the same, the spread is what rounding leaves, and a ratio by it is only the same when every
//! bit is.

mod student;

pub(crate) use student::two_sided_p;

/// Sum of the values.
pub(crate) fn sum(values: &[f64]) -> f64 {
    const BLOCK: usize = 128;
    if values.len() < 8 {
        return values.iter().fold(0.0, |sum, value| sum + value);
    }
    if values.len() > BLOCK {
        let half = values.len() / 2;
        let (left, right) = values.split_at(half - half % 8);
        return sum(left) + sum(right);
    }
    let mut lanes = [0.0; 8];
    let (eights, rest) = values.as_chunks::<8>();
    for (n, eight) in eights.iter().enumerate() {
        for (lane, value) in lanes.iter_mut().zip(eight) {
            *lane = if n == 0 { *value } else { *lane + value };
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    let all = ((a + b) + (c + d)) + ((e + f) + (g + h));
    rest.iter().fold(all, |sum, value| sum + value)
}

/// Mean of the values; `None` without any.
pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| one_by_one(values.iter().copied()) / values.len() as f64)
}

fn one_by_one(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |sum, value| sum + value)
}

/// Standard deviation with the number of values less `less` as divisor; `None` with too few values.
fn deviation(values: &[f64], less: usize) -> Option<f64> {
    let divisor = values.len().checked_sub(less).filter(|divisor| *divisor > 0)?;
    let mean = mean(values)?;
    let squares = values.iter().map(|value| (value - mean) * (value - mean));
    Some((one_by_one(squares) / divisor as f64).sqrt())
}

/// Standard deviation of a whole population.
pub(crate) fn population_deviation(values: &[f64]) -> Option<f64> {
    deviation(values, 0)
}

/// Standard deviation estimated from a sample.
pub(crate) fn sample_deviation(values: &[f64]) -> Option<f64> {
    deviation(values, 1)
}

/// The value in the middle, or the mean of the two there.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    percentile(values, 0.5)
}

/// The value below which a share of the values lies, between neighbours in proportion.
pub(crate) fn percentile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let position = share * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a position in the list"
    )]
    let below = position.floor() as usize;
    let (low, high) = (*sorted.get(below)?, *sorted.get((below + 1).min(last))?);
    let part = position - position.floor();
    // A half is taken as a mean, so that the median of two is what everyone expects.
    #[expect(clippy::float_cmp, reason = "a half is exact")]
    let middle = part == 0.5;
    Some(if middle {
        (low + high) / 2.0
    } else {
        low + (high - low) * part
    })
}

/// Mean over population of powers of the distance from the mean.
fn moment(values: &[f64], power: i32) -> Option<f64> {
    let mean = mean(values)?;
    let powers: Vec<f64> = values.iter().map(|value| (value - mean).powi(power)).collect();
    self::mean(&powers)
}

/// Skewness estimated from a sample of at least three values that differ.
pub(crate) fn skewness(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let spread = moment(values, 2).filter(|spread| *spread > 0.0)?;
    let skew = moment(values, 3)? / (spread * spread.sqrt());
    (values.len() >= 3).then(|| skew * (n * (n - 1.0)).sqrt() / (n - 2.0))
}

/// Excess kurtosis estimated from a sample of at least four values that differ.
pub(crate) fn excess_kurtosis(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let spread = moment(values, 2).filter(|spread| *spread > 0.0)?;
    let excess = moment(values, 4)? / (spread * spread) - 3.0;
    (values.len() >= 4).then(|| (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * excess + 6.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!(
            (found - expected).abs() <= expected.abs() * 1e-12,
            "{found} {expected}"
        );
    }

    #[test]
    fn spreads() {
        let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        near(population_deviation(&values), 2.0);
        near(sample_deviation(&values), 2.138_089_935_299_395);
        near(skewness(&values), 0.818_487_553_356_199_8);
        near(excess_kurtosis(&values), 0.940_625);
        assert_eq!(population_deviation(&[]), None);
        assert_eq!(sample_deviation(&[1.0]), None);
        assert_eq!(skewness(&[1.0, 1.0, 1.0]), None);
    }

    #[test]
    fn equal_values_have_the_spread_that_rounding_leaves() {
        let values = [-0.003_329_999_373_059_948_5; 76];
        assert!(population_deviation(&values).is_some_and(|spread| spread > 3.0e-18 && spread < 3.1e-18));
    }

    #[test]
    fn percentiles_lie_between_neighbours() {
        let values = [4.0, 1.0, 3.0, 2.0];
        near(median(&values), 2.5);
        near(percentile(&values, 0.05), 1.15);
        near(percentile(&values, 1.0), 4.0);
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn a_long_sum_keeps_its_digits() {
        let values = vec![0.1; 100_000];
        near(Some(sum(&values)), 10_000.0);
        let one_by_one = values.iter().fold(0.0, |sum, value| sum + value);
        assert!((sum(&values) - 1e4).abs() < (one_by_one - 1e4).abs());
    }
}
