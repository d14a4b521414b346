use proptest::prelude::*;

use super::*;

fn options(budget: u32, initial_ms: u64, cooldown_ms: u64) -> GuardrailOptions {
    GuardrailOptions {
        crash_budget: budget,
        backoff_initial_ms: initial_ms,
        open_cooldown_ms: cooldown_ms,
        ..GuardrailOptions::default()
    }
}

#[test]
fn second_failure_opens_a_budget_of_two() {
    let mut guardrail = Guardrail::new(options(2, 100, 5_000));
    assert_eq!(guardrail.failure(10_000, 1.0, "first"), 100);
    assert_eq!(guardrail.snapshot(10_000).state, GuardrailState::Closed);
    assert_eq!(guardrail.failure(11_000, 1.0, "second"), 5_000);
    let snapshot = guardrail.snapshot(12_000);
    assert_eq!(snapshot.state, GuardrailState::Open);
    assert_eq!((snapshot.window_failures, snapshot.consecutive_failures), (2, 2));
    assert_eq!(
        (snapshot.last_backoff_ms, snapshot.next_retry_in_ms),
        (5_000, 4_000)
    );
    assert_eq!(snapshot.last_error.as_deref(), Some("second"));
}

#[test]
fn a_copy_gets_older_as_the_guardrail_does() {
    let mut guardrail = Guardrail::new(options(3, 1_000, 5_000));
    guardrail.failure(10_000, 1.0, "first");
    guardrail.failure(40_000, 1.0, "second");
    let copy = guardrail.snapshot(40_000);
    assert_eq!((copy.window_failures, copy.next_retry_in_ms), (2, 2_000));
    for elapsed in [0, 500, 2_000, 30_001, 100_000] {
        assert_eq!(
            copy.clone().later(elapsed),
            guardrail.snapshot(40_000 + elapsed),
            "{elapsed} ms later"
        );
    }
    assert_eq!(copy.clone().later(30_001).window_failures, 1);

    let moved = guardrail.snapshot(40_700).on_clock(1_000_000);
    assert_eq!(moved.last_failure_ms, Some(999_300));
    assert_eq!((moved.taken_at_ms, moved.next_retry_in_ms), (1_000_000, 1_300));
    assert_eq!(moved.clone().later(29_300).window_failures, 2);
    assert_eq!(moved.later(29_301).window_failures, 1);
}

#[test]
fn cooldown_then_half_open_then_closed() {
    let mut guardrail = Guardrail::new(options(1, 1_000, 2_000));
    assert_eq!(guardrail.failure(20_000, 1.0, "x"), 2_000);
    assert_eq!(guardrail.before_attempt(21_000), 1_000);
    assert_eq!(guardrail.snapshot(21_000).state, GuardrailState::Open);
    assert_eq!(guardrail.before_attempt(22_100), 0);
    assert_eq!(guardrail.snapshot(22_100).state, GuardrailState::HalfOpen);
    guardrail.success();
    let snapshot = guardrail.snapshot(22_200);
    assert_eq!(
        (snapshot.state, snapshot.window_failures),
        (GuardrailState::Closed, 0)
    );
    assert_eq!(snapshot.consecutive_failures, 0);
}

#[test]
fn failure_while_half_open_opens_again_although_the_window_is_empty() {
    let mut guardrail = Guardrail::new(GuardrailOptions {
        budget_window_ms: 1_000,
        ..options(2, 100, 5_000)
    });
    guardrail.failure(0, 1.0, "a");
    guardrail.failure(1, 1.0, "b");
    assert_eq!(guardrail.before_attempt(5_001), 0);
    assert_eq!(guardrail.failure(6_000, 1.0, "c"), 5_000);
    assert_eq!(guardrail.snapshot(6_000).state, GuardrailState::Open);
}

#[test]
fn backoff_doubles_to_the_cap() {
    let mut guardrail = Guardrail::new(options(100, 1_000, 30_000));
    let waits: Vec<_> = (0..6).map(|i| guardrail.failure(i * 100, 1.0, "x")).collect();
    assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
}

#[test]
fn old_failures_leave_the_window() {
    let mut guardrail = Guardrail::new(options(2, 100, 5_000));
    guardrail.failure(0, 1.0, "x");
    assert_eq!(
        guardrail.failure(60_001, 1.0, "x"),
        200,
        "the first one is older than a minute"
    );
}

#[test]
fn off_is_a_constant() {
    let mut guardrail = Guardrail::new(GuardrailOptions {
        enabled: false,
        ..GuardrailOptions::default()
    });
    for i in 0..10 {
        assert_eq!(guardrail.failure(i, 1.2, "x"), 2_000);
        assert_eq!(guardrail.snapshot(i).state, GuardrailState::Closed);
    }
}

#[test]
fn jitter_is_held_in_twenty_percent_and_spares_the_cooldown() {
    for (jitter, wait) in [
        (0.8, 800),
        (1.2, 1_200),
        (9.0, 1_200),
        (-1.0, 800),
        (f64::NAN, 1_000),
    ] {
        assert_eq!(
            Guardrail::new(GuardrailOptions::default()).failure(0, jitter, "x"),
            wait
        );
    }
    assert_eq!(
        Guardrail::new(options(1, 1_000, 2_000)).failure(0, 1.2, "x"),
        2_000
    );
}

proptest! {
    #[test]
    fn no_wait_is_longer_than_cap_or_cooldown(steps in proptest::collection::vec((0u64..90_000, any::<bool>(), 0.0f64..2.0), 1..60)) {
        let mut guardrail = Guardrail::new(GuardrailOptions::default());
        let mut now = 0;
        for (pause, succeeds, jitter) in steps {
            now += pause;
            let rest = guardrail.before_attempt(now);
            prop_assert!(rest <= 30_000);
            now += rest;
            prop_assert_eq!(guardrail.before_attempt(now), 0, "after the announced wait the way is free");
            if succeeds {
                guardrail.success();
            } else {
                let wait = guardrail.failure(now, jitter, "x");
                prop_assert!((800..=30_000).contains(&wait));
            }
        }
    }
}
