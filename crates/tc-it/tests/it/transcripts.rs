//! The recorded examples of the wire contract, each against a server of its own. `golden/api/README.md` describes them.

mod compare;
mod event_stream;
mod format;
mod later;
mod play;
mod projection;
mod variables;

use std::{collections::BTreeMap, fs, path::PathBuf};

use futures_util::StreamExt;
use reqwest::Method;

use crate::{
    site::{Answer, Site},
    transcripts::{format::Transcript, play::Player},
    upstream,
};

/// Transcripts that the contract holds.
const TOTAL: usize = 103;
/// Most of the time of a transcript is spent on waiting for nothing to come.
const AT_ONCE: usize = 6;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../golden/api"))
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

/// Those for this build, and those that need a route which arrives later.
fn transcripts() -> (Vec<Transcript>, Vec<Transcript>) {
    let text = read("transcripts.jsonl");
    let all: Vec<Transcript> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(all.len(), TOTAL);
    all.into_iter()
        .partition(|transcript| transcript.routes().iter().all(|(_, path)| !later::covers(path)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_transcript_of_this_build_is_answered_as_written() {
    let (here, left_out) = transcripts();
    println!(
        "{} transcripts run, {} left out by route",
        here.len(),
        left_out.len()
    );
    let upstream = upstream::start(serde_json::from_str(&read("fixtures/upstream.json")).unwrap()).await;
    let player = Player::new(&folder().join("fixtures"), &upstream);
    let failures: BTreeMap<String, String> = futures_util::stream::iter(&here)
        .map(|transcript| async {
            player
                .play(transcript)
                .await
                .err()
                .map(|error| (transcript.name.clone(), error))
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(|failure| async { failure })
        .collect()
        .await;
    let report: String = failures
        .iter()
        .map(|(name, failure)| format!("\n\n=== {name}\n{failure}"))
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {} transcripts fail{report}",
        failures.len(),
        here.len()
    );
}

/// Keeps the list honest: a route that has arrived must leave it, and its transcripts then run.
#[tokio::test]
async fn routes_that_arrive_later_are_unknown() {
    let (_, left_out) = transcripts();
    let server = Site::new().start().await;
    let mut asked: Vec<(String, String)> = left_out.iter().flat_map(Transcript::routes).collect();
    asked.retain(|(_, path)| later::covers(path));
    asked.extend(
        later::PREFIXES
            .iter()
            .map(|prefix| ("GET".to_owned(), (*prefix).to_owned())),
    );
    asked.sort();
    asked.dedup();
    for (method, path) in asked {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = Answer::of(server.request(method.clone(), &path)).await;
        let found = (answer.status, answer.body()["detail"].clone());
        assert_eq!(
            found,
            (404, "Not Found".into()),
            "{method} {path} has arrived: take it off the list"
        );
    }
    server.stop().await;
}
