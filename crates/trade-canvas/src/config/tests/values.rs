//! The value rules of each kind and source.

use super::{Given, complaint, items, text, value_of};
use crate::config::{Origin, Value};

/// Sets one variable and compares value and complaint. The origin is the environment unless the text was unusable.
#[track_caller]
fn check(name: &str, given: &str, expected: &Value, complains: &str) {
    let loaded = Given::default().home("/home/kim").variable(name, given).load();
    let (value, origin) = value_of(&loaded, name);
    assert_eq!(&value, expected, "{name}={given:?}");
    assert_eq!(complaint(&loaded.notices), complains, "{name}={given:?}");
    assert_eq!(
        origin == Origin::Environment,
        complains != "replaced",
        "{name}={given:?}"
    );
}

#[test]
fn switch_from_environment() {
    for on in ["1", "true", "yes", "on", " TRUE ", "Yes", "oN\n"] {
        check("ENABLE_DEV_API", on, &Value::Switch(true), "");
    }
    for off in ["", "  ", "0", "false", "no", "OFF"] {
        check("ENABLE_FACTOR_INGEST", off, &Value::Switch(false), "");
    }
    for other in ["ture", "2", "enabled", "y"] {
        check("ENABLE_FACTOR_INGEST", other, &Value::Switch(false), "doubtful");
    }
}

#[test]
fn int_from_environment() {
    for (given, number) in [
        ("7000", 7000),
        (" 7000 ", 7000),
        ("+7000", 7000),
        ("0100", 100),
        ("100", 100),
    ] {
        check("MARKET_WS_CATCHUP_LIMIT", given, &Value::Int(number), "");
    }
    for given in ["", "  ", "many", "5e3", "7000.0", "0x10", "1_000", "7 000"] {
        check("MARKET_WS_CATCHUP_LIMIT", given, &Value::Int(5000), "replaced");
    }
    for given in ["99", "0", "-5", "-99999999999999999999999"] {
        check("MARKET_WS_CATCHUP_LIMIT", given, &Value::Int(100), "raised");
    }
    check(
        "MARKET_WS_CATCHUP_LIMIT",
        "99999999999999999999999",
        &Value::Int(i64::MAX),
        "",
    );
    check("FACTOR_REBUILD_KEEP_CANDLES", "x", &Value::Unset, "replaced");
    check("FACTOR_REBUILD_KEEP_CANDLES", "7", &Value::Int(100), "raised");
    check("PORT", "0", &Value::Int(0), "");
    check("PORT", "65536", &Value::Int(8000), "replaced");
}

#[test]
fn float_from_environment() {
    for (given, number) in [
        ("2", 2.0),
        (" 2.5 ", 2.5),
        ("25e-1", 2.5),
        ("2.5E0", 2.5),
        ("0.1", 0.1),
        ("1e300", 1e300),
    ] {
        check("SQLITE_TIMEOUT_S", given, &Value::Float(number), "");
    }
    for given in [
        "", " ", "nan", "NaN", "inf", "-inf", "infinity", "1e999", "five", "1,5",
    ] {
        check("SQLITE_TIMEOUT_S", given, &Value::Float(5.0), "replaced");
    }
    for given in ["0.09", "0", "-3"] {
        check("SQLITE_TIMEOUT_S", given, &Value::Float(0.1), "raised");
    }
}

#[test]
fn text_from_environment() {
    check("FACTOR_LOGIC_VERSION", "  v 2 ", &text("v 2"), "");
    check("FACTOR_LOGIC_VERSION", "", &text(""), "");
    check("HOST", " 0.0.0.0", &text("0.0.0.0"), "");
    check("HOST", " ", &text("127.0.0.1"), "replaced");
}

#[test]
fn url_from_environment() {
    check(
        "BINANCE_SPOT_BASE_URL",
        " http://127.0.0.1:9/// ",
        &text("http://127.0.0.1:9"),
        "",
    );
    check(
        "BINANCE_SPOT_BASE_URL",
        "",
        &text("https://api.binance.com"),
        "replaced",
    );
}

