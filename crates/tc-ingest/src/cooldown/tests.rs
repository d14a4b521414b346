use proptest::prelude::*;

use super::*;

fn series(n: usize) -> SeriesId {
    format!("binance:futures:S{n}/USDT:1m").parse().unwrap()
}

const fn at(seconds: i64) -> CandleTime {
    CandleTime::clamped(seconds)
}

#[test]
fn one_run_at_a_time_with_a_pause_after_its_start_and_its_end() {
    let mut cooldown = Cooldown::new(CooldownOptions::default());
    let one = series(1);
    assert!(cooldown.try_begin(&one, 0));
    assert!(!cooldown.try_begin(&one, 10_000), "it runs");
    assert!(cooldown.try_begin(&series(2), 10_000), "others do not matter");
    cooldown.end(&one, 11_000);
    assert!(!cooldown.try_begin(&one, 12_999));
    assert!(cooldown.try_begin(&one, 13_000));
    cooldown.end(&one, 13_001);
    assert!(!cooldown.try_begin(&one, 15_000));
    assert!(cooldown.try_begin(&one, 15_001));
}

#[test]
fn a_newer_target_need_not_pause() {
    let mut cooldown = Cooldown::new(CooldownOptions::default());
    let one = series(1);
    assert!(cooldown.try_begin_up_to(&one, at(60), 0));
    assert!(!cooldown.try_begin_up_to(&one, at(120), 1), "it runs");
    cooldown.end(&one, 2);
    assert!(!cooldown.try_begin_up_to(&one, at(60), 3));
    assert!(!cooldown.try_begin_up_to(&one, at(0), 3));
    assert!(cooldown.try_begin_up_to(&one, at(120), 3));
    cooldown.end(&one, 4);
    assert!(
        !cooldown.try_begin_up_to(&one, at(60), 5),
        "older than the newest"
    );
    assert!(cooldown.try_begin_up_to(&one, at(60), 2_004));
    cooldown.end(&one, 2_005);
    assert!(!cooldown.try_begin_up_to(&one, at(120), 2_006));
}

#[test]
fn the_pause_has_a_least_length() {
    let mut cooldown = Cooldown::new(CooldownOptions {
        pause_ms: 0,
        ..CooldownOptions::default()
    });
    let one = series(1);
    assert!(cooldown.try_begin(&one, 0));
    cooldown.end(&one, 0);
    assert!(!cooldown.try_begin(&one, 99));
    assert!(cooldown.try_begin(&one, 100));
}

#[test]
fn idle_series_are_forgotten_and_their_number_is_bounded() {
    let mut cooldown = Cooldown::new(CooldownOptions {
        max_series: 2,
        ..CooldownOptions::default()
    });
    assert!(cooldown.try_begin(&series(1), 0));
    assert!(cooldown.try_begin(&series(2), 0));
    assert!(!cooldown.try_begin(&series(3), 599_999));
    cooldown.end(&series(2), 1_000);
    assert!(!cooldown.try_begin(&series(3), 600_999));
    assert!(cooldown.try_begin(&series(3), 603_000));
    assert!(!cooldown.try_begin(&series(1), 603_000), "it still runs");
}

proptest! {
    #[test]
    fn runs_never_overlap_and_starts_keep_their_distance(
        steps in prop::collection::vec((0u64..1_500, prop::option::of(0i64..4), any::<bool>()), 1..120),
    ) {
        let mut cooldown = Cooldown::new(CooldownOptions::default());
        let one = series(1);
        let (mut now_ms, mut running, mut newest): (u64, bool, Option<i64>) = (0, false, None);
        let mut last: Option<u64> = None;
        for (passed, target, end) in steps {
            now_ms += passed;
            if end && running {
                cooldown.end(&one, now_ms);
                (running, last) = (false, Some(now_ms));
                continue;
            }
            let begun = match target {
                Some(target) => cooldown.try_begin_up_to(&one, at(target), now_ms),
                None => cooldown.try_begin(&one, now_ms),
            };
            let rested = last.is_none_or(|last| now_ms - last >= 2_000);
            prop_assert_eq!(begun, !running && (rested || target > newest));
            if begun {
                (running, last, newest) = (true, Some(now_ms), newest.max(target));
            }
        }
    }
}
