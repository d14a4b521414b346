//! Words in, invocation or one sentence out.

use clap::error::ErrorKind;

use tc_server::{annotate::AnnotateMode, tasks::RebuildSource};

use super::{
    Command, Exit, ImportArguments, Invocation, RebuildArguments, ReferencePage, ShowFormat, arguments, parse,
};
use crate::config::{Kind, WITHOUT_EFFECT, rows};

fn read(line: &str) -> Result<Invocation, Exit> {
    parse(format!("trade-canvas {line}").split_whitespace().map(Into::into))
}

#[track_caller]
fn accepted(line: &str) -> (Command, Vec<(&'static str, String)>) {
    let invocation = read(line).unwrap();
    (invocation.command, invocation.values.into_iter().collect())
}

#[track_caller]
fn refused(line: &str, sentence: &str) {
    match read(line) {
        Err(Exit::Refused(given)) => assert_eq!(given, sentence, "{line}"),
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn definition_is_sound() {
    arguments::program().debug_assert();
}

#[test]
fn serve() {
    let given = |name: &'static str, text: &str| (name, text.to_owned());
    assert_eq!(accepted("serve"), (Command::Serve, vec![]));
    assert_eq!(
        accepted("serve --port 9 --demo --host ::1 --enable-dev-api=false --profile=bare"),
        (
            Command::Serve,
            vec![
                given("DEMO", "true"),
                given("ENABLE_DEV_API", "false"),
                given("HOST", "::1"),
                given("PORT", "9"),
                given("PROFILE", "bare"),
            ]
        )
    );
    assert_eq!(accepted("serve --cors-origins=").1, [given("CORS_ORIGINS", "")]);
    assert_eq!(accepted("serve --port -5").1, [given("PORT", "-5")]);
    assert_eq!(
        accepted("serve --uvicorn-timeout-graceful-shutdown-s 9").1,
        [given("SHUTDOWN_GRACE_S", "9")]
    );
}

#[test]
fn rebuild() {
    let wanted = |source: RebuildSource| {
        Command::Rebuild(RebuildArguments {
            series: "binance:futures:BTC/USDT:1m".parse().unwrap(),
            source,
        })
    };
    for (words, source) in [
        ("", RebuildSource::Stored),
        ("--source stored", RebuildSource::Stored),
        ("--source history", RebuildSource::History),
        ("--source=exchange", RebuildSource::Exchange),
    ] {
        let (command, values) = accepted(&format!(
            "rebuild binance:futures:BTC/USDT:1m {words} --db-path m.db"
        ));
        assert_eq!(
            (command, values),
            (wanted(source), vec![("DB_PATH", "m.db".to_owned())])
        );
    }
    for (line, part) in [
        ("rebuild", "SERIES"),
        ("rebuild BTC/USDT", "binance:futures:BTC/USDT:1m"),
        (
            "rebuild binance:futures:BTC/USDT:1m --source disk",
            "stored, history, exchange",
        ),
        ("rebuild binance:futures:BTC/USDT:1m --demo", "--demo"),
    ] {
        match read(line) {
            Err(Exit::Refused(given)) => assert!(given.contains(part), "{line}: {given}"),
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn every_option_is_a_flag_of_serve_and_show() {
    for row in rows() {
        for command in ["serve", "config show"] {
            let value = if row.kind == Kind::Switch { "" } else { " 1" };
            let text = if row.kind == Kind::Switch { "true" } else { "1" };
            assert_eq!(
                accepted(&format!("{command} --{}{value}", row.flag())).1,
                [(row.name, text.to_owned())]
            );
        }
    }
    for name in WITHOUT_EFFECT {
        let flag = name.to_lowercase().replace('_', "-");
        assert_eq!(
            accepted(&format!("serve --{flag}=1")).1,
            [(*name, "1".to_owned())]
        );
    }
}

#[test]
fn import() {
    let plain = ImportArguments {
        path: "data".into(),
        exchange: None,
        market: None,
        symbol: None,
        timeframe: None,
    };
    assert_eq!(accepted("import data"), (Command::Import(plain.clone()), vec![]));
    let (command, values) = accepted(
        "import --market spot --enable-factor-ingest data --exchange binance --symbol BTC/USDT --timeframe 1m --db-path m.db",
    );
    let Command::Import(given) = command else {
        panic!("not an import")
    };
    assert_eq!(
        (given.path, given.exchange.as_deref(), given.symbol.as_deref()),
        (plain.path, Some("binance"), Some("BTC/USDT"))
    );
    assert_eq!(
        (
            given.market.unwrap().name(),
            given.timeframe.unwrap().to_string().as_str()
        ),
        ("spot", "1m")
    );
    assert_eq!(
        values,
        [
            ("DB_PATH", "m.db".to_owned()),
            ("ENABLE_FACTOR_INGEST", "true".to_owned())
        ]
    );
}

#[test]
fn config() {
    assert_eq!(accepted("config show").0, Command::ConfigShow(ShowFormat::Table));
    assert_eq!(
        accepted("config show --json --port 1").0,
        Command::ConfigShow(ShowFormat::Json)
    );
    assert_eq!(
        accepted("config reference").0,
        Command::Reference(ReferencePage::Options)
    );
    assert_eq!(
        accepted("error-codes").0,
        Command::Reference(ReferencePage::ErrorCodes)
    );
    assert_eq!(
        accepted("openapi").0,
        Command::Reference(ReferencePage::Interface)
    );
}

#[test]
fn wrong_words_get_one_sentence() {
    refused("serve --prot 8", "--prot is not an option, did you mean --port?");
    refused("serve --prot=8", "--prot is not an option, did you mean --port?");
    refused(
        "serve --market_ws_catchup_limit 5",
        "--market_ws_catchup_limit is not an option, did you mean --market-ws-catchup-limit?",
    );
    refused(
        "serve --timefame 1m",
        "--timefame is not an option, did you mean --profile?",
    );
    refused(
        "import x --timefame 1m",
        "--timefame is not an option, did you mean --timeframe?",
    );
    refused("serv", "serv is not a command, did you mean serve?");
    refused("config shw", "shw is not a command, did you mean show?");
    refused(
        "serve foo",
        "\"foo\" is not expected here, see trade-canvas serve --help",
    );
    refused(
        "serve --demo true",
        "\"true\" is not expected here, see trade-canvas serve --help",
    );
    refused("serve -x", "-x is not an option, see trade-canvas serve --help");
    refused(
        "serve --port",
        "--port needs a value, see trade-canvas serve --help",
    );
    refused(
        "serve --port 1 --port 2",
        "--port is given twice, keep one of the two",
    );
    refused(
        "serve --demo --demo",
        "--demo is given twice, keep one of the two",
    );
    refused("import", "<PATH> is missing, see trade-canvas import --help");
    refused(
        "import x y",
        "\"y\" is not expected here, see trade-canvas import --help",
    );
    refused(
        "import x --market swap",
        "--market must be spot or futures, not \"swap\"",
    );
    refused(
        "import x --timeframe 1w",
        "--timeframe must be a number followed by m, h or d such as 1m, not \"1w\"",
    );
    refused(
        "import x --demo",
        "--demo is not an option of trade-canvas import, remove it",
    );
    refused(
        "--demo",
        "--demo must stand after the command, as in trade-canvas COMMAND --demo",
    );
}

#[test]
fn help_and_version() {
    for (line, kind) in [
        ("", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand),
        ("config", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand),
        ("--help", ErrorKind::DisplayHelp),
        ("serve -h", ErrorKind::DisplayHelp),
        ("--version", ErrorKind::DisplayVersion),
    ] {
        match read(line) {
            Err(Exit::Help(help)) => assert_eq!(help.kind(), kind, "{line}"),
            other => panic!("{line}: {other:?}"),
        }
    }
}

fn page(line: &str) -> String {
    match read(line) {
        Err(Exit::Help(help)) => help.to_string(),
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn headline_options_come_first() {
    let short = page("serve -h");
    let places: Vec<usize> = ["--host", "--port", "--profile", "--demo", "--config", "--help"]
        .iter()
        .map(|flag| short.find(&format!(" {flag}")).unwrap())
        .collect();
    assert!(places.is_sorted(), "{short}");
    assert!(!short.contains("--pivot-window-major"));

    let long = page("serve --help");
    assert!(long.find("--demo").unwrap() < long.find("Process, storage and files:").unwrap());
    assert!(long.find("Live ingest:").unwrap() < long.find("--ondemand-idle-ttl-s").unwrap());
    for row in rows() {
        assert!(long.contains(&format!("--{}", row.flag())), "{}", row.name);
    }
}

#[test]
fn every_command_has_an_example_that_parses() {
    for command in ["", "serve", "import", "config", "config show"] {
        let page = page(&format!("{command} --help"));
        let example = page
            .lines()
            .find_map(|line| line.strip_prefix("Example: trade-canvas "))
            .unwrap();
        assert!(read(example).is_ok(), "{example}");
    }
}

#[test]
fn annotate() {
    let series = "--series-id binance:futures:BTC/USDT:1m";
    let (command, values) = accepted(&format!(
        "annotate {series} --timeframe 1m --strategy-db-path x.db"
    ));
    let Command::Annotate(plain) = command else {
        panic!("not annotate")
    };
    assert_eq!(plain.order.series.as_str(), "binance:futures:BTC/USDT:1m");
    assert_eq!(
        (plain.order.mode, &plain.order.factors),
        (AnnotateMode::Stateless, &None)
    );
    assert!(plain.order.params.is_empty());
    assert_eq!(values, [("STRATEGY_DB_PATH", "x.db".to_owned())]);
    let (command, _) = accepted(&format!(
        "annotate {series} --timeframe 5m --mode ledger --factors pen,sr --params {{\"pivot.window_major\":2}}"
    ));
    let Command::Annotate(given) = command else {
        panic!("not annotate")
    };
    assert_eq!(
        (given.order.mode, given.timeframe.to_string().as_str()),
        (AnnotateMode::Ledger, "5m")
    );
    assert_eq!(given.order.factors, Some(vec!["pen".to_owned(), "sr".to_owned()]));
    assert_eq!(given.order.params["pivot.window_major"], 2);
    refused(
        "annotate --timeframe 1m",
        "--series-id is missing, see trade-canvas annotate --help",
    );
    refused(
        &format!("annotate {series} --timeframe 1m --mode live"),
        "--mode must be stateless or ledger, not \"live\"",
    );
    refused(
        &format!("annotate {series} --timeframe 1m --params []"),
        "--params must be a JSON object, not \"[]\"",
    );
}
