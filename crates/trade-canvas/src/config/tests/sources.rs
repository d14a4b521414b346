//! Precedence, names and their spellings.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Given, UNREADABLE, in_file, text, value_of};
use crate::config::{Kind, Notice, NoticeLevel, Origin, Profile, Value, WITHOUT_EFFECT, rows};

#[test]
fn later_sources_win() {
    let mut given = Given::default();
    let port = |given: &Given| value_of(&given.load(), "PORT");
    assert_eq!(port(&given), (Value::Int(8000), Origin::Default));
    given = given.toml("# first line\nport = 1");
    assert_eq!(port(&given), (Value::Int(1), in_file(2)));
    given = given.variable("PORT", "2");
    assert_eq!(port(&given), (Value::Int(2), Origin::Environment));
    given = given.flag("PORT", "3");
    assert_eq!(port(&given), (Value::Int(3), Origin::CommandLine));
}

#[test]
fn unusable_variable_counts_as_unset() {
    let loaded = Given::default().toml("port = 1").variable("PORT", "x").load();
    assert_eq!(value_of(&loaded, "PORT"), (Value::Int(1), in_file(1)));
    assert_eq!(loaded.config.http.port, 1);
    assert_eq!(
        loaded.notices[0].to_string(),
        r#"TRADE_CANVAS_PORT="x" is unusable, using 1"#
    );
}

#[test]
fn bad_file_value_stops_even_when_a_later_source_wins() {
    let given = Given::default().toml("port = 'x'").flag("PORT", "3");
    assert!(given.refusal().starts_with("trade-canvas.toml:1: port must be"));
}

#[test]
fn tables_cut_names_at_any_underscore() {
    for (toml, line) in [
        ("market_ws_catchup_limit = 700", 1),
        ("[market]\nws_catchup_limit = 700", 2),
        ("[market.ws]\ncatchup_limit = 700", 2),
        ("[market]\n[market.ws]\n[market.ws.catchup]\nlimit = 700", 4),
        ("market.ws_catchup_limit = 700", 1),
        ("market = { ws = { catchup_limit = 700 } }", 1),
        ("[Market]\nWS_Catchup_Limit = 700", 2),
    ] {
        let loaded = Given::default().toml(toml).load();
        assert_eq!(
            value_of(&loaded, "MARKET_WS_CATCHUP_LIMIT"),
            (Value::Int(700), in_file(line)),
            "{toml}"
        );
    }
}

#[test]
fn same_option_twice_in_the_file() {
    let sentence = "market_ws_catchup_limit is already set on line 1, keep one of the two";
    for (toml, line) in [
        (
            "market_ws_catchup_limit = 700\n[market]\nws_catchup_limit = 700",
            3,
        ),
        (
            "market_ws_catchup_limit = 700\n\n[market.ws]\ncatchup_limit = 800",
            4,
        ),
        ("market_ws_catchup_limit = 700\nMARKET_WS_CATCHUP_LIMIT = 700", 2),
    ] {
        assert_eq!(
            Given::default().toml(toml).refusal(),
            format!("trade-canvas.toml:{line}: {sentence}")
        );
    }
    let alias = "shutdown_grace_s = 1\nuvicorn_timeout_graceful_shutdown_s = 2";
    assert_eq!(
        Given::default().toml(alias).refusal(),
        "trade-canvas.toml:2: uvicorn_timeout_graceful_shutdown_s is already set on line 1, keep one of the two"
    );
}

