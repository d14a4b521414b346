use super::*;

fn tick(step: f64) -> Tick {
    Tick::new(step).unwrap()
}

#[test]
fn eight_decimals_half_to_even() {
    for (x, rounded) in [
        (0.001_953_125, 0.001_953_12),
        (0.005_859_375, 0.005_859_38),
        (-0.001_953_125, -0.001_953_12),
        (1.234_567_894_999_999, 1.234_567_89),
        (1.234_567_895_000_001, 1.234_567_9),
        (4.954_740_14, 4.954_740_14),
        (0.0, 0.0),
        (123_456_789_012.345_67, 123_456_789_012.345_67),
    ] {
        assert_eq!(round8(x), rounded, "{x}");
    }
}

#[test]
fn the_short_way_agrees_with_the_long_one() {
    let mut x: f64 = 0.001_234_567_89;
    for step in [0.01, 0.1, 1.0, 0.000_01] {
        let tick = tick(step);
        while x < 1e6 {
            x *= 1.001_31;
            for x in [
                x,
                (x * 1e3).round() / 1e3,
                (x * 1e2).round() / 1e2,
                x + step / 2.0,
            ] {
                for towards in [Towards::Nearest, Towards::Zero, Towards::Away] {
                    let (fast, exact) = (tick.multiple(x, towards), tick.exact_multiple(x, towards));
                    assert_eq!(fast.to_bits(), exact.to_bits(), "{x} {step} {towards:?}");
                }
            }
            assert_eq!(round8(x), round_as_text(x, 8), "{x}");
        }
        x = 0.001_234_567_89;
    }
}

#[test]
fn half_a_step_goes_up() {
    assert_eq!(tick(0.1).near(29_996.95), 29_997.0);
    assert_eq!(
        tick(0.01).near(1.005),
        1.01,
        "the decimal is a tie, the binary fraction below it is not"
    );
    assert_eq!(tick(0.5).near(10.25), 10.5);
    assert_eq!(tick(0.5).near(10.24), 10.0);
}

#[test]
fn levels_move_outward_only_when_they_are_off_the_grid() {
    let tick = tick(0.01);
    assert_eq!(tick.up(29_720.070_1), 29_720.08);
    assert_eq!(tick.up(29_720.08), 29_720.08);
    assert_eq!(tick.down(30_040.909_9), 30_040.9);
    assert_eq!(tick.down(30_040.9), 30_040.9);
    assert_eq!(Tick::of_decimals(5).truncated(0.032_819_99), 0.032_81);
}

#[test]
fn numbers_far_from_the_step() {
    assert_eq!(tick(0.1).near(1e-30), 0.0);
    assert_eq!(tick(0.1).up(1e-30), 0.1);
    assert_eq!(tick(1e-8).near(3e25), 3e25);
    assert_eq!(tick(25.0).truncated(130.0), 125.0);
}

#[test]
fn a_step_is_above_zero() {
    for step in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Tick::new(step).is_err());
    }
}
