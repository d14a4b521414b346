use std::{io::Write, sync::Arc};

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_ipc::writer::FileWriter;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

const STEM: &str = "backtest-result-2026-01-02_03-04-05";

fn strategy() -> StrategyName {
    StrategyName::parse("Demo").unwrap()
}

fn statistics(name: &str, inside: &str) -> String {
    format!(r#"{{"strategy": {{"{name}": {{{inside}}}}}, "strategy_comparison": []}}"#)
}

const GOOD: &str = r#""trades": [{"pair": "A/B", "note": "NaN"}, {"pair": "A/B"}], "total_trades": 2, "sharpe": -Infinity,
    "calmar": NaN, "backtest_start_ts": 1700000000000, "backtest_end_ts": 1700000060000, "starting_balance": 1000,
    "final_balance": 1001.5"#;

fn packed(folder: &Path, entries: &[(&str, &[u8])]) -> PathBuf {
    let path = folder.join(format!("{STEM}.zip"));
    let mut writer = ZipWriter::new(File::create(&path).unwrap());
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
    path
}

fn read_packed(entries: &[(&str, &str)]) -> Result<RunResult, ResultError> {
    let folder = tempfile::tempdir().unwrap();
    let entries: Vec<(&str, &[u8])> = entries
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .collect();
    read(&packed(folder.path(), &entries), &strategy())
}

fn wallet(rows: &[(i64, f64, f64)]) -> Vec<u8> {
    let columns: [(&str, ArrayRef); 4] = [
        (
            "date",
            Arc::new(
                TimestampMicrosecondArray::from_iter_values(rows.iter().map(|row| row.0 * 1_000))
                    .with_timezone("UTC"),
            ),
        ),
        ("currency", Arc::new(StringArray::from(vec!["X"; rows.len()]))),
        (
            "rate",
            Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| row.1))),
        ),
        (
            "balance",
            Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| row.2))),
        ),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn a_whole_result() {
    let folder = tempfile::tempdir().unwrap();
    let balances = wallet(&[(60_000, 1.0, 900.0), (60_000, 50.0, 2.0), (0, 1.0, 1_000.0)]);
    let good = statistics("Demo", GOOD);
    let file = packed(
        folder.path(),
        &[
            (&format!("{STEM}_config.json"), b"{\"strategy\": \"Demo\"}"),
            (
                &format!("{STEM}_Demo.json"),
                b"{\"strategy_name\": \"Demo\", \"params\": {}}",
            ),
            (&format!("{STEM}_Demo.py"), b"class Demo: ..."),
            (&format!("{STEM}.json"), good.as_bytes()),
            (&format!("{STEM}_Demo_wallet.feather"), &balances),
        ],
    );
    assert_eq!(find(folder.path()).unwrap(), file);
    let result = read(&file, &strategy()).unwrap();
    assert_eq!(result.total_trades, 2);
    assert_eq!(
        (result.start_ms, result.end_ms),
        (Some(1_700_000_000_000), Some(1_700_000_060_000))
    );
    assert_eq!(
        (result.starting_balance, result.final_balance),
        (Some(1_000.0), Some(1_001.5))
    );
    assert_eq!(
        (result.metrics["sharpe"].get(), result.metrics["calmar"].get()),
        ("null", "null")
    );
    assert!(!result.metrics.contains_key("trades"));
    assert!(
        result.trades.get().contains(r#""note": "NaN""#),
        "{}",
        result.trades
    );
    assert_eq!(result.equity.unwrap(), [(0, 1_000.0), (60_000, 1_000.0)]);
}

#[test]
fn a_curve_that_cannot_be_read_costs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let good = statistics("Demo", GOOD);
    let file = packed(
        folder.path(),
        &[
            (&format!("{STEM}.json"), good.as_bytes()),
            (&format!("{STEM}_Demo_wallet.feather"), b"something else"),
        ],
    );
    let result = read(&file, &strategy()).unwrap();
    assert_eq!((result.equity, result.total_trades), (None, 2));
}

