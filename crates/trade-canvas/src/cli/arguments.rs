//! The commands and flags as clap knows them; the flags come from the option table.

mod annotate;
mod replay;

use clap::{Arg, ArgAction, ArgMatches, Command as Clap, builder::ValueParser};
use std::path::PathBuf;
use tc_market::{MarketKind, SeriesId, Timeframe};
use tc_server::tasks::RebuildSource;

use super::{Command, ImportArguments, Invocation, RebuildArguments, ReferencePage, ShowFormat};
use crate::config::{CliValues, Kind, OptionRow, Preset, SECTIONS, WITHOUT_EFFECT, flag_of, rows};

/// Options of each command that its short help lists, in that order; the long help lists them first.
const SERVE_FIRST: &[&str] = &["HOST", "PORT", "PROFILE", "DEMO", "CONFIG"];
const IMPORT_FIRST: &[&str] = &["DB_PATH", "CONFIG"];
const REBUILD_FIRST: &[&str] = &["DB_PATH", "CONFIG"];
const SHOW_FIRST: &[&str] = &["PROFILE", "CONFIG"];
/// Options that only a command with a demo has.
const DEMO_ONLY: &[&str] = &["DEMO", "DEMO_SPEED"];

/// Place of the first option in a help text; what a command alone takes stands before it.
const FIRST_OPTION: usize = 10;

const REFERENCE: &str = "reference";
const OPENAPI: &str = "openapi";
const ERROR_CODES: &str = "error-codes";
const ON_WORD: &str = "true";

/// The whole command line.
pub(super) fn program() -> Clap {
    Clap::new("trade-canvas")
        .bin_name("trade-canvas")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Self-hosted trading research workbench: live candles, factors, drawings, one web page")
        .after_help("Example: trade-canvas serve --demo")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(serve())
        .subcommand(import())
        .subcommand(rebuild())
        .subcommand(replay::command())
        .subcommand(annotate::command())
        .subcommand(config())
        .subcommand(
            Clap::new(OPENAPI)
                .about("Print the description of the HTTP interface")
                .hide(true),
        )
        .subcommand(
            Clap::new(ERROR_CODES)
                .about("Print the reference page of the error codes")
                .hide(true),
        )
}

fn serve() -> Clap {
    let command = Clap::new("serve")
        .about("Run the server and its web page until it is stopped")
        .after_help("Example: trade-canvas serve --demo --port 8080");
    with_options(command, SERVE_FIRST, &[])
}

fn import() -> Clap {
    let command = Clap::new("import")
        .about("Read candle files into the store; doing it again changes nothing")
        .after_help("Example: trade-canvas import user_data/data/binance --market futures")
        .arg(
            Arg::new("path")
                .value_name("PATH")
                .required(true)
                .value_parser(ValueParser::path_buf())
                .help("File, or folder with files: feather, parquet, json, csv, plain or compressed"),
        )
        .next_display_order(0)
        .arg(hint(
            "exchange",
            "NAME",
            "Exchange, when the path does not say it",
        ))
        .arg(
            hint(
                "market",
                "MARKET",
                "Market, when the path does not say it: spot or futures",
            )
            .value_parser(market),
        )
        .arg(hint(
            "symbol",
            "SYMBOL",
            "Symbol such as BTC/USDT, when the file name does not say it",
        ))
        .arg(
            hint(
                "timeframe",
                "TIMEFRAME",
                "Timeframe such as 1m, when the file name does not say it",
            )
            .value_parser(timeframe),
        );
    with_options(command, IMPORT_FIRST, DEMO_ONLY)
}

