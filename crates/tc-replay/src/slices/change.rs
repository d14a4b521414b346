//! Changes of slices, and how they are written.

use std::sync::Arc;

use serde_json::value::RawValue;
use tc_market::{CandleTime, SeriesId};

use crate::FactorRow;

/// What becomes of the slice of one factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorChange {
    /// The factor.
    pub factor_name: &'static str,
    /// What becomes of it.
    pub change: SliceChange,
}

/// How a slice differs from the one before. Heads and entries are JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SliceChange {
    /// It is there whole.
    Full {
        /// The head.
        head: Arc<[u8]>,
        /// The lists of the history.
        histories: Vec<(&'static str, Vec<Arc<[u8]>>)>,
    },
    /// Parts of it are different.
    Delta {
        /// The head, if it is another one.
        head: Option<Arc<[u8]>>,
        /// The lists that are different.
        histories: Vec<HistoryChange>,
    },
    /// It is gone.
    Absent,
}

/// How a list of a history differs from what it was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryChange {
    /// Key in the history object.
    pub key: &'static str,
    /// Entries to be taken from its front.
    pub drop: usize,
    /// Entries to be put at its end.
    pub append: Vec<Arc<[u8]>>,
}

/// What the slices of a candle are about.
#[derive(Debug, Clone, Copy)]
pub struct SliceMeta<'a> {
    /// The series.
    pub series: &'a SeriesId,
    /// Times that its ledgers were folded again.
    pub epoch: u32,
    /// The candle.
    pub at: CandleTime,
}

impl FactorChange {
    /// The row of a message that says this.
    ///
    /// # Errors
    /// [`serde_json::Error`] when a head or an entry is not JSON.
    pub fn row(&self, meta: &SliceMeta<'_>) -> Result<FactorRow, serde_json::Error> {
        let snapshot = match &self.change {
            SliceChange::Absent => None,
            SliceChange::Full { .. } | SliceChange::Delta { .. } => {
                let mut out = Vec::new();
                self.write_snapshot(meta, &mut out)?;
                let text = String::from_utf8(out).map_err(serde::ser::Error::custom)?;
                Some(RawValue::from_string(text)?)
            }
        };
        Ok(FactorRow {
            factor_name: self.factor_name.to_owned(),
            candle_time: meta.at.seconds(),
            snapshot,
        })
    }

    /// Appends the same row as JSON.
    pub(crate) fn write_row(&self, meta: &SliceMeta<'_>, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        out.extend_from_slice(b"{\"factor_name\":");
        serde_json::to_writer(&mut *out, self.factor_name)?;
        out.extend_from_slice(format!(",\"candle_time\":{},\"snapshot\":", meta.at.seconds()).as_bytes());
        self.write_snapshot(meta, out)?;
        out.push(b'}');
        Ok(())
    }

    fn write_snapshot(&self, meta: &SliceMeta<'_>, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        match &self.change {
            SliceChange::Absent => out.extend_from_slice(b"null"),
            SliceChange::Full { head, histories } => self.write_full(meta, head, histories, out)?,
            SliceChange::Delta { head, histories } => write_delta(head.as_deref(), histories, out),
        }
        Ok(())
    }

    fn write_full(
        &self,
        meta: &SliceMeta<'_>,
        head: &[u8],
        histories: &[(&'static str, Vec<Arc<[u8]>>)],
        out: &mut Vec<u8>,
    ) -> Result<(), serde_json::Error> {
        out.extend_from_slice(b"{\"schema_version\":1,\"history\":{");
        for (n, (key, entries)) in histories.iter().enumerate() {
            begin_field(out, n, key);
            list(out, entries);
        }
        out.extend_from_slice(b"},\"head\":");
        out.extend_from_slice(head);
        out.extend_from_slice(b",\"meta\":{\"series_id\":");
        serde_json::to_writer(&mut *out, meta.series.as_str())?;
        let at = meta.at.seconds();
        out.extend_from_slice(
            format!(",\"epoch\":{},\"at_time\":{at},\"candle_id\":", meta.epoch).as_bytes(),
        );
        serde_json::to_writer(&mut *out, &format!("{}:{at}", meta.series))?;
        out.extend_from_slice(b",\"factor_name\":");
        serde_json::to_writer(&mut *out, self.factor_name)?;
        out.extend_from_slice(b"}}");
        Ok(())
    }
}

fn write_delta(head: Option<&[u8]>, histories: &[HistoryChange], out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"schema_version\":1");
    if let Some(head) = head {
        out.extend_from_slice(b",\"head\":");
        out.extend_from_slice(head);
    }
    if !histories.is_empty() {
        out.extend_from_slice(b",\"history_delta\":{");
        for (n, history) in histories.iter().enumerate() {
            begin_field(out, n, history.key);
            out.extend_from_slice(format!("{{\"drop\":{},\"append\":", history.drop).as_bytes());
            list(out, &history.append);
            out.push(b'}');
        }
        out.push(b'}');
    }
    out.push(b'}');
}

fn begin_field(out: &mut Vec<u8>, n: usize, key: &str) {
    if n > 0 {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":");
}

fn list(out: &mut Vec<u8>, entries: &[Arc<[u8]>]) {
    out.push(b'[');
    for (n, entry) in entries.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        out.extend_from_slice(entry);
    }
    out.push(b']');
}
