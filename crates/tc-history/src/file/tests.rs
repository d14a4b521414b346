//! The sample files: see `samples/generate.py` for what each holds.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs,
    path::Path,
};

use tc_market::{Candle, CandleError};

use super::*;
use crate::{LAYOUTS, LeftOutRow, RowFault, layouts};

const SAMPLE_ROWS: i64 = 48;
const FIRST_TIME: i64 = 1_700_000_040;

/// The candles of every good sample, computed here independently of the script that wrote the files.
fn sample_candles() -> Vec<Candle> {
    let price = |i: i64| 100.0 + (i * 37 % 64) as f64 / 8.0;
    (0..SAMPLE_ROWS)
        .map(|i| {
            let (open, close) = (price(i), price(i + 1));
            let (high, low) = (open.max(close) + 0.5, open.min(close) - 0.25);
            let time = CandleTime::clamped(FIRST_TIME + 60 * i);
            Candle::new(time, open, high, low, close, (i * 13 % 29) as f64 / 4.0).unwrap()
        })
        .collect()
}

/// Every readable sample of a folder, by name. Layouts that were not compiled in are left out.
pub(super) fn samples(folder: &str) -> BTreeMap<String, CandleFile> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(folder);
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = entries.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path));
    named
        .filter_map(|(name, path)| {
            let (_, layout, _) = layouts::of_name(&name)?;
            Some((name, file(path, layout)))
        })
        .collect()
}

fn file(path: PathBuf, layout: &'static Layout) -> CandleFile {
    let series = "binance:spot:BTC/USDT:1m".parse().unwrap();
    CandleFile {
        path,
        series,
        layout,
        period: None,
        size_bytes: 0,
    }
}

