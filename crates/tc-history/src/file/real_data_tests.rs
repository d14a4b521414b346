//! Real exchange files. They are not part of the repository: the test runs where they lie beside it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use tc_market::{MarketKind, gaps_between};

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
