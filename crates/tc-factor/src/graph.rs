//! The factor graph: validated, acyclic, in a deterministic order.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use smallvec::SmallVec;

use crate::{
    EventKindSpec, FactorSettings, FactorSpec, FeatureColumns, KindId, LedgerEvent, ParamError, Params,
    StoredEvents,
};

/// Why a set of factors cannot run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GraphError {
    /// A factor has no name.
    #[error("empty_factor_name")]
    EmptyName,
    /// A name is not `[a-z][a-z0-9_]*`.
    #[error("invalid_factor_name:{0}")]
    InvalidName(String),
    /// Two factors share a name.
    #[error("duplicate_factor:{0}")]
    Duplicate(String),
    /// Dependencies that no factor provides, as `factor->dependency`, sorted.
    #[error("missing_deps:{0:?}")]
    MissingDeps(Vec<String>),
    /// A dependency leads back to its factor.
    #[error("cycle:{}", .0.join("->"))]
    Cycle(Vec<String>),
    /// Two event kinds share a name, or one does not start with its factor's name.
    #[error("factor_event_kind_conflict:{0}")]
    EventKind(String),
    /// One event kind in two buckets.
    #[error("factor_slice_bucket_conflict:{factor}:{kind}")]
    BucketConflict {
        /// The factor.
        factor: &'static str,
        /// Its event kind.
        kind: &'static str,
    },
    /// One bucket with two sort orders.
    #[error("factor_slice_sort_conflict:{0}")]
    SortConflict(String),
    /// Two feature columns share a key, or a key is not `[a-z][a-z0-9_]*`.
    #[error("feature_key_conflict:{0}")]
    FeatureKey(String),
    /// A factor that was asked for is not there.
    #[error("unknown_factor:{0}")]
    Unknown(String),
    /// A setting that does not fit.
    #[error(transparent)]
    Param(#[from] ParamError),
}

/// A factor in execution order.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) spec: FactorSpec,
    pub(crate) params: Params,
    pub(crate) first_kind: u16,
    /// Positions of the factors it depends on, as declared.
    pub(crate) upstream: SmallVec<[usize; 4]>,
}

impl Node {
    /// The events of this factor among those of one tick: kinds are numbered in graph order, so a tick is sorted by
    /// factor.
    pub(crate) fn own_events<'a>(&self, tick: &'a [LedgerEvent]) -> StoredEvents<'a> {
        let last_kind = self.first_kind + u16::try_from(self.spec.events.len()).unwrap_or(u16::MAX);
        let own = tick.partition_point(|event| event.kind.0 < self.first_kind)
            ..tick.partition_point(|event| event.kind.0 < last_kind);
        StoredEvents::new(&tick[own], self.first_kind)
    }
}

/// Factors in execution order: names ascending, each after its dependencies.
#[derive(Debug, Clone)]
pub struct FactorGraph {
    nodes: Vec<Node>,
    kinds: Vec<EventKindSpec>,
    features: FeatureColumns,
}

impl FactorGraph {
    /// Orders `specs` depth-first, post-order, names ascending, and resolves their parameters.
    ///
    /// # Errors
    /// [`GraphError`] when names, dependencies, event kinds or settings do not fit.
    pub fn build(specs: &[FactorSpec], settings: &FactorSettings) -> Result<Self, GraphError> {
        let by_name = index(specs)?;
        check_dependencies(&by_name)?;
        check_settings(specs, settings)?;
        let mut order = Order {
            by_name: &by_name,
            path: Vec::new(),
            done: Vec::new(),
        };
        for name in by_name.keys() {
            order.visit(name)?;
        }
        let mut graph = Self {
            nodes: Vec::new(),
            kinds: Vec::new(),
            features: FeatureColumns::default(),
        };
        for spec in order.done {
            let params = Params::resolve(spec.factor_name, spec.params, settings)?;
            graph.push(*spec, params)?;
        }
        graph.features = FeatureColumns::of(&graph.nodes)?;
        Ok(graph)
    }

    /// The factors with these names and those they depend on, with the parameters that they have here. Kinds are numbered
    /// anew.
    ///
    /// # Errors
    /// [`GraphError::Unknown`] for a name that no factor has.
    pub fn limited_to(&self, names: &[&str]) -> Result<Self, GraphError> {
        let mut wanted = BTreeSet::new();
        for name in names {
            let position = self.names().position(|known| known == *name);
            wanted.insert(position.ok_or_else(|| GraphError::Unknown((*name).to_owned()))?);
        }
        // A factor stands after those it depends on, so one look at each from the end finds them all.
        for position in (0..self.nodes.len()).rev() {
            if wanted.contains(&position) {
                wanted.extend(self.nodes[position].upstream.iter().copied());
            }
        }
        let mut graph = Self {
            nodes: Vec::new(),
            kinds: Vec::new(),
            features: FeatureColumns::default(),
        };
        for node in wanted.into_iter().map(|position| &self.nodes[position]) {
            graph.push(node.spec, node.params.clone())?;
        }
        graph.features = FeatureColumns::of(&graph.nodes)?;
        Ok(graph)
    }