#[test]
fn list_from_environment() {
    check(
        "CORS_ORIGINS",
        "http://b, http://a ,,http://b",
        &items(&["http://b", "http://a"]),
        "",
    );
    check("CORS_ORIGINS", "", &items(&[]), "");
    check("CORS_ORIGINS", " , ", &items(&[]), "");
}

#[test]
fn path_from_environment() {
    check("DB_PATH", "~/m.db", &text("/home/kim/m.db"), "");
    check("DB_PATH", "~", &text("/home/kim"), "");
    check("DB_PATH", "~lee/m.db", &text("~lee/m.db"), "");
    check("DB_PATH", "a/~/m.db", &text("a/~/m.db"), "");
    check("DB_PATH", " a b.db", &text(" a b.db"), "");
    check("DB_PATH", "", &text("data/market.db"), "replaced");
    let homeless = Given::default().variable("DB_PATH", "~/m.db").load();
    assert_eq!(value_of(&homeless, "DB_PATH").0, text("~/m.db"));
}

#[test]
fn notices_say_name_given_and_used() {
    let notice = |name, given| Given::default().variable(name, given).load().notices[0].to_string();
    assert_eq!(
        notice("PORT", "x"),
        r#"TRADE_CANVAS_PORT="x" is unusable, using 8000"#
    );
    assert_eq!(
        notice("MARKET_WS_CATCHUP_LIMIT", "5"),
        r#"TRADE_CANVAS_MARKET_WS_CATCHUP_LIMIT="5" is below the minimum, using 100"#
    );
    assert_eq!(
        notice("ENABLE_DEV_API", "ture"),
        r#"TRADE_CANVAS_ENABLE_DEV_API="ture" is no word for on or off, using false"#
    );
}

#[test]
fn accepted_in_the_file() {
    for (line, name, expected) in [
        ("enable_dev_api = true", "ENABLE_DEV_API", Value::Switch(true)),
        ("port = 0x1F90", "PORT", Value::Int(8080)),
        ("port = 9_000", "PORT", Value::Int(9000)),
        ("sqlite_timeout_s = 1.5", "SQLITE_TIMEOUT_S", Value::Float(1.5)),
        ("sqlite_timeout_s = 2", "SQLITE_TIMEOUT_S", Value::Float(2.0)),
        ("host = ' ::1 '", "HOST", text("::1")),
        ("factor_logic_version = ''", "FACTOR_LOGIC_VERSION", text("")),
        (
            "binance_spot_base_url = 'http://h/'",
            "BINANCE_SPOT_BASE_URL",
            text("http://h"),
        ),
        ("db_path = '~/m.db'", "DB_PATH", text("/home/kim/m.db")),
        (
            "cors_origins = [' http://a', '', 'http://a']",
            "CORS_ORIGINS",
            items(&["http://a"]),
        ),
        ("cors_origins = []", "CORS_ORIGINS", items(&[])),
        ("profile = 'bare'", "PROFILE", text("bare")),
    ] {
        let loaded = Given::default().home("/home/kim").toml(line).load();
        assert_eq!(value_of(&loaded, name), (expected, super::in_file(1)), "{line}");
        assert_eq!(loaded.notices, [], "{line}");
    }
}

