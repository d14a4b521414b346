//! The table that a run prints.

use std::{
    fmt,
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};

/// Figures of a run, in the order in which they were measured.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<[String; 4]>,
}

impl Report {
    /// One figure: what, how much, beside which baseline, and what was promised.
    pub(crate) fn row(&mut self, what: &str, figure: String, baseline: String, target: &str) {
        self.rows
            .push([what.to_owned(), figure, baseline, target.to_owned()]);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | measured | baseline in the same run | target |")?;
        writeln!(f, "| --- | --- | --- | --- |")?;
        for [what, figure, baseline, target] in &self.rows {
            writeln!(f, "| {what} | {figure} | {baseline} | {target} |")?;
        }
        Ok(())
    }
}

/// Runs `work` and says how long it took.
#[expect(
    clippy::disallowed_methods,
    reason = "measuring time is what this program does"
)]
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

/// Runs `work`, which is one thread's, and says how long it kept a processor busy. Unlike the time on the wall this
/// does not depend on what else the machine does.
pub(crate) fn busy<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let spent = || {
        let spent = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(
            spent.tv_sec.unsigned_abs(),
            u32::try_from(spent.tv_nsec).unwrap_or(0),
        )
    };
    let before = spent();
    let result = work();
    (result, spent().saturating_sub(before))
}

/// Now, for spans that do not fit a closure.
#[expect(
    clippy::disallowed_methods,
    reason = "measuring time is what this program does"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The value below which `share` (0 to 1) of the sorted `values` lie.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a length is an index"
)]
pub(crate) fn percentile(values: &mut [Duration], share: f64) -> Duration {
    values.sort_unstable();
    let index = (values.len() as f64 * share).ceil() as usize;
    values
        .get(index.clamp(1, values.len().max(1)) - 1)
        .copied()
        .unwrap_or_default()
}

/// Middle value of repeated runs.
pub(crate) fn median(values: &mut [Duration]) -> Duration {
    percentile(values, 0.5)
}

/// Milliseconds with two digits.
pub(crate) fn ms(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1e3)
}

/// Millions per second.
pub(crate) fn mega_rate(count: usize, duration: Duration) -> String {
    format!("{:.2} M/s", count as f64 / duration.as_secs_f64() / 1e6)
}

/// How many times `longer` takes as long as `shorter`.
pub(crate) fn ratio(longer: Duration, shorter: Duration) -> String {
    format!("{:.2}x", longer.as_secs_f64() / shorter.as_secs_f64())
}
