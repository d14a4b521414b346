//! Real exchange files. They are not part of the repository: the test runs where they lie beside it.

use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;
use tc_market::{Candle, CandleTime, MarketKind, gaps_between, roll_up};

use crate::{ImportHints, discover};

fn data_folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    folder.is_dir().then_some(folder)
}

/// Path in the data folder, then rows and missing candles, as the tables of its README list them.
fn listed_in(readme: &str) -> BTreeMap<String, (u64, Option<i64>)> {
    let mut listed = BTreeMap::new();
    let mut folder = "";
    for line in readme.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            folder = heading.trim_end_matches('/');
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let Some((file, rows)) = cells.get(1).zip(cells.get(6)) else {
            continue;
        };
        let Ok(rows) = rows.replace(',', "").parse() else {
            continue;
        };
        let missing = cells
            .get(7)
            .and_then(|gaps| gaps.split('/').next_back()?.trim().parse().ok());
        listed.insert(format!("{folder}/{file}"), (rows, missing));
    }
    listed
}

#[test]
fn row_counts_are_those_of_the_readme() {
    let Some(data) = data_folder() else {
        println!("0 real files checked: no data folder beside the repository");
        return;
    };
    let mut listed = listed_in(&fs::read_to_string(data.join("README.md")).unwrap());
    listed.retain(|path, _| !path.starts_with("binance_spot_rest/"));
    assert_eq!(listed.len(), 30);

    let um = ImportHints {
        market: Some(MarketKind::Futures),
        ..Default::default()
    };
    let bitfinex = ImportHints {
        exchange: Some("bitfinex".into()),
        ..Default::default()
    };
    let symbol = Some("BTC/USDT".to_owned());
    let foreign = ImportHints {
        symbol,
        timeframe: Some("1m".parse().unwrap()),
        ..Default::default()
    };
    let mut files = discover(&data.join("freqtrade_datadir"), &ImportHints::default())
        .unwrap()
        .files;
    files.extend(
        discover(&data.join("freqtrade_formats"), &ImportHints::default())
            .unwrap()
            .files,
    );
    // Beside the same candles as feather, so a search of the folder passes over it.
    let twin = data.join("freqtrade_formats/futures/XRP_USDT_USDT-1h-futures.json.gz");
    files.extend(discover(&twin, &ImportHints::default()).unwrap().files);
    files.extend(discover(&data.join("binance_vision_csv"), &um).unwrap().files);
    files.extend(discover(&data.join("bitfinex_1m"), &bitfinex).unwrap().files);
    files.extend(discover(&data.join("misc"), &foreign).unwrap().files);

    for file in &files {
        let decoded = file.decode(None).unwrap();
        let name = file
            .path
            .strip_prefix(&data)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let (rows, missing) = listed
            .remove(&name)
            .unwrap_or_else(|| panic!("{name} is not listed"));
        assert_eq!(decoded.report.rows, rows, "{name}");
        assert_eq!(decoded.candles.len() as u64, rows, "{name}");
        let timeframe = file.series.timeframe();
        let gaps = gaps_between(decoded.candles.iter().map(tc_market::Candle::time), timeframe);
        assert_eq!(
            Some(gaps.map(|gap| gap.missing_candles(timeframe)).sum()),
            missing,
            "{name}"
        );
    }
    assert_eq!(listed, BTreeMap::new(), "not found");
    println!("{} real files checked", files.len());
}

#[test]
fn freqtrades_own_files_hold_the_same_candles_in_every_format() {
    let Some(data) = data_folder() else {
        println!("0 real files checked: no data folder beside the repository");
        return;
    };
    let discovery = discover(&data.join("freqtrade_sample"), &ImportHints::default()).unwrap();
    let mut by_series: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for file in discovery.files {
        let rows = 3 * 86_400 / file.series.timeframe().seconds();
        let candles = file.decode(None).unwrap().candles;
        assert_eq!(
            candles.len(),
            usize::try_from(rows).unwrap(),
            "{}",
            file.path.display()
        );
        by_series
            .entry(file.series.to_string())
            .or_default()
            .push(candles);
    }
    let counts: Vec<_> = by_series
        .iter()
        .map(|(series, files)| (series.as_str(), files.len()))
        .collect();
    let expected = [
        ("binance:futures:BTC/USDT:1m", 3),
        ("binance:futures:BTC/USDT:5m", 3),
        ("binance:spot:BTC/USDT:1m", 3),
        ("binance:spot:BTC/USDT:5m", 4),
        ("binance:spot:ETH/USDT:1m", 1),
        ("binance:spot:ETH/USDT:5m", 1),
    ];
    assert_eq!(counts, expected);
    for (series, files) in by_series {
        assert!(files.iter().all(|candles| *candles == files[0]), "{series}");
    }
    assert_eq!(discovery.skipped.len(), 7, "{:?}", discovery.skipped);
}

