//! What is kept of a run that is over.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};
use tc_store::{ArchivedRun, RunLabel};

/// What kind of run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RunKind {
    /// One run of a strategy.
    #[default]
    Run,
    /// Runs with every combination of some parameters.
    Sweep,
}

impl RunKind {
    /// As clients read it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Sweep => "sweep",
        }
    }
}

/// What a run was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunHead {
    pub(crate) run_id: String,
    #[serde(default)]
    pub(crate) kind: RunKind,
    pub(crate) engine: String,
    pub(crate) strategy_name: String,
    pub(crate) pair: String,
    /// Series of the store that it reads.
    #[serde(default)]
    pub(crate) series_id: Option<String>,
    pub(crate) timeframe: String,
    pub(crate) timerange: Option<String>,
    pub(crate) params: Map<String, Value>,
    #[serde(default)]
    pub(crate) trading: Map<String, Value>,
    pub(crate) created_at_ms: i64,
}

/// A run that is over.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RunRecord {
    pub(crate) head: RunHead,
    pub(crate) state: String,
    pub(crate) started_at_ms: Option<i64>,
    pub(crate) finished_at_ms: i64,
    /// Why there is no answer, or why the last check has none.
    pub(crate) error: Option<String>,
    /// The answer of the run.
    pub(crate) response: Option<Box<RawValue>>,
    /// What was found of signals that know the future.
    #[serde(default)]
    pub(crate) bias: Option<Box<RawValue>>,
}

/// Level of compression: a result of 17 MB takes 50 ms.
const LEVEL: i32 = 3;

/// Why a kept run cannot be told of.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("a kept run cannot be unpacked: {0}")]
    Pack(#[from] std::io::Error),
    #[error("a kept run cannot be read: {0}")]
    Json(#[from] serde_json::Error),
}

impl RunRecord {
    /// The row to keep; `brief` is the answer that a list tells.
    pub(crate) fn archive(&self, brief: Option<Box<RawValue>>) -> Result<ArchivedRun, RecordError> {
        let summary = Self {
            response: brief,
            ..self.clone()
        };
        let head = &self.head;
        Ok(ArchivedRun {
            label: RunLabel {
                run_id: head.run_id.clone(),
                created_at_ms: head.created_at_ms,
                engine: head.engine.clone(),
                strategy_name: head.strategy_name.clone(),
                pair: head.pair.clone(),
                timeframe: head.timeframe.clone(),
                state: self.state.clone(),
            },
            summary: serde_json::to_vec(&summary)?,
            detail: self.packed()?,
        })
    }

    fn packed(&self) -> Result<Vec<u8>, RecordError> {
        Ok(zstd::encode_all(serde_json::to_vec(self)?.as_slice(), LEVEL)?)
    }

    /// A kept row with what a check of it came to: findings, or why there are none.
    pub(crate) fn checked(
        row: &ArchivedRun,
        outcome: Result<&RawValue, String>,
    ) -> Result<ArchivedRun, RecordError> {
        let (mut summary, mut detail) = (Self::of_summary(&row.summary)?, Self::of_detail(&row.detail)?);
        let (bias, error) = match outcome {
            Ok(findings) => (Some(findings.to_owned()), None),
            Err(error) => (None, Some(error)),
        };
        for record in [&mut summary, &mut detail] {
            record.bias.clone_from(&bias);
            record.error.clone_from(&error);
        }
        Ok(ArchivedRun {
            label: row.label.clone(),
            summary: serde_json::to_vec(&summary)?,
            detail: detail.packed()?,
        })
    }

    /// What a list tells.
    pub(crate) fn of_summary(summary: &[u8]) -> Result<Self, RecordError> {
        Ok(serde_json::from_slice(summary)?)
    }

    /// Everything.
    pub(crate) fn of_detail(detail: &[u8]) -> Result<Self, RecordError> {
        Ok(serde_json::from_slice(&zstd::decode_all(detail)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_before_sweeps_checks_and_trading_is_a_run() {
        let text = r#"{
            "head": {
                "run_id": "1", "engine": "freqtrade", "strategy_name": "S", "pair": "A/B", "timeframe": "1m",
                "timerange": null, "params": {}, "created_at_ms": 1
            },
            "state": "done", "started_at_ms": 2, "finished_at_ms": 3, "error": null, "response": null
        }"#;
        let record = RunRecord::of_summary(text.as_bytes()).unwrap();
        assert_eq!((record.head.kind, record.bias.is_none()), (RunKind::Run, true));
        assert!(record.head.trading.is_empty());
    }

    #[test]
    fn what_a_check_came_to_is_kept_with_the_run() {
        let head = RunHead {
            run_id: "1".to_owned(),
            kind: RunKind::Run,
            engine: "native".to_owned(),
            strategy_name: "S".to_owned(),
            pair: "A/B".to_owned(),
            series_id: None,
            timeframe: "1m".to_owned(),
            timerange: None,
            params: Map::new(),
            trading: Map::new(),
            created_at_ms: 1,
        };
        let json = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        let record = RunRecord {
            head,
            state: "done".to_owned(),
            started_at_ms: None,
            finished_at_ms: 3,
            error: None,
            response: Some(json("[1]")),
            bias: None,
        };
        let row = record.archive(Some(json("[]"))).unwrap();
        let failed = RunRecord::checked(&row, Err("why".to_owned())).unwrap();
        let findings = json("{}");
        let checked = RunRecord::checked(&failed, Ok(&findings)).unwrap();
        for (row, error, bias) in [(&failed, Some("why"), None), (&checked, None, Some("{}"))] {
            let summary = RunRecord::of_summary(&row.summary).unwrap();
            let detail = RunRecord::of_detail(&row.detail).unwrap();
            for (record, response) in [(summary, "[]"), (detail, "[1]")] {
                assert_eq!(record.error.as_deref(), error);
                assert_eq!(record.bias.as_deref().map(RawValue::get), bias);
                assert_eq!(record.response.as_deref().map(RawValue::get), Some(response));
            }
        }
    }
}
