//! Runs as they go on, end, and are kept.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::place::{GOOD, order, order_with, refused, run, scripted};
use crate::site::{Answer, Site, TestServer, eventually};

/// A program that tells its group and goes on until it is ended.
const ENDLESS: &str =
    "(echo $$ > begun.new; mv begun.new begun; echo 'Backtesting with data from' >&2; sleep 600) & wait";

async fn start(server: &TestServer) -> String {
    let answer = server.post("/api/backtest/run?wait=false", &order()).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let body = answer.body();
    assert_eq!(body["state"], "queued");
    body["run_id"].as_str().unwrap().to_owned()
}

async fn one(server: &TestServer, run_id: &str) -> Answer {
    server.get(&format!("/api/backtest/runs/{run_id}"), &[]).await
}

/// The run once it stands like this.
async fn standing(server: &TestServer, run_id: &str, state: &str) -> Value {
    eventually(state, async || {
        let run = one(server, run_id).await.ok();
        (run["state"] == state).then_some(run)
    })
    .await
}

async fn cancel(server: &TestServer, run_id: &str) -> Answer {
    server
        .post(&format!("/api/backtest/runs/{run_id}/cancel"), &json!({}))
        .await
}

async fn delete(server: &TestServer, run_id: &str) -> Answer {
    Answer::of(server.request(Method::DELETE, &format!("/api/backtest/runs/{run_id}"))).await
}

