//! D(t) straight from the text of the overlay contract, sections 2 to 4: everything is looked at again for every t.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tc_market::CandleTime;

use super::Stored;

/// Definition by id.
pub(super) type Drawing = BTreeMap<String, Value>;

/// D(t); `pen_head` is the head of the pen factor at t.
pub(super) fn drawing(stored: &Stored, t: CandleTime, pen_head: Option<&Value>) -> Drawing {
    let window_s = i64::from(stored.setup.overlay.settings().window_candles) * 60;
    let (to, cutoff) = (t.seconds(), (t.seconds() - window_s).max(0));
    let mut drawing = Drawing::new();
    let mut emit = |id: String, definition: Value| {
        drawing.entry(id).or_insert(definition);
    };
    let mut majors = events(stored, "pivot.major", cutoff, to);
    majors.sort_by_key(|p| (int(p, "visible_time"), int(p, "pivot_time")));
    for (feature, pivots) in [
        ("pivot.major", majors),
        ("pivot.minor", events(stored, "pivot.minor", cutoff, to)),
    ] {
        for pivot in pivots {
            let time = int(&pivot, "pivot_time");
            if (cutoff..=to).contains(&time) {
                let direction = pivot["direction"].as_str().unwrap();
                let id = format!("{feature}:{time}:{direction}:{}", pivot["window"]);
                emit(id, marker(feature, time, direction));
            }
        }
    }
    let all = events(stored, "pen.confirmed", cutoff, to);
    let in_slice = !all.is_empty();
    let mut pens: Vec<Value> = all
        .into_iter()
        .filter(|pen| int(pen, "end_time") >= cutoff && int(pen, "start_time") <= to)
        .collect();
    pens.sort_by_key(|pen| (int(pen, "start_time"), int(pen, "visible_time")));
    let mut points: Vec<Value> = Vec::new();
    for pen in pens {
        if points.last().is_none_or(|last| last["time"] != pen["start_time"]) {
            points.push(json!({"time": pen["start_time"], "value": pen["start_price"]}));
        }
        points.push(json!({"time": pen["end_time"], "value": pen["end_price"]}));
    }
    if points.len() >= 2 {
        let line = json!({
            "type": "polyline", "feature": "pen.confirmed", "points": points, "color": "#ffffff", "lineWidth": 2,
        });
        emit("pen.confirmed".to_owned(), line);
    }
    for name in ["extending", "candidate"] {
        let pen = pen_head.filter(|_| in_slice).and_then(|head| head.get(name));
        if let Some(pen) = pen {
            let id = format!("pen.{name}");
            let points = [
                json!({"time": pen["start_time"], "value": pen["start_price"]}),
                json!({"time": pen["end_time"], "value": pen["end_price"]}),
            ];
            let line = json!({
                "type": "polyline", "feature": id, "points": points, "color": "#ffffff", "lineWidth": 2,
                "lineStyle": "dashed",
            });
            emit(id, line);
        }
    }
    drawing
}

fn marker(feature: &str, time: i64, direction: &str) -> Value {
    let (position, major, minor) = match direction {
        "resistance" => ("aboveBar", "#ef4444", "rgba(239,68,68,0.6)"),
        _ => ("belowBar", "#22c55e", "rgba(34,197,94,0.6)"),
    };
    let (color, size) = match feature {
        "pivot.major" => (major, 1.0),
        _ => (minor, 0.5),
    };
    json!({
        "type": "marker", "feature": feature, "time": time, "position": position, "color": color,
        "shape": "circle", "text": "", "size": size,
    })
}

/// Payloads of one kind with `cutoff <= visible_time <= to`, in ledger order.
fn events(stored: &Stored, kind: &str, cutoff: i64, to: i64) -> Vec<Value> {
    let graph = &stored.setup.factors;
    let id = graph.kind(kind).unwrap();
    let events = stored.out.events.iter();
    let inside =
        events.filter(|event| event.kind == id && (cutoff..=to).contains(&event.visible_time.seconds()));
    inside
        .map(|event| {
            let mut json = Vec::new();
            (graph.kind_spec(id).unwrap().write_json)(event, &mut json).unwrap();
            serde_json::from_slice(&json).unwrap()
        })
        .collect()
}

fn int(payload: &Value, name: &str) -> i64 {
    payload[name].as_i64().unwrap()
}