#[test]
fn whole_numbers_are_numbers() {
    let columns: [(&str, ArrayRef); 3] = [
        (
            "date",
            Arc::new(TimestampMicrosecondArray::from(vec![Some(5_000), None])),
        ),
        ("rate", Arc::new(arrow_array::Int64Array::from(vec![1, 1]))),
        ("balance", Arc::new(Float64Array::from(vec![7.5, 9.0]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    assert_eq!(equity::read(writer.into_inner().unwrap()).unwrap(), [(5, 7.5)]);
    equity::read(wallet(&[])[..40].to_vec()).unwrap_err();
}

#[test]
fn parameters_of_a_strategy_are_no_statistics() {
    let parameters = r#"{"strategy_name": "Demo", "params": {"buy": 1}}"#;
    let good = statistics("Demo", GOOD);
    for entries in [
        [
            ("backtest-result-x_Demo.json", parameters),
            ("backtest-result-x.json", &good),
        ],
        [("a.json", parameters), ("other.json", &good)],
    ] {
        assert_eq!(read_packed(&entries).unwrap().total_trades, 2);
    }
    let only = read_packed(&[
        ("backtest-result-x_Demo.json", parameters),
        ("backtest-result-x_config.json", &good),
    ]);
    assert!(matches!(only, Err(ResultError::NoStatistics)), "{only:?}");
}

#[test]
fn trades_are_counted_when_nobody_did() {
    for (inside, count) in [
        (r#""trades": [], "total_trades": 0"#, 0),
        (r#""trades": [{}, {}, {}]"#, 3),
        (r#""trades": [{}], "total_trades": "many""#, 1),
        (r#""trades": [{}], "total_trades": NaN"#, 1),
    ] {
        let result = read_packed(&[("backtest-result-x.json", &statistics("Demo", inside))]);
        assert_eq!(result.unwrap().total_trades, count, "{inside}");
    }
}

#[test]
fn what_cannot_be_used_is_told() {
    let other = read_packed(&[("backtest-result-x.json", &statistics("Other", GOOD))]);
    assert!(matches!(other, Err(ResultError::OtherStrategy(_))), "{other:?}");
    let cut = statistics("Demo", GOOD);
    let cut = read_packed(&[("backtest-result-x.json", &cut[..cut.len() / 2])]);
    assert!(matches!(cut, Err(ResultError::Json(_))), "{cut:?}");
    let without = read_packed(&[(
        "backtest-result-x.json",
        &statistics("Demo", r#""total_trades": 1"#),
    )]);
    assert!(
        matches!(without, Err(ResultError::Value("trades"))),
        "{without:?}"
    );
    let neither = read_packed(&[("backtest-result-x.json", &statistics("Demo", r#""trades": 3"#))]);
    assert!(
        matches!(neither, Err(ResultError::Value("total_trades"))),
        "{neither:?}"
    );
    assert!(matches!(read_packed(&[]), Err(ResultError::NoStatistics)));
}

#[test]
fn a_cut_file_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(find(folder.path()), Err(ResultError::Missing)));
    let file = packed(
        folder.path(),
        &[("backtest-result-x.json", statistics("Demo", GOOD).as_bytes())],
    );
    let bytes = fs::read(&file).unwrap();
    for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&file, &bytes[..length]).unwrap();
        assert!(
            matches!(read(&file, &strategy()), Err(ResultError::Zip(_))),
            "{length} bytes"
        );
    }
}

#[test]
fn a_thinned_curve_keeps_its_extremes() {
    let curve: Vec<EquityPoint> = (0..10_000_i64)
        .map(|n| {
            (
                n,
                if n == 7_777 {
                    -5.0
                } else {
                    f64::from((n % 100) as i32)
                },
            )
        })
        .collect();
    let thin = thinned(curve.clone(), MAX_EQUITY_POINTS);
    assert!(
        thin.len() <= MAX_EQUITY_POINTS && thin.len() > MAX_EQUITY_POINTS / 2,
        "{}",
        thin.len()
    );
    assert!(thin.contains(&(7_777, -5.0)));
    assert!(thin.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert_eq!(thinned(curve[..50].to_vec(), 50), curve[..50]);
    assert_eq!(thinned(vec![(0, 1.0); 100], 2).len(), 2);
}
