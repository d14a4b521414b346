use tempfile::TempDir;

use super::*;

fn tree(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    root
}

fn at(root: &TempDir) -> FreqtradeHistory {
    FreqtradeHistory {
        root: root.path().to_path_buf(),
        data_dir: None,
        config: None,
        user_dir: None,
        home: Some(root.path().join("home")),
    }
}

/// The file of a series, relative to the root.
fn found(history: &FreqtradeHistory, series: &str) -> Option<String> {
    let file = history.file_of(&series.parse().unwrap())?;
    let relative = file.path.strip_prefix(&history.root).unwrap();
    Some(relative.to_str().unwrap().to_owned())
}

fn directory(history: &FreqtradeHistory) -> Option<String> {
    let directory = history.directory()?;
    let relative = directory.strip_prefix(&history.root).unwrap_or(&directory);
    Some(relative.to_str().unwrap().to_owned())
}

#[test]
fn the_first_directory_that_applies() {
    let root = tree(&[
        ("user_data/data/x", ""),
        ("mine/data/x", ""),
        ("config.json", r#"{"datadir": " configured "}"#),
        ("at_home.json", r#"{"datadir": "~/candles"}"#),
        ("blank.json", r#"{"datadir": ""}"#),
        ("broken.json", "{"),
    ]);
    let mut history = at(&root);
    assert_eq!(directory(&history).as_deref(), Some("user_data/data"));
    history.user_dir = Some("mine".into());
    assert_eq!(directory(&history).as_deref(), Some("mine/data"));
    history.user_dir = Some("nobody's".into());
    assert_eq!(directory(&history), None);
    history.user_dir = None;
    for (config, expected) in [
        ("config.json", "configured"),
        ("at_home.json", "home/candles"),
        ("blank.json", "user_data/data"),
        ("broken.json", "user_data/data"),
        ("missing.json", "user_data/data"),
    ] {
        history.config = Some(config.into());
        assert_eq!(directory(&history).as_deref(), Some(expected), "{config}");
    }
    // A named one counts also while it does not exist: the user will make it.
    history.config = Some("config.json".into());
    history.data_dir = Some("named".into());
    assert_eq!(directory(&history).as_deref(), Some("named"));
    history.data_dir = Some("/elsewhere".into());
    assert_eq!(directory(&history).as_deref(), Some("/elsewhere"));
}

#[test]
fn names_folders_and_layouts_in_their_order() {
    let futures = "binance:futures:BTC/USDT:5m";
    let mut files = [
        "user_data/data/futures/BTC_USDT-5m-futures.json.gz",
        "user_data/data/futures/BTC_USDT_USDT-5m-futures.json",
        "user_data/data/BTC_USDT-5m-futures.json",
        "user_data/data/BTC_USDT_USDT-5m-futures.json",
        "user_data/data/binance/futures/BTC_USDT-5m-futures.json",
        "user_data/data/binance/futures/BTC_USDT_USDT-5m-futures.json",
        "user_data/data/binance/BTC_USDT_USDT-5m-futures.json",
    ]
    .to_vec();
    while !files.is_empty() {
        let root = tree(&files.iter().map(|name| (*name, "[]")).collect::<Vec<_>>());
        assert_eq!(found(&at(&root), futures).as_deref(), Some(files[0]));
        files.remove(0);
    }
    let root = tree(&[
        ("user_data/data/BTC_USDT-1m.json.gz", ""),
        ("user_data/data/BTC_USDT-1m.json", "[]"),
        ("user_data/data/kraken/BTC_EUR-1d.json", "[]"),
        ("user_data/data/futures/ETH_USDT_USDT-1h-mark.json", "[]"),
        ("user_data/data/ETH_USDT-1h.json/folder", ""),
    ]);
    let history = at(&root);
    assert_eq!(
        found(&history, "binance:spot:BTC/USDT:1m").as_deref(),
        Some("user_data/data/BTC_USDT-1m.json")
    );
    assert_eq!(
        found(&history, "kraken:spot:BTC/EUR:1d").as_deref(),
        Some("user_data/data/kraken/BTC_EUR-1d.json")
    );
    for absent in [
        "binance:spot:BTC/EUR:1d",
        "binance:futures:BTC/USDT:1m",
        "binance:futures:ETH/USDT:1h",
        "binance:spot:ETH/USDT:1h",
        "binance:options:BTC/USDT:1m",
    ] {
        assert_eq!(found(&history, absent), None, "{absent}");
    }
}

#[test]
fn the_newest_closed_candles() {
    let row = |minute: i64| format!("[{}, 1.0, 2.0, 0.5, 1.5, 3.0]", minute * 60_000);
    let rows: Vec<String> = [3, 1, 2, 4, 5].map(row).to_vec();
    let root = tree(&[
        (
            "user_data/data/BTC_USDT-1m.json",
            &format!("[{}]", rows.join(",")),
        ),
        ("user_data/data/ETH_USDT-1m.json", "{}"),
    ]);
    let history = at(&root);
    let newest = |series: &str, limit| {
        history
            .newest(&series.parse().unwrap(), limit, CandleTime::clamped(240))
            .map(|candles| {
                candles
                    .iter()
                    .map(|candle| candle.time().seconds())
                    .collect::<Vec<_>>()
            })
    };
    let btc = "binance:spot:BTC/USDT:1m";
    assert_eq!(newest(btc, 2).unwrap(), [180, 240]);
    assert_eq!(newest(btc, 10).unwrap(), [60, 120, 180, 240]);
    assert!(newest(btc, 0).unwrap().is_empty());
    assert!(newest("binance:spot:SOL/USDT:1m", 2).unwrap().is_empty());
    newest("binance:spot:ETH/USDT:1m", 2).unwrap_err();
}

/// Directory, format and file of a download, relative to the root.
fn target(history: &FreqtradeHistory, series: &str) -> Result<[String; 3], DownloadRefusal> {
    let target = history.download_target(&series.parse().unwrap())?;
    let relative = |path: &Path| path.strip_prefix(&history.root).unwrap().display().to_string();
    Ok([
        relative(&target.directory),
        target.format.to_owned(),
        relative(&target.file),
    ])
}

#[cfg(feature = "columnar")]
#[test]
fn a_download_continues_the_file_that_is_read() {
    for (file, series, directory, format) in [
        (
            "data/BTC_USDT-1m.json",
            "binance:spot:BTC/USDT:1m",
            "data",
            "json",
        ),
        (
            "data/binance/BTC_USDT-1m.feather",
            "binance:spot:BTC/USDT:1m",
            "data/binance",
            "feather",
        ),
        (
            "data/binance/BTC_USDT-1m.json.gz",
            "binance:spot:BTC/USDT:1m",
            "data/binance",
            "jsongz",
        ),
        (
            "data/binance/futures/BTC_USDT_USDT-5m-futures.parquet",
            "binance:futures:BTC/USDT:5m",
            "data/binance",
            "parquet",
        ),
        (
            "data/futures/BTC_USDT_USDC-5m-futures.json",
            "binance:futures:BTC/USDT:USDC:5m",
            "data",
            "json",
        ),
    ] {
        let root = tree(&[(file, "[]"), ("data/kraken/x", "")]);
        let mut history = at(&root);
        history.data_dir = Some("data".into());
        assert_eq!(found(&history, series).as_deref(), Some(file));
        let expected = [directory, format, file].map(str::to_owned);
        assert_eq!(target(&history, series), Ok(expected));
    }
}

#[test]
fn a_new_file_goes_where_it_is_found() {
    let (spot, futures) = ("binance:spot:BTC/USDT:1m", "binance:futures:BTC/USDT:1m");
    let root = tree(&[
        ("named/x", ""),
        ("shared/binance/x", ""),
        ("config.json", r#"{"datadir": "named"}"#),
    ]);
    let mut history = at(&root);
    let expected = |directory: &str, file: &str| {
        let (extension, format) = super::target::readable_format();
        Ok([
            directory.to_owned(),
            format.to_owned(),
            format!("{directory}/{file}.{extension}"),
        ])
    };
    let check = |history: &FreqtradeHistory, directory| {
        let file = "futures/BTC_USDT_USDT-1m-futures";
        assert_eq!(target(history, spot), expected(directory, "BTC_USDT-1m"));
        assert_eq!(target(history, futures), expected(directory, file));
    };
    // A data directory that does not exist yet.
    check(&history, "user_data/data/binance");
    history.user_dir = Some("mine".into());
    check(&history, "mine/data/binance");
    history.config = Some("config.json".into());
    check(&history, "named");
    history.data_dir = Some("shared".into());
    check(&history, "shared/binance");
    history.data_dir = Some("shared/binance".into());
    check(&history, "shared/binance");
}

#[test]
fn what_freqtrade_cannot_continue_is_refused() {
    let root = tree(&[
        ("data/futures/BTC_USDT-5m-futures.json", "[]"),
        ("data/ETH_USDT_USDT-5m-futures.json", "[]"),
        ("kraken/BTC_USDT-5m.json", "[]"),
    ]);
    let mut history = at(&root);
    history.data_dir = Some("data".into());
    for (series, found, stem) in [
        (
            "binance:futures:BTC/USDT:5m",
            "data/futures/BTC_USDT-5m-futures.json",
            "futures/BTC_USDT_USDT-5m-futures",
        ),
        (
            "binance:futures:ETH/USDT:5m",
            "data/ETH_USDT_USDT-5m-futures.json",
            "futures/ETH_USDT_USDT-5m-futures",
        ),
    ] {
        let refusal = DownloadRefusal::Name {
            found: root.path().join(found),
            stem: stem.to_owned(),
        };
        assert_eq!(target(&history, series), Err(refusal));
    }
    assert_eq!(
        target(&history, "binance:options:BTC/USDT:5m"),
        Err(DownloadRefusal::Market("options".to_owned()))
    );
    history.data_dir = Some("kraken".into());
    let refusal = DownloadRefusal::Exchange(root.path().join("kraken"));
    for series in ["binance:spot:BTC/USDT:5m", "binance:spot:SOL/USDT:5m"] {
        assert_eq!(target(&history, series), Err(refusal.clone()));
    }
    target(&history, "kraken:spot:SOL/USDT:5m").unwrap();
}