/// REST rows as the exchange answers them: prices and volume are texts.
fn published(path: &Path) -> Vec<Candle> {
    let mut text = String::new();
    GzDecoder::new(fs::File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let rows: Vec<Vec<serde_json::Value>> = serde_json::from_str(&text).unwrap();
    rows.iter()
        .map(|row| {
            let number = |column: usize| row[column].as_str().unwrap().parse().unwrap();
            let time = CandleTime::new(row[0].as_i64().unwrap() / 1_000).unwrap();
            Candle::new(time, number(1), number(2), number(3), number(4), number(5)).unwrap()
        })
        .collect()
}

/// Rolled up and published candles of the same time: equal prices, volumes equal but for the order of addition.
fn agreeing(base: &[Candle], base_timeframe: &str, timeframe: &str, published: &[Candle]) -> usize {
    let rolled = roll_up(base, base_timeframe.parse().unwrap(), timeframe.parse().unwrap()).unwrap();
    let by_time: BTreeMap<CandleTime, &Candle> =
        published.iter().map(|candle| (candle.time(), candle)).collect();
    let pairs = rolled
        .iter()
        .filter_map(|mine| Some((mine, *by_time.get(&mine.time())?)));
    let mut count = 0;
    for (mine, theirs) in pairs {
        let prices =
            |candle: &Candle| [candle.open(), candle.high(), candle.low(), candle.close()].map(f64::to_bits);
        assert_eq!(
            prices(mine),
            prices(theirs),
            "{base_timeframe} to {timeframe} at {}",
            mine.time()
        );
        let difference = (mine.volume() - theirs.volume()).abs();
        assert!(difference <= 2e-15 * theirs.volume(), "{mine:?} and {theirs:?}");
        count += 1;
    }
    count
}

#[test]
fn rolled_up_candles_are_those_that_the_exchange_publishes() {
    let Some(data) = data_folder() else {
        println!("0 real files checked: no data folder beside the repository");
        return;
    };
    let stored = |name: &str| {
        let path = data.join("freqtrade_datadir/binance").join(name);
        let file = discover(&path, &ImportHints::default()).unwrap().files.remove(0);
        file.decode(None).unwrap().candles
    };
    let rest = |name: &str| published(&data.join("binance_spot_rest").join(name));
    let five = stored("BTC_USDT-5m.feather");
    let one = stored("BTC_USDT-1m.feather");
    let future = stored("futures/BTC_USDT_USDT-1m-futures.feather");
    let hours = rest("BTCUSDT-1h.json.gz");
    let quarters = rest("BTCUSDT-15m.json.gz");
    let counts = [
        agreeing(&five, "5m", "15m", &quarters),
        agreeing(&five, "5m", "1h", &hours),
        agreeing(&five, "5m", "1d", &rest("BTCUSDT-1d.json.gz")),
        agreeing(
            &future,
            "1m",
            "15m",
            &stored("futures/BTC_USDT_USDT-15m-futures.feather"),
        ),
        agreeing(
            &future,
            "1m",
            "1h",
            &stored("futures/BTC_USDT_USDT-1h-futures.feather"),
        ),
        agreeing(&one, "1m", "15m", &quarters),
        agreeing(&one, "1m", "1h", &hours),
        agreeing(
            &stored("BTC_USDT-1h.feather"),
            "1h",
            "4h",
            &rest("BTCUSDT-4h.json.gz"),
        ),
    ];
    assert_eq!(counts, [17_687, 11_717, 488, 2_879, 719, 4_242, 1_060, 14_582]);
}
