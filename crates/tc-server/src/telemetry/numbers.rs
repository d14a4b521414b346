//! Counts, values and sums per metric and labels.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use metrics::{Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key};

use crate::clock::unix_ms;

/// Everything measured so far. Keys are `name` or `name{label=value,…}` with the labels by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Measured {
    /// Unix milliseconds of the newest sample; 0: there is none.
    pub updated_at_ms: i64,
    /// Counters.
    pub counters: BTreeMap<String, u64>,
    /// Gauges.
    pub gauges: BTreeMap<String, f64>,
    /// Timers.
    pub timers: BTreeMap<String, Timer>,
}

/// Durations of one kind, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Timer {
    /// How many there were.
    pub count: u64,
    /// Their sum.
    pub total_ms: f64,
    /// The longest one.
    pub max_ms: f64,
}

impl Timer {
    /// The mean; 0 when there was none.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a mean of more than 2^53 samples is not needed"
    )]
    pub fn avg_ms(&self) -> f64 {
        if self.count == 0 {
            0.0
        } else {
            self.total_ms / self.count as f64
        }
    }

    fn add(&mut self, duration_ms: f64) {
        self.count += 1;
        self.total_ms += duration_ms;
        self.max_ms = self.max_ms.max(duration_ms);
    }
}

#[derive(Debug, Default)]
pub(super) struct Numbers {
    updated_at_ms: Arc<AtomicI64>,
    counters: Family<AtomicU64>,
    gauges: Family<Mutex<f64>>,
    timers: Family<Mutex<Timer>>,
}

/// The values of one kind. How many there are is bounded by who measures, not here.
#[derive(Debug)]
struct Family<V>(RwLock<Values<V>>);

#[derive(Debug)]
struct Values<V> {
    /// As they are asked for; equal labels in another order are another key.
    by_key: BTreeMap<Key, Arc<V>>,
    by_text: BTreeMap<String, Arc<V>>,
}

impl<V> Default for Family<V> {
    fn default() -> Self {
        Self(RwLock::new(Values {
            by_key: BTreeMap::new(),
            by_text: BTreeMap::new(),
        }))
    }
}

impl<V: Default> Family<V> {
    fn value(&self, key: &Key) -> Arc<V> {
        let values = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = values.by_key.get(key) {
            return Arc::clone(known);
        }
        drop(values);
        let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let value = Arc::clone(values.by_text.entry(text(key)).or_default());
        values.by_key.insert(key.clone(), Arc::clone(&value));
        value
    }

    fn read<T>(&self, read: impl Fn(&V) -> T) -> BTreeMap<String, T> {
        let values = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let read = |(key, value): (&String, &Arc<V>)| (key.clone(), read(value));
        values.by_text.iter().map(read).collect()
    }
}

/// `name{label=value,…}`.
fn text(key: &Key) -> String {
    let mut labels: Vec<(&str, &str)> = key.labels().map(|label| (label.key(), label.value())).collect();
    labels.sort_unstable();
    let mut text = key.name().to_owned();
    for (n, (name, value)) in labels.iter().enumerate() {
        let before = if n == 0 { '{' } else { ',' };
        let _ = write!(text, "{before}{name}={value}");
    }
    if !labels.is_empty() {
        text.push('}');
    }
    text
}

/// One value with the handle of the exporter to the same metric.
struct Beside<V, H> {
    own: Arc<V>,
    beside: H,
    updated_at_ms: Arc<AtomicI64>,
}

impl<V, H> Beside<V, H> {
    fn touch(&self) {
        self.updated_at_ms.store(unix_ms(), Ordering::Relaxed);
    }
}

impl Numbers {
    pub(super) fn counter(&self, key: &Key, beside: Counter) -> Counter {
        Counter::from_arc(Arc::new(self.beside(self.counters.value(key), beside)))
    }

    pub(super) fn gauge(&self, key: &Key, beside: Gauge) -> Gauge {
        Gauge::from_arc(Arc::new(self.beside(self.gauges.value(key), beside)))
    }

    pub(super) fn timer(&self, key: &Key, beside: Histogram) -> Histogram {
        Histogram::from_arc(Arc::new(self.beside(self.timers.value(key), beside)))
    }

    fn beside<V, H>(&self, own: Arc<V>, beside: H) -> Beside<V, H> {
        Beside {
            own,
            beside,
            updated_at_ms: Arc::clone(&self.updated_at_ms),
        }
    }

    pub(super) fn measured(&self) -> Measured {
        Measured {
            updated_at_ms: self.updated_at_ms.load(Ordering::Relaxed),
            counters: self.counters.read(|value| value.load(Ordering::Relaxed)),
            gauges: self.gauges.read(|value| *lock(value)),
            timers: self.timers.read(|timer| *lock(timer)),
        }
    }
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

impl CounterFn for Beside<AtomicU64, Counter> {
    fn increment(&self, value: u64) {
        self.own.fetch_add(value, Ordering::Relaxed);
        self.beside.increment(value);
        self.touch();
    }

    fn absolute(&self, value: u64) {
        self.own.fetch_max(value, Ordering::Relaxed);
        self.beside.absolute(value);
        self.touch();
    }
}

impl GaugeFn for Beside<Mutex<f64>, Gauge> {
    fn increment(&self, value: f64) {
        *lock(&self.own) += value;
        self.beside.increment(value);
        self.touch();
    }

    fn decrement(&self, value: f64) {
        *lock(&self.own) -= value;
        self.beside.decrement(value);
        self.touch();
    }

    fn set(&self, value: f64) {
        *lock(&self.own) = value;
        self.beside.set(value);
        self.touch();
    }
}

impl HistogramFn for Beside<Mutex<Timer>, Histogram> {
    fn record(&self, value: f64) {
        lock(&self.own).add(value);
        self.beside.record(value);
        self.touch();
    }
}
