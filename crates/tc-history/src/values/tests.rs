use std::{fs, path::PathBuf};

use super::*;

const FIRST_TIME: i64 = 1_700_006_400;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/rates")
}

fn read(name: &str) -> Result<Vec<TimedValue>, HistoryError> {
    read_values(&folder().join(name), &["funding_rate", "open"])
}

/// The rates of every sample, computed here independently of the script that wrote the files.
fn rates() -> Vec<TimedValue> {
    (0..9)
        .map(|i| (FIRST_TIME + 28_800 * i, (i - 4) as f64 / 8192.0))
        .collect()
}

#[test]
fn every_sample_has_the_same_rates() {
    let mut read_names = Vec::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if layouts::of_name(&name).is_none() {
            continue;
        }
        assert_eq!(read(&name).unwrap(), rates(), "{name}");
        read_names.push(name);
    }
    assert!(read_names.len() >= 4, "{read_names:?}");
}

#[test]
fn a_value_of_a_candle_is_found_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("marks.json");
    fs::write(&path, "[[1700000000000, 1, 4, 0.5, 2, null]]").unwrap();
    for (name, value) in [
        ("open", 1.0),
        ("high", 4.0),
        ("low", 0.5),
        ("close", 2.0),
        ("rate", 1.0),
    ] {
        assert_eq!(
            read_values(&path, &[name]).unwrap(),
            [(1_700_000_000, value)],
            "{name}"
        );
    }
}

#[test]
fn damage_is_refused() {
    let text = |text: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rates.json");
        fs::write(&path, text).unwrap();
        read_values(&path, &["funding_rate", "open"])
    };
    for damaged in [
        "",
        "{}",
        "[1]",
        "[[1,2,3]]",
        r#"[[1,"2"]]"#,
        "[[1700000000000,0.1]",
        "[[null,0.1]]",
    ] {
        assert!(
            matches!(text(damaged), Err(HistoryError::Damaged { .. })),
            "{damaged}"
        );
    }
    assert_eq!(text("[]").unwrap(), []);
    // A time that no candle can have.
    assert_eq!(
        text("[[-1e300,0.5],[1700006400000,0.25]]").unwrap(),
        [(FIRST_TIME, 0.25)]
    );
    for unknown in ["rates.csv", "rates.txt", "rates"] {
        assert!(
            matches!(read(unknown), Err(HistoryError::UnknownLayout { .. })),
            "{unknown}"
        );
    }
    assert!(matches!(read("none.json"), Err(HistoryError::Read { .. })));
}

#[cfg(feature = "columnar")]
#[test]
fn a_cut_or_foreign_table_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["plain.feather", "plain.parquet"] {
        let whole = fs::read(self::folder().join(name)).unwrap();
        let path = folder.path().join(name);
        for kept in [0, whole.len() / 3, whole.len() - 1] {
            fs::write(&path, &whole[..kept]).unwrap();
            let error = read_values(&path, &["funding_rate"]).unwrap_err();
            assert!(
                matches!(error, HistoryError::Damaged { .. }),
                "{name} {kept}: {error}"
            );
        }
        fs::write(&path, &whole).unwrap();
        let error = read_values(&path, &["mark", "index"]).unwrap_err();
        assert!(
            matches!(error, HistoryError::MissingColumn { column: "mark", .. }),
            "{error}"
        );
    }
}