#[test]
fn refused_in_the_file() {
    for (line, sentence) in [
        (
            "enable_dev_api = 'true'",
            r#"enable_dev_api must be true or false, not "true""#,
        ),
        (
            "enable_dev_api = 1",
            "enable_dev_api must be true or false, not 1",
        ),
        (
            "port = '8080'",
            r#"port must be an integer from 0 to 65535, not "8080""#,
        ),
        (
            "port = 65536",
            "port must be an integer from 0 to 65535, not 65536",
        ),
        (
            "market_ws_catchup_limit = 99",
            "market_ws_catchup_limit must be an integer of at least 100, not 99",
        ),
        (
            "market_ws_catchup_limit = 500.0",
            "market_ws_catchup_limit must be an integer of at least 100, not 500.0",
        ),
        (
            "market_ws_catchup_limit = [500]",
            "market_ws_catchup_limit must be an integer of at least 100, not an array",
        ),
        (
            "sqlite_timeout_s = nan",
            "sqlite_timeout_s must be a number of at least 0.1, not nan",
        ),
        (
            "sqlite_timeout_s = inf",
            "sqlite_timeout_s must be a number of at least 0.1, not inf",
        ),
        (
            "sqlite_timeout_s = 0.05",
            "sqlite_timeout_s must be a number of at least 0.1, not 0.05",
        ),
        (
            "cors_origins = 'http://a'",
            r#"cors_origins must be a list of texts, not "http://a""#,
        ),
        (
            "cors_origins = [1]",
            "cors_origins must be a list of texts, not an array",
        ),
        ("host = ''", r#"host must be a text that is not blank, not """#),
        (
            "db_path = 1979-05-27",
            "db_path must be a path that is not blank, not 1979-05-27",
        ),
        (
            "profile = 'Bare'",
            r#"profile must be bare or workbench, not "Bare""#,
        ),
        (
            "binance_spot_base_url = 'u:p@host'",
            "binance_spot_base_url must be a URL with scheme and host",
        ),
        ("postgres_dsn = 5", "postgres_dsn must be a text"),
    ] {
        let given = Given::default().toml(&format!("# comment\n\n{line}\n"));
        assert_eq!(
            given.refusal(),
            format!("trade-canvas.toml:3: {sentence}"),
            "{line}"
        );
    }
}

#[test]
fn accepted_on_the_command_line() {
    for (name, given, expected) in [
        ("ENABLE_DEV_API", "true", Value::Switch(true)),
        ("ENABLE_FACTOR_INGEST", "off", Value::Switch(false)),
        ("PORT", "0", Value::Int(0)),
        ("SQLITE_TIMEOUT_S", "5e-1", Value::Float(0.5)),
        ("CORS_ORIGINS", "", items(&[])),
        (
            "CORS_ORIGINS",
            "http://b,http://a",
            items(&["http://b", "http://a"]),
        ),
        ("DB_PATH", "~/m.db", text("/home/kim/m.db")),
    ] {
        let loaded = Given::default().home("/home/kim").flag(name, given).load();
        assert_eq!(
            value_of(&loaded, name),
            (expected, Origin::CommandLine),
            "{name} {given}"
        );
    }
}

#[test]
fn refused_on_the_command_line() {
    for (name, given, sentence) in [
        (
            "ENABLE_DEV_API",
            "maybe",
            r#"--enable-dev-api must be true or false, not "maybe""#,
        ),
        (
            "ENABLE_DEV_API",
            "",
            r#"--enable-dev-api must be true or false, not """#,
        ),
        (
            "PORT",
            "-1",
            r#"--port must be an integer from 0 to 65535, not "-1""#,
        ),
        ("PORT", "", r#"--port must be an integer from 0 to 65535, not """#),
        (
            "MARKET_WS_CATCHUP_LIMIT",
            "99",
            r#"--market-ws-catchup-limit must be an integer of at least 100, not "99""#,
        ),
        (
            "DEMO_SPEED",
            "0.5",
            r#"--demo-speed must be a number of at least 1, not "0.5""#,
        ),
        (
            "DEMO_SPEED",
            "nan",
            r#"--demo-speed must be a number of at least 1, not "nan""#,
        ),
        (
            "PROFILE",
            "demo",
            r#"--profile must be bare or workbench, not "demo""#,
        ),
        (
            "BINANCE_SPOT_BASE_URL",
            "api.binance.com",
            "--binance-spot-base-url must be a URL with scheme and host",
        ),
        (
            "BINANCE_SPOT_BASE_URL",
            "https://",
            "--binance-spot-base-url must be a URL with scheme and host",
        ),
        (
            "WHITELIST_PATH",
            "",
            r#"--whitelist-path must be a path that is not blank, not """#,
        ),
    ] {
        assert_eq!(Given::default().flag(name, given).refusal(), sentence);
    }
}
