//! Runs named steps one after another and says at the end how each of them went.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::Result;

/// How a step ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The question has a good answer.
    Passed,
    /// The first line of what went wrong; the details were printed when it happened.
    Failed(String),
    /// Left out on request, and by which flag.
    Skipped(&'static str),
}

/// The steps so far, in order.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<(&'static str, Outcome, Duration)>,
}

impl Report {
    /// Runs one step. A failure is recorded and does not keep the next step from running.
    pub(crate) fn step(&mut self, name: &'static str, question: &str, body: impl FnOnce() -> Result<()>) {
        println!("\n=== {name}: {question}");
        let start = Instant::now();
        let outcome = match body() {
            Ok(()) => Outcome::Passed,
            Err(error) => {
                eprintln!("=== {name} failed: {error:#}");
                Outcome::Failed(first_line(&format!("{error:#}")))
            }
        };
        self.rows.push((name, outcome, start.elapsed()));
    }

    /// Records a step that was left out on request.
    pub(crate) fn skip(&mut self, name: &'static str, flag: &'static str) {
        self.rows.push((name, Outcome::Skipped(flag), Duration::ZERO));
    }

    /// Whether nothing failed.
    pub(crate) fn passed(&self) -> bool {
        !self
            .rows
            .iter()
            .any(|(_, outcome, _)| matches!(outcome, Outcome::Failed(_)))
    }

    /// One line per step that ran, what was left out, and a closing line with the counts.
    pub(crate) fn summary(&self) -> String {
        let mut text = String::from("\n=== summary\n");
        let (mut passed, mut failed) = (0, 0);
        let mut skipped = Vec::new();
        for (name, outcome, took) in &self.rows {
            let (word, note) = match outcome {
                Outcome::Passed => {
                    passed += 1;
                    ("ok", "")
                }
                Outcome::Failed(why) => {
                    failed += 1;
                    ("FAILED", why.as_str())
                }
                Outcome::Skipped(flag) => {
                    skipped.push(format!("{name} ({flag})"));
                    continue;
                }
            };
            let line = format!("{name:<12} {word:<8} {:>7.1} s  {note}", took.as_secs_f64());
            _ = writeln!(text, "{}", line.trim_end());
        }
        let total: Duration = self.rows.iter().map(|(_, _, took)| *took).sum();
        _ = writeln!(text, "{:<21} {:>7.1} s", "total", total.as_secs_f64());
        if !skipped.is_empty() {
            _ = writeln!(text, "left out: {}", skipped.join(", "));
        }
        _ = write!(text, "steps: {passed} passed, {failed} failed");
        if !skipped.is_empty() {
            _ = write!(text, ", {} skipped", skipped.len());
        }
        text
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_does_not_stop_the_next_one() {
        let mut report = Report::default();
        let mut ran = Vec::new();
        report.step("one", "?", || anyhow::bail!("no\nlong story"));
        report.step("two", "?", || {
            ran.push("two");
            Ok(())
        });
        report.skip("three", "--fast");

        assert_eq!(ran, ["two"]);
        assert!(!report.passed());
        let summary = report.summary();
        assert!(
            summary.ends_with("steps: 1 passed, 1 failed, 1 skipped"),
            "{summary}"
        );
        assert!(summary.contains("left out: three (--fast)"), "{summary}");
        assert!(!summary.contains("long story"), "{summary}");
    }
}
