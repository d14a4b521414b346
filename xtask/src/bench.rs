//! `cargo xtask bench`: the benchmark program and the page, both against the release binary.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, ensure};
use xshell::{Shell, cmd};

use crate::checkout::{Checkout, unnested};
use crate::install::{self, FREQTRADE_VARIABLE};
use crate::product::{self, Profile};

const PACKAGE: &str = "tc-bench";
/// The suite that runs in a browser.
const PAGE_SUITE: &str = "page";
/// The suite that runs freqtrade beside the native engine.
const BACKTEST_SUITE: &str = "backtest";
const HEADER: &str = "| what | measured | baseline in the same run | target |\n| --- | --- | --- | --- |";
const README: &str = "README.md";
const BEGIN: &str = "<!-- bench -->";
const END: &str = "<!-- /bench -->";

/// Where the table goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// To the terminal.
    Printed,
    /// To the terminal and into the README.
    InReadme,
}

impl Table {
    /// The meaning of `--readme`.
    pub(crate) fn from_readme(readme: bool) -> Self {
        if readme { Self::InReadme } else { Self::Printed }
    }
}

/// Runs the named suites, or all of them.
pub(crate) fn run(checkout: &Checkout, suites: &[String], table: Table) -> Result<ExitCode> {
    ensure!(
        suites.is_empty() || table == Table::Printed,
        "the README has the table of all suites: leave out the names, or leave out --readme"
    );
    let sh = checkout.shell()?;
    // Some suites start the product itself; they look for it beside the benchmark program.
    crate::web::build(checkout)?;
    let binary = product::build(checkout, Profile::Release)?;
    let (page, programs): (Vec<&String>, Vec<&String>) =
        suites.iter().partition(|suite| *suite == PAGE_SUITE);
    let mut measured = String::new();
    if suites.is_empty() || !programs.is_empty() {
        let freqtrade = freqtrade(checkout, &sh, suites);
        let _freqtrade = freqtrade.map(|path| sh.push_env(FREQTRADE_VARIABLE, path));
        let command = cmd!(
            sh,
            "cargo run --release --locked --package {PACKAGE} -- {programs...}"
        );
        measured = unnested(command).read()?;
    }
    if suites.is_empty() || !page.is_empty() {
        let rows = measure_page(checkout, &binary)?;
        measured = format!(
            "{}\n{rows}",
            if measured.is_empty() {
                HEADER
            } else {
                measured.trim_end()
            }
        );
    }
    println!("{measured}");
    if table == Table::InReadme {
        let path = checkout.root.join(README);
        let text = std::fs::read_to_string(&path).context("the README is missing")?;
        std::fs::write(&path, between_marks(&text, measured.trim())?)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The freqtrade that the suite of backtests runs; without one the other rows are measured all the same.
fn freqtrade(checkout: &Checkout, sh: &Shell, suites: &[String]) -> Option<PathBuf> {
    if !suites.is_empty() && !suites.iter().any(|suite| suite == BACKTEST_SUITE) {
        return None;
    }
    install::freqtrade(checkout, sh)
        .inspect_err(|error| eprintln!("SKIPPED: rows with freqtrade itself: {error:#}"))
        .ok()
}

/// Rows of the table about the page, measured in a browser.
fn measure_page(checkout: &Checkout, binary: &Path) -> Result<String> {
    let sh = checkout.shell()?;
    sh.change_dir(checkout.root.join("web"));
    Ok(cmd!(sh, "node bench/page.mjs {binary}").read()?)
}

/// The text with the part between the marks replaced.
fn between_marks(text: &str, table: &str) -> Result<String> {
    let missing = || format!("{README} has no {BEGIN} … {END}");
    let (before, rest) = text.split_once(BEGIN).with_context(missing)?;
    let (_, after) = rest.split_once(END).with_context(missing)?;
    Ok(format!("{before}{BEGIN}\n{table}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_replaces_what_stands_between_the_marks() {
        let text = format!("# A\n{BEGIN}\nold\n{END}\nrest\n");
        let expected = format!("# A\n{BEGIN}\n| new |\n{END}\nrest\n");
        assert_eq!(between_marks(&text, "| new |").unwrap(), expected);
        assert_eq!(between_marks(&expected, "| new |").unwrap(), expected);
        assert!(between_marks("# A\n", "| new |").is_err());
    }
}
