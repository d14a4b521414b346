use super::*;

fn made(base: &str) -> Value {
    let subject = RunSubject {
        pair: &Pair::parse("BTC/USDT").unwrap(),
        timeframe: &Timeframe::parse("5m").unwrap(),
        data_dir: Path::new("/data"),
    };
    run_config(&BaseConfig::parse(base).unwrap(), &subject)
}

fn keys(config: &Value) -> Vec<&str> {
    config.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn an_empty_base_leaves_the_strategy_its_own_values() {
    let config = made("{}");
    let mut expected = vec![
        "cancel_open_orders_on_exit",
        "datadir",
        "dry_run",
        "dry_run_wallet",
        "entry_pricing",
        "exchange",
        "exit_pricing",
        "fiat_display_currency",
        "internals",
        "margin_mode",
        "max_open_trades",
        "order_types",
        "pairlists",
        "stake_amount",
        "stake_currency",
        "timeframe",
        "tradable_balance_ratio",
        "trading_mode",
        "unfilledtimeout",
    ];
    let mut found = keys(&config);
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(config["dry_run_wallet"], 1000);
    assert_eq!(
        (&config["datadir"], &config["timeframe"]),
        (&json!("/data"), &json!("5m"))
    );
    assert_eq!(config["fiat_display_currency"], "");
    assert_eq!(config["margin_mode"], "");
}

#[test]
fn what_the_base_says_about_trading_is_taken_over() {
    let config = made(
        r#"{"minimal_roi": {"0": 0.1}, "stoploss": -0.2, "trailing_stop": true, "fee": 0.001, "max_open_trades": 7,
            "stake_amount": 50, "dry_run": false, "order_types": {"entry": "market"}, "protections": []}"#,
    );
    assert_eq!(config["minimal_roi"], json!({ "0": 0.1 }));
    assert_eq!(
        (&config["stoploss"], &config["fee"]),
        (&json!(-0.2), &json!(0.001))
    );
    assert_eq!(
        (&config["max_open_trades"], &config["stake_amount"]),
        (&json!(7), &json!(50))
    );
    assert_eq!(
        (&config["trailing_stop"], &config["protections"]),
        (&json!(true), &json!([]))
    );
    assert_eq!(config["order_types"], json!({ "entry": "market" }));
    assert_eq!(
        config["dry_run"], true,
        "nothing is traded, whatever the base says"
    );
}

#[test]
fn nothing_secret_goes_along() {
    let config = made(
        r#"{"exchange": {"name": "okx", "key": "k-secret", "secret": "s-secret", "password": "p-secret",
             "ccxt_config": {"apiKey": "c-secret"}, "pair_whitelist": ["X/Y"], "pair_blacklist": ["BNB/.*"]},
            "telegram": {"token": "t-secret"}, "api_server": {"password": "a-secret"}, "datadir": "elsewhere"}"#,
    );
    assert!(!config.to_string().contains("secret"), "{config}");
    let expected = json!({
        "name": "okx", "ccxt_config": {}, "ccxt_async_config": {}, "pair_whitelist": ["BTC/USDT"], "pair_blacklist": ["BNB/.*"],
    });
    assert_eq!(config["exchange"], expected);
    assert_eq!(config["datadir"], "/data");
}

#[test]
fn futures_have_a_margin_mode() {
    let config = made(r#"{"trading_mode": "futures"}"#);
    assert_eq!(
        (&config["trading_mode"], &config["margin_mode"]),
        (&json!("futures"), &json!("isolated"))
    );
    let cross = made(r#"{"trading_mode": "futures", "margin_mode": "cross"}"#);
    assert_eq!(cross["margin_mode"], "cross");
}