async fn ids(server: &TestServer, query: &[(&str, &str)]) -> Vec<String> {
    let body = server.get("/api/backtest/runs", query).await.ok();
    let runs = body["runs"].as_array().unwrap();
    runs.iter()
        .map(|run| run["run_id"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits until no process of the group of [`ENDLESS`] is left.
async fn gone(site: &Site) {
    let group = eventually("a group", async || {
        std::fs::read_to_string(site.path("begun")).ok()
    })
    .await;
    eventually("its end", async || {
        let alive = std::process::Command::new("kill")
            .args(["-0", "--", &format!("-{}", group.trim())])
            .stderr(std::process::Stdio::null())
            .status();
        (!alive.unwrap().success()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_answered_and_kept() {
    let site = scripted(GOOD);
    let server = site.start().await;
    let answer = run(&server, &order()).await.ok();
    assert_eq!((&answer["ok"], &answer["exit_code"]), (&json!(true), &json!(0)));
    assert_eq!(
        (&answer["stdout"], &answer["stderr"]),
        (&json!("table\n"), &json!("log\n"))
    );
    assert_eq!(
        (&answer["engine"], &answer["warnings"]),
        (&json!("freqtrade"), &json!([]))
    );
    assert_eq!(
        (
            &answer["result"]["total_trades"],
            &answer["result"]["metrics"]["sharpe"]
        ),
        (&json!(2), &json!(1.25))
    );
    assert_eq!(
        (&answer["result"]["start_ts"], &answer["result"]["final_balance"]),
        (&json!(1_700_000_000_000_i64), &json!(1003.0))
    );
    assert!(answer["result"].get("trades").is_none() && answer["result"].get("equity").is_none());
    let full = server.post("/api/backtest/run?include=full", &order()).await.ok();
    assert_eq!(full["result"]["trades"][1]["profit_abs"], 1.5);
    assert_eq!(full["result"]["equity"], json!([]));
    let (first, second) = (
        answer["run_id"].as_str().unwrap(),
        full["run_id"].as_str().unwrap(),
    );
    assert_eq!(ids(&server, &[]).await, [second, first]);
    assert_eq!(ids(&server, &[("limit", "1")]).await, [second]);
    assert_eq!(ids(&server, &[("before", second)]).await, [first]);
    server.stop().await;

    let server = site.start().await;
    let kept = one(&server, second).await.ok();
    assert_eq!(
        (&kept["state"], &kept["strategy_name"], &kept["kind"]),
        (&json!("done"), &json!("Alpha"), &json!("run"))
    );
    assert_eq!(
        (&kept["timerange"], &kept["response"]["stdout"]),
        (&json!("20240101-20240201"), &json!("table\n"))
    );
    assert!(kept["response"]["result"].get("trades").is_none());
    assert!(kept["started_at_ms"].as_i64() >= kept["created_at_ms"].as_i64());
    let path = format!("/api/backtest/runs/{second}");
    let whole = server.get(&path, &[("include", "full")]).await.ok();
    assert_eq!(whole["response"], full, "reopened as it was answered");
    assert_eq!(
        refused(&cancel(&server, second).await),
        (409, "backtest.not_running".to_owned())
    );
    assert_eq!(delete(&server, second).await.ok(), json!({ "ok": true }));
    for gone in [
        delete(&server, second).await,
        one(&server, second).await,
        cancel(&server, second).await,
    ] {
        assert_eq!(refused(&gone), (404, "backtest.run_not_found".to_owned()));
    }
    assert_eq!(ids(&server, &[]).await, [first]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exit_code_of_0_without_a_result_is_no_success() {
    for (script, ok, exit_code) in [("exit 0", true, 0), ("exit 2", false, 2)] {
        let server = scripted(script).start().await;
        let answer = run(&server, &order()).await.ok();
        assert_eq!(
            (&answer["ok"], &answer["exit_code"]),
            (&json!(ok), &json!(exit_code))
        );
        assert_eq!(
            (&answer["result"], &answer["result_error"]),
            (&json!(null), &json!("freqtrade wrote no result"))
        );
        let runs = server.get("/api/backtest/runs", &[]).await.ok();
        assert_eq!(runs["runs"][0]["state"], "failed");
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_takes_too_long_is_ended() {
    let site = scripted(ENDLESS).with("FREQTRADE_SUBPROCESS_TIMEOUT_S", "1");
    let server = site.start().await;
    let answer = run(&server, &order()).await.ok();
    assert_eq!(
        (&answer["ok"], &answer["exit_code"], &answer["stdout"]),
        (&json!(false), &json!(124), &json!(""))
    );
    let stderr = answer["stderr"].as_str().unwrap();
    assert!(stderr.ends_with("timeout after 1s"), "{stderr}");
    gone(&site).await;
    let kept = one(&server, answer["run_id"].as_str().unwrap()).await.ok();
    assert_eq!(kept["state"], "timed_out");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_in_the_background_can_be_watched_and_called_off() {
    let site = scripted(ENDLESS);
    let server = site.start().await;
    let first = start(&server).await;
    let running = eventually("a stage", async || {
        let run = one(&server, &first).await.ok();
        (run["stage"] == "simulating").then_some(run)
    })
    .await;
    assert_eq!(
        (&running["state"], &running["response"]),
        (&json!("running"), &json!(null))
    );
    let second = start(&server).await;
    assert_eq!(
        standing(&server, &second, "queued").await["started_at_ms"],
        json!(null)
    );
    assert_eq!(ids(&server, &[]).await, [second.clone(), first.clone()]);
    assert_eq!(
        refused(&delete(&server, &first).await),
        (409, "backtest.run_busy".to_owned())
    );
    assert_eq!(cancel(&server, &second).await.ok()["state"], "cancelled");
    let cancelled = cancel(&server, &first).await.ok();
    assert_eq!(
        (&cancelled["state"], &cancelled["response"]),
        (&json!("cancelled"), &json!(null))
    );
    assert!(cancelled["finished_at_ms"].is_i64());
    gone(&site).await;
    assert_eq!(delete(&server, &first).await.status, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_wait_and_the_next_one_is_refused() {
    let site = scripted(ENDLESS);
    let server = site.start().await;
    for _ in 0..9 {
        start(&server).await;
    }
    let refusal = run(&server, &order()).await;
    assert_eq!(refused(&refusal), (429, "backtest.busy".to_owned()));
    assert_eq!(refusal.body()["detail"], "busy");
    eventually("a run", async || site.path("begun").exists().then_some(())).await;
    server.stop().await;
    gone(&site).await;
    let server = site.start().await;
    let runs = server.get("/api/backtest/runs", &[]).await.ok();
    let states: Vec<&Value> = runs["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| &run["state"])
        .collect();
    assert_eq!(states, [&json!("cancelled"); 9], "a stop of the server ends them");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_goes_away_ends_the_run() {
    let site = scripted(ENDLESS);
    let server = site.start().await;
    let waiting = server.request(Method::POST, "/api/backtest/run").json(&order());
    let waiting = tokio::spawn(waiting.timeout(Duration::from_secs(60)).send());
    eventually("a run", async || site.path("begun").exists().then_some(())).await;
    waiting.abort();
    gone(&site).await;
    let run_id = ids(&server, &[]).await.remove(0);
    standing(&server, &run_id, "cancelled").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_run_is_left_but_its_result() {
    let site = scripted(GOOD);
    let server = site.start().await;
    let run_id = run(&server, &order_with("timerange", "")).await.ok()["run_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let names = |folder: &str| {
        let entries = std::fs::read_dir(site.path(folder)).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("user"), ["backtest_results"]);
    assert_eq!(names("user/backtest_results"), [format!("tc_{run_id}")]);
    server.stop().await;
}
