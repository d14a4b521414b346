//! What is checked before and after a run, in order.

use std::fs;

use serde_json::{Value, json};

use super::place::{GOOD, order, order_with, program, refused, result, run, scripted};
use crate::site::Site;

/// What spoils one check.
type Spoil = fn(Site, &mut Value) -> Site;

/// Status, code and what spoils it, in the order of the checks. Each run below is spoiled for one check and all later ones.
const CHECKS: [(u16, &str, Spoil); 11] = [
    (422, "request.invalid", |site, order| {
        order["pair"] = json!("");
        site
    }),
    (400, "backtest.strategy_name_invalid", |site, order| {
        order["strategy_name"] = json!("../etc");
        site
    }),
    (422, "backtest.pair_invalid", |site, order| {
        order["pair"] = json!("btc/usdt");
        site
    }),
    (422, "backtest.timeframe_invalid", |site, order| {
        order["timeframe"] = json!("-5m");
        site
    }),
    (422, "backtest.timerange_invalid", |site, order| {
        order["timerange"] = json!("20240201-20240101");
        site
    }),
    (500, "backtest.strategy_path_missing", |site, _| {
        fs::remove_dir(site.path("strategies")).unwrap();
        site
    }),
    (500, "backtest.config_missing", |site, _| {
        site.without("FREQTRADE_CONFIG")
    }),
    (500, "backtest.config_not_found", |site, _| {
        site.with("FREQTRADE_CONFIG", "nothing.json")
    }),
    (500, "backtest.userdir_not_found", |site, _| {
        site.with("FREQTRADE_USERDIR", "nobody")
    }),
    (404, "backtest.strategy_not_found", |site, order| {
        if order["strategy_name"] == "Alpha" {
            order["strategy_name"] = json!("Beta");
        }
        site
    }),
    (422, "backtest.history_missing", |site, _| {
        fs::remove_file(site.path("data/BTC_USDT-5m.feather")).unwrap();
        site
    }),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_check_that_fails_answers() {
    for (n, (status, code, _)) in CHECKS.iter().enumerate() {
        let (mut site, mut wish) = (scripted(GOOD), order());
        // The earlier check has the last word.
        for (_, _, spoil) in CHECKS[n..].iter().rev() {
            site = spoil(site, &mut wish);
        }
        let server = site.start().await;
        let answer = run(&server, &wish).await;
        assert_eq!(refused(&answer), (*status, (*code).to_owned()), "{}", answer.text);
        assert!(!site.path("ran").exists(), "{code}: nothing is run");
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_root_that_is_not_there_is_told() {
    let site = scripted(GOOD);
    let (config, root) = (site.path("config.json"), site.path("nowhere"));
    let site = site
        .with("FREQTRADE_CONFIG", config.to_str().unwrap())
        .with("FREQTRADE_ROOT", root.to_str().unwrap());
    let server = site.start().await;
    assert_eq!(
        refused(&run(&server, &order()).await),
        (500, "backtest.root_not_found".to_owned())
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_history_comes_with_a_way_to_get_it() {
    let site = scripted(GOOD);
    fs::write(
        site.path("config.json"),
        r#"{"datadir": "data", "trading_mode": "futures"}"#,
    )
    .unwrap();
    fs::create_dir(site.path("data/futures")).unwrap();
    fs::write(site.path("data/futures/BTC_USDT_USDT-1h-futures.feather"), "").unwrap();
    let server = site.start().await;
    let answer = run(&server, &order()).await;
    assert_eq!(refused(&answer), (422, "backtest.history_missing".to_owned()));
    let detail = &answer.body()["detail"];
    assert_eq!(
        (&detail["message"], &detail["pair"]),
        (&json!("no_ohlcv_history"), &json!("BTC/USDT:USDT"))
    );
    assert_eq!(detail["available_timeframes"], json!(["1h"]));
    assert_eq!(detail["expected_paths"].as_array().unwrap().len(), 4);
    let command = detail["download_data_cmd"].as_str().unwrap();
    assert!(
        command.ends_with("--pairs BTC/USDT:USDT --timeframes 5m --trading-mode futures"),
        "{command}"
    );
    let listed = server
        .get("/api/backtest/pair_timeframes", &[("pair", "BTC/USDT")])
        .await
        .ok();
    assert_eq!(
        (&listed["pair"], &listed["trading_mode"]),
        (&json!("BTC/USDT:USDT"), &json!("futures"))
    );
    assert_eq!(listed["available_timeframes"], json!(["1h"]));
    let invalid = server
        .get("/api/backtest/pair_timeframes", &[("pair", "../x")])
        .await;
    assert_eq!(refused(&invalid), (422, "backtest.pair_invalid".to_owned()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_values_reach_no_program() {
    let site = scripted(GOOD);
    let server = site.start().await;
    let long = "A".repeat(10_000);
    for value in [
        "-x",
        "--config",
        "..",
        "a/../b",
        "a;b",
        "a\0b",
        "a\nb",
        "$(touch ran)",
        &long,
    ] {
        for field in ["strategy_name", "pair", "timeframe", "timerange"] {
            let status = run(&server, &order_with(field, value)).await.status;
            // A long name is one, of a strategy that is not there.
            let is_name = field == "strategy_name" && value == long;
            let expected = if is_name {
                404
            } else if field == "strategy_name" {
                400
            } else {
                422
            };
            assert_eq!(status, expected, "{field} {value:?}");
        }
    }
    assert!(!site.path("ran").exists());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn engines_say_whether_they_are_set_up() {
    let site = scripted(GOOD);
    let server = site.start().await;
    let engines = async || server.get("/api/backtest/engines", &[]).await.ok();
    let ready = json!({ "engine": "native", "problem": null });
    let whole = json!({ "engines": [ready, { "engine": "freqtrade", "problem": null }] });
    assert_eq!(engines().await, whole);
    fs::remove_dir_all(site.path("strategies")).unwrap();
    let without = engines().await;
    assert_eq!(without["engines"][0], ready);
    let problem = &without["engines"][1]["problem"];
    assert_eq!(problem["code"], "backtest.strategy_path_missing");
    let place = site.path("strategies").display().to_string();
    assert!(problem["message"].as_str().unwrap().contains(&place), "{problem}");
    assert!(!site.path("ran").exists());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_freqtrade_takes_from_elsewhere_is_not_taken_from_an_order() {
    let site = scripted(GOOD);
    let server = site.start().await;
    for field in ["params", "trading"] {
        let mut wish = order_with("engine", "freqtrade");
        wish[field] = json!({ "fee": 0.001 });
        let answer = run(&server, &wish).await;
        assert_eq!(
            refused(&answer),
            (422, "backtest.params_invalid".to_owned()),
            "{field}"
        );
    }
    assert!(!site.path("ran").exists());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strategies_are_listed() {
    let site = scripted(GOOD);
    let server = site.start().await;
    let listed = server
        .get("/api/backtest/strategies", &[("recursive", "false")])
        .await
        .ok();
    assert_eq!(listed, json!({ "strategies": ["Alpha", "Zeta"] }));
    let unknown = server
        .get("/api/backtest/strategies", &[("engine", "other")])
        .await;
    assert_eq!(refused(&unknown), (422, "request.invalid".to_owned()));
    program(&site.path("freqtrade"), "#!/bin/sh\necho why >&2; exit 1\n");
    fs::write(site.path("strategies/broken.py"), "").unwrap();
    let failed = server.get("/api/backtest/strategies", &[]).await;
    assert_eq!(
        refused(&failed),
        (500, "backtest.list_strategies_failed".to_owned())
    );
    let expected =
        json!({ "message": "freqtrade list-strategies failed", "exit_code": 1, "stderr": "why\n" });
    assert_eq!(failed.body()["detail"], expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trades_may_be_required() {
    let cases: [(&str, u16, &str, usize); 4] = [
        ("exit 0", 422, "backtest.export_missing", 0),
        ("echo x > \"$results/x.zip\"", 422, "backtest.export_bad", 0),
        (GOOD, 422, "backtest.no_trades", 0),
        (GOOD, 200, "", 1),
    ];
    for (script, status, code, trades) in cases {
        let site = scripted(script).with("BACKTEST_REQUIRE_TRADES", "1");
        result(&site.path("ready.zip"), trades);
        let server = site.start().await;
        let answer = run(&server, &order()).await;
        assert_eq!(refused(&answer), (status, code.to_owned()), "{}", answer.text);
        let runs = server.get("/api/backtest/runs", &[]).await.ok();
        let state = if status == 200 { "done" } else { "failed" };
        assert_eq!(runs["runs"][0]["state"], state, "a refused run is kept as well");
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mock_runs_nothing() {
    let site = scripted(GOOD);
    let server = site.start().await;
    let mut wish = order_with("engine", "mock");
    let unknown = run(&server, &wish).await;
    assert_eq!(
        refused(&unknown),
        (404, "backtest.mock_strategy_not_found".to_owned())
    );
    wish["strategy_name"] = json!("DemoStrategy");
    wish["pair"] = json!("anything at all");
    let answer = run(&server, &wish).await.ok();
    let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["command", "duration_ms", "exit_code", "ok", "stderr", "stdout"]
    );
    let stdout = answer["stdout"].as_str().unwrap();
    assert!(stdout.contains("pair=anything at all\n"), "{stdout}");
    assert!(!site.path("ran").exists());
    assert_eq!(
        server.get("/api/backtest/runs", &[]).await.ok(),
        json!({ "runs": [] })
    );
    server.stop().await;
}
