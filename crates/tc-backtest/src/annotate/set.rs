//! What a signal declares, and sets of signals that can run.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tc_factor::{FactorGraph, GraphError};

use super::{BucketRecorder, Buckets, OK_COLUMN, Sheet};

/// Facts that a signal reads: those of one kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketSpec {
    /// The factor that finds them.
    pub factor: &'static str,
    /// Full name of their kind, `factor.kind`.
    pub event_kind: &'static str,
    /// Name under which the signal finds them; unique within a set.
    pub bucket: &'static str,
}

/// A column that a signal fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Its name; unique within a set.
    pub name: &'static str,
    /// What every row holds before the signal runs; `None`: nothing.
    pub default: Option<i64>,
}

/// Everything the registry knows about a signal.
#[derive(Debug, Clone, Copy)]
pub struct SignalSpec {
    /// Unique name.
    pub name: &'static str,
    /// Signals that have run before this one, so that it can read their columns.
    pub depends_on: &'static [&'static str],
    /// Facts that it reads.
    pub buckets: &'static [BucketSpec],
    /// Columns that it fills.
    pub columns: &'static [ColumnSpec],
    /// Fills them.
    pub apply: fn(&Buckets, &mut Sheet<'_>),
}

/// Why signals cannot run together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignalSetError {
    /// A signal, a bucket or a column of this signal has no name.
    #[error("empty_name:{0}")]
    EmptyName(&'static str),
    /// Two signals share a name.
    #[error("duplicate_signal:{0}")]
    DuplicateSignal(&'static str),
    /// Two buckets share a name.
    #[error("duplicate_bucket:{0}")]
    DuplicateBucket(&'static str),
    /// Two columns share a name.
    #[error("duplicate_column:{0}")]
    DuplicateColumn(&'static str),
    /// A dependency that is no signal of the set.
    #[error("unknown_dependency:{signal}->{dependency}")]
    UnknownDependency {
        /// The signal.
        signal: &'static str,
        /// What it depends on.
        dependency: &'static str,
    },
    /// A dependency leads back to its signal.
    #[error("cycle:{}", .0.join("->"))]
    Cycle(Vec<&'static str>),
    /// Facts that no factor finds, or of a factor without feature vectors.
    #[error("unknown_facts:{signal}->{event_kind}")]
    UnknownFacts {
        /// The signal.
        signal: &'static str,
        /// The kind of event.
        event_kind: &'static str,
    },
    /// The factors that are needed do not run by themselves.
    #[error("factors:{0}")]
    Factors(String),
}

/// Signals in an order in which each runs after those it depends on, and the factors whose facts they read.
#[derive(Debug, Clone)]
pub struct SignalSet {
    order: Vec<SignalSpec>,
    runs: Vec<bool>,
    factors: Arc<FactorGraph>,
}

impl SignalSet {
    /// Orders `specs`: names ascending, each after its dependencies. `graph` says which facts there are.
    ///
    /// # Errors
    /// [`SignalSetError`] for the first rule that the specs break.
    pub fn build(specs: &[SignalSpec], graph: &FactorGraph) -> Result<Self, SignalSetError> {
        let by_name = index(specs)?;
        check_names(&by_name)?;
        check_facts(&by_name, graph)?;
        let mut order = Order {
            by_name: &by_name,
            path: Vec::new(),
            done: Vec::new(),
        };
        for name in by_name.keys() {
            order.visit(name)?;
        }
        let order: Vec<SignalSpec> = order.done.into_iter().copied().collect();
        let runs = vec![true; order.len()];
        let factors = needed_factors(&order, &runs, graph)?;
        Ok(Self { order, runs, factors })
    }

    /// The set with only those factors running that are named here and those they depend on. Signals that read facts of
    /// others, or depend on such signals, leave their columns as they are.
    ///
    /// # Errors
    /// [`SignalSetError::Factors`] when the graph has no factor of such a name.
    pub fn limited_to(mut self, names: &[&str], graph: &FactorGraph) -> Result<Self, SignalSetError> {
        let allowed = graph.limited_to(names).map_err(refused)?;
        let allowed: BTreeSet<&str> = allowed.names().collect();
        let mut idle: BTreeSet<&str> = BTreeSet::new();
        for (signal, runs) in self.order.iter().zip(&mut self.runs) {
            let known = signal
                .buckets
                .iter()
                .all(|bucket| allowed.contains(bucket.factor));
            *runs = known && signal.depends_on.iter().all(|name| !idle.contains(name));
            if !*runs {
                idle.insert(signal.name);
            }
        }
        self.factors = needed_factors(&self.order, &self.runs, graph)?;
        Ok(self)
    }

    /// Every signal in running order.
    #[must_use]
    pub fn signals(&self) -> &[SignalSpec] {
        &self.order
    }

    /// The signals that run.
    pub(super) fn running(&self) -> impl Iterator<Item = &SignalSpec> {
        let signals = self.order.iter().zip(&self.runs);
        signals.filter(|(_, runs)| **runs).map(|(signal, _)| signal)
    }

    /// The factors that are needed and no others.
    #[must_use]
    pub const fn factors(&self) -> &Arc<FactorGraph> {
        &self.factors
    }

    /// Records the facts that the running signals read, from events whose kinds `graph` numbers.
    #[must_use]
    pub fn recorder(&self, graph: &FactorGraph) -> BucketRecorder {
        BucketRecorder::new(self.running().flat_map(|signal| signal.buckets), graph)
    }
}

type ByName<'a> = BTreeMap<&'static str, &'a SignalSpec>;

fn index(specs: &[SignalSpec]) -> Result<ByName<'_>, SignalSetError> {
    let mut by_name = BTreeMap::new();
    for spec in specs {
        if spec.name.is_empty() {
            return Err(SignalSetError::EmptyName(spec.name));
        }
        if by_name.insert(spec.name, spec).is_some() {
            return Err(SignalSetError::DuplicateSignal(spec.name));
        }
    }
    Ok(by_name)
}

fn check_names(by_name: &ByName<'_>) -> Result<(), SignalSetError> {
    let mut buckets = BTreeSet::new();
    let mut columns = BTreeSet::from([OK_COLUMN]);
    for spec in by_name.values() {
        for bucket in spec.buckets.iter().map(|bucket| bucket.bucket) {
            if bucket.is_empty() {
                return Err(SignalSetError::EmptyName(spec.name));
            }
            if !buckets.insert(bucket) {
                return Err(SignalSetError::DuplicateBucket(bucket));
            }
        }
        for column in spec.columns.iter().map(|column| column.name) {
            if column.is_empty() {
                return Err(SignalSetError::EmptyName(spec.name));
            }
            if !columns.insert(column) {
                return Err(SignalSetError::DuplicateColumn(column));
            }
        }
    }
    Ok(())
}

fn check_facts(by_name: &ByName<'_>, graph: &FactorGraph) -> Result<(), SignalSetError> {
    for spec in by_name.values() {
        for bucket in spec.buckets {
            let factor = graph.specs().find(|factor| factor.factor_name == bucket.factor);
            let known = factor.is_some_and(|factor| {
                factor.enable_feature && factor.events.iter().any(|kind| kind.name == bucket.event_kind)
            });
            if !known {
                return Err(SignalSetError::UnknownFacts {
                    signal: spec.name,
                    event_kind: bucket.event_kind,
                });
            }
        }
    }
    Ok(())
}

fn needed_factors(
    order: &[SignalSpec],
    runs: &[bool],
    graph: &FactorGraph,
) -> Result<Arc<FactorGraph>, SignalSetError> {
    let running = order.iter().zip(runs).filter(|(_, runs)| **runs);
    let buckets = running.flat_map(|(signal, _)| signal.buckets);
    let names: Vec<&str> = buckets.map(|bucket| bucket.factor).collect();
    graph.limited_to(&names).map(Arc::new).map_err(refused)
}

fn refused(error: GraphError) -> SignalSetError {
    SignalSetError::Factors(error.to_string())
}

struct Order<'a> {
    by_name: &'a ByName<'a>,
    path: Vec<&'static str>,
    done: Vec<&'a SignalSpec>,
}

impl Order<'_> {
    fn visit(&mut self, name: &'static str) -> Result<(), SignalSetError> {
        if let Some(start) = self.path.iter().position(|open| *open == name) {
            let cycle = self.path[start..].iter().copied().chain([name]);
            return Err(SignalSetError::Cycle(cycle.collect()));
        }
        if self.done.iter().any(|done| done.name == name) {
            return Ok(());
        }
        let Some(spec) = self.by_name.get(name) else {
            return Err(SignalSetError::UnknownDependency {
                signal: self.path.last().copied().unwrap_or_default(),
                dependency: name,
            });
        };
        self.path.push(name);
        for dependency in spec.depends_on.iter().copied().collect::<BTreeSet<_>>() {
            self.visit(dependency)?;
        }
        self.path.pop();
        self.done.push(spec);
        Ok(())
    }
}
