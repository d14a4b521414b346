use tc_backtest::ConfigError;

use super::*;

fn read_text(text: &str, mode: TradingMode) -> Result<Config, BaseConfigError> {
    read(
        &BaseConfig::parse(text).unwrap(),
        mode,
        Sides::LongAndShort,
        NO_LEVERAGE,
    )
}

#[test]
fn an_empty_configuration_is_the_default_one() {
    assert_eq!(read_text("{}", TradingMode::Spot).unwrap(), Config::default());
    let futures = read_text("{}", TradingMode::Futures).unwrap();
    assert!((futures.fee - 0.0005).abs() < f64::EPSILON);
    assert!(futures.can_short());
    let long = read(
        &BaseConfig::parse("{}").unwrap(),
        TradingMode::Futures,
        Sides::Long,
        NO_LEVERAGE,
    )
    .unwrap();
    assert!(!long.can_short());
}

#[test]
fn every_key_is_taken_over() {
    let text = r#"{
        "dry_run_wallet": {"USDT": 500, "BTC": 1}, "stake_amount": 50, "tradable_balance_ratio": 0.5,
        "max_open_trades": 7, "fee": 0.002, "minimal_roi": {"30": 0.01, "0": 0.05}, "stoploss": -0.2,
        "trailing_stop": true, "trailing_stop_positive": 0.01, "trailing_stop_positive_offset": 0.02,
        "trailing_only_offset_is_reached": true, "use_exit_signal": false, "exit_profit_only": true,
        "exit_profit_offset": 0.03, "ignore_roi_if_entry_signal": true, "liquidation_buffer": 0.1,
        "amount_reserve_percent": 0.2, "unfilledtimeout": {"exit": 30, "unit": "seconds"}
    }"#;
    let step = |minutes, ratio| RoiStep { minutes, ratio };
    let expected = Config {
        wallet: 500.0,
        stake: Stake::Fixed(50.0),
        tradable_balance_ratio: 0.5,
        slots: Slots::AtMost(7),
        fee: 0.002,
        trading: Trading::Spot,
        roi: RoiTable::new([step(0, 0.05), step(30, 0.01)]),
        stop_loss: -0.2,
        trailing: Some(Trailing {
            positive: Some(0.01),
            positive_offset: 0.02,
            before_offset: BeforeOffset::Stays,
        }),
        exits: ExitOptions {
            use_exit_signal: false,
            profit_only_above: Some(0.03),
            ignore_roi_if_entry_signal: true,
        },
        liquidation_buffer: 0.1,
        amount_reserve: 0.2,
        exit_timeout_ms: Some(30_000),
    };
    assert_eq!(read_text(text, TradingMode::Spot).unwrap(), expected);
}

