//! Days of market in virtual time, seed after seed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use tc_sim::{RunOptions, RunReport, run};

/// A seed that fails is printed with its options' violations; `RunOptions::days(seed)` runs it again.
fn clean(options: RunOptions) -> RunReport {
    let report = run(options).unwrap();
    assert!(report.is_clean(), "{report}");
    report
}

#[test]
fn calm_days_need_nothing_but_the_stream() {
    let report = clean(RunOptions {
        weather: false,
        ..RunOptions::days(1)
    });
    println!("{report}");
    assert!(report.candles >= 6 * 3 * 1_440, "{report}");
}

#[test]
fn seeds() {
    for seed in 1..=4 {
        let report = clean(RunOptions::days(seed));
        println!("{report}");
    }
}
