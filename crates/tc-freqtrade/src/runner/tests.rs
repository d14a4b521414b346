//! With a program of the shell that stands in for freqtrade.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Mutex,
};

use super::{
    setup::{TAIL_CHARS, tail},
    *,
};
use crate::input::InputError;

struct Place {
    folder: tempfile::TempDir,
    installation: Installation,
}

impl Place {
    /// An installation with candles of BTC/USDT 5m and a program that lists `Demo` and then runs `script`.
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["user", "strategies", "data"] {
            fs::create_dir(at(name)).unwrap();
        }
        fs::write(at("config.json"), r#"{"datadir": "data"}"#).unwrap();
        fs::write(at("data/BTC_USDT-5m.json"), "").unwrap();
        let bin = at("freqtrade");
        let listing = r#"[ "$1" = list-strategies ] && { echo listed >> listings; printf 'Zeta\nDemo\n\nnot-a-strategy\n'; exit 0; }"#;
        fs::write(
            &bin,
            format!("#!/bin/sh\n{listing}\nprintf '%s\\n' \"$@\" > said\n{RESULTS}\n{script}\n"),
        )
        .unwrap();
        fs::set_permissions(&bin, fs::Permissions::from_mode(0o755)).unwrap();
        let installation = Installation {
            bin,
            root: folder.path().to_owned(),
            user_dir: Some(at("user")),
            work_dir: at("work"),
            config: Some(at("config.json")),
            data_dir: None,
            default_data_dir: at("default"),
            strategy_dir: at("strategies"),
            timeout: Duration::from_secs(60),
            offline_markets: false,
            offline_pairs: String::new(),
            require_trades: false,
            adapter: None,
            search_path: None,
            python_path: None,
        };
        Self { folder, installation }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn said(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap()
    }

    fn freqtrade(&self) -> Freqtrade {
        Freqtrade::new(self.installation.clone())
    }

    async fn run(&self) -> Result<FinishedRun, Refusal> {
        let freqtrade = self.freqtrade();
        let prepared = freqtrade.prepare(request()).await?;
        freqtrade.run(prepared, "7", Arc::new(|_| {})).await
    }
}

/// `$results` is the directory for the result, `$config` the configuration.
const RESULTS: &str = r#"for word; do
    [ "$before" = --backtest-directory ] && results=$word
    [ "$before" = -c ] && config=$word
    before=$word
done"#;

fn request() -> RunRequest {
    RunRequest {
        strategy_name: "Demo".to_owned(),
        pair: "BTC/USDT".to_owned(),
        timeframe: "5m".to_owned(),
        timerange: Some("20260101-".to_owned()),
    }
}

/// A script that puts a result with so many trades in place.
fn with_result(place: &Place, trades: usize) {
    let trades = vec!["{}"; trades].join(",");
    let file = fs::File::create(place.at("ready.zip")).unwrap();
    let mut writer = zip::ZipWriter::new(file);
    writer
        .start_file("backtest-result-x.json", zip::write::SimpleFileOptions::default())
        .unwrap();
    let document = format!(r#"{{"strategy": {{"Demo": {{"trades": [{trades}]}}}}}}"#);
    std::io::Write::write_all(&mut writer, document.as_bytes()).unwrap();
    writer.finish().unwrap();
}

const WRITE_RESULT: &str =
    "cp ready.zip \"$results/x.zip\"; cp \"$config\" seen.json; echo table; echo log >&2";

#[tokio::test]
async fn strategies_find_the_program_that_knows_the_factors() {
    let mut place = Place::new("echo \"adapter: $TRADE_CANVAS_ADAPTER_BIN\"");
    place.installation.adapter = Some("/opt/trade canvas".into());
    let finished = place.run().await.unwrap();
    assert_eq!(finished.stdout, "adapter: /opt/trade canvas\n");
}

#[tokio::test]
async fn a_run_is_told_exactly_what_is_wanted() {
    let place = Place::new(WRITE_RESULT);
    with_result(&place, 2);
    let finished = place.run().await.unwrap();
    assert_eq!(
        (
            finished.exit_code,
            finished.stdout.as_str(),
            finished.stderr.as_str()
        ),
        (0, "table\n", "log\n")
    );
    assert_eq!(finished.result.unwrap().total_trades, 2);
    assert_eq!(finished.warnings, [""; 0]);
    let at = place.folder.path().display();
    let expected = format!(
        "backtesting --strategy Demo --logfile /dev/null --no-color --timeframe 5m --pairs BTC/USDT --userdir {at}/user \
         --strategy-path {at}/strategies -c {at}/user/.tc_run_7/config.json --datadir {at}/data --timerange 20260101- \
         --export trades --backtest-directory {at}/user/backtest_results/tc_7 --cache none --data-format-ohlcv json"
    );
    assert_eq!(place.said("said").lines().collect::<Vec<_>>().join(" "), expected);
    assert_eq!(finished.command[1..].join(" "), expected);
    assert!(
        place
            .said("seen.json")
            .contains(r#""pair_whitelist":["BTC/USDT"]"#)
    );
    assert!(!place.at("user/.tc_run_7").exists(), "the configuration went");
    assert!(
        place.at("user/backtest_results/tc_7/x.zip").is_file(),
        "the result stayed"
    );
}

#[tokio::test]
async fn an_exit_code_is_not_a_result() {
    for (script, code, error) in [
        ("exit 0", 0, "freqtrade wrote no result"),
        ("exit 2", 2, "freqtrade wrote no result"),
        ("echo x > \"$results/x.zip\"", 0, "the result is damaged: "),
        ("kill -9 $$", 137, "freqtrade wrote no result"),
    ] {
        let place = Place::new(script);
        let finished = place.run().await.unwrap();
        let told = finished.result.unwrap_err();
        assert!(
            finished.exit_code == code && told.starts_with(error),
            "{script}: {told}"
        );
        assert_eq!(
            fs::read_dir(place.at("user/backtest_results")).unwrap().count(),
            0
        );
    }
}

#[tokio::test]
async fn trades_may_be_required() {
    let required = |script: &str, trades: Option<usize>| {
        let mut place = Place::new(script);
        place.installation.require_trades = true;
        if let Some(trades) = trades {
            with_result(&place, trades);
        }
        async move { place.run().await }
    };
    let missing = required("exit 0", None).await;
    assert!(
        matches!(missing, Err(Refusal::ExportMissing { .. })),
        "{missing:?}"
    );
    let bad = required("echo x > \"$results/x.zip\"", None).await;
    assert!(matches!(bad, Err(Refusal::ExportBad { .. })), "{bad:?}");
    let none = required(WRITE_RESULT, Some(0)).await;
    assert!(
        matches!(&none, Err(Refusal::NoTrades { stdout_tail, .. }) if stdout_tail == "table\n"),
        "{none:?}"
    );
    assert_eq!(
        required(WRITE_RESULT, Some(1))
            .await
            .unwrap()
            .result
            .unwrap()
            .total_trades,
        1
    );
    assert_eq!(
        required("exit 2", None).await.unwrap().exit_code,
        2,
        "it failed anyway"
    );
}

#[tokio::test]
async fn a_run_that_takes_too_long_says_so_last() {
    let mut place = Place::new("echo partly; echo log >&2; sleep 600");
    place.installation.timeout = Duration::from_secs(1);
    let finished = place.run().await.unwrap();
    assert!(finished.timed_out());
    assert_eq!((finished.exit_code, finished.stdout.as_str()), (124, ""));
    assert_eq!(finished.stderr, "partly\nlog\ntimeout after 1s");
}

#[tokio::test]
async fn a_run_that_nobody_waits_for_leaves_nothing() {
    let place = Place::new("echo x > \"$results/x.zip\"; touch begun; sleep 600");
    let freqtrade = place.freqtrade();
    let prepared = freqtrade.prepare(request()).await.unwrap();
    let run = tokio::spawn(async move { freqtrade.run(prepared, "7", Arc::new(|_| {})).await });
    while !place.at("begun").exists() {
        tokio::task::yield_now().await;
    }
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    assert!(!place.at("user/.tc_run_7").exists() && !place.at("user/backtest_results/tc_7").exists());
}

#[tokio::test]
async fn stages_are_told_as_they_begin() {
    let place = Place::new(
        "echo 'INFO - Loading data from 2026' >&2; echo noise >&2; echo 'Backtesting with data from' >&2",
    );
    let freqtrade = place.freqtrade();
    let prepared = freqtrade.prepare(request()).await.unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&told);
    let note = Arc::new(move |stage: Stage| noted.lock().unwrap().push(stage.as_str()));
    freqtrade.run(prepared, "7", note).await.unwrap();
    assert_eq!(*told.lock().unwrap(), ["loading_candles", "simulating"]);
}

#[tokio::test]
async fn strategies_are_listed_once() {
    let place = Place::new("");
    let freqtrade = place.freqtrade();
    for _ in 0..3 {
        let names = freqtrade.strategies(true).await.unwrap();
        assert_eq!(
            names.iter().map(StrategyName::as_str).collect::<Vec<_>>(),
            ["Demo", "Zeta"]
        );
    }
    assert_eq!(place.said("listings").lines().count(), 1);
    fs::write(place.at("strategies/new.py"), "").unwrap();
    freqtrade.strategies(true).await.unwrap();
    assert_eq!(place.said("listings").lines().count(), 2);
}

#[tokio::test]
async fn a_listing_fails_only_without_a_name() {
    for (script, fails) in [
        ("echo why >&2; exit 1", true),
        ("echo Demo; exit 1", false),
        ("exit 0", false),
    ] {
        let place = Place::new("");
        fs::write(&place.installation.bin, format!("#!/bin/sh\n{script}\n")).unwrap();
        let listed = place.freqtrade().strategies(true).await;
        match listed {
            Err(Refusal::ListingFailed { exit_code, stderr }) => {
                assert!(fails && exit_code == 1 && stderr == "why\n", "{script}");
            }
            listed => assert!(!fails && listed.is_ok(), "{script}"),
        }
    }
}

/// Each spoils one thing; what is checked earlier is told first.
#[tokio::test]
async fn the_first_thing_that_is_wrong_is_told() {
    type Spoil = fn(&mut Place, &mut RunRequest);
    type Expected = fn(&Refusal) -> bool;
    let spoils: [(Spoil, Expected); 11] = [
        (
            |_, wish| wish.strategy_name = "../x".to_owned(),
            |r| {
                matches!(
                    r,
                    Refusal::Input {
                        error: InputError::StrategyName,
                        ..
                    }
                )
            },
        ),
        (
            |_, wish| wish.pair = "btc".to_owned(),
            |r| {
                matches!(
                    r,
                    Refusal::Input {
                        error: InputError::Pair,
                        ..
                    }
                )
            },
        ),
        (
            |_, wish| wish.timeframe = "-1m".to_owned(),
            |r| {
                matches!(
                    r,
                    Refusal::Input {
                        error: InputError::Timeframe,
                        ..
                    }
                )
            },
        ),
        (
            |_, wish| wish.timerange = Some("x".to_owned()),
            |r| {
                matches!(
                    r,
                    Refusal::Input {
                        error: InputError::Timerange,
                        ..
                    }
                )
            },
        ),
        (
            |place, _| fs::remove_dir(place.at("strategies")).unwrap(),
            |r| matches!(r, Refusal::StrategyDirMissing(_)),
        ),
        (
            |place, _| place.installation.config = None,
            |r| matches!(r, Refusal::ConfigMissing),
        ),
        (
            |place, _| fs::remove_file(place.at("config.json")).unwrap(),
            |r| matches!(r, Refusal::ConfigNotFound(_)),
        ),
        (
            |place, _| place.installation.root = place.at("nowhere"),
            |r| matches!(r, Refusal::RootNotFound(_)),
        ),
        (
            |place, _| place.installation.user_dir = Some(place.at("nobody")),
            |r| matches!(r, Refusal::UserDirNotFound(_)),
        ),
        (
            |_, wish| {
                if wish.strategy_name == "Demo" {
                    wish.strategy_name = "Other".to_owned();
                }
            },
            |r| matches!(r, Refusal::StrategyNotFound(_)),
        ),
        (
            |place, _| fs::remove_file(place.at("data/BTC_USDT-5m.json")).unwrap(),
            |r| matches!(r, Refusal::HistoryMissing(_)),
        ),
    ];
    for (first, (_, expected)) in spoils.iter().enumerate() {
        let (mut place, mut wish) = (Place::new("touch ran"), request());
        for (spoil, _) in spoils[first..].iter().rev() {
            spoil(&mut place, &mut wish);
        }
        let refused = place.freqtrade().prepare(wish).await.unwrap_err();
        assert!(expected(&refused), "{first}: {refused:?}");
        assert!(!place.at("ran").exists());
    }
}

#[tokio::test]
async fn missing_candles_are_told_with_a_way_to_get_them() {
    let mut place = Place::new("");
    fs::write(place.at("config.json"), r#"{"trading_mode": "futures"}"#).unwrap();
    place.installation.data_dir = Some(place.at("data"));
    fs::create_dir(place.at("data/futures")).unwrap();
    fs::write(place.at("data/futures/BTC_USDT_USDT-1h-futures.feather"), "").unwrap();
    let refused = place.freqtrade().prepare(request()).await.unwrap_err();
    let Refusal::HistoryMissing(missing) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(
        (missing.pair.as_str(), missing.trading_mode.as_str()),
        ("BTC/USDT:USDT", "futures")
    );
    assert_eq!(missing.available_timeframes, ["1h"]);
    assert_eq!(
        missing.expected_paths[3],
        place.at("data/futures/BTC_USDT_USDT-5m-futures.json")
    );
    let at = place.folder.path().display();
    let expected = format!(
        "{at}/freqtrade download-data -c {at}/config.json --userdir {at}/user --pairs BTC/USDT:USDT --timeframes 5m --trading-mode futures"
    );
    assert_eq!(missing.download_command, expected);
    let found = place.freqtrade().pair_timeframes("BTC/USDT").await.unwrap();
    assert_eq!(
        (found.pair.as_str(), found.available_timeframes.as_slice()),
        ("BTC/USDT:USDT", &["1h".to_owned()][..])
    );
    fs::write(place.at("data/futures/BTC_USDT_USDT-5m-futures.feather"), "").unwrap();
    let finished = place.run().await.unwrap();
    assert_eq!(finished.warnings, ["funding_data_missing"]);
}

#[tokio::test]
async fn the_data_directory_has_a_place_without_a_word_about_it() {
    let place = Place::new("");
    let directory = |text: &str, named: Option<&str>| {
        let mut installation = place.installation.clone();
        installation.data_dir = named.map(PathBuf::from);
        let config = crate::base_config::BaseConfig::parse(text).unwrap();
        installation.data_dir(&config)
    };
    assert_eq!(directory("{}", None), place.at("default"));
    assert_eq!(directory(r#"{"datadir": "d"}"#, None), place.at("d"));
    assert_eq!(directory(r#"{"datadir": "/d"}"#, None), Path::new("/d"));
    assert_eq!(
        directory(r#"{"datadir": "/d"}"#, Some("/named")),
        Path::new("/named")
    );
}

#[tokio::test]
async fn offline_the_module_runs_in_the_place_of_the_program() {
    let mut place = Place::new("");
    place.installation.offline_markets = true;
    place.installation.offline_pairs = "ETH/USDT,BTC/USDT".to_owned();
    place.installation.python_path = Some("/before".into());
    let refused = place.run().await.unwrap_err();
    assert!(
        refused.to_string().contains("there is no Python beside"),
        "{refused}"
    );
    let python = place.at("python3");
    let script = "#!/bin/sh\nprintf '%s\\n' \"$@\" > said\nenv > seen\ncp \"$TRADE_CANVAS_FREQTRADE_OFFLINE_MARKETS_FILE\" markets\nls \"${PYTHONPATH%%:*}/trade_canvas_ft\" > module\n";
    fs::write(&python, script).unwrap();
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
    let finished = place.run().await.unwrap();
    assert_eq!(
        finished.command[..4],
        [python.to_str().unwrap(), "-m", "trade_canvas_ft", "backtesting"]
    );
    let seen = place.said("seen");
    for line in [
        "TRADE_CANVAS_FREQTRADE_OFFLINE_MARKETS=1",
        "TRADE_CANVAS_FREQTRADE_OFFLINE_MARKETS_PAIRS=BTC/USDT,ETH/USDT",
        "NO_COLOR=1",
        "COLUMNS=160",
    ] {
        assert!(seen.lines().any(|seen| seen == line), "{line}");
    }
    assert!(seen.contains(".tc_run_7:/before\n"), "{seen}");
    assert!(place.said("markets").contains("\"ETH/USDT\""));
    assert_eq!(place.said("module"), "__init__.py\n__main__.py\n");
}

#[test]
fn a_tail_is_cut_between_characters() {
    assert_eq!(tail("äbc"), "äbc");
    let long = "ä".repeat(TAIL_CHARS + 1);
    assert_eq!(tail(&long).chars().count(), TAIL_CHARS);
}

#[tokio::test]
async fn the_program_is_asked_for_its_strategies_in_full() {
    let place = Place::new("");
    for (recursive, ending) in [(true, " --recursive-strategy-search"), (false, "")] {
        let arguments = command::list_strategies(&place.installation, recursive);
        let words: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
        let at = place.folder.path().display();
        let expected = format!(
            "list-strategies -1 --logfile /dev/null --no-color --userdir {at}/user --strategy-path {at}/strategies{ending}"
        );
        assert_eq!(words.join(" "), expected);
    }
}
