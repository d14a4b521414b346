//! Signals beside candles: a frame is read, its facts are computed or looked up, and an answer is written.

use std::{
    path::PathBuf,
    sync::{Arc, Weak},
};

use serde_json::{Map, Value};
use tc_backtest::annotate::{
    Annotation, BucketRecorder, Reason, SIGNALS, SignalSet, annotate_candles, annotate_times,
};
use tc_factor::{FactorGraph, FactorSettings, ParamValue, factors::FACTORS};
use tc_freqtrade::frame::{Frame, FrameFault};
use tc_market::{Candle, CandleTime, SeriesId};
use tc_read::{FactsQuery, ReadError, ReadModel};
use tc_server::annotate::{AnnotateMode, AnnotateOrder, AnnotateRefusal, Annotator};
use tc_store::{Snapshot, Storage, StoreError};
use tc_store_sqlite::{SqliteReader, SqliteStorage};

use super::{fold_setup, options, storage};
use crate::config::Config;

/// Where ledgers are.
enum Ledgers {
    /// In the store of this process, for as long as somebody else holds it.
    Own(Weak<SqliteStorage>),
    /// In a file that another process may be writing.
    File(PathBuf),
}

/// Puts what the factors of a configuration find beside candles. Nothing is ever written to a store.
pub struct FactorAnnotator {
    model: Arc<ReadModel>,
    ledgers: Ledgers,
    /// Whether factors and feature vectors are computed at all.
    is_on: bool,
}

impl std::fmt::Debug for FactorAnnotator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FactorAnnotator")
            .field("is_on", &self.is_on)
            .finish_non_exhaustive()
    }
}

impl FactorAnnotator {
    /// Within a server.
    pub(super) fn serving(config: &Config, model: &Arc<ReadModel>, store: &Arc<SqliteStorage>) -> Self {
        Self::new(config, Arc::clone(model), Ledgers::Own(Arc::downgrade(store)))
    }

    /// By itself. The store is not opened before a ledger is asked for.
    ///
    /// # Errors
    /// When the factors do not fit their settings.
    pub fn reading(config: &Config) -> anyhow::Result<Self> {
        let model = Arc::new(ReadModel::new(fold_setup(config)?, options::reads(config)));
        let named = config.backtest.strategy_db_path.as_ref();
        let path = named.unwrap_or(&config.storage.db_path).clone();
        Ok(Self::new(config, model, Ledgers::File(path)))
    }

    const fn new(config: &Config, model: Arc<ReadModel>, ledgers: Ledgers) -> Self {
        Self {
            model,
            ledgers,
            is_on: config.factor.ingest && config.feature.ingest,
        }
    }

    /// The factors with the parameters of an order.
    fn factors(&self, order: &AnnotateOrder) -> Result<Arc<FactorGraph>, AnnotateRefusal> {
        let setup = self.model.setup();
        if order.params.is_empty() {
            return Ok(Arc::clone(&setup.factors));
        }
        let refused = |reason: String| AnnotateRefusal::Setting {
            setting: "params",
            reason,
        };
        if order.mode == AnnotateMode::Ledger {
            return Err(refused("a ledger has the parameters it was made with".to_owned()));
        }
        let settings = with_params(&setup.settings, &order.params).map_err(refused)?;
        let graph = FactorGraph::build(FACTORS, &settings).map_err(|error| refused(error.to_string()))?;
        Ok(Arc::new(graph))
    }

