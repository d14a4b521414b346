use std::os::unix::fs::PermissionsExt;

use tc_server::tasks::{Background, DownloadOptions, Downloads};

use super::*;

const FROM: CandleTime = CandleTime::clamped(1_700_000_040);
/// Writes the first file that is missing of a spot pair in a folder `candles`.
const WRITE: &str = "mkdir -p candles; echo x >> candles/A_B-1m.feather";

fn places(root: &Path) -> FreqtradeHistory {
    FreqtradeHistory {
        root: root.to_owned(),
        data_dir: Some("candles".into()),
        config: Some("config.json".into()),
        user_dir: Some("user".into()),
        home: None,
    }
}

/// A program that stands in for freqtrade.
fn program(folder: &Path, script: &str) -> FreqtradeDownload {
    let bin = folder.join("freqtrade");
    fs::write(&bin, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&bin, fs::Permissions::from_mode(0o755)).unwrap();
    FreqtradeDownload::new(&bin, places(folder), Duration::from_secs(20))
}

fn series(text: &str) -> SeriesId {
    text.parse().unwrap()
}

async fn run(download: &FreqtradeDownload, id: &str) -> Result<(), String> {
    let fetched = download.fetch(&series(id), FROM).await;
    fetched.map_err(|error| error.to_string())
}

#[tokio::test]
async fn it_gets_exactly_what_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str| {
        format!("printf '%s\\n' \"$@\" > said; mkdir -p candles/futures; echo x >> candles/{file}")
    };
    for (id, mode, pair, file) in [
        (
            "binance:futures:BTC/USDT:5m",
            "futures --candle-types futures",
            "BTC/USDT:USDT",
            "futures/BTC_USDT_USDT-5m-futures.feather",
        ),
        (
            "binance:futures:BTC/USDC:USDC:5m",
            "futures --candle-types futures",
            "BTC/USDC:USDC",
            "futures/BTC_USDC_USDC-5m-futures.feather",
        ),
        (
            "binance:spot:.A-B/C_D:5m",
            "spot",
            "\\.A\\-B/C_D",
            "_A-B_C_D-5m.feather",
        ),
    ] {
        let download = program(folder.path(), &write(file));
        assert_eq!(run(&download, id).await, Ok(()), "{id}");
        let said = fs::read_to_string(folder.path().join("said")).unwrap();
        let root = folder.path().display();
        let expected = format!(
            "download-data -c {root}/config.json --userdir {root}/user --datadir {root}/candles --exchange binance \
             --trading-mode {mode} --pairs {pair} --timeframes 5m --timerange 1700000040- --data-format-ohlcv feather"
        );
        assert_eq!(said.lines().collect::<Vec<_>>().join(" "), expected, "{id}");
    }
}

#[tokio::test]
async fn it_continues_the_file_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("candles/binance/A_B-1m.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "[]").unwrap();
    let script = "printf '%s\\n' \"$*\" > said; echo '[[]]' > candles/binance/A_B-1m.json";
    let download = program(folder.path(), script);
    assert_eq!(run(&download, "binance:spot:A/B:1m").await, Ok(()));
    let said = fs::read_to_string(folder.path().join("said")).unwrap();
    let directory = format!("--datadir {}/candles/binance ", folder.path().display());
    assert!(said.contains(&directory), "{said}");
    assert!(said.ends_with("--data-format-ohlcv json\n"), "{said}");
}

#[tokio::test]
async fn only_a_file_that_was_written_is_a_success() {
    let folder = tempfile::tempdir().unwrap();
    let spot = "binance:spot:A/B:1m";
    let nothing = program(folder.path(), "echo loaded; echo no such pair >&2; exit 0");
    let as_it_was = Err("the candle file is as it was: no such pair".to_owned());
    assert_eq!(run(&nothing, spot).await, as_it_was, "there is no file");
    let quiet = program(folder.path(), "echo no such pair");
    assert_eq!(run(&quiet, spot).await, as_it_was, "it said so elsewhere");
    let writes = program(folder.path(), WRITE);
    assert_eq!(run(&writes, spot).await, Ok(()), "a new file");
    assert_eq!(run(&writes, spot).await, Ok(()), "a longer file");
    let nothing = program(folder.path(), "echo no such pair >&2");
    assert_eq!(run(&nothing, spot).await, as_it_was, "the file of before");
    let elsewhere = program(folder.path(), "echo x > candles/A_B-5m.feather");
    run(&elsewhere, spot).await.unwrap_err();
    // Candles that did not change are written again all the same.
    let file = folder.path().join("candles/A_B-1m.feather");
    let past = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
    fs::File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_modified(past)
        .unwrap();
    let touches = program(folder.path(), "touch candles/A_B-1m.feather");
    assert_eq!(run(&touches, spot).await, Ok(()));
}

