//! Days of market in virtual time, seed after seed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use tc_sim::{RunOptions, RunReport, run};

/// A seed that fails prints itself; `cargo run -p tc-sim -- --seed …` with the same options runs it again.
fn clean(options: RunOptions) -> RunReport {
    let report = run(options).unwrap();
    assert!(report.is_clean(), "{options:?}\n{report}");
    report
}

#[test]
fn calm_days_need_nothing_but_the_stream() {
    let report = clean(RunOptions {
        weather: false,
        ..RunOptions::days(1)
    });
    assert!(report.candles >= 6 * 2 * 1_440, "{report}");
    assert_eq!(
        (report.bad_frames, report.failed_fills, report.corrections),
        (0, 0, 0)
    );
    // Every shard replaces its connection once a day, before the exchange does.
    let planned = [("rotation", 4 * 2)].into();
    assert_eq!((report.disconnects, report.connections), (planned, 4 * 3));
}

#[test]
fn a_seed_repeats_itself_and_another_one_does_not() {
    let options = RunOptions {
        days: 1,
        series: 2,
        on_demand: 0,
        ..RunOptions::days(7)
    };
    let report = clean(options);
    assert_eq!(report, clean(options));
    assert_ne!(report.digest, clean(RunOptions { seed: 8, ..options }).digest);
}

/// Two days in which everything goes wrong, and that it did.
fn storm(seed: u64) {
    let report = clean(RunOptions::days(seed));
    assert!(report.candles >= 6 * 2 * 1_300, "{report}");
    for cause in ["connect", "lost", "pong_timeout", "stall"] {
        assert!(report.disconnects.get(cause) >= Some(&3), "{report}");
    }
    assert!(
        report.bad_frames > 30 && report.fills > 30 && report.failed_writes > 5,
        "{report}"
    );
    assert!(report.corrections > 0 && report.complete_days >= 6, "{report}");
}

macro_rules! storms {
    ($($name:ident: $seed:expr),+) => {$(
        #[test]
        fn $name() {
            storm($seed);
        }
    )+};
}
storms!(storm_1: 1, storm_2: 2, storm_3: 3, storm_4: 4, storm_5: 5, storm_6: 6);
