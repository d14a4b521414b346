use tempfile::TempDir;

use super::*;

fn tree(names: &[&str]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for name in names {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }
    root
}

/// What was found, relative to the root, as `series <- path` lines, then `path: reason` lines.
fn found(root: &TempDir, below: &str, hints: &ImportHints) -> Vec<String> {
    let relative = |path: &Path| {
        path.strip_prefix(root.path())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    let discovery = discover(&root.path().join(below), hints).unwrap();
    let files = discovery
        .files
        .iter()
        .map(|file| format!("{} <- {}", file.series, relative(&file.path)));
    let skipped = discovery.skipped.iter().map(|skipped| {
        let reason = skipped
            .reason
            .to_string()
            .replace(&format!("{}/", root.path().display()), "");
        format!("{}: {reason}", relative(&skipped.path))
    });
    files.chain(skipped).collect()
}

#[test]
fn a_freqtrade_data_directory() {
    let root = tree(&[
        "data/binance/BTC_USDT-1m.feather",
        "data/binance/BTC_USDT-1m.json.gz",
        "data/binance/BTC_USDT-1m.parquet",
        "data/binance/ETH_USDT-1h.json",
        "data/binance/ETH_USDT-1h.json.gz",
        "data/binance/ETH_USDT-1Mo.feather",
        "data/binance/ETH_USDT-trades.feather",
        "data/binance/futures/BTC_USDT_USDT-5m-futures.feather",
        "data/binance/futures/BTC_USDT-5m-futures.feather",
        "data/binance/BTC_USDT_USDT-5m-futures.feather",
        "data/binance/futures/BTC_USDT_USDT-1h-mark.feather",
        "data/binance/futures/BTC_USDT_USDT-8h-funding_rate.feather",
        "data/kraken/BTC_EUR-1d.parquet",
        "data/kraken/notes.txt",
        "data/.cache/BTC_USDT-1m.feather",
    ]);
    let expected = [
        "binance:futures:BTC/USDT:5m <- data/binance/futures/BTC_USDT-5m-futures.feather",
        "binance:spot:BTC/USDT:1m <- data/binance/BTC_USDT-1m.feather",
        "binance:spot:ETH/USDT:1h <- data/binance/ETH_USDT-1h.json",
        "kraken:spot:BTC/EUR:1d <- data/kraken/BTC_EUR-1d.parquet",
        "data/binance/BTC_USDT-1m.json.gz: its candles are taken from data/binance/BTC_USDT-1m.feather",
        "data/binance/BTC_USDT-1m.parquet: its candles are taken from data/binance/BTC_USDT-1m.feather",
        "data/binance/BTC_USDT_USDT-5m-futures.feather: its candles are taken from \
         data/binance/futures/BTC_USDT-5m-futures.feather",
        "data/binance/ETH_USDT-1Mo.feather: timeframe 1Mo is not a number of minutes, hours or days",
        "data/binance/ETH_USDT-1h.json.gz: its candles are taken from data/binance/ETH_USDT-1h.json",
        "data/binance/ETH_USDT-trades.feather: trades are not candles",
        "data/binance/futures/BTC_USDT_USDT-1h-mark.feather: mark files are not candles of a market",
        "data/binance/futures/BTC_USDT_USDT-5m-futures.feather: its candles are taken from \
         data/binance/futures/BTC_USDT-5m-futures.feather",
        "data/binance/futures/BTC_USDT_USDT-8h-funding_rate.feather: funding_rate files are not candles of a market",
        "data/kraken/notes.txt: it is not a candle file",
    ];
    assert_eq!(found(&root, "data", &ImportHints::default()), expected);
    let of_kraken = found(&root, "data/kraken", &ImportHints::default());
    assert_eq!(
        of_kraken[0],
        "kraken:spot:BTC/EUR:1d <- data/kraken/BTC_EUR-1d.parquet"
    );
    let asked = ImportHints {
        symbol: Some("BTC/USDT".into()),
        market: Some(MarketKind::Spot),
        ..Default::default()
    };
    let of_asked = found(&root, "data", &asked);
    assert_eq!(
        of_asked[0],
        "binance:spot:BTC/USDT:1m <- data/binance/BTC_USDT-1m.feather"
    );
    assert_eq!(of_asked.iter().filter(|line| line.contains(" <- ")).count(), 1);
    assert!(
        of_asked
            .contains(&"data/kraken/BTC_EUR-1d.parquet: it holds BTC/EUR, which was not asked for".into())
    );
}

#[test]
fn an_archive_keeps_every_month() {
    let root = tree(&[
        "spot/monthly/BTCUSDT-1m-2023-09.csv.gz",
        "spot/monthly/BTCUSDT-1m-2023-08.csv.gz",
        "spot/monthly/BTCUSDT-1m-2023-08.zip",
        "futures/um/monthly/BTCUSDT-1m-2023-08.zip",
        "futures/cm/monthly/BTCUSD_PERP-1m-2023-08.zip",
        "XYZ-1m-2023-08.zip",
        "BTCUSDT_1m-2026-06.parquet",
    ]);
    let expected = [
        "binance:futures:BTC/USDT:1m <- futures/um/monthly/BTCUSDT-1m-2023-08.zip",
        "binance:spot:BTC/USDT:1m <- spot/monthly/BTCUSDT-1m-2023-08.csv.gz",
        "binance:spot:BTC/USDT:1m <- spot/monthly/BTCUSDT-1m-2023-09.csv.gz",
        "BTCUSDT_1m-2026-06.parquet: its name does not tell the symbol; state it, as in BTC/USDT",
        "XYZ-1m-2023-08.zip: its name does not tell the symbol; state it, as in BTC/USDT",
        "futures/cm/monthly/BTCUSD_PERP-1m-2023-08.zip: coin-margined contracts are not supported",
        "spot/monthly/BTCUSDT-1m-2023-08.zip: its candles are taken from spot/monthly/BTCUSDT-1m-2023-08.csv.gz",
    ];
    assert_eq!(found(&root, "", &ImportHints::default()), expected);
}

#[test]
fn hints_complete_foreign_names() {
    let root = tree(&[
        "a/BTCUSDT_1m-2026-07.parquet",
        "a/BTCUSDT_1m-2026-06.parquet",
        "a/ETH_USDT-1m.feather",
    ]);
    let hints = ImportHints {
        exchange: Some("bitfinex".into()),
        symbol: Some("BTC/USDT".into()),
        timeframe: Some("1m".parse().unwrap()),
        ..Default::default()
    };
    let expected = [
        "bitfinex:spot:BTC/USDT:1m <- a/BTCUSDT_1m-2026-06.parquet",
        "bitfinex:spot:BTC/USDT:1m <- a/BTCUSDT_1m-2026-07.parquet",
        "a/ETH_USDT-1m.feather: it holds ETH/USDT, which was not asked for",
    ];
    assert_eq!(found(&root, "a", &hints), expected);
}

#[test]
fn hints_replace_what_a_single_name_says() {
    let root = tree(&["futures/BTCUSDT-1m-2023-08.csv.gz", "BTC_USDT-1w.feather"]);
    let archive = "futures/BTCUSDT-1m-2023-08.csv.gz";
    let series = |name: &str, hints: ImportHints| {
        let discovery = discover(&root.path().join(name), &hints).unwrap();
        assert_eq!(discovery.files[0].size_bytes, name.len() as u64);
        discovery.files[0].series.to_string()
    };
    assert_eq!(
        series(archive, ImportHints::default()),
        "binance:futures:BTC/USDT:1m"
    );
    let hints = ImportHints {
        exchange: Some("okx".into()),
        market: Some(MarketKind::Spot),
        symbol: Some("XBT/USDT:USDT".into()),
        timeframe: Some("3m".parse().unwrap()),
    };
    assert_eq!(series(archive, hints), "okx:spot:XBT/USDT:USDT:3m");
    let week = ImportHints {
        timeframe: Some("7d".parse().unwrap()),
        ..Default::default()
    };
    assert_eq!(series("BTC_USDT-1w.feather", week), "binance:spot:BTC/USDT:7d");
}

#[test]
fn a_single_file_that_cannot_be_imported_is_an_error() {
    let root = tree(&[
        "BTC_USDT_USDT-1h-mark.feather",
        "a.hdf5",
        "a.json",
        "BTC_USDT-1m.json",
    ]);
    let error = |name: &str, hints: ImportHints| discover(&root.path().join(name), &hints).unwrap_err();
    let none = ImportHints::default;
    assert!(matches!(error("nowhere", none()), HistoryError::Read { .. }));
    assert!(matches!(
        error("BTC_USDT_USDT-1h-mark.feather", none()),
        HistoryError::Refused {
            reason: SkipReason::OtherCandleType(_),
            ..
        }
    ));
    assert!(matches!(
        error("a.json", none()),
        HistoryError::Refused {
            reason: SkipReason::UnknownSymbol,
            ..
        }
    ));
    let bad = ImportHints {
        exchange: Some("Not An Exchange".into()),
        ..none()
    };
    assert!(matches!(
        error("BTC_USDT-1m.json", bad),
        HistoryError::Series { .. }
    ));
    let unknown = error("a.hdf5", none());
    assert!(matches!(unknown, HistoryError::UnknownLayout { .. }));
    assert!(
        unknown
            .to_string()
            .ends_with(".json, .json.gz, .csv, .csv.gz, .csv.zip, .zip"),
        "{unknown}"
    );
}

#[cfg(unix)]
#[test]
fn links_are_followed_once() {
    let root = tree(&["data/BTC_USDT-1m.feather"]);
    std::os::unix::fs::symlink(root.path().join("data"), root.path().join("data/again")).unwrap();
    std::os::unix::fs::symlink(
        root.path().join("gone"),
        root.path().join("data/BTC_USDT-5m.feather"),
    )
    .unwrap();
    assert_eq!(found(&root, "", &ImportHints::default()).len(), 1);
}
