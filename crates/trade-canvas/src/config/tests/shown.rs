//! `config show`: what is printed can be given back.

use std::fmt::Write as _;

use proptest::{prelude::*, sample::Index};
use serde_json::Value as Json;

use super::Given;
use crate::config::{Kind, Loaded, OptionRow, row::Blank, rows, show_json, show_table};

/// The file that says what the JSON form says. Defaults of the demo follow from DEMO itself.
fn as_file(loaded: &Loaded) -> String {
    let document = show_json(&loaded.options);
    let mut toml = String::new();
    for option in document["options"].as_array().unwrap() {
        let name = option["name"].as_str().unwrap();
        let row = rows().find(|row| row.name == name).unwrap();
        if row.in_file
            && row.kind != Kind::Secret
            && option["origin"] != "demo"
            && option["value"] != Json::Null
        {
            // Numbers, texts, lists of texts and booleans are written alike in JSON and TOML.
            writeln!(toml, "{} = {}", name.to_lowercase(), option["value"]).unwrap();
        }
    }
    toml
}

/// The environment that says what the table says: column 2 is the form of the environment.
fn as_environment(loaded: &Loaded) -> Given {
    let shown = loaded
        .options
        .iter()
        .filter(|option| option.row.in_file && option.origin.to_string() != "demo");
    shown.fold(Given::default(), |given, option| {
        match option.value.to_string().as_str() {
            "(unset)" | "(hidden)" => given,
            text => given.variable(option.row.name, text),
        }
    })
}

/// A line of a file that the loader accepts.
fn accepted_line(row: &'static OptionRow) -> BoxedStrategy<String> {
    let key = row.name.to_lowercase();
    let word = "[A-Za-z0-9~][A-Za-z0-9 ._/'-]{0,11}[A-Za-z0-9]";
    let value = match row.kind {
        Kind::Switch => any::<bool>().prop_map(|on| on.to_string()).boxed(),
        Kind::Int { minimum, maximum } => (minimum..=maximum.unwrap_or(i64::MAX))
            .prop_map(|number| number.to_string())
            .boxed(),
        Kind::Float { minimum } => (0.0..1e6f64, -3..12)
            .prop_map(move |(x, e)| format!("{:?}", minimum + x * 10f64.powi(e)))
            .boxed(),
        Kind::Choice(words) => proptest::sample::select(words)
            .prop_map(|word| format!("{word:?}"))
            .boxed(),
        Kind::Url => "(https?|wss?)://[a-z0-9.:]{1,12}(/[a-z]{1,4}){0,2}/{0,2}"
            .prop_map(|url| format!("{url:?}"))
            .boxed(),
        Kind::List if row.blank == Blank::Value => proptest::collection::vec("[a-z:/ ]{0,8}", 0..4)
            .prop_map(|items| format!("{items:?}"))
            .boxed(),
        Kind::List => proptest::collection::vec("[a-z0-9]{1,4}", 1..4)
            .prop_map(|items| format!("{items:?}"))
            .boxed(),
        Kind::Text | Kind::Path => word.prop_map(|text| format!("{text:?}")).boxed(),
        Kind::Secret => Just("\"\"".to_owned()).boxed(),
    };
    value.prop_map(move |value| format!("{key} = {value}\n")).boxed()
}

fn accepted_file() -> impl Strategy<Value = String> {
    // The schema has a grammar of its own, and the three switches stop start-up.
    let special = [
        "POSTGRES_SCHEMA",
        "ENABLE_PG_STORE",
        "ENABLE_PG_ONLY",
        "ENABLE_WS_PUBSUB",
    ];
    let settable: Vec<_> = rows()
        .filter(|row| row.in_file && !special.contains(&row.name))
        .collect();
    let lines: Vec<_> = settable.iter().map(|&row| accepted_line(row)).collect();
    let chosen = proptest::collection::vec(any::<Index>(), 0..lines.len());
    (lines, chosen).prop_map(|(lines, chosen)| {
        let mut chosen: Vec<usize> = chosen.iter().map(|index| index.index(lines.len())).collect();
        chosen.sort_unstable();
        chosen.dedup();
        chosen.into_iter().map(|index| lines[index].as_str()).collect()
    })
}

proptest! {
    #[test]
    fn what_is_shown_loads_to_the_same_configuration(toml in accepted_file()) {
        let loaded = Given::default().home("/home/kim").toml(&toml).load();
        let again = Given::default().toml(&as_file(&loaded)).load();
        prop_assert_eq!(&again.config, &loaded.config);
        let again = as_environment(&loaded).load();
        prop_assert_eq!(&again.config, &loaded.config);
    }
}

#[test]
fn table_is_aligned() {
    let given = Given::default()
        .toml("\nhost = '::1'")
        .variable("PORT", "9")
        .flag("CORS_ORIGINS", "");
    let shown = show_table(&given.load().options);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), rows().count() + 1);
    let column = |heading: &str| lines[0].find(heading).unwrap();
    let (value, origin, meaning) = (column("VALUE"), column("ORIGIN"), column("MEANING"));
    let cells = |name: &str| {
        let line = lines
            .iter()
            .find(|line| line.starts_with(&format!("{name} ")))
            .unwrap();
        (
            line[value..origin].trim_end(),
            line[origin..meaning].trim_end(),
            &line[meaning..],
        )
    };
    assert_eq!(
        cells("HOST"),
        ("::1", "file trade-canvas.toml:2", "Address to listen on.")
    );
    assert_eq!((cells("PORT").0, cells("PORT").1), ("9", "environment"));
    assert_eq!(
        (cells("CORS_ORIGINS").0, cells("CORS_ORIGINS").1),
        ("(empty)", "command line")
    );
    assert_eq!(
        (cells("ENABLE_CCXT_BACKFILL").0, cells("ENABLE_CCXT_BACKFILL").1),
        ("true", "profile workbench")
    );
    assert_eq!(
        (cells("WHITELIST_PATH").0, cells("WHITELIST_PATH").1),
        ("(unset)", "default")
    );
}

#[test]
fn demo_shows_the_simulator() {
    let loaded = Given::default().flag("DEMO", "true").load();
    let shown = show_table(&loaded.options);
    assert_eq!(shown.matches("(simulator)").count(), 4);
    assert!(!shown.contains("api.binance.com"));
    let document = show_json(&loaded.options);
    let url = document["options"]
        .as_array()
        .unwrap()
        .iter()
        .find(|o| o["name"] == "BINANCE_SPOT_BASE_URL")
        .unwrap();
    assert_eq!(
        (&url["value"], &url["origin"]),
        (&Json::Null, &Json::from("demo"))
    );
}
