//! `cargo xtask bench`: the benchmark program, built for release.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use xshell::cmd;

use crate::checkout::{Checkout, unnested};

const PACKAGE: &str = "tc-bench";

/// Runs one suite, or all of them.
pub(crate) fn run(checkout: &Checkout, suite: Option<&str>, args: &[OsString]) -> Result<ExitCode> {
    ensure!(
        checkout.has_package(PACKAGE),
        "the workspace has no package {PACKAGE}: nothing to measure"
    );
    let sh = checkout.shell()?;
    let suite = suite.into_iter();
    unnested(cmd!(
        sh,
        "cargo run --release --locked --package {PACKAGE} -- {suite...} {args...}"
    ))
    .run()?;
    Ok(ExitCode::SUCCESS)
}
