//! Measures what the product promises. Every figure stands beside a baseline measured in the same run.
//!
//! `tc-bench [suite]...` runs the named suites, or all of them, and prints one Markdown table. Suites that measure a whole
//! process start this program again with a word of their own.

mod annotate;
mod backtest;
mod candles;
mod factor_engine;
mod frames;
mod http;
mod http_client;
mod ingest;
mod live;
mod month;
mod open;
mod pipeline;
mod replay;
mod report;
mod server;
mod start;
mod store;
mod ws;

use std::{io::Write, path::Path};

use report::Report;

type Suite = (&'static str, fn(&mut Report) -> anyhow::Result<()>);

/// Every suite, in the order of running.
const SUITES: &[Suite] = &[
    ("store", store::run),
    ("factors", factor_engine::run),
    ("ingest", ingest::run),
    ("frames", frames::run),
    ("replay", replay::run),
    ("backtest", backtest::run),
    ("annotate", annotate::run),
    ("http", http::run),
    ("ws", ws::run),
    ("start", start::run),
    ("open", open::run),
    ("sim", month::run),
    ("live", live::run),
];

fn main() -> anyhow::Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if let [word, what, db] = wanted.as_slice()
        && word == backtest::CHILD
    {
        return backtest::run_as_child(what, Path::new(db));
    }
    let known = |name: &String| SUITES.iter().any(|(suite, _)| suite == name);
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        let suites: Vec<_> = SUITES.iter().map(|(name, _)| *name).collect();
        anyhow::bail!(
            "there is no suite {unknown}; the suites are {}",
            suites.join(", ")
        );
    }
    let mut report = Report::default();
    for (name, run) in SUITES {
        if wanted.is_empty() || wanted.iter().any(|suite| suite == name) {
            run(&mut report)?;
        }
    }
    write!(std::io::stdout(), "{report}")?;
    Ok(())
}
