//! Server-sent events as JSON.

use serde_json::{Map, Value, json};

/// The events of a whole stream: `event`, `data` and, where there is one, `id`. Comments are passed over.
pub(super) fn events(text: &str) -> Value {
    text.split("\n\n").filter_map(event).collect()
}

fn event(block: &str) -> Option<Value> {
    let mut event = Map::new();
    for (field, text) in block.lines().filter_map(|line| line.split_once(": ")) {
        match field {
            "data" => event.insert(
                field.to_owned(),
                serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            ),
            "event" | "id" => event.insert(field.to_owned(), json!(text)),
            _ => None,
        };
    }
    (!event.is_empty()).then_some(Value::Object(event))
}

#[test]
fn comments_are_no_events() {
    let text = "id: 7\nevent: e\ndata: {\"a\":1}\n\n: ping 1\n\nevent: error\ndata: no\n\n";
    let expected =
        json!([{ "id": "7", "event": "e", "data": { "a": 1 } }, { "event": "error", "data": "no" }]);
    assert_eq!(events(text), expected);
}
