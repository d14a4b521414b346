use super::*;

#[test]
fn the_shortest_decimal_is_found() {
    for (x, mantissa, exponent) in [
        (0.0, 0, -2),
        (29_994.46, 2_999_446, -2),
        (0.03281, 3_281, -5),
        (1e-8, 1, -8),
        (0.1 + 0.2, 30_000_000_000_000_004, -17),
        (5e22, 5, 22),
        (1.234_567_890_123_456_7e-9, 12_345_678_901_234_566, -25),
    ] {
        assert_eq!(Decimal::of(x), Decimal { mantissa, exponent }, "{x}");
    }
}

#[test]
fn every_decimal_reads_back() {
    let mut x: f64 = 0.000_123_456_789;
    while x < 1e12 {
        x *= 1.618_033_988_7;
        for y in [x, (x * 100.0).round() / 100.0, (x * 1e7).round() / 1e7] {
            assert_eq!(Decimal::of(y).to_f64().to_bits(), y.to_bits(), "{y}");
        }
    }
}

#[test]
fn a_fee_is_taken_from_the_decimal_not_from_the_binary_fraction() {
    let of = Decimal::of;
    assert_eq!(
        value(of(0.05), of(29_598.68), FeeFactor::plus(0.0005)),
        1_480.673_967
    );
    assert_eq!(value(of(3.0), of(0.1), FeeFactor::minus(0.0)), 0.3);
    assert_eq!(value(of(1.0), of(0.0), FeeFactor::minus(0.001)), 0.0);
}

#[test]
fn long_products_are_exact() {
    // 462406.9181372807351427…: the product has 52 digits, and rounding on the way gives another number.
    let (a, b, fee) = (
        6.229_016_948_897_019,
        74_178.698_926_072_95,
        0.000_750_000_000_000_000_1,
    );
    let exact = value(Decimal::of(a), Decimal::of(b), FeeFactor::plus(fee));
    assert_eq!(exact, 462_406.918_137_280_74);
    assert_ne!(exact, a * b * (1.0 + fee));
}

#[test]
fn a_wide_product_keeps_every_limb() {
    let a = u128::from(u64::MAX) * 10_u128.pow(19);
    let b = 10_u128.pow(38);
    let expected: f64 = format!("{a}e38").parse().unwrap();
    assert_eq!(Wide::product(a, b).to_f64(0), expected);
    assert_eq!(Wide::product(a, 0).to_f64(3), 0.0);
}