fn rebuild() -> Clap {
    let words = RebuildSource::ALL.map(RebuildSource::name);
    let command = Clap::new("rebuild")
        .about("Compute factors and drawings of a stored series again; every candle is kept")
        .after_help("Example: trade-canvas rebuild binance:futures:BTC/USDT:1m")
        .arg(
            Arg::new("series")
                .value_name("SERIES")
                .required(true)
                .value_parser(series)
                .help("Series such as binance:futures:BTC/USDT:1m"),
        )
        .next_display_order(0)
        .arg(
            Arg::new("source")
                .long("source")
                .value_name("SOURCE")
                .default_value(words[0])
                .value_parser(source)
                .help(format!(
                    "Whose closed candles replace and complete the stored ones first: {}",
                    words.join(", ")
                )),
        );
    with_options(command, REBUILD_FIRST, DEMO_ONLY)
}

fn config() -> Clap {
    let show = Clap::new("show")
        .about("Print every option with its value and where the value comes from")
        .after_help("Example: trade-canvas config show --profile bare")
        .arg(
            Arg::new("json")
                .long("json")
                .display_order(0)
                .action(ArgAction::SetTrue)
                .help("Print one JSON document"),
        );
    Clap::new("config")
        .about("Look at the configuration")
        .after_help("Example: trade-canvas config show")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(with_options(show, SHOW_FIRST, &[]))
        .subcommand(
            Clap::new(REFERENCE)
                .about("Print the reference page of all options as Markdown")
                .hide(true),
        )
}

fn hint(name: &'static str, value_name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value_name).help(help)
}

fn market(text: &str) -> Result<MarketKind, String> {
    let found = MarketKind::ALL.into_iter().find(|kind| kind.name() == text);
    found.ok_or_else(|| format!("spot or futures, not {text:?}"))
}

fn series(text: &str) -> Result<SeriesId, String> {
    text.parse()
        .map_err(|_| format!("a series such as binance:futures:BTC/USDT:1m, not {text:?}"))
}

fn source(text: &str) -> Result<RebuildSource, String> {
    let found = RebuildSource::ALL
        .into_iter()
        .find(|source| source.name() == text);
    found.ok_or_else(|| {
        let words = RebuildSource::ALL.map(RebuildSource::name).join(", ");
        format!("one of {words}, not {text:?}")
    })
}

fn timeframe(text: &str) -> Result<Timeframe, String> {
    text.parse()
        .map_err(|_| format!("a number followed by m, h or d such as 1m, not {text:?}"))
}

/// Adds a flag for every option except `without`.
fn with_options(mut command: Clap, first: &[&str], without: &[&str]) -> Clap {
    for section in SECTIONS {
        for row in section.rows.iter().filter(|row| !without.contains(&row.name)) {
            let argument = match first.iter().position(|name| *name == row.name) {
                Some(position) => option(row).display_order(FIRST_OPTION + position),
                None => option(row).help_heading(section.heading).hide_short_help(true),
            };
            command = command.arg(argument);
        }
    }
    for &name in WITHOUT_EFFECT {
        let argument = Arg::new(name).long(flag_of(name)).hide(true);
        command = command.arg(if name.starts_with("ENABLE_") {
            optional_value(argument)
        } else {
            argument
        });
    }
    command
}

fn option(row: &'static OptionRow) -> Arg {
    let argument = Arg::new(row.name)
        .long(row.flag())
        .help(help(row))
        .value_name(value_name(row));
    let argument = match row.kind {
        Kind::Switch => optional_value(argument),
        Kind::Int { .. } | Kind::Float { .. } => argument.allow_negative_numbers(true),
        _ => argument,
    };
    match row.alias {
        Some(alias) => argument.alias(flag_of(alias)),
        None => argument,
    }
}

/// `--flag` or `--flag=false`, so that a word after the flag is not taken for its value.
fn optional_value(argument: Arg) -> Arg {
    argument
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value(ON_WORD)
}

fn value_name(row: &OptionRow) -> String {
    match row.kind {
        Kind::Switch => "true|false".to_owned(),
        Kind::Int { .. } => "N".to_owned(),
        Kind::Float { .. } => "X".to_owned(),
        Kind::Text | Kind::Secret => "TEXT".to_owned(),
        Kind::Choice(words) => words.join("|"),
        Kind::Url => "URL".to_owned(),
        Kind::List => "A,B".to_owned(),
        Kind::Path => "PATH".to_owned(),
    }
}

