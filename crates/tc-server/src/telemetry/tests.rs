//! What is measured arrives on both sides.

use metrics::{counter, gauge, histogram};

use super::*;

fn measure() {
    counter!("jobs_total", "step" => "b", "result" => "ok").increment(2);
    counter!("jobs_total", "result" => "ok", "step" => "b").increment(1);
    counter!("jobs_total", "result" => "error").absolute(7);
    counter!("plain_total").increment(1);
    gauge!("open").set(4.0);
    gauge!("open").increment(1.0);
    gauge!("open").decrement(3.5);
    for duration_ms in [2.0, 8.0, 5.0] {
        histogram!("took_ms", "step" => "a").record(duration_ms);
    }
}

#[test]
fn plain_numbers() {
    let (recorder, telemetry) = Telemetry::new();
    assert_eq!(telemetry.measured(), Measured::default());
    metrics::with_local_recorder(&recorder, measure);
    let measured = telemetry.measured();
    assert!(measured.updated_at_ms > 1_700_000_000_000);
    let counters: Vec<_> = measured
        .counters
        .iter()
        .map(|(key, value)| (key.as_str(), *value))
        .collect();
    assert_eq!(
        counters,
        [
            ("jobs_total{result=error}", 7),
            ("jobs_total{result=ok,step=b}", 3),
            ("plain_total", 1)
        ],
        "the order of the labels does not matter"
    );
    assert_eq!(
        measured.gauges.into_iter().collect::<Vec<_>>(),
        [("open".to_owned(), 1.5)]
    );
    let timer = measured.timers["took_ms{step=a}"];
    let expected = Timer {
        count: 3,
        total_ms: 15.0,
        max_ms: 8.0,
    };
    assert_eq!(timer, expected);
    let averages = [timer, Timer::default()].map(|timer| timer.avg_ms().to_string());
    assert_eq!(averages, ["5", "0"]);
}

#[test]
fn prometheus_text() {
    let (recorder, telemetry) = Telemetry::new();
    metrics::with_local_recorder(&recorder, measure);
    for _ in 0..2 {
        let text = telemetry.prometheus_text();
        for line in [
            "# TYPE jobs_total counter",
            "jobs_total{result=\"error\"} 7",
            "plain_total 1",
            "open 1.5",
            "# TYPE took_ms summary",
            "took_ms_sum{step=\"a\"} 15",
            "took_ms_count{step=\"a\"} 3",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }
}
