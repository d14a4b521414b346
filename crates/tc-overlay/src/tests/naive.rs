//! D(t) straight from the text of the overlay contract, sections 2 to 4: everything is looked at again for every t, as
//! JSON, from the events of the window and the factor slices at t.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tc_factor::{FactorEngine, LedgerEvent, SliceInput, SlicePart, WindowEvents, testing};

use super::Stored;

/// Definition by id.
pub(super) type Drawing = BTreeMap<String, Value>;

pub(super) struct Naive<'a> {
    stored: &'a Stored,
    /// The ledger with complete payloads.
    ledger: Vec<LedgerEvent>,
}

/// What is known at one t.
struct Page {
    cutoff: i64,
    to: i64,
    /// Payloads of the window by kind, in ledger order.
    events: BTreeMap<String, Vec<Value>>,
    /// History and head by factor.
    slices: BTreeMap<String, [Value; 2]>,
    drawing: Drawing,
}

impl<'a> Naive<'a> {
    pub(super) fn new(stored: &'a Stored) -> Self {
        let ledger = testing::complete(&stored.setup.factors, &stored.out.events);
        Self { stored, ledger }
    }

    /// D(t) at the newest candle of `engine`.
    pub(super) fn drawing(&self, engine: &FactorEngine) -> Drawing {
        let mut page = self.page(engine);
        page.markers();
        page.confirmed_pens();
        page.dead_zones();
        page.alive_zone();
        page.unconfirmed_pens();
        page.anchor();
        page.levels();
        page.drawing
    }

    fn page(&self, engine: &FactorEngine) -> Page {
        let at = engine.head().unwrap();
        let window_s = i64::from(self.stored.setup.overlay.settings().window_candles) * 60;
        let (to, cutoff) = (at.seconds(), (at.seconds() - window_s).max(0));
        let ledger = self.ledger.iter();
        let window: Vec<LedgerEvent> = ledger
            .filter(|event| (cutoff..=to).contains(&event.visible_time.seconds()))
            .cloned()
            .collect();
        let graph = engine.graph();
        let mut events: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for event in &window {
            let kind = graph.kind_spec(event.kind).unwrap();
            let mut json = Vec::new();
            (kind.write_json)(event, &mut json).unwrap();
            let list = events.entry(kind.name.to_owned()).or_default();
            list.push(serde_json::from_slice(&json).unwrap());
        }
        let mut slices = BTreeMap::new();
        for (position, spec) in graph.specs().enumerate() {
            let input = SliceInput {
                position,
                events: WindowEvents::new(graph, &window),
                engine,
                at,
                part: SlicePart::All,
            };
            if let Some(slice) = (spec.slice)(&input).unwrap() {
                let parts = [&slice.history, &slice.head].map(|json| serde_json::from_slice(json).unwrap());
                slices.insert(spec.factor_name.to_owned(), parts);
            }
        }
        let drawing = Drawing::new();
        Page {
            cutoff,
            to,
            events,
            slices,
            drawing,
        }
    }
}

impl Page {
    fn emit(&mut self, id: String, definition: Value) {
        self.drawing.entry(id).or_insert(definition);
    }

    fn of_kind(&self, kind: &str) -> Vec<Value> {
        self.events.get(kind).cloned().unwrap_or_default()
    }

    fn head(&self, factor: &str) -> Value {
        let slice = self.slices.get(factor);
        slice.map_or(Value::Null, |[_, head]| head.clone())
    }

    fn in_window(&self, start: i64, end: i64) -> bool {
        end >= self.cutoff && start <= self.to
    }

    /// Confirmed pens of the window, in bucket order.
    fn pens(&self) -> Vec<Value> {
        let mut pens = self.of_kind("pen.confirmed");
        pens.sort_by_key(|pen| (int(pen, "visible_time"), int(pen, "start_time")));
        pens
    }

    fn marker(&mut self, id: String, time: i64, (feature, color, size): (&str, &str, f64), shape: [&str; 3]) {
        let [position, shape, text] = shape;
        if (self.cutoff..=self.to).contains(&time) {
            let marker = json!({
                "type": "marker", "feature": feature, "time": time, "position": position, "color": color,
                "shape": shape, "text": text, "size": size,
            });
            self.emit(id, marker);
        }
    }