    fn annotation(&self, order: &AnnotateOrder, frame: &Frame) -> Result<Annotation, AnnotateRefusal> {
        let factors = self.factors(order)?;
        let without = |reason| Ok(Annotation::neutral(SIGNALS, frame.rows(), reason));
        let set = match SignalSet::build(SIGNALS, &factors) {
            Ok(set) => limited(set, order, &factors)?,
            Err(error) => return without(Some(Reason::SignalPluginInvalid(error))),
        };
        if frame.rows() == 0 {
            return without(None);
        }
        let candles = match frame.candles() {
            Ok(candles) => candles,
            Err(FrameFault::MissingColumns(names)) => return without(Some(Reason::MissingColumns(names))),
            Err(FrameFault::NoCandle) => return without(Some(Reason::LedgerOutOfSync)),
        };
        if !self.is_on {
            return without(Some(Reason::LedgerOutOfSync));
        }
        match order.mode {
            AnnotateMode::Stateless => Ok(annotate_candles(&set, order.series.timeframe(), &candles)),
            AnnotateMode::Ledger => {
                let times: Vec<CandleTime> = candles.iter().map(Candle::time).collect();
                let mut recorder = set.recorder(&factors);
                match self.look_up(&order.series, &times, &mut recorder) {
                    Ok(first) => {
                        let mut annotation = annotate_times(&set, &times, &recorder.finish());
                        annotation.distrust(|row| first.is_some_and(|first| times[row] < first));
                        Ok(annotation)
                    }
                    Err(ReadError::OutOfSync { .. }) => without(Some(Reason::LedgerOutOfSync)),
                    Err(ReadError::Store(error)) => Err(AnnotateRefusal::Store(error.to_string())),
                    Err(error) => Err(AnnotateRefusal::Internal(error.to_string())),
                }
            }
        }
    }

    /// Fills `recorder` with what the ledger has of these candles. The first candle of the ledger, if it has one.
    fn look_up(
        &self,
        series: &SeriesId,
        times: &[CandleTime],
        recorder: &mut BucketRecorder,
    ) -> Result<Option<CandleTime>, ReadError> {
        let (Some(from), Some(to)) = (times.iter().min(), times.iter().max()) else {
            return Ok(None);
        };
        let kinds = recorder.kinds();
        let query = FactsQuery {
            from: *from,
            to: *to,
            kinds: &kinds,
        };
        let mut read = |snapshot: &dyn Snapshot| {
            self.model
                .facts(snapshot, series, &query, |events| recorder.push(events))
        };
        match &self.ledgers {
            Ledgers::Own(store) => {
                let store = store.upgrade().ok_or_else(closed)?;
                let snapshot = store.snapshot()?;
                read(&*snapshot)
            }
            Ledgers::File(path) => {
                let store = SqliteReader::open(path, storage::names(self.model.setup()))?;
                let snapshot = store.snapshot()?;
                read(&*snapshot)
            }
        }
    }
}

impl Annotator for FactorAnnotator {
    fn annotate(&self, order: &AnnotateOrder, frame: Vec<u8>) -> Result<Vec<u8>, AnnotateRefusal> {
        let frame = Frame::read(frame).map_err(|error| AnnotateRefusal::Frame(error.to_string()))?;
        let annotation = self.annotation(order, &frame)?;
        let answer = frame.annotated(&annotation);
        answer.map_err(|error| AnnotateRefusal::Internal(error.to_string()))
    }
}

fn limited(
    set: SignalSet,
    order: &AnnotateOrder,
    factors: &FactorGraph,
) -> Result<SignalSet, AnnotateRefusal> {
    let Some(names) = &order.factors else {
        return Ok(set);
    };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    set.limited_to(&names, factors)
        .map_err(|error| AnnotateRefusal::Setting {
            setting: "factors",
            reason: error.to_string(),
        })
}

/// A whole number may be written for a parameter that is any number.
fn with_params(settings: &FactorSettings, params: &Map<String, Value>) -> Result<FactorSettings, String> {
    let mut settings = settings.clone();
    for (name, value) in params {
        let declared = FACTORS.iter().find_map(|factor| {
            let param = name.strip_prefix(factor.factor_name)?.strip_prefix('.')?;
            factor.params.iter().find(|spec| spec.name == param)
        });
        let declared = declared.ok_or_else(|| format!("no factor has a parameter {name}"))?;
        let value = match declared.default {
            ParamValue::Int(_) => value.as_i64().map(ParamValue::Int),
            ParamValue::Float(_) => value.as_f64().map(ParamValue::Float),
        };
        let value = value.ok_or_else(|| format!("{name} must be a number, a whole one if its default is"))?;
        settings.overrides.insert(name.clone(), value);
    }
    Ok(settings)
}

fn closed() -> StoreError {
    StoreError::Backend {
        action: "asking for a ledger",
        source: "the store is closed".into(),
    }
}
