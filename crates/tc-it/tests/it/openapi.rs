//! The interface description: complete, consistent, and every change of it visible in review.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    routing::ROUTES,
    site::{Answer, Site},
};

/// Schema names that clients of these routes rely on.
const SCHEMAS: [&str; 20] = [
    "BacktestPairTimeframesResponse",
    "BacktestRunRequest",
    "BacktestRunResponse",
    "StrategyListResponse",
    "CandleClosed",
    "DrawCursorV1",
    "DrawDeltaV1",
    "ErrorBodyV1",
    "FactorMetaV1",
    "FactorSliceV1",
    "FeatureBatchV1",
    "GetCandlesResponse",
    "GetFactorSlicesResponseV1",
    "OverlayInstructionPatchItemV1",
    "PlotLinePointV1",
    "WorldCursorV1",
    "WorldDeltaPollResponseV1",
    "WorldDeltaRecordV1",
    "WorldStateV1",
    "WorldTimeV1",
];

async fn document() -> Value {
    let server = Site::new().start().await;
    let document = server.get("/api/openapi.json", &[]).await.ok();
    server.stop().await;
    document
}

/// Every operation as method and path.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().iter();
            methods.map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
        })
        .collect()
}

fn visit<'a>(value: &'a Value, each: &mut impl FnMut(&'a Value)) {
    each(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| visit(item, each)),
        Value::Object(fields) => fields.values().for_each(|field| visit(field, each)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_and_schema_is_documented() {
    let document = document().await;
    assert!(
        document["openapi"].as_str().unwrap().starts_with("3.1."),
        "{}",
        document["openapi"]
    );
    assert_eq!(document["info"]["title"], "trade_canvas API");
    let documented: BTreeSet<(String, String)> = operations(&document)
        .into_iter()
        .map(|(method, path, _)| (method, path))
        .collect();
    let served: BTreeSet<(String, String)> = ROUTES
        .iter()
        .filter(|(_, path)| !path.starts_with("/ws/"))
        .map(|(method, path)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(documented, served);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for name in SCHEMAS {
        assert!(schemas.contains_key(name), "{name} is not documented");
    }
    // Messages of the socket are schemas too, each with its type.
    let mut words = BTreeSet::new();
    visit(&document["components"], &mut |value| {
        let word = value
            .pointer("/properties/type/const")
            .or_else(|| value.pointer("/properties/type/enum/0"));
        words.extend(word.and_then(Value::as_str));
    });
    for word in [
        "candle_closed",
        "candle_forming",
        "candles_batch",
        "gap",
        "system",
        "draw_head",
        "error",
        "subscribe",
        "unsubscribe",
        "debug_snapshot",
        "debug_event",
    ] {
        assert!(words.contains(word), "{word} is no documented message: {words:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_document_is_consistent() {
    let document = document().await;
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let about = format!("{method} {path}");
        let id = operation["operationId"]
            .as_str()
            .unwrap_or_else(|| panic!("{about} has no id"));
        assert!(ids.insert(id.to_owned()), "{about}: {id} is used twice");
        let has_words = operation["summary"]
            .as_str()
            .or(operation["description"].as_str())
            .is_some();
        assert!(has_words, "{about} is not described");
        let responses = operation["responses"].as_object().unwrap();
        let succeeds = responses.keys().any(|status| status.starts_with('2'));
        assert!(succeeds, "{about} has no success");
        for (status, response) in responses.iter().filter(|(status, _)| !status.starts_with('2')) {
            let body = &response["content"]["application/json"]["schema"]["$ref"];
            assert_eq!(body, "#/components/schemas/ErrorBodyV1", "{about} {status}");
        }
        assert_eq!(
            operation.get("requestBody").is_some(),
            method == "POST" && !path.ends_with("/cancel"),
            "{about}"
        );
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            let is_of_path = path.contains(&format!("{{{name}}}"));
            let place = if is_of_path { "path" } else { "query" };
            assert_eq!(
                (&parameter["in"], parameter["schema"].is_object()),
                (&json!(place), true),
                "{about}"
            );
        }
    }
    visit(&document, &mut |value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let target = reference
                .strip_prefix('#')
                .and_then(|pointer| document.pointer(pointer));
            assert!(target.is_some(), "{reference} leads nowhere");
        }
        if let (Some(required), Some(properties)) = (
            value.get("required").and_then(Value::as_array),
            value.get("properties").and_then(Value::as_object),
        ) {
            for name in required.iter().filter_map(Value::as_str) {
                assert!(
                    properties.contains_key(name),
                    "required {name} is no property of {value}"
                );
            }
        }
    });
}

/// What is documented is there: no operation answers as an unknown path or method would.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_documented_operation_answers() {
    let server = Site::new().start().await;
    let document = server.get("/api/openapi.json", &[]).await.ok();
    for (method, path, operation) in operations(&document) {
        let answer = Answer::of(server.request(Method::from_bytes(method.as_bytes()).unwrap(), &path)).await;
        let documented = operation["responses"]
            .as_object()
            .unwrap()
            .contains_key(&answer.status.to_string());
        assert!(documented, "{method} {path}: {} is not documented", answer.status);
    }
    server.stop().await;
}

/// A change of the contract shows as a change of this file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_document_as_reviewed() {
    let mut document = document().await;
    document["info"]["version"] = json!("[version]");
    insta::assert_json_snapshot!("interface", document);
}