    /// Names in execution order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.nodes.iter().map(|node| node.spec.factor_name)
    }

    /// Specs in execution order.
    pub fn specs(&self) -> impl Iterator<Item = &FactorSpec> {
        self.nodes.iter().map(|node| &node.spec)
    }

    /// Names of all event kinds; the position is the [`KindId`].
    pub fn kind_names(&self) -> impl Iterator<Item = &'static str> {
        self.kinds.iter().map(|kind| kind.name)
    }

    /// The kind called `name`.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<KindId> {
        let position = self.kinds.iter().position(|kind| kind.name == name)?;
        u16::try_from(position).ok().map(KindId)
    }

    /// Declaration of a kind; `None` for an id of another graph.
    #[must_use]
    pub fn kind_spec(&self, kind: KindId) -> Option<&EventKindSpec> {
        self.kinds.get(usize::from(kind.0))
    }

    /// Name of the factor that emits `kind`.
    #[must_use]
    pub fn factor_of(&self, kind: KindId) -> Option<&'static str> {
        let node = self.nodes.iter().rev().find(|node| node.first_kind <= kind.0)?;
        (usize::from(kind.0 - node.first_kind) < node.spec.events.len()).then_some(node.spec.factor_name)
    }

    /// Columns of the feature vectors.
    #[must_use]
    pub const fn features(&self) -> &FeatureColumns {
        &self.features
    }

    /// Positions of the factors that the one at `position` reads, all of them before it.
    #[must_use]
    pub fn upstream(&self, position: usize) -> &[usize] {
        self.nodes
            .get(position)
            .map_or(&[], |node| node.upstream.as_slice())
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    fn push(&mut self, spec: FactorSpec, params: Params) -> Result<(), GraphError> {
        let mut buckets = BTreeMap::new();
        for (position, kind) in spec.events.iter().enumerate() {
            if spec.events[..position]
                .iter()
                .any(|other| other.name == kind.name)
            {
                return Err(GraphError::BucketConflict {
                    factor: spec.factor_name,
                    kind: kind.name,
                });
            }
            let own = kind
                .name
                .strip_prefix(spec.factor_name)
                .is_some_and(|rest| rest.starts_with('.'));
            if !own || self.kinds.iter().any(|known| known.name == kind.name) {
                return Err(GraphError::EventKind(kind.name.to_owned()));
            }
            if buckets
                .insert(kind.bucket, kind.sort)
                .is_some_and(|sort| sort != kind.sort)
            {
                return Err(GraphError::SortConflict(kind.bucket.to_owned()));
            }
        }
        let first_kind = u16::try_from(self.kinds.len())
            .map_err(|_| GraphError::EventKind(spec.factor_name.to_owned()))?;
        self.kinds.extend_from_slice(spec.events);
        let position = |name: &&str| self.nodes.iter().position(|node| node.spec.factor_name == *name);
        let upstream = spec.depends_on.iter().filter_map(position).collect();
        self.nodes.push(Node {
            upstream,
            spec,
            params,
            first_kind,
        });
        Ok(())
    }
}

type ByName<'a> = BTreeMap<&'static str, &'a FactorSpec>;

fn index(specs: &[FactorSpec]) -> Result<ByName<'_>, GraphError> {
    let mut by_name = BTreeMap::new();
    for spec in specs {
        let name = spec.factor_name;
        if name.is_empty() {
            return Err(GraphError::EmptyName);
        }
        if !is_name(name) {
            return Err(GraphError::InvalidName(name.to_owned()));
        }
        if by_name.insert(name, spec).is_some() {
            return Err(GraphError::Duplicate(name.to_owned()));
        }
    }
    Ok(by_name)
}

/// Whether `text` is `[a-z][a-z0-9_]*`.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn check_dependencies(by_name: &ByName<'_>) -> Result<(), GraphError> {
    let missing: BTreeSet<String> = by_name
        .values()
        .flat_map(|spec| {
            spec.depends_on
                .iter()
                .map(move |dependency| (spec.factor_name, *dependency))
        })
        .filter(|(_, dependency)| !by_name.contains_key(dependency))
        .map(|(factor, dependency)| format!("{factor}->{dependency}"))
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(GraphError::MissingDeps(missing.into_iter().collect()))
    }
}

fn check_settings(specs: &[FactorSpec], settings: &FactorSettings) -> Result<(), GraphError> {
    let declared: BTreeSet<String> = specs
        .iter()
        .flat_map(|spec| {
            spec.params
                .iter()
                .map(move |param| format!("{}.{}", spec.factor_name, param.name))
        })
        .collect();
    match settings.overrides.keys().find(|name| !declared.contains(*name)) {
        Some(name) => Err(ParamError::Unknown(name.clone()).into()),
        None => Ok(()),
    }
}

struct Order<'a> {
    by_name: &'a ByName<'a>,
    path: Vec<&'static str>,
    done: Vec<&'a FactorSpec>,
}

impl Order<'_> {
    fn visit(&mut self, name: &'static str) -> Result<(), GraphError> {
        if let Some(start) = self.path.iter().position(|open| *open == name) {
            let cycle = self.path[start..]
                .iter()
                .copied()
                .chain([name])
                .map(str::to_owned);
            return Err(GraphError::Cycle(cycle.collect()));
        }
        let Some(spec) = self.by_name.get(name) else {
            return Ok(());
        };
        if self.done.iter().any(|done| done.factor_name == name) {
            return Ok(());
        }
        self.path.push(name);
        let dependencies: BTreeSet<_> = spec.depends_on.iter().copied().collect();
        for dependency in dependencies {
            self.visit(dependency)?;
        }
        self.path.pop();
        self.done.push(spec);
        Ok(())
    }
}