    fn markers(&mut self) {
        let mut majors = self.of_kind("pivot.major");
        majors.sort_by_key(|p| (int(p, "visible_time"), int(p, "pivot_time")));
        let minors = self.of_kind("pivot.minor");
        let looks = [
            ("pivot.major", "#ef4444", "#22c55e", 1.0),
            ("pivot.minor", "rgba(239,68,68,0.6)", "rgba(34,197,94,0.6)", 0.5),
        ];
        for ((feature, high, low, size), pivots) in looks.into_iter().zip([majors, minors]) {
            for pivot in pivots {
                let (time, direction) = (int(&pivot, "pivot_time"), pivot["direction"].as_str().unwrap());
                let id = format!("{feature}:{time}:{direction}:{}", pivot["window"]);
                let (position, color) = match direction {
                    "resistance" => ("aboveBar", high),
                    _ => ("belowBar", low),
                };
                self.marker(id, time, (feature, color, size), [position, "circle", ""]);
            }
        }
        let mut switches = self.of_kind("anchor.switch");
        switches.sort_by_key(|s| (int(s, "visible_time"), int(s, "switch_time")));
        for switch in switches {
            let (time, dir) = (
                int(&switch, "switch_time"),
                int(&switch["new_anchor"], "direction"),
            );
            let id = format!(
                "anchor.switch:{time}:{dir}:{}",
                switch["reason"].as_str().unwrap()
            );
            let shape = if dir >= 0 {
                ["belowBar", "arrowUp", "A"]
            } else {
                ["aboveBar", "arrowDown", "A"]
            };
            self.marker(id, time, ("anchor.switch", "#f59e0b", 1.0), shape);
        }
    }

