//! Streams of a line, and the commands that change them.

use super::{
    Line, Route,
    commands::{self, Command, Property},
};

impl Line {
    /// The answer to a command.
    pub(super) fn execute(&mut self, text: &str, now_ms: i64) -> String {
        let request = match commands::parse(text, self.route.market()) {
            Ok(request) => request,
            Err(refusal) => return refusal.body(),
        };
        let result = match request.command {
            Command::Subscribe(names) => {
                let known = names
                    .iter()
                    .filter(|name| self.subscriptions.contains(*name))
                    .count();
                if self.subscriptions.len() + names.len() - known > self.limits.streams_per_connection {
                    return commands::too_many(request.id).body();
                }
                self.subscribe(names, now_ms);
                serde_json::Value::Null
            }
            Command::Unsubscribe(names) => {
                for name in names {
                    if self.subscriptions.remove(&name) {
                        self.schedule.remove(&name);
                        self.exchange.board.change(|counters| counters.subscriptions -= 1);
                    }
                }
                serde_json::Value::Null
            }
            Command::ListSubscriptions => self.subscriptions.iter().map(String::as_str).collect(),
            Command::Set(Property::Combined, combined) => {
                self.combined = combined;
                serde_json::Value::Null
            }
            Command::Get(Property::Combined) => self.combined.into(),
        };
        serde_json::json!({ "result": result, "id": request.id }).to_string()
    }

    pub(super) fn subscribe(&mut self, names: Vec<String>, now_ms: i64) {
        for name in names {
            if let Route::Candles(_) = self.route {
                self.schedule.add(&self.exchange.feed, &name, now_ms);
            }
            if self.subscriptions.insert(name) {
                self.exchange.board.change(|counters| counters.subscriptions += 1);
            }
        }
    }
}
