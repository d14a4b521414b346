use serde_json::{Value, json};

use crate::{
    ApiError,
    backtest::{BacktestRefusal, CandlesMissing, EngineName, InputField},
};

/// Status, code and detail of what becomes of a refusal.
fn told(refusal: BacktestRefusal) -> (u16, String, Value) {
    let error = ApiError::from(refusal);
    let body = error.body("id");
    let code = body["code"].as_str().unwrap().to_owned();
    (error.status().as_u16(), code, body["detail"].clone())
}

#[test]
fn every_refusal_has_its_answer() {
    let input = |field| BacktestRefusal::InputInvalid {
        field,
        value: "x".to_owned(),
    };
    let path = || "/p".into();
    let invalid = |word: &str| json!({ "message": word, "value": "x" });
    for (refusal, status, code, detail) in [
        (
            BacktestRefusal::StrategyNameInvalid,
            400,
            "strategy_name_invalid",
            json!("Invalid strategy_name"),
        ),
        (
            BacktestRefusal::MockStrategyNotFound,
            404,
            "mock_strategy_not_found",
            json!("mock_strategy_not_found"),
        ),
        (
            input(InputField::Pair),
            422,
            "pair_invalid",
            invalid("pair_invalid"),
        ),
        (
            input(InputField::Timeframe),
            422,
            "timeframe_invalid",
            invalid("timeframe_invalid"),
        ),
        (
            input(InputField::Timerange),
            422,
            "timerange_invalid",
            invalid("timerange_invalid"),
        ),
        (
            BacktestRefusal::EngineUnavailable(EngineName::Native),
            422,
            "engine_unavailable",
            json!("engine_unavailable:native"),
        ),
        (
            BacktestRefusal::StrategyPathMissing(path()),
            500,
            "strategy_path_missing",
            json!("strategy_path_missing"),
        ),
        (
            BacktestRefusal::ConfigMissing,
            500,
            "config_missing",
            json!("config_missing"),
        ),
        (
            BacktestRefusal::ConfigNotFound(path()),
            500,
            "config_not_found",
            json!("config_not_found"),
        ),
        (
            BacktestRefusal::ConfigBad {
                path: path(),
                reason: "r".to_owned(),
            },
            500,
            "config_invalid",
            json!("config_invalid"),
        ),
        (
            BacktestRefusal::RootNotFound(path()),
            500,
            "root_not_found",
            json!("root_not_found"),
        ),
        (
            BacktestRefusal::UserDirNotFound(path()),
            500,
            "userdir_not_found",
            json!("userdir_not_found"),
        ),
        (
            BacktestRefusal::ListingFailed {
                exit_code: 1,
                stderr: "why".to_owned(),
            },
            500,
            "list_strategies_failed",
            json!({ "message": "freqtrade list-strategies failed", "exit_code": 1, "stderr": "why" }),
        ),
        (
            BacktestRefusal::StrategyNotFound("X".to_owned()),
            404,
            "strategy_not_found",
            json!("strategy_not_found"),
        ),
        (
            BacktestRefusal::Failed("why".to_owned()),
            500,
            "failed",
            json!("backtest_failed:why"),
        ),
        (
            BacktestRefusal::ExportBad {
                file: path(),
                error: "why".to_owned(),
            },
            422,
            "export_bad",
            json!({ "message": "bad_backtest_export", "export_zip": "/p", "error": "why" }),
        ),
        (
            BacktestRefusal::NoTrades {
                strategy: "S".to_owned(),
                file: Some(path()),
                stdout_tail: "t".to_owned(),
            },
            422,
            "no_trades",
            json!({ "message": "no_trades", "strategy": "S", "total_trades": 0, "export_zip": "/p", "stdout_tail": "t" }),
        ),
        (
            BacktestRefusal::ParamsInvalid {
                name: "p".to_owned(),
                reason: "too much".to_owned(),
            },
            422,
            "params_invalid",
            json!({ "message": "params_invalid", "name": "p", "reason": "too much" }),
        ),
        (
            BacktestRefusal::Unsupported {
                field: "margin_mode".to_owned(),
                hint: "set it to isolated".to_owned(),
            },
            422,
            "native_unsupported",
            json!({ "message": "native_unsupported", "field": "margin_mode", "hint": "set it to isolated" }),
        ),
        (
            BacktestRefusal::BiasUnavailable,
            422,
            "bias_unavailable",
            json!("bias_unavailable"),
        ),
    ] {
        let expected = (status, format!("backtest.{code}"), detail);
        assert_eq!(told(refusal), expected);
    }
}

#[test]
fn missing_candles_and_exports_come_with_hints() {
    let missing = CandlesMissing {
        pair: "BTC/USDT:USDT".to_owned(),
        timeframe: "5m".to_owned(),
        trading_mode: "futures",
        data_dir: "/d".into(),
        expected_paths: vec!["/d/x.feather".into()],
        available_timeframes: vec!["1h".to_owned()],
        hint: "Get them.".to_owned(),
        download_command: "freqtrade download-data".to_owned(),
    };
    let (status, code, mut detail) = told(BacktestRefusal::CandlesMissing(Box::new(missing)));
    assert_eq!((status, code.as_str()), (422, "backtest.history_missing"));
    assert_eq!(
        detail.as_object_mut().unwrap().remove("hint"),
        Some(json!("Get them."))
    );
    let expected = json!({
        "message": "no_ohlcv_history", "pair": "BTC/USDT:USDT", "timeframe": "5m", "trading_mode": "futures",
        "datadir": "/d", "expected_paths": ["/d/x.feather"], "available_timeframes": ["1h"],
        "download_data_cmd": "freqtrade download-data",
    });
    assert_eq!(detail, expected);
    let (status, code, detail) = told(BacktestRefusal::ExportMissing {
        directory: "/e".into(),
    });
    assert_eq!((status, code.as_str()), (422, "backtest.export_missing"));
    assert_eq!(
        (&detail["message"], &detail["export_dir"]),
        (&json!("no_backtest_export"), &json!("/e"))
    );
    assert!(detail["hint"].is_string());
}

#[test]
fn a_ledger_that_is_behind_is_told_like_everywhere() {
    let error = ApiError::from(BacktestRefusal::LedgerBehind {
        series: "binance:spot:A/B:1m".to_owned(),
        at: 60,
    });
    let body = error.body("id");
    assert_eq!(
        (error.status().as_u16(), &body["detail"]),
        (409, &json!("ledger_out_of_sync:factor"))
    );
    assert_eq!(
        body["message"],
        "The factor ledger of binance:spot:A/B:1m does not cover the candle at 60 yet. Wait until it has caught up, or \
         rebuild the series."
    );
}
