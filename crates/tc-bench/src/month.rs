//! A month of the live path in virtual time, with everything that may go wrong.

use std::time::Duration;

use anyhow::ensure;
use tc_sim::{RunOptions, RunReport};

use crate::report::{Report, ms, ratio, timed};

const SEED: u64 = 1;

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let options = RunOptions::month(SEED);
    let calm = RunOptions {
        weather: false,
        ..options
    };
    let (quiet, quiet_took) = simulate(calm)?;
    let (month, took) = simulate(options)?;
    let what = format!("sim: {} series for {} days", options.series, options.days);
    let simulated = Duration::from_millis(month.simulated_ms.unsigned_abs());
    report.row(
        &format!("{what}, everything going wrong"),
        format!("{}, {} as fast as real time", ms(took), ratio(simulated, took)),
        format!("nothing going wrong: {}", ms(quiet_took)),
        ">= 1,000x",
    );
    let broken: u64 = month.disconnects.values().sum();
    report.row(
        &format!("{what}, closed candles missing, wrong or stored unfinished"),
        format!(
            "{} of {}; {broken} connections ended, {} frames spoiled, {} restarts",
            month.violation_count, month.candles, month.bad_frames, month.restarts
        ),
        format!(
            "nothing going wrong: {} of {}",
            quiet.violation_count, quiet.candles
        ),
        "0",
    );
    report.row(
        &format!("{what}, longest silence before it was found out"),
        format!(
            "{:.1} s",
            Duration::from_millis(month.longest_silence_ms).as_secs_f64()
        ),
        "two intervals: 120 s".to_owned(),
        "<= 120 s",
    );
    Ok(())
}

/// A run that broke a promise has no figures: it says which one, and its seed.
fn simulate(options: RunOptions) -> anyhow::Result<(RunReport, Duration)> {
    let (outcome, took) = timed(|| tc_sim::run(options));
    let outcome = outcome?;
    ensure!(outcome.is_clean(), "{options:?}\n{outcome}");
    Ok((outcome, took))
}
