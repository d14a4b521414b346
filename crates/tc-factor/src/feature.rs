//! Feature vectors: named values of the candles at which a factor found something.
//!
//! Factor contract, section 12. A row is a function of the events of its candle, so rows are made from the ledger
//! whenever somebody asks for them.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use tc_market::CandleTime;

use crate::{
    CodecError, EventKindSpec, GraphError, LedgerEvent,
    graph::{Node, is_name},
};

/// Number of all events of a candle.
const ALL_EVENTS: &str = "feature_event_count";
/// Ends the key of the number of events of one factor.
const EVENT_COUNT: &str = "_event_count";

/// One value of a row: a JSON scalar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FeatureValue {
    /// A number; counts are such.
    Float(f64),
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// A word.
    Text(&'static str),
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeatureType {
    /// [`FeatureValue::Float`].
    Float,
    /// [`FeatureValue::Int`].
    Int,
    /// [`FeatureValue::Bool`].
    Bool,
    /// [`FeatureValue::Text`].
    Text,
}

impl FeatureValue {
    /// What the value is.
    #[must_use]
    pub const fn kind(self) -> FeatureType {
        match self {
            Self::Float(_) => FeatureType::Float,
            Self::Int(_) => FeatureType::Int,
            Self::Bool(_) => FeatureType::Bool,
            Self::Text(_) => FeatureType::Text,
        }
    }
}

/// The values of one candle.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureRow {
    /// The candle.
    pub time: CandleTime,
    /// One per key of [`FeatureColumns::keys`]; `None` where the events of the candle say nothing.
    pub values: Vec<Option<FeatureValue>>,
}

/// Every column that the events of a graph can fill, and what each event kind adds to which of them.
///
/// Factors without [`enable_feature`](crate::FactorSpec::enable_feature) have no part in it.
#[derive(Debug, Clone, Default)]
pub struct FeatureColumns {
    keys: Vec<Arc<str>>,
    all_events: usize,
    /// By [`KindId`](crate::KindId); `None` for kinds of factors that take no part.
    kinds: Vec<Option<KindColumns>>,
}

/// Columns of one event kind.
#[derive(Debug, Clone, Copy)]
struct KindColumns {
    factor: usize,
    count: usize,
    direction: Option<(usize, Accessor)>,
}

type Accessor = fn(&LedgerEvent) -> Result<FeatureValue, CodecError>;

impl FeatureColumns {
    /// The columns of factors in graph order.
    pub(crate) fn of(nodes: &[Node]) -> Result<Self, GraphError> {
        let keys = keys(nodes)?;
        let position = |key: &str| keys.partition_point(|known| known.as_str() < key);
        let mut kinds = Vec::new();
        for node in nodes {
            let factor = node.spec.factor_name;
            kinds.extend(node.spec.events.iter().map(|kind| {
                node.spec.enable_feature.then(|| KindColumns {
                    factor: position(&factor_key(factor)),
                    count: position(&kind_key(factor, kind, "count")),
                    direction: kind
                        .direction
                        .map(|read| (position(&kind_key(factor, kind, "direction")), read)),
                })
            }));
        }
        Ok(Self {
            all_events: position(ALL_EVENTS),
            keys: keys.iter().map(|key| key.as_str().into()).collect(),
            kinds,
        })
    }

    /// Keys, ascending.
    #[must_use]
    pub fn keys(&self) -> &[Arc<str>] {
        &self.keys
    }

    /// Whether no factor takes part.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Rows of the candles that have events of factors that take part, ascending. `events` are in ledger order and
    /// hold all events of each candle. Payloads are read only of kinds that have a direction.
    ///
    /// # Errors
    /// [`CodecError`] when a payload cannot be read.
    pub fn rows(&self, events: &[LedgerEvent]) -> Result<Vec<FeatureRow>, CodecError> {
        events
            .chunk_by(|a, b| a.visible_time == b.visible_time)
            .filter_map(|tick| self.row(tick).transpose())
            .collect()
    }

    /// The row of one tick; `None`: no event of a factor that takes part.
    fn row(&self, tick: &[LedgerEvent]) -> Result<Option<FeatureRow>, CodecError> {
        let mut row = None;
        for event in tick {
            let Some(&Some(kind)) = self.kinds.get(usize::from(event.kind.0)) else {
                continue;
            };
            let row = row.get_or_insert_with(|| FeatureRow {
                time: event.visible_time,
                values: vec![None; self.keys.len()],
            });
            for column in [self.all_events, kind.factor, kind.count] {
                count_one(&mut row.values[column]);
            }
            if let Some((column, read)) = kind.direction {
                row.values[column] = Some(read(event)?);
            }
        }
        Ok(row)
    }
}

fn count_one(cell: &mut Option<FeatureValue>) {
    let before = match cell {
        Some(FeatureValue::Float(count)) => *count,
        _ => 0.0,
    };
    *cell = Some(FeatureValue::Float(before + 1.0));
}

/// The factor that a column tells of, as its key says.
#[must_use]
pub fn source_factor(key: &str) -> &str {
    key.strip_suffix(EVENT_COUNT)
        .or_else(|| key.split_once('_').map(|(factor, _)| factor))
        .unwrap_or("feature")
}

/// All keys, ascending; none when no factor takes part.
fn keys(nodes: &[Node]) -> Result<Vec<String>, GraphError> {
    let mut keys = Vec::new();
    for node in nodes.iter().filter(|node| node.spec.enable_feature) {
        let factor = node.spec.factor_name;
        keys.push(factor_key(factor));
        for kind in node.spec.events {
            keys.push(kind_key(factor, kind, "count"));
            if kind.direction.is_some() {
                keys.push(kind_key(factor, kind, "direction"));
            }
        }
    }
    if !keys.is_empty() {
        keys.push(ALL_EVENTS.to_owned());
    }
    keys.sort_unstable();
    let refused = |n: &usize| !is_name(&keys[*n]) || keys.get(n + 1) == Some(&keys[*n]);
    match (0..keys.len()).find(refused) {
        Some(n) => Err(GraphError::FeatureKey(keys.swap_remove(n))),
        None => Ok(keys),
    }
}

fn factor_key(factor: &str) -> String {
    format!("{factor}{EVENT_COUNT}")
}

/// `pivot_major_count` of `pivot.major`.
fn kind_key(factor: &str, kind: &EventKindSpec, what: &str) -> String {
    let own = kind
        .name
        .strip_prefix(factor)
        .and_then(|rest| rest.strip_prefix('.'));
    let name = own.unwrap_or(kind.name).replace('.', "_");
    let name = match name.trim_matches('_') {
        "" => "event",
        name => name,
    };
    format!("{factor}_{name}_{what}")
}