    fn confirmed_pens(&mut self) {
        let mut pens = self.pens();
        pens.retain(|pen| self.in_window(int(pen, "start_time"), int(pen, "end_time")));
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
                "type": "polyline", "feature": "pen.confirmed", "points": points, "color": "#ffffff",
                "lineWidth": 2,
            });
            self.emit("pen.confirmed".to_owned(), line);
        }
    }

    fn zone(&mut self, base: &str, zone: &Value, feature: &str, [up, down]: [&str; 2]) {
        let direction = int(zone, "entry_direction");
        for (edge, price) in [("top", "zg"), ("bottom", "zd")] {
            let point = |time: &str| json!({"time": zone[time], "value": zone[price]});
            let line = json!({
                "type": "polyline", "feature": feature, "points": [point("start_time"), point("end_time")],
                "color": if direction == 1 { up } else { down }, "lineWidth": 2, "entryDirection": direction,
            });
            self.emit(format!("{base}:{edge}"), line);
        }
    }

    fn dead_zones(&mut self) {
        for zone in self.of_kind("zhongshu.dead") {
            let (start, end) = (int(&zone, "start_time"), int(&zone, "end_time"));
            if self.in_window(start, end) {
                let (zg, zd) = (float(&zone, "zg"), float(&zone, "zd"));
                let base = format!("zhongshu.dead:{start}:{end}:{zg:.6}:{zd:.6}");
                let colors = ["rgba(74,222,128,0.58)", "rgba(248,113,113,0.58)"];
                self.zone(&base, &zone, "zhongshu.dead", colors);
            }
        }
    }

    fn alive_zone(&mut self) {
        if let Some(zone) = self.head("zhongshu")["alive"].get(0) {
            let colors = ["rgba(22,163,74,0.72)", "rgba(220,38,38,0.72)"];
            self.zone("zhongshu.alive", zone, "zhongshu.alive", colors);
        }
    }

    fn unconfirmed_pens(&mut self) {
        let head = self.head("pen");
        for name in ["extending", "candidate"] {
            if let Some(pen) = head.get(name) {
                let id = format!("pen.{name}");
                let line = json!({
                    "type": "polyline", "feature": id, "points": ends(pen), "color": "#ffffff", "lineWidth": 2,
                    "lineStyle": "dashed",
                });
                self.emit(id, line);
            }
        }
    }

    fn anchor(&mut self) {
        let Some([history, head]) = self.slices.get("anchor").cloned() else {
            return;
        };
        let current = &head["current_anchor_ref"];
        if let Some((points, dashed)) = self.points_of(current) {
            let mut line = json!({
                "type": "polyline", "feature": "anchor.current", "points": points, "color": "#f59e0b",
                "lineWidth": 2,
            });
            if dashed {
                line["lineStyle"] = json!("dashed");
            }
            self.emit("anchor.current".to_owned(), line);
        }
        for switch in history["switches"].as_array().unwrap() {
            let anchor = &switch["new_anchor"];
            if anchor["start_time"] == current["start_time"] {
                continue;
            }
            if let Some((points, _)) = self.points_of(anchor) {
                let id = ["start_time", "end_time", "direction"].map(|name| anchor[name].to_string());
                let line = json!({
                    "type": "polyline", "feature": "anchor.history", "points": points,
                    "color": "rgba(59,130,246,0.55)", "lineWidth": 1,
                });
                self.emit(
                    format!("anchor.history:{}:{}", switch["switch_time"], id.join(":")),
                    line,
                );
            }
        }
    }

    /// Points of a reference, and whether they are dashed.
    fn points_of(&self, reference: &Value) -> Option<([Value; 2], bool)> {
        let names = ["start_time", "end_time", "direction"];
        let same = |pen: &Value, names: &[&str]| names.iter().all(|name| pen[name] == reference[name]);
        if reference.is_null() {
            return None;
        }
        if reference["kind"] == "candidate" {
            let head = self.head("pen");
            for leg in ["candidate", "extending"]
                .into_iter()
                .filter_map(|name| head.get(name))
            {
                if same(leg, &names) {
                    return Some((ends(leg), true));
                }
            }
        }
        let pens = self.pens();
        let exact = pens.iter().rfind(|pen| same(pen, &names));
        let same_way = pens
            .iter()
            .filter(|pen| same(pen, &["start_time", "direction"]))
            .max_by_key(|pen| int(pen, "end_time"));
        exact.or(same_way).map(|pen| (ends(pen), false))
    }

    fn levels(&mut self) {
        let Some(snapshot) = self.of_kind("sr.snapshot").pop() else {
            return;
        };
        for level in snapshot["levels"].as_array().unwrap() {
            let price = float(level, "price");
            let times = ["first_time", "second_time", "last_time"].map(|name| int(level, name));
            let Some(&start) = times.iter().find(|time| **time != 0).filter(|_| price > 0.0) else {
                continue;
            };
            let broken = level["status"] == "broken";
            let death = level["death_time"].as_i64().filter(|death| broken && *death > 0);
            let end = death.unwrap_or(self.to);
            let (from, until) = (start.max(self.cutoff), end.min(self.to));
            if !self.in_window(start, end) || until < from {
                continue;
            }
            let side = level["level_type"].as_str().unwrap();
            let points = [from, until].map(|time| json!({"time": time, "value": price}));
            let feature = if broken { "sr.broken" } else { "sr.active" };
            let mut line = json!({"type": "polyline", "feature": feature, "points": points});
            if broken {
                line["color"] = json!("rgba(148,163,184,0.6)");
                line["lineWidth"] = json!(1);
                line["lineStyle"] = json!("dashed");
            } else {
                line["color"] = json!(if side == "resistance" {
                    "#ef4444"
                } else {
                    "#22c55e"
                });
                line["lineWidth"] = json!(2);
            }
            self.emit(format!("{feature}:{side}:{price:.8}:{start}"), line);
        }
    }
}

fn ends(pen: &Value) -> [Value; 2] {
    [("start_time", "start_price"), ("end_time", "end_price")]
        .map(|(time, price)| json!({"time": pen[time], "value": pen[price]}))
}

fn int(payload: &Value, name: &str) -> i64 {
    payload[name].as_i64().unwrap()
}

fn float(payload: &Value, name: &str) -> f64 {
    payload[name].as_f64().unwrap()
}
