//! Runs seeds and says what they found: to look for a seed that fails, and to repeat one that did.

use std::process::ExitCode;

use clap::Parser;
use tc_sim::{RunOptions, run};

/// The live path in virtual time, by seed.
#[derive(Debug, Parser)]
#[command(name = "tc-sim", version)]
struct Flags {
    /// First seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds, one after the other.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Days that pass.
    #[arg(long, default_value_t = 30)]
    days: u32,
    /// Series that are followed.
    #[arg(long, default_value_t = 50)]
    series: usize,
    /// Series of one connection.
    #[arg(long, default_value_t = 10)]
    series_per_shard: usize,
    /// Series that are followed only while somebody subscribes.
    #[arg(long, default_value_t = 5)]
    on_demand: usize,
    /// Series of which ledgers and drawings are computed.
    #[arg(long, default_value_t = 10)]
    ledgers: usize,
    /// Let nothing go wrong.
    #[arg(long)]
    calm: bool,
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what was found is the output of this program"
)]
fn main() -> ExitCode {
    let flags = Flags::parse();
    let mut clean = true;
    for seed in flags.seed..flags.seed.saturating_add(flags.seeds) {
        let options = RunOptions {
            days: flags.days,
            series: flags.series,
            series_per_shard: flags.series_per_shard,
            on_demand: flags.on_demand,
            ledgers: flags.ledgers,
            weather: !flags.calm,
            ..RunOptions::month(seed)
        };
        match run(options) {
            Ok(report) => {
                println!("{report}");
                clean &= report.is_clean();
            }
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    if clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
