//! Collected metrics: as Prometheus text, and as plain numbers.
//!
//! What is measured is written with the macros of the `metrics` crate, wherever it happens. The recorder installed here
//! hands each value to the Prometheus exporter and keeps counts, values and sums of its own, which the exporter does
//! not give out.

mod numbers;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tc_market::SeriesId;
use tokio_util::sync::CancellationToken;

use numbers::Numbers;
pub use numbers::{Measured, Timer};

/// Samples of timers wait in memory until they are added up; this often they are, whether or not anybody scrapes.
const UPKEEP: Duration = Duration::from_secs(5);

/// Something in this process collects metrics already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("metrics of this process are collected already")]
pub struct AlreadyCollecting;

/// Handle to everything collected in this process. Cheap to clone.
#[derive(Clone)]
pub struct Telemetry {
    prometheus: PrometheusHandle,
    numbers: Arc<Numbers>,
    /// Series whose age was told at the last sample.
    aged: Arc<Mutex<BTreeSet<SeriesId>>>,
}

impl std::fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Telemetry").finish_non_exhaustive()
    }
}

impl Telemetry {
    /// Begins to collect, for the whole process.
    ///
    /// # Errors
    /// [`AlreadyCollecting`].
    pub fn install() -> Result<Self, AlreadyCollecting> {
        let (recorder, telemetry) = Self::new();
        match metrics::set_global_recorder(recorder) {
            Ok(()) => Ok(telemetry),
            Err(_) => Err(AlreadyCollecting),
        }
    }

    fn new() -> (Tee, Self) {
        let prometheus = PrometheusBuilder::new().build_recorder();
        let telemetry = Self {
            prometheus: prometheus.handle(),
            numbers: Arc::default(),
            aged: Arc::default(),
        };
        let recorder = Tee {
            prometheus,
            numbers: Arc::clone(&telemetry.numbers),
        };
        (recorder, telemetry)
    }

    /// Samples the ages of the newest closed candles of followed series, seconds. A series that is followed no longer
    /// has no age: a value that stands still would look like one that does.
    #[expect(clippy::cast_precision_loss, reason = "an age is far below 2^53 seconds")]
    pub fn sample_ages(&self, ages_s: impl IntoIterator<Item = (SeriesId, i64)>) {
        let gauge = |series: &SeriesId| metrics::gauge!("market_last_closed_age_seconds", "series_id" => series.to_string());
        let mut aged = self.aged.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::take(&mut *aged);
        for (series, age_s) in ages_s {
            gauge(&series).set(age_s as f64);
            aged.insert(series);
        }
        for series in before.difference(&aged) {
            gauge(series).set(f64::NAN);
        }
    }

    /// Everything in the Prometheus text format, version 0.0.4; timers are summaries in milliseconds.
    #[must_use]
    pub fn prometheus_text(&self) -> String {
        self.prometheus.render()
    }

    /// Everything as numbers.
    #[must_use]
    pub fn measured(&self) -> Measured {
        self.numbers.measured()
    }

    /// Keeps memory bounded until `stop`.
    pub async fn upkeep(self, stop: CancellationToken) {
        let mut due = tokio::time::interval(UPKEEP);
        while stop.run_until_cancelled(due.tick()).await.is_some() {
            self.prometheus.run_upkeep();
        }
    }
}

/// Records twice.
#[derive(Debug)]
struct Tee {
    prometheus: PrometheusRecorder,
    numbers: Arc<Numbers>,
}

impl Recorder for Tee {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.prometheus.describe_counter(key, unit, description);
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.prometheus.describe_gauge(key, unit, description);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.prometheus.describe_histogram(key, unit, description);
    }

    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        let beside = self.prometheus.register_counter(key, metadata);
        self.numbers.counter(key, beside)
    }

    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> Gauge {
        let beside = self.prometheus.register_gauge(key, metadata);
        self.numbers.gauge(key, beside)
    }

    fn register_histogram(&self, key: &Key, metadata: &Metadata<'_>) -> Histogram {
        let beside = self.prometheus.register_histogram(key, metadata);
        self.numbers.timer(key, beside)
    }
}