#[test]
fn slots_that_are_not_above_zero_have_no_bound() {
    for slots in ["0", "-1"] {
        let text = format!(r#"{{"max_open_trades": {slots}, "stake_amount": 10}}"#);
        let config = read_text(&text, TradingMode::Spot).unwrap();
        assert_eq!((config.slots, config.check()), (Slots::Unlimited, Ok(())));
        let text = format!(r#"{{"max_open_trades": {slots}}}"#);
        let config = read_text(&text, TradingMode::Spot).unwrap();
        assert_eq!(config.check(), Err(ConfigError::UnlimitedStakeAndSlots));
    }
}

#[test]
fn a_value_of_another_type_is_named() {
    for (text, named) in [
        (r#"{"dry_run_wallet": {"BTC": 1}}"#, "dry_run_wallet"),
        (r#"{"stake_amount": "all"}"#, "stake_amount"),
        (r#"{"max_open_trades": 1.5}"#, "max_open_trades"),
        (r#"{"minimal_roi": {"x": 1}}"#, "minimal_roi"),
        (r#"{"stoploss": "low"}"#, "stoploss"),
        (r#"{"trailing_stop": 1}"#, "trailing_stop"),
        (r#"{"unfilledtimeout": {"exit": "long"}}"#, "unfilledtimeout"),
    ] {
        let error = read_text(text, TradingMode::Spot).unwrap_err();
        assert!(
            matches!(error, BaseConfigError::Value { key, .. } if key == named),
            "{text}: {error}"
        );
    }
}

fn given(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap()
}

/// As [`config`], without the parts of a server.
fn with(base: &str, mode: TradingMode, text: &str) -> Result<Config, BacktestRefusal> {
    let given = given(text);
    let leverage = given::leverage(&given, mode)?;
    let base = BaseConfig::parse(base).unwrap().with(&given);
    let config = read(&base, mode, Sides::LongAndShort, leverage);
    let config = config.map_err(|error| given::wrong(&given, &error).unwrap())?;
    config
        .check()
        .map_err(|error| given::impossible(&given, &error).unwrap())?;
    given::check(&given, &config)?;
    Ok(config)
}

#[test]
fn what_is_given_wins_over_the_configuration() {
    let base = r#"{"fee": 0.01, "stoploss": -0.2, "minimal_roi": {"0": 0.5}, "trailing_stop": true}"#;
    let text =
        r#"{"fee": 0, "leverage": 3, "minimal_roi": {}, "trailing_stop": false, "dry_run_wallet": null}"#;
    let expected = Config {
        fee: 0.0,
        stop_loss: -0.2,
        trading: Trading::Futures {
            leverage: 3.0,
            shorts: Shorts::Allowed,
        },
        ..Config::default()
    };
    assert_eq!(with(base, TradingMode::Futures, text).unwrap(), expected);
}

#[test]
fn what_is_told_can_be_given_again() {
    let base = r#"{
        "dry_run_wallet": 500, "stake_amount": 50, "max_open_trades": -1, "fee": 0.002, "minimal_roi": {"30": 0.01},
        "trailing_stop": true, "trailing_stop_positive": 0.01, "trailing_stop_positive_offset": 0.02,
        "trailing_only_offset_is_reached": true, "exit_profit_only": true, "exit_profit_offset": 0.03
    }"#;
    for mode in [TradingMode::Spot, TradingMode::Futures] {
        for base in [base, "{}"] {
            let config = read_text(base, mode).unwrap();
            let again = serde_json::to_string(&told(&config)).unwrap();
            assert_eq!(with("{}", mode, &again).unwrap(), config, "{again}");
        }
    }
}

#[test]
fn what_cannot_be_given_is_named() {
    for (base, text, named) in [
        ("{}", r#"{"dry_run_wallet": 0}"#, "dry_run_wallet"),
        ("{}", r#"{"dry_run_wallet": {"USDT": 5}}"#, "dry_run_wallet"),
        ("{}", r#"{"stake_amount": "all"}"#, "stake_amount"),
        ("{}", r#"{"stake_amount": 991}"#, "stake_amount"),
        (
            r#"{"stake_amount": 500}"#,
            r#"{"dry_run_wallet": 400}"#,
            "dry_run_wallet",
        ),
        ("{}", r#"{"max_open_trades": -1}"#, "max_open_trades"),
        (
            r#"{"max_open_trades": -1, "stake_amount": 9}"#,
            r#"{"stake_amount": "unlimited"}"#,
            "stake_amount",
        ),
        ("{}", r#"{"fee": 1}"#, "fee"),
        ("{}", r#"{"fee": "0.1%"}"#, "fee"),
        ("{}", r#"{"leverage": 0.5}"#, "leverage"),
        ("{}", r#"{"leverage": 126}"#, "leverage"),
        ("{}", r#"{"leverage": "3"}"#, "leverage"),
        ("{}", r#"{"stoploss": 0.1}"#, "stoploss"),
        ("{}", r#"{"minimal_roi": {"x": 1}}"#, "minimal_roi"),
        ("{}", r#"{"minimal_roi": {"-5": 1}}"#, "minimal_roi"),
        ("{}", r#"{"minimal_roi": 0.1}"#, "minimal_roi"),
        (
            "{}",
            r#"{"trailing_stop": true, "trailing_stop_positive": 0}"#,
            "trailing_stop_positive",
        ),
        (
            "{}",
            r#"{"trailing_stop": true, "trailing_stop_positive": 2}"#,
            "trailing_stop_positive",
        ),
        (
            r#"{"trailing_stop": true, "trailing_stop_positive": 0.02}"#,
            r#"{"trailing_stop_positive_offset": 0.02}"#,
            "trailing_stop_positive_offset",
        ),
        (
            "{}",
            r#"{"trailing_stop": true, "trailing_only_offset_is_reached": true}"#,
            "trailing_stop_positive_offset",
        ),
        ("{}", r#"{"use_exit_signal": 1}"#, "use_exit_signal"),
        ("{}", r#"{"wallet": 1}"#, "wallet"),
    ] {
        let error = with(base, TradingMode::Futures, text).unwrap_err();
        let BacktestRefusal::ParamsInvalid { name, reason } = &error else {
            panic!("{text}: {error}");
        };
        assert_eq!(name, named, "{text}");
        assert!(reason.contains(named), "{text}: {reason}");
    }
    let spot = with("{}", TradingMode::Spot, r#"{"leverage": 1}"#).unwrap_err();
    assert!(matches!(spot, BacktestRefusal::ParamsInvalid { name, .. } if name == "leverage"));
}
