//! The words of `replay`.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command as Clap, builder::ValueParser};
use tc_market::SeriesId;

use super::{DEMO_ONLY, REBUILD_FIRST, hint, series, values, with_options};
use crate::{
    cli::{Command, Invocation, ReplayExportArguments, ReplayInspectArguments},
    config::CliValues,
};

/// `replay export` and `replay inspect`.
pub(super) fn command() -> Clap {
    let export = Clap::new("export")
        .about("Write a stretch of the past, frame by frame, into one file")
        .after_help("Example: trade-canvas replay export binance:futures:BTC/USDT:1m --candles 5000")
        .arg(
            Arg::new("series")
                .value_name("SERIES")
                .required(true)
                .value_parser(series)
                .help("Series such as binance:futures:BTC/USDT:1m"),
        )
        .next_display_order(0)
        .arg(
            hint(
                "to",
                "SECONDS",
                "Last instant, Unix seconds; the newest candle when absent",
            )
            .value_parser(clap::value_parser!(i64).range(0..)),
        )
        .arg(
            hint("candles", "N", "Bars, 1 to 20000")
                .default_value("2000")
                .value_parser(clap::value_parser!(u32).range(1..=20_000)),
        )
        .arg(
            hint("out", "FILE", "The file; named after the series when absent")
                .value_parser(ValueParser::path_buf()),
        );
    let inspect = Clap::new("inspect")
        .about("Check a replay package and say what is in it")
        .after_help("Example: trade-canvas replay inspect btc.tcreplay --frame 120")
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .required(true)
                .value_parser(ValueParser::path_buf())
                .help("Package file"),
        )
        .arg(
            hint("frame", "BAR", "Print the frame of this bar, counted from 0")
                .value_parser(clap::value_parser!(usize)),
        );
    Clap::new("replay")
        .about("Package files of replays")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(with_options(export, REBUILD_FIRST, DEMO_ONLY))
        .subcommand(inspect)
}

/// The request behind accepted words.
pub(super) fn invocation(matches: &ArgMatches) -> Invocation {
    match matches.subcommand() {
        Some(("export", inner)) => Invocation {
            command: Command::ReplayExport(export_arguments(inner)),
            values: values(inner),
        },
        Some((_, inner)) => Invocation {
            command: Command::ReplayInspect(ReplayInspectArguments {
                file: inner.get_one::<PathBuf>("file").cloned().unwrap_or_default(),
                frame: inner.get_one("frame").copied(),
            }),
            values: CliValues::new(),
        },
        None => unreachable!("replay requires a subcommand"),
    }
}

fn export_arguments(matches: &ArgMatches) -> ReplayExportArguments {
    let series: Option<&SeriesId> = matches.get_one("series");
    let Some(series) = series.cloned() else {
        unreachable!("export requires a series")
    };
    ReplayExportArguments {
        series,
        to_time: matches.get_one("to").copied(),
        candles: matches.get_one("candles").copied().unwrap_or(2_000),
        out: matches.get_one("out").cloned(),
    }
}