#[test]
fn unknown_keys_name_the_nearest() {
    for (toml, sentence) in [
        ("prot = 1", "1: prot is not an option, did you mean port?"),
        (
            "[market.ws]\ncatchup_limt = 1",
            "2: market_ws_catchup_limt is not an option, did you mean market_ws_catchup_limit?",
        ),
        (
            "[[market]]\nws_catchup_limit = 1",
            "1: market is not an option, did you mean",
        ),
        (
            "market-ws-catchup-limit = 1",
            "1: market-ws-catchup-limit is not an option, did you mean market_ws_catchup_limit?",
        ),
        (
            "trade_canvas_port = 1",
            "1: trade_canvas_port is not an option, did you mean",
        ),
        ("\"a\\nb\" = 1", "1: a\\nb is not an option, did you mean"),
    ] {
        let refusal = Given::default().toml(toml).refusal();
        assert!(
            refusal.starts_with(&format!("trade-canvas.toml:{sentence}")),
            "{refusal}"
        );
        assert_eq!(refusal.lines().count(), 1);
    }
}

#[test]
fn not_toml() {
    for (toml, line) in [
        ("port = 1\nhost =\n", 2),
        ("port = 1\nport = 2\n", 2),
        ("[a\n", 1),
    ] {
        let refusal = Given::default().toml(toml).refusal();
        let start = format!("trade-canvas.toml:{line}: correct this line, it is not valid TOML: ");
        assert!(
            refusal.starts_with(&start) && refusal.lines().count() == 1,
            "{refusal}"
        );
    }
}

#[test]
fn named_file_must_exist() {
    let sentence =
        "x.toml cannot be read (entity not found): name a readable file with --config or TRADE_CANVAS_CONFIG";
    assert_eq!(Given::default().flag("CONFIG", "x.toml").refusal(), sentence);
    assert_eq!(Given::default().variable("CONFIG", "x.toml").refusal(), sentence);
    let named_like_the_default = Given::default().flag("CONFIG", "trade-canvas.toml");
    assert!(
        named_like_the_default
            .refusal()
            .starts_with("trade-canvas.toml cannot be read")
    );
    assert!(
        Given::default()
            .toml(UNREADABLE)
            .refusal()
            .starts_with("trade-canvas.toml cannot be read (permission")
    );
}

#[test]
fn file_is_found_by_flag_before_variable() {
    let given = Given::default()
        .home("/home/kim")
        .file("/home/kim/a.toml", "port = 1")
        .file("b.toml", "port = 2");
    let given = given.toml("port = 3").variable("CONFIG", "~/a.toml");
    let origin = |path: &str| Origin::File {
        path: path.to_owned(),
        line: 1,
    };
    assert_eq!(
        value_of(&given.load(), "PORT"),
        (Value::Int(1), origin("/home/kim/a.toml"))
    );
    let given = given.flag("CONFIG", "b.toml");
    assert_eq!(value_of(&given.load(), "PORT"), (Value::Int(2), origin("b.toml")));
    assert_eq!(
        Given::default().toml("config = 'b.toml'").refusal(),
        "trade-canvas.toml:1: config can only be given on the command line or in the environment, remove it"
    );
}

#[test]
fn unknown_variables_are_warned_about() {
    let loaded = Given::default()
        .variable("PROT", "1")
        .variable("NO_SUCH_DIR", "x")
        .variable("ADAPTER_URL", "http://127.0.0.1:8000")
        .home("/h")
        .load();
    let sentences: Vec<String> = loaded.notices.iter().map(ToString::to_string).collect();
    assert_eq!(
        sentences,
        [
            "TRADE_CANVAS_NO_SUCH_DIR is not an option and is ignored",
            "TRADE_CANVAS_PROT is not an option and is ignored, did you mean TRADE_CANVAS_PORT?",
        ]
    );
    assert!(
        loaded
            .notices
            .iter()
            .all(|notice| notice.level() == NoticeLevel::Warning)
    );
}

#[test]
fn alias_sets_the_option() {
    const ALIAS: &str = "UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN_S";
    let loaded = Given::default().variable(ALIAS, "9").load();
    assert_eq!(
        (loaded.config.process.shutdown_grace_s, loaded.notices),
        (9, vec![])
    );
    assert_eq!(
        Given::default()
            .toml("uvicorn_timeout_graceful_shutdown_s = 9")
            .load()
            .config
            .process
            .shutdown_grace_s,
        9
    );

    let both = Given::default()
        .variable(ALIAS, "9")
        .variable("SHUTDOWN_GRACE_S", "4")
        .load();
    assert_eq!(both.config.process.shutdown_grace_s, 4);
    assert_eq!(
        both.notices[0].to_string(),
        "TRADE_CANVAS_UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN_S is ignored because TRADE_CANVAS_SHUTDOWN_GRACE_S is set"
    );
}

