//! Combinations that stop start-up.

use super::Given;

#[track_caller]
fn check(settings: &[(&'static str, &str)], sentence: &str) {
    let flags = settings
        .iter()
        .fold(Given::default(), |given, (name, text)| given.flag(name, text));
    let environment = settings
        .iter()
        .fold(Given::default(), |given, (name, text)| given.variable(name, text));
    assert_eq!(flags.refusal(), sentence);
    assert_eq!(environment.refusal(), sentence);
}

#[test]
fn each_situation_has_its_sentence() {
    check(
        &[("ENABLE_PG_ONLY", "1"), ("POSTGRES_DSN", "postgres://h")],
        "pg_store_required_when_pg_only_enabled: turn ENABLE_PG_STORE on as well, or turn ENABLE_PG_ONLY off",
    );
    for settings in [
        [("ENABLE_PG_STORE", "1"), ("POSTGRES_DSN", " ")].as_slice(),
        &[("ENABLE_PG_STORE", "1"), ("ENABLE_PG_ONLY", "1")],
    ] {
        check(
            settings,
            "postgres_dsn_required_when_pg_store_enabled: set POSTGRES_DSN, or turn ENABLE_PG_STORE off",
        );
    }
    for schema in ["1st", "a-b", "a b", "a;drop", "ä"] {
        check(
            &[("POSTGRES_SCHEMA", schema)],
            &format!(
                "postgres_schema_invalid:{schema}: POSTGRES_SCHEMA must be letters, digits and underscores and not \
                 begin with a digit"
            ),
        );
    }
    check(
        &[("ENABLE_WS_PUBSUB", "1")],
        "nats_url_required_when_ws_pubsub_enabled: set NATS_URL, or turn ENABLE_WS_PUBSUB off",
    );
    check(
        &[("REDIS_URL", "redis://h")],
        "redis_not_supported: unset TRADE_CANVAS_REDIS_URL, publications between processes go over NATS \
         (TRADE_CANVAS_NATS_URL)",
    );
    check(
        &[("ENABLE_PG_STORE", "1"), ("POSTGRES_DSN", "postgres://h")],
        "pg_store_not_available: turn ENABLE_PG_STORE off, this build stores in SQLite only",
    );
    check(
        &[("ENABLE_WS_PUBSUB", "1"), ("NATS_URL", "nats://h")],
        "ws_pubsub_not_available: turn ENABLE_WS_PUBSUB off, this build runs as one process",
    );
}

#[test]
fn harmless_settings_do_not_stop() {
    for (name, text) in [
        ("POSTGRES_SCHEMA", ""),
        ("POSTGRES_SCHEMA", "_a1"),
        ("POSTGRES_DSN", "postgres://h"),
        ("NATS_URL", "nats://h"),
        ("REDIS_URL", "  "),
        ("ENABLE_PG_STORE", "0"),
    ] {
        assert!(
            Given::default().variable(name, text).try_load().is_ok(),
            "{name}={text:?}"
        );
    }
}

#[test]
fn secrets_are_never_printed() {
    let given = Given::default()
        .variable("POSTGRES_DSN", "hunter2")
        .toml("nats_url = 'nats://kim:hunter2@h'");
    let loaded = given.load();
    let shown = crate::config::show_table(&loaded.options);
    let json = crate::config::show_json(&loaded.options).to_string();
    for output in [
        format!("{loaded:?}"),
        shown,
        json,
        format!("{:?}", given.try_load()),
    ] {
        assert!(!output.contains("hunter2"), "{output}");
    }
    let refused = given.variable("ENABLE_PG_STORE", "1").refusal();
    assert!(!refused.contains("hunter2"), "{refused}");
}
