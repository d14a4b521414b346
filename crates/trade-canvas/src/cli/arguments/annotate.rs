//! The words of `annotate`.

use clap::{ArgMatches, Command as Clap};
use serde_json::{Map, Value};
use tc_market::SeriesId;
use tc_server::annotate::{AnnotateMode, AnnotateOrder};

use super::{DEMO_ONLY, hint, series, timeframe, values, with_options};
use crate::cli::{AnnotateArguments, Command, Invocation};

const FIRST: &[&str] = &["STRATEGY_DB_PATH", "CONFIG"];

/// `annotate`.
pub(super) fn command() -> Clap {
    let modes = AnnotateMode::ALL.map(AnnotateMode::name);
    let command = Clap::new("annotate")
        .about("Read candles of a strategy, an Arrow stream, and answer with signals of the factors beside them")
        .after_help(
            "Example: trade-canvas annotate --series-id binance:futures:BTC/USDT:1m --timeframe 1m < candles.arrow",
        )
        .next_display_order(0)
        .arg(
            hint("series-id", "SERIES", "Series such as binance:futures:BTC/USDT:1m")
                .required(true)
                .value_parser(series),
        )
        .arg(
            hint("timeframe", "TIMEFRAME", "Timeframe of the series, such as 1m")
                .required(true)
                .value_parser(timeframe),
        )
        .arg(
            hint(
                "mode",
                "MODE",
                "stateless: fold the candles from nothing; ledger: read the store",
            )
            .default_value(modes[0])
            .value_parser(mode),
        )
        .arg(
            hint("factors", "A,B", "Factors that may run; all that signals need when absent")
                .value_delimiter(','),
        )
        .arg(
            hint(
                "params",
                "JSON",
                "Parameters such as {\"pivot.window_major\": 20}, over the configured ones; stateless only",
            )
            .value_parser(params),
        );
    with_options(command, FIRST, DEMO_ONLY)
}

fn mode(text: &str) -> Result<AnnotateMode, String> {
    let found = AnnotateMode::ALL.into_iter().find(|mode| mode.name() == text);
    found.ok_or_else(|| {
        let words = AnnotateMode::ALL.map(AnnotateMode::name).join(" or ");
        format!("{words}, not {text:?}")
    })
}

fn params(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|_| format!("a JSON object, not {text:?}"))
}

/// The request behind accepted words.
pub(super) fn invocation(matches: &ArgMatches) -> Invocation {
    let series: Option<&SeriesId> = matches.get_one("series-id");
    let Some(series) = series.cloned() else {
        unreachable!("annotate requires a series")
    };
    let names = matches.get_many::<String>("factors");
    let params: Option<&Map<String, Value>> = matches.get_one("params");
    Invocation {
        command: Command::Annotate(AnnotateArguments {
            timeframe: matches
                .get_one("timeframe")
                .copied()
                .unwrap_or_else(|| series.timeframe()),
            order: AnnotateOrder {
                series,
                mode: matches
                    .get_one("mode")
                    .copied()
                    .unwrap_or(AnnotateMode::Stateless),
                factors: names.map(|names| names.cloned().collect()),
                params: params.cloned().unwrap_or_default(),
            },
        }),
        values: values(matches),
    }
}