#[tokio::test]
async fn a_failure_is_told_with_its_last_words() {
    let folder = tempfile::tempdir().unwrap();
    let download = program(folder.path(), &format!("{WRITE}; echo no such pair >&2; exit 2"));
    let failed = run(&download, "binance:spot:A/B:1m").await;
    assert_eq!(failed, Err("exit status: 2: no such pair".to_owned()));
    let nowhere = Path::new("/nonexistent/freqtrade");
    let missing = FreqtradeDownload::new(nowhere, places(folder.path()), Duration::from_secs(20));
    let failed = run(&missing, "binance:spot:A/B:1m").await.unwrap_err();
    assert!(failed.contains("does not start"), "{failed}");
}

#[tokio::test]
async fn what_is_no_pair_never_reaches_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let download = program(folder.path(), "touch ran");
    for id in ["binance:spot:-A/B:1m", "binance:futures:--erase:1m"] {
        let failed = run(&download, id).await.unwrap_err();
        assert!(failed.starts_with("no pair begins like"), "{failed}");
    }
    let other = series("binance:options:A/B:1m");
    assert!(!download.serves(&other));
    assert!(download.serves(&series("binance:spot:A/B:1m")));
    run(&download, other.as_str()).await.unwrap_err();
    assert!(!folder.path().join("ran").exists());
}

#[tokio::test]
async fn a_program_that_knows_no_candle_types_runs_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let script = "echo run >> runs
        case \"$*\" in *--candle-types*) echo 'freqtrade: error: unrecognized arguments: --candle-types futures' >&2; exit 0;; esac
        mkdir -p candles/futures; echo x >> candles/futures/A_B_B-1m-futures.feather";
    let download = program(folder.path(), script);
    for runs in [2, 3] {
        assert_eq!(run(&download, "binance:futures:A/B:1m").await, Ok(()));
        let said = fs::read_to_string(folder.path().join("runs")).unwrap();
        assert_eq!(said.lines().count(), runs, "it is asked once");
    }
}

#[tokio::test]
async fn a_relative_program_starts_from_the_root() {
    let folder = tempfile::tempdir().unwrap();
    program(folder.path(), WRITE);
    let download = |bin: &str| {
        let bin = Path::new(bin);
        FreqtradeDownload::new(bin, places(folder.path()), Duration::from_secs(20))
    };
    assert_eq!(run(&download("./freqtrade"), "binance:spot:A/B:1m").await, Ok(()));
    let command = download("freqtrade-that-nobody-has");
    assert_eq!(command.program.bin, Path::new("freqtrade-that-nobody-has"));
}

/// A program that starts another one, tells so and waits for it.
const FAMILY: &str = "(echo $$ > begun.new; mv begun.new begun; sleep 600) & wait";

/// Its process group, once it has begun.
async fn group(folder: &Path) -> rustix::process::Pid {
    loop {
        if let Ok(begun) = fs::read_to_string(folder.join("begun")) {
            return rustix::process::Pid::from_raw(begun.trim().parse().unwrap()).unwrap();
        }
        tokio::task::yield_now().await;
    }
}

/// The last of them may take a moment to be gone.
async fn gone(group: rustix::process::Pid) {
    while rustix::process::test_kill_process_group(group).is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_run_that_takes_too_long_ends_with_everything_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let mut download = program(folder.path(), FAMILY);
    download.timeout = Duration::from_millis(300);
    let failed = run(&download, "binance:spot:A/B:1m").await;
    assert_eq!(failed, Err("no end after 0.3 s".to_owned()));
    gone(group(folder.path()).await).await;
}

#[tokio::test]
async fn a_stop_of_the_server_ends_a_run_with_everything_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let fetcher = Arc::new(program(folder.path(), FAMILY));
    let background = Background::default();
    let options = DownloadOptions::default();
    let downloads = Downloads::new(fetcher, options, Arc::new(|| 0), background.clone());
    let download = downloads.begin(&series("binance:spot:A/B:1m"), FROM);
    let group = group(folder.path()).await;
    background.stop.cancel();
    background.tasks.close();
    background.tasks.wait().await;
    gone(group).await;
    let failed = download.unwrap().unwrap().ended().await;
    assert_eq!(failed.unwrap_err().to_string(), "the server is stopping");
}
