//! Any bytes for every parser of bytes from outside.
//!
//! One program for all targets; which one runs is said by the variable `TRADE_CANVAS_FUZZ_TARGET`. `cargo xtask fuzz`
//! builds it and runs the targets over their kept inputs in `corpus/`.
//!
//! A new target is one file in `targets/` and one line in [`TARGETS`].

#![no_main]

mod targets;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

/// What is done with the bytes.
type Target = fn(&[u8]);

/// Every target by name.
const TARGETS: &[(&str, Target)] = &[
    ("csv", targets::files::csv),
    ("fault_scripts", targets::fault_scripts::run),
    ("feather", targets::files::feather),
    ("json", targets::files::json),
    ("kline_frames", targets::venue::kline_frames),
    ("market_lists", targets::venue::market_lists),
    ("packages", targets::packages::run),
    ("parquet", targets::files::parquet),
    ("refusals", targets::venue::refusals),
    ("rest_rows", targets::venue::rest_rows),
    ("series_ids", targets::series_ids::run),
    ("strategy_frames", targets::files::strategy_frames),
    ("ws_commands", targets::ws_commands::run),
];

/// In place of a target: prints the names of all of them.
const LIST: &str = "list";

#[expect(
    clippy::disallowed_methods,
    reason = "the command line belongs to the fuzzer's own library"
)]
fn chosen() -> Target {
    let name = std::env::var("TRADE_CANVAS_FUZZ_TARGET").unwrap_or_default();
    if name == LIST {
        TARGETS.iter().for_each(|(name, _)| println!("{name}"));
        std::process::exit(0);
    }
    let known = TARGETS.iter().find(|(known, _)| *known == name);
    let Some((_, target)) = known else {
        panic!("TRADE_CANVAS_FUZZ_TARGET={name} names no target");
    };
    *target
}

fuzz_target!(|data: &[u8]| {
    static TARGET: OnceLock<Target> = OnceLock::new();
    TARGET.get_or_init(chosen)(data);
});
