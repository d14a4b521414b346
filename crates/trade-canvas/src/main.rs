//! The program: reads the command line and the environment, then runs one command.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    io::{self, IsTerminal, Write},
    path::Path,
    process::ExitCode,
};

use tracing_subscriber::{EnvFilter, filter::LevelFilter};
use trade_canvas::{
    cli::{self, Command, Exit, Invocation},
    commands,
    config::{self, ConfigError, ENVIRONMENT_PREFIX, Notice, NoticeLevel, Sources},
};

/// A wrong command line or configuration.
const USAGE_ERROR: u8 = 2;

fn main() -> ExitCode {
    let environment = environment();
    let invocation = match cli::parse(std::env::args_os()) {
        Ok(invocation) => invocation,
        Err(Exit::Help(help)) => {
            // Nobody is left to be told when the page itself cannot be printed.
            let _ = help.print();
            return ExitCode::from(u8::try_from(help.exit_code()).unwrap_or(USAGE_ERROR));
        }
        Err(Exit::Refused(sentence)) => return refuse(&sentence, ExitCode::from(USAGE_ERROR)),
    };
    init_tracing(&environment);
    run(invocation, &environment).unwrap_or_else(|error| match error.downcast_ref::<ConfigError>() {
        Some(wrong) => refuse(&wrong.to_string(), ExitCode::from(USAGE_ERROR)),
        None => refuse(&format!("{error:#}"), ExitCode::FAILURE),
    })
}

fn run(invocation: Invocation, environment: &BTreeMap<String, String>) -> anyhow::Result<ExitCode> {
    let Invocation { command, values } = invocation;
    let demo_offered = command.offers_demo();
    let load = || {
        let read_file = &|path: &Path| fs::read_to_string(path);
        let loaded = config::load(&Sources {
            environment,
            command_line: &values,
            read_file,
            demo_offered,
        })?;
        loaded.notices.iter().for_each(log);
        anyhow::Ok(loaded)
    };
    match command {
        Command::Serve => commands::serve::run(load()?.config),
        Command::Import(arguments) => commands::import::run(load()?.config, arguments),
        Command::Rebuild(arguments) => commands::rebuild::run(&load()?.config, &arguments),
        Command::ReplayExport(arguments) => commands::replay::export(&load()?.config, &arguments),
        Command::ReplayInspect(arguments) => commands::replay::inspect(&arguments),
        Command::Annotate(arguments) => commands::annotate::run(&load()?.config, &arguments),
        Command::ConfigShow(format) => commands::config_show::run(&load()?, format),
        Command::Reference(page) => commands::reference::run(page),
    }
}

/// Ends with one sentence on the standard error.
fn refuse(sentence: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(io::stderr(), "{sentence}");
    code
}

/// The variables that matter, as text: a variable that is not UTF-8 has its stray bytes replaced.
fn environment() -> BTreeMap<String, String> {
    let text = |value: OsString| value.to_string_lossy().into_owned();
    std::env::vars_os()
        .map(|(name, value)| (text(name), text(value)))
        .filter(|(name, _)| {
            name.starts_with(ENVIRONMENT_PREFIX) || ["HOME", "RUST_LOG", "NO_COLOR"].contains(&name.as_str())
        })
        .collect()
}

fn init_tracing(environment: &BTreeMap<String, String>) {
    let text = |name: &str| environment.get(name).map_or("", String::as_str);
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .parse_lossy(text("RUST_LOG"));
    tracing_subscriber::fmt()
        .compact()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal() && text("NO_COLOR").is_empty())
        .with_writer(io::stderr)
        .init();
}

fn log(notice: &Notice) {
    match notice.level() {
        NoticeLevel::Info => tracing::info!(%notice, "configuration"),
        NoticeLevel::Warning => tracing::warn!(%notice, "configuration"),
    }
}
