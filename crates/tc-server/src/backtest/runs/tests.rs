//! What the log is told.

use std::{fmt, time::Duration};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use super::*;
use crate::backtest::RunReport;

/// Keeps every message.
#[derive(Default)]
struct Listener(Arc<Mutex<Vec<String>>>);

impl Subscriber for Listener {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut words = Words(event.metadata().level().to_string());
        event.record(&mut words);
        self.0.lock().unwrap().push(words.0);
    }

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}

#[test]
fn both_streams_are_logged_when_there_is_something_in_them() {
    let head = RunHead {
        run_id: "7".to_owned(),
        kind: RunKind::Run,
        engine: "freqtrade".to_owned(),
        strategy_name: String::new(),
        pair: String::new(),
        series_id: None,
        timeframe: String::new(),
        timerange: None,
        params: serde_json::Map::new(),
        trading: serde_json::Map::new(),
        created_at_ms: 0,
    };
    let report = |stdout: &str, stderr: &str| RunReport {
        exit_code: 0,
        duration: Duration::ZERO,
        command: Vec::new(),
        stdout: stdout.to_owned(),
        stderr: stderr.to_owned(),
        result: Err(String::new()),
        warnings: Vec::new(),
    };
    let listener = Listener::default();
    let heard = Arc::clone(&listener.0);
    tracing::subscriber::with_default(listener, || {
        report("a table", "a log").log(&head);
        report("", "").log(&head);
    });
    let heard = heard.lock().unwrap();
    let expected = [
        "INFO message=freqtrade backtesting stdout: a table run_id=\"7\"",
        "INFO message=freqtrade backtesting stderr: a log run_id=\"7\"",
    ];
    assert_eq!(*heard, expected);
}