/// The error with its causes, and with the path shortened to the file name.
fn message(error: &HistoryError, path: &Path) -> String {
    let folder = format!("{}/", path.parent().unwrap().display());
    let mut text = error.to_string().replace(&folder, "");
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[test]
fn the_newest_candles_are_the_end_of_all_of_them() {
    let latest = CandleTime::clamped(FIRST_TIME + 60 * (SAMPLE_ROWS - 2));
    let closed = &sample_candles()[..usize::try_from(SAMPLE_ROWS).unwrap() - 1];
    for (name, file) in samples("good") {
        for limit in [0, 1, 10, 1_000] {
            let newest = file.newest(limit, latest).unwrap();
            let expected = &closed[closed.len().saturating_sub(limit)..];
            assert_eq!(newest, expected, "{limit} of {name}");
        }
    }
}

#[test]
fn every_form_of_every_layout_gives_the_same_candles() {
    let good = samples("good");
    let layouts: BTreeSet<_> = good.values().map(|file| file.layout.name).collect();
    assert_eq!(
        layouts,
        LAYOUTS.iter().map(|layout| layout.name).collect(),
        "a layout has no sample"
    );
    let expected = sample_candles();
    for (name, file) in good {
        let decoded = file.decode(None).unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(decoded.candles, expected, "{name}");
        let duplicate_rows = if name.starts_with("unordered") { 3 } else { 0 };
        let rows = SAMPLE_ROWS.unsigned_abs() + duplicate_rows;
        let report = crate::DecodeReport {
            rows,
            duplicate_rows,
            ..Default::default()
        };
        assert_eq!(decoded.report, report, "{name}");
    }
}

#[test]
fn later_rows_are_dropped_from_every_layout() {
    let latest_closed = CandleTime::clamped(FIRST_TIME + 60 * 40);
    for (name, file) in samples("good") {
        let decoded = file.decode(Some(latest_closed)).unwrap();
        assert_eq!(decoded.candles, sample_candles()[..=40], "{name}");
        assert!((7..=8).contains(&decoded.report.unfinished_rows), "{name}");
    }
}

#[test]
fn rows_that_are_no_candles_are_counted_and_listed() {
    let mut expected = sample_candles();
    for row in [8, 7, 6, 4, 3] {
        expected.remove(row - 1);
    }
    for (name, file) in samples("faulty") {
        let decoded = file.decode(None).unwrap();
        assert_eq!(decoded.candles, expected, "{name}");
        // JSON and the CSV written from it have a zero where the others have an infinity.
        let is_columnar = name.contains("feather") || name.contains("parquet");
        let close = if is_columnar {
            CandleError::NotFinite("close")
        } else {
            CandleError::NotPositive("close")
        };
        let faults = [
            (6, CandleError::HighBelowBody),
            (7, CandleError::NegativeVolume),
            (8, close),
        ];
        let listed = faults.map(|(row, error)| LeftOutRow {
            row,
            fault: RowFault::Candle(error),
        });
        assert_eq!(decoded.report.first_left_out, listed, "{name}");
        assert_eq!(
            decoded.report.left_out,
            faults.map(|(_, error)| (error.reason(), 1)).into(),
            "{name}"
        );
        assert_eq!((decoded.report.rows, decoded.report.null_rows), (48, 2), "{name}");
    }
}

#[test]
fn what_is_damaged_is_named() {
    let expected: BTreeMap<&str, &str> = [
        (
            "boolean-volume.json",
            "row 48, column volume: found \"true\" where a number is due",
        ),
        (
            "category-high.feather",
            "column high is of type Dictionary(Int32, Utf8) where a number is due",
        ),
        ("cut-short-plain.csv", "row 48 has 8 values where 12 are due"),
        (
            "dictionary-count.parquet",
            "not a readable parquet file: a dictionary has more values than bytes",
        ),
        ("empty.csv", "not a readable CSV file: the file is empty"),
        (
            "empty.feather",
            "not a readable feather file: the file is too short",
        ),
        (
            "float-date.feather",
            "column date is of type Float64 where a time is due",
        ),
        (
            "list-close.feather",
            "column close is of type List(Float64) where a number is due",
        ),
        ("long-row.json", "row 4 has 8 values where 6 are due"),
        ("missing-column.csv", "column close is missing"),
        ("missing-column.feather", "column low is missing"),
        ("missing-column.parquet", "column volume is missing"),
        ("missing-date.feather", "column date is missing"),
        (
            "nested-high.json",
            "row 2, column high: found \"[…]\" where a number is due",
        ),
        ("no-table.zip", "the archive holds 0 CSV files where one is due"),
        (
            "number-row.json",
            "not a readable JSON file at row 2: invalid type: integer `7`, expected a row: an array \
          of six numbers",
        ),
        (
            "object.json",
            "not a readable JSON file at row 1: invalid type: map, expected an array of rows",
        ),
        ("short-row.csv", "row 7 has 9 values where 12 are due"),
        ("short-row.json", "row 4 has 2 values where 6 are due"),
        ("six-columns.csv", "row 1 has 6 values where 12 are due"),
        (
            "text-date.feather",
            "row 10, column date: found \"yesterday\" where a date and time is due",
        ),
        (
            "text-date.json",
            "row 5, column date: found \"soon\" where a time in milliseconds is due",
        ),
        (
            "text-low.json",
            "row 12, column low: found \"99.5\" where a number is due",
        ),
        (
            "text-open.feather",
            "row 2, column open: found \"100.0\" where a number is due",
        ),
        (
            "text-open.parquet",
            "row 2, column open: found \"100.0\" where a number is due",
        ),
        (
            "text-time.csv",
            "row 10, column open_time: found \"2023-11-14\" where an integer time is due",
        ),
        (
            "text-volume.csv",
            "row 3, column volume: found \"six\" where a number is due",
        ),
        (
            "text.feather",
            "not a readable feather file: the file does not begin with the Arrow signature",
        ),
        ("two-tables.zip", "the archive holds 2 CSV files where one is due"),
        (
            "version-1.feather",
            "not a readable feather file: the file is of feather version 1; only version 2 is \
          readable",
        ),
    ]
    .into();
    let mut seen = 0;
    for (name, file) in samples("damaged") {
        let error = file.decode(None).expect_err(&name);
        let text = message(&error, &file.path);
        let Some(text) = text.strip_prefix(&format!("decode {name}: ")) else {
            panic!("{name} is not named first: {text}")
        };
        match expected.get(name.as_str()) {
            Some(expected) => {
                assert!(text.starts_with(expected), "{name}: {text}");
                seen += 1;
            }
            None => assert!(text.starts_with("not a readable "), "{name}: {text}"),
        }
    }
    let compiled = expected
        .keys()
        .filter(|name| layouts::of_name(name).is_some())
        .count();
    assert_eq!(seen, compiled);
}

#[test]
fn nothing_but_the_layout_of_the_name_is_tried() {
    let good = samples("good");
    for layout in LAYOUTS {
        for (name, other) in &good {
            // A CSV is the same text whether gzip, zip or neither is expected of it, and so is JSON.
            if other.layout.name != layout.name {
                assert!(
                    file(other.path.clone(), layout).decode(None).is_err(),
                    "{name} as {}",
                    layout.name
                );
            }
        }
    }
}

#[test]
fn an_unreadable_path_is_told_apart_from_a_damaged_file() {
    let gone = file(
        PathBuf::from("/nowhere/BTC_USDT-1m.json"),
        &LAYOUTS[LAYOUTS.len() - 1],
    );
    assert!(matches!(gone.decode(None), Err(HistoryError::Read { .. })));
}

#[test]
fn integers_of_binance_archives_are_milliseconds_or_microseconds() {
    let (_, csv, _) = layouts::of_name("a.csv").unwrap();
    let decode = |time: &str| {
        let line = format!("{time},1,1,1,1,1,0,0,0,0,0,0\n");
        file(PathBuf::from("a.csv"), csv).decode_bytes(line.into_bytes(), None)
    };
    let time = |text: &str| decode(text).unwrap().candles[0].time().seconds();
    assert_eq!(time("1700000040000"), 1_700_000_040);
    assert_eq!(time("1700000040000000"), 1_700_000_040);
    assert_eq!(time("100000"), 100);
    assert_eq!(
        decode("-5").unwrap().report.left_out,
        BTreeMap::from([("time_out_of_range", 1)])
    );
    assert!(decode("17000000400000000000000").is_err());
}