#[test]
fn names_without_effect_are_accepted_everywhere() {
    let plain = Given::default().load().config;
    for &name in WITHOUT_EFFECT {
        let variable = Given::default().variable(name, "1");
        let toml = Given::default().toml(&format!("{} = 'x'", name.to_ascii_lowercase()));
        let flag = Given::default().flag(name, "x");
        for given in [variable, toml, flag] {
            let loaded = given.load();
            assert_eq!(
                (loaded.notices.as_slice(), &loaded.config),
                ([Notice::WithoutEffect { name }].as_slice(), &plain)
            );
            assert_eq!(loaded.notices[0].level(), NoticeLevel::Info);
        }
    }
}

#[test]
fn bad_profile_stops_from_every_source() {
    assert_eq!(
        Given::default().variable("PROFILE", "bench").refusal(),
        r#"TRADE_CANVAS_PROFILE must be bare or workbench, not "bench""#
    );
    assert!(Given::default().variable("PROFILE", "").try_load().is_err());
    assert_eq!(
        Given::default()
            .variable("PROFILE", " bare ")
            .load()
            .config
            .profile,
        Profile::Bare
    );
}

#[test]
fn every_option_reaches_the_configuration() {
    // Changing any one option changes the typed configuration: no row is without a field.
    let loaded = Given::default().load();
    let default_of = |name| value_of(&loaded, name).0;
    let plain = &loaded.config;
    let not_in_config = [
        "CONFIG",
        "POSTGRES_DSN",
        "POSTGRES_SCHEMA",
        "NATS_URL",
        "DEMO_SPEED",
    ];
    let stops = [
        "ENABLE_PG_STORE",
        "ENABLE_PG_ONLY",
        "ENABLE_WS_PUBSUB",
        "REDIS_URL",
    ];
    let mut seen = BTreeSet::new();
    for row in rows().filter(|row| !not_in_config.contains(&row.name) && !stops.contains(&row.name)) {
        let other = match default_of(row.name) {
            Value::Switch(on) => (!on).to_string(),
            Value::Int(number) => (number + 1).to_string(),
            Value::Float(number) => (number + 1.0).to_string(),
            _ if row.name == "PROFILE" => "bare".to_owned(),
            Value::Unset if matches!(row.kind, Kind::Int { .. }) => "100".to_owned(),
            _ if row.name == "MARKET_HISTORY_SOURCE" => "freqtrade".to_owned(),
            _ if row.name == "DERIVED_BASE_TIMEFRAME" => "5m".to_owned(),
            _ if row.name == "DERIVED_TIMEFRAMES" => "30m".to_owned(),
            _ if row.name == "INGEST_ROLE" => "read".to_owned(),
            _ if row.name == "FREQTRADE_OFFLINE_MARKETS" => "1".to_owned(),
            _ if row.name == "SERIES_MARKET" => "spot".to_owned(),
            _ => "http://elsewhere".to_owned(),
        };
        let changed = Given::default().flag(row.name, &other).load().config;
        assert_ne!(&changed, plain, "{} has no effect", row.name);
        assert!(
            seen.insert(format!("{changed:?}")),
            "{} sets the field of another option",
            row.name
        );
    }
    let speed = Given::default()
        .flag("DEMO", "true")
        .flag("DEMO_SPEED", "3")
        .load()
        .config;
    assert_eq!(speed.demo.unwrap().speed.to_string(), "3");
}

