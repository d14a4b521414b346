//! Whether signals owe anything to the future.

use serde_json::{Value, json};

use super::{order, over, server};
use crate::{
    backtest::place::{refused, run, scripted},
    site::{Answer, TestServer, eventually},
};

async fn check(server: &TestServer, run_id: &str, body: &Value) -> Answer {
    server
        .post(&format!("/api/backtest/runs/{run_id}/bias"), body)
        .await
}

fn id(answer: &Value) -> String {
    answer["run_id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_checked_and_the_findings_are_kept() {
    let (site, server, _) = server().await;
    let answer = run(&server, &order()).await.ok();
    let run_id = id(&answer);
    let begun = check(&server, &run_id, &json!({ "samples": 12 })).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    let begun = begun.body();
    assert_eq!(
        (&begun["run_id"], &begun["state"], &begun["bias"]),
        (&answer["run_id"], &json!("done"), &json!(null))
    );
    let checked = eventually("findings", async || {
        let run = over(&server, &run_id).await;
        run["bias"].is_object().then_some(run)
    })
    .await;
    assert_eq!(
        checked["bias"],
        json!({ "checked": 12, "changed": 0, "rows": [] })
    );
    assert_eq!(checked["error"], json!(null));
    server.stop().await;
    let server = site.start().await;
    let kept = over(&server, &run_id).await;
    assert_eq!(
        (&kept["bias"], &kept["stage"], &kept["response"]["run_id"]),
        (&checked["bias"], &json!(null), &answer["run_id"])
    );
    let runs = server.get("/api/backtest/runs", &[]).await.ok();
    assert_eq!(runs["runs"][0]["bias"], checked["bias"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_can_be_called_off() {
    let (_site, server, _) = server().await;
    let run_id = id(&run(&server, &order()).await.ok());
    let begun = check(&server, &run_id, &json!({ "samples": 1000 })).await;
    assert_eq!(begun.status, 202);
    let again = check(&server, &run_id, &json!({})).await;
    assert_eq!(refused(&again), (409, "backtest.run_busy".to_owned()));
    let path = format!("/api/backtest/runs/{run_id}");
    let busy = Answer::of(server.request(reqwest::Method::DELETE, &path)).await;
    assert_eq!(refused(&busy), (409, "backtest.run_busy".to_owned()));
    let left = server.post(&format!("{path}/cancel"), &json!({})).await.ok();
    assert_eq!(
        (&left["state"], &left["bias"], &left["stage"]),
        (&json!("done"), &json!(null), &json!(null))
    );
    let again = server.post(&format!("{path}/cancel"), &json!({})).await;
    assert_eq!(refused(&again), (409, "backtest.not_running".to_owned()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_native_runs_that_are_done_are_checked() {
    let site = scripted(super::super::place::GOOD);
    let server = site.start().await;
    let run_id = id(&run(&server, &super::super::place::order()).await.ok());
    let answer = check(&server, &run_id, &json!({})).await;
    assert_eq!(refused(&answer), (422, "backtest.bias_unavailable".to_owned()));
    for samples in [0, 1001] {
        let answer = check(&server, &run_id, &json!({ "samples": samples })).await;
        assert_eq!(refused(&answer), (422, "request.invalid".to_owned()));
    }
    let unknown = check(&server, "nothing", &json!({})).await;
    assert_eq!(refused(&unknown), (404, "backtest.run_not_found".to_owned()));
    server.stop().await;
}
