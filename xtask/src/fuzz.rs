//! `cargo xtask fuzz`: any bytes for every parser of bytes from outside.
//!
//! The targets are in `fuzz/`. They see which branches an input takes by coverage counters: in our own crates among the
//! tests, where everything else is shared with the development build, and in every dependency as well by the nightly command. Each
//! runs over the inputs kept in `fuzz/corpus/<target>` and over what earlier runs on this machine found
//! (`<target folder>/fuzz/found/<target>`).

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, Result, bail, ensure};
use xshell::cmd;

use crate::checkout::{Checkout, unnested};
use crate::install;

/// Seconds for each target when nothing else is said.
pub(crate) const NIGHTLY_S: u32 = 60;
/// Seconds for each target among the tests.
pub(crate) const TEST_S: u32 = 5;

/// What the compiler is told, so that the fuzzer sees which branches an input takes.
const COVERAGE: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg",
    "fuzzing",
];
/// Set for the compiler of our own crates: this program stands in its place and adds the counters.
const WRAPPING_VARIABLE: &str = "TRADE_CANVAS_FUZZ_WRAPPING";
/// Says which target the program runs; with `list` it prints all of them.
const TARGET_VARIABLE: &str = "TRADE_CANVAS_FUZZ_TARGET";
/// Longest time for one input, seconds.
const INPUT_TIMEOUT_S: u32 = 10;
/// Memory that one target may take, MiB. A page header of a damaged parquet file can make its library ask for 2 GiB.
const MEMORY_MIB: u32 = 3_000;
/// Longest input, bytes.
const INPUT_BYTES: u32 = 16_384;

/// Which crates have coverage counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counters {
    /// Ours. Dependencies are those of the development build.
    Ours,
    /// All of them, built apart.
    All,
}

/// Builds the targets and runs the named ones, or all, for `seconds` each.
pub(crate) fn run(
    checkout: &Checkout,
    seconds: u32,
    counters: Counters,
    named: &[String],
) -> Result<ExitCode> {
    ensure!(seconds > 0, "a target needs at least one second");
    install::require_c_compiler()?;
    let program = build(checkout, counters)?;
    let known = targets(checkout, &program)?;
    for name in named {
        ensure!(
            known.contains(name),
            "there is no target {name:?}; the targets are {}",
            known.join(", ")
        );
    }
    let chosen = if named.is_empty() { known } else { named.to_vec() };
    let failed = run_all(checkout, &program, seconds, chosen)?;
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    bail!("{} failed", failed.join(", "))
}

/// Whether this program was started as the compiler of our own crates.
pub(crate) fn is_wrapping() -> bool {
    std::env::var_os(WRAPPING_VARIABLE).is_some()
}

/// Runs the compiler that the command line names, with coverage counters. Build scripts and macros run on their own,
/// where nobody counts.
pub(crate) fn compile_with_counters(arguments: &[OsString]) -> Result<ExitCode> {
    let (compiler, rest) = arguments.split_first().context("no compiler is named")?;
    let own = |pair: &[OsString]| {
        (pair[0] == "--crate-name" && pair[1].to_string_lossy().starts_with("build_script_"))
            || (pair[0] == "--crate-type" && pair[1] == "proc-macro")
    };
    let counted = rest.iter().any(|argument| argument == "--crate-name") && !rest.windows(2).any(own);
    let flags = if counted { COVERAGE } else { &[] };
    let status = Command::new(compiler).args(rest).args(flags).status()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn build(checkout: &Checkout, counters: Counters) -> Result<PathBuf> {
    let sh = checkout.shell()?;
    let name = format!("trade-canvas-fuzz{}", std::env::consts::EXE_SUFFIX);
    if counters == Counters::Ours {
        let _wrapper = sh.push_env("RUSTC_WORKSPACE_WRAPPER", std::env::current_exe()?);
        let _wrapping = sh.push_env(WRAPPING_VARIABLE, "1");
        // The features of the whole workspace, so that dependencies are those that are there.
        unnested(cmd!(
            sh,
            "cargo build --workspace --bin trade-canvas-fuzz --locked"
        ))
        .run()?;
        return Ok(checkout.target.join("debug").join(name));
    }
    let version = cmd!(sh, "rustc -vV").quiet().read()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc does not say its host")?;
    let target = checkout.target.join("fuzz");
    let _flags = sh.push_env("RUSTFLAGS", COVERAGE.join(" "));
    let _target = sh.push_env("CARGO_TARGET_DIR", &target);
    // Naming the host as target keeps the counters out of build scripts.
    unnested(cmd!(
        sh,
        "cargo build --package trade-canvas-fuzz --locked --profile fuzz --target {host}"
    ))
    .run()?;
    Ok(target.join(host).join("fuzz").join(name))
}

/// The fuzzer takes the end of the program after the list for a crash, and keeps the input: in the target folder.
fn targets(checkout: &Checkout, program: &Path) -> Result<Vec<String>> {
    let folder = checkout.target.join("fuzz");
    fs::create_dir_all(&folder)?;
    let listed = Command::new(program)
        .env(TARGET_VARIABLE, "list")
        .current_dir(&folder)
        .stderr(Stdio::null())
        .output()?;
    let text = String::from_utf8(listed.stdout)?;
    let names: Vec<String> = text.lines().map(str::to_owned).collect();
    ensure!(!names.is_empty(), "{} lists no targets", program.display());
    Ok(names)
}

/// As many at a time as there are cores; answers the names of those that failed.
fn run_all(checkout: &Checkout, program: &Path, seconds: u32, names: Vec<String>) -> Result<Vec<String>> {
    let waiting = Mutex::new(VecDeque::from(names));
    let failed = Mutex::new(Vec::new());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let work = || -> Result<()> {
        while let Some(name) = next() {
            if !run_one(checkout, program, seconds, &name)? {
                failed.lock().unwrap_or_else(PoisonError::into_inner).push(name);
            }
        }
        Ok(())
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|_| bail!("a worker panicked")))
    })?;
    Ok(failed.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn run_one(checkout: &Checkout, program: &Path, seconds: u32, name: &str) -> Result<bool> {
    let kept = checkout.root.join("fuzz/corpus").join(name);
    ensure!(
        kept.is_dir(),
        "fuzz/corpus/{name} is missing: keep at least one good input there"
    );
    let folder = checkout.target.join("fuzz");
    let (found, crashes) = (folder.join("found").join(name), folder.join("crashes").join(name));
    fs::create_dir_all(&found)?;
    fs::create_dir_all(&crashes)?;
    let output = Command::new(program)
        .env(TARGET_VARIABLE, name)
        .args([&found, &kept])
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={INPUT_TIMEOUT_S}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB}"))
        .arg(format!("-max_len={INPUT_BYTES}"))
        .arg(format!("-artifact_prefix={}/", crashes.display()))
        .output()
        .with_context(|| format!("{} does not start", program.display()))?;
    let log = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        let done = log
            .lines()
            .rev()
            .find(|line| line.contains("cov:"))
            .unwrap_or_default();
        println!(
            "{name:<14} {}",
            done.split_whitespace().collect::<Vec<_>>().join(" ")
        );
        return Ok(true);
    }
    let tail: Vec<&str> = log.lines().rev().take(40).collect();
    println!("{name:<14} failed");
    tail.iter().rev().for_each(|line| println!("  {line}"));
    println!(
        "  again: {TARGET_VARIABLE}={name} {} <the input named above>",
        program.display()
    );
    Ok(false)
}