#[test]
fn sizes_and_times_have_their_units() {
    let given =
        Given::default().toml("engine_cache_mb = 16\nsqlite_timeout_s = 0.25\nbinance_ws_flush_s = 0.05");
    let config = given.load().config;
    assert_eq!(config.storage.engine_cache_bytes, 16 * 1024 * 1024);
    assert_eq!(
        (config.storage.busy_timeout_ms, config.ingest.flush_ms),
        (250, 50)
    );
    let huge = Given::default()
        .variable("ENGINE_CACHE_MB", "99999999999999999999")
        .variable("SQLITE_TIMEOUT_S", "1e300");
    let config = huge.load().config;
    assert_eq!(
        (config.storage.engine_cache_bytes, config.storage.busy_timeout_ms),
        (usize::MAX, u64::MAX)
    );
}

#[test]
fn demo_changes_defaults() {
    let plain = Given::default().load().config;
    assert_eq!(plain.demo, None);
    assert_eq!(
        plain.exchange.binance_spot_rest.resolve("http://sim"),
        "https://api.binance.com"
    );

    let loaded = Given::default().flag("DEMO", "true").load();
    assert_eq!(
        value_of(&loaded, "DB_PATH"),
        (text("data/demo/market.db"), Origin::Demo)
    );
    let demo = loaded.config.demo.unwrap();
    assert_eq!(demo.scratch_folder.unwrap().to_str(), Some("data/demo"));
    let exchange = loaded.config.exchange;
    for endpoint in [
        exchange.binance_spot_ws,
        exchange.binance_futures_ws,
        exchange.binance_spot_rest,
        exchange.binance_futures_rest,
    ] {
        assert_eq!(endpoint.resolve("http://sim"), "http://sim");
    }
}

#[test]
fn explicit_values_win_over_the_demo() {
    let given = Given::default().toml("demo = true\ndb_path = 'data/demo/market.db'");
    let config = given
        .variable("BINANCE_SPOT_BASE_URL", "http://mine/")
        .load()
        .config;
    assert_eq!(
        config.demo.unwrap().scratch_folder,
        None,
        "an explicit path must never be emptied"
    );
    assert_eq!(
        config.exchange.binance_spot_rest.resolve("http://sim"),
        "http://mine"
    );
    assert!(config.exchange.binance_futures_rest.simulated);
}

#[test]
fn demo_is_for_commands_that_offer_it() {
    let loaded = Given::default().variable("DEMO", "1").without_demo().load();
    assert_eq!(
        (loaded.config.demo, loaded.notices),
        (None, vec![Notice::DemoWithoutEffect])
    );
    assert_eq!(loaded.config.storage.db_path.to_str(), Some("data/market.db"));
}

proptest! {
    /// A bad environment never stops start-up, apart from the listed exceptions, and never panics.
    #[test]
    fn any_environment_loads(values in proptest::collection::vec(any::<String>(), rows().count())) {
        let exceptions = [
            "PROFILE", "CONFIG", "WHITELIST_PATH", "ENABLE_PG_STORE", "ENABLE_PG_ONLY", "POSTGRES_SCHEMA",
            "ENABLE_WS_PUBSUB", "REDIS_URL",
        ];
        let mut given = Given::default();
        for (row, value) in rows().zip(&values).filter(|(row, _)| !exceptions.contains(&row.name)) {
            given = given.variable(row.name, value);
        }
        prop_assert!(given.try_load().is_ok());
    }

    /// Any text of the file gives a configuration or one sentence that names the file.
    #[test]
    fn any_file_is_read_or_refused(toml in "(?s)([a-z_.\\[\\]\"']{0,12}( ?= ?)?[0-9a-z\"'\\[{ .\n]{0,8}\n?){0,6}") {
        match Given::default().toml(&toml).try_load() {
            Ok(_) => {}
            Err(error) => {
                let sentence = error.to_string();
                prop_assert!(sentence.starts_with("trade-canvas.toml:"), "{}", sentence);
                prop_assert_eq!(sentence.lines().count(), 1);
            }
        }
    }
}