fn help(row: &OptionRow) -> String {
    let word = |on: bool| if on { "on" } else { "off" };
    let default = match row.preset {
        Preset::Unset | Preset::Text("") => String::new(),
        Preset::SwitchOf(name) => format!(" [default: as {}]", flag_of(name)),
        Preset::Switch { bare, workbench } if bare == workbench => format!(" [default: {}]", word(bare)),
        Preset::Switch { bare, workbench } => {
            format!(
                " [default: {} in workbench, {} in bare]",
                word(workbench),
                word(bare)
            )
        }
        Preset::Int(number) => with_unit(&number.to_string(), row.unit),
        Preset::Float(number) => with_unit(&number.to_string(), row.unit),
        Preset::Text(text) => format!(" [default: {text}]"),
        Preset::List(items) => format!(" [default: {}]", items.join(",")),
    };
    format!(
        "{}{default}",
        row.description.trim_end_matches('.').replace('`', "")
    )
}

fn with_unit(number: &str, unit: &str) -> String {
    if unit.is_empty() {
        format!(" [default: {number}]")
    } else {
        format!(" [default: {number} {unit}]")
    }
}

/// The request behind accepted words.
pub(super) fn invocation(matches: &ArgMatches) -> Invocation {
    match matches.subcommand() {
        Some(("serve", inner)) => Invocation {
            command: Command::Serve,
            values: values(inner),
        },
        Some(("import", inner)) => Invocation {
            command: Command::Import(import_arguments(inner)),
            values: values(inner),
        },
        Some(("rebuild", inner)) => Invocation {
            command: Command::Rebuild(rebuild_arguments(inner)),
            values: values(inner),
        },
        Some(("replay", inner)) => replay::invocation(inner),
        Some(("annotate", inner)) => annotate::invocation(inner),
        Some(("config", config)) => match config.subcommand() {
            Some((REFERENCE, _)) => page(ReferencePage::Options),
            Some((_, inner)) => {
                let format = if inner.get_flag("json") {
                    ShowFormat::Json
                } else {
                    ShowFormat::Table
                };
                Invocation {
                    command: Command::ConfigShow(format),
                    values: values(inner),
                }
            }
            None => unreachable!("config requires a subcommand"),
        },
        Some((OPENAPI, _)) => page(ReferencePage::Interface),
        Some((ERROR_CODES, _)) => page(ReferencePage::ErrorCodes),
        _ => unreachable!("the program requires one of its subcommands"),
    }
}

/// A page describes the program, not this environment, so it takes no options.
const fn page(page: ReferencePage) -> Invocation {
    Invocation {
        command: Command::Reference(page),
        values: CliValues::new(),
    }
}

fn import_arguments(matches: &ArgMatches) -> ImportArguments {
    ImportArguments {
        path: matches.get_one::<PathBuf>("path").cloned().unwrap_or_default(),
        exchange: matches.get_one("exchange").cloned(),
        market: matches.get_one("market").copied(),
        symbol: matches.get_one("symbol").cloned(),
        timeframe: matches.get_one("timeframe").copied(),
    }
}

fn rebuild_arguments(matches: &ArgMatches) -> RebuildArguments {
    let series: Option<&SeriesId> = matches.get_one("series");
    let Some(series) = series.cloned() else {
        unreachable!("rebuild requires a series")
    };
    RebuildArguments {
        series,
        source: matches
            .get_one("source")
            .copied()
            .unwrap_or(RebuildSource::Stored),
    }
}

fn values(matches: &ArgMatches) -> CliValues {
    let names = rows().map(|row| row.name).chain(WITHOUT_EFFECT.iter().copied());
    names
        .filter_map(|name| {
            // An option that this command does not have is unknown to its matches.
            let text: &String = matches.try_get_one(name).ok().flatten()?;
            Some((name, text.clone()))
        })
        .collect()
}
