//! Histories of slices, list by list: which events of a window each list shows, and how an entry is written.
//!
//! Text of a whole history is made of these lists, and so are the differences between two histories: an entry is a
//! function of one event, so lists can be compared event by event.

use crate::{CodecError, KindId, LedgerEvent, WindowEvents, slice::sorted_bucket, slice::write_list};

/// Writes the entry of an event as JSON.
pub type WriteEntry = fn(&LedgerEvent, &mut Vec<u8>) -> Result<(), CodecError>;

/// What the lists of a history are. They read no events but those of the factor itself.
#[derive(Debug, Clone, Copy)]
pub enum HistoryRule {
    /// One list per event kind, called by its bucket, in declared order and sort.
    Buckets,
    /// Lists that the factor chooses.
    Lists(for<'a> fn(&WindowEvents<'a>) -> Result<Vec<HistoryList<'a>>, CodecError>),
}

/// One list of a history.
#[derive(Debug, Clone)]
pub struct HistoryList<'a> {
    /// Key in the history object.
    pub key: &'static str,
    /// The events it shows, in order.
    pub events: Vec<&'a LedgerEvent>,
    /// Writes one entry.
    pub write: WriteEntry,
}

impl HistoryList<'_> {
    /// Appends the list as JSON.
    ///
    /// # Errors
    /// [`CodecError`] when a payload cannot be read or written.
    pub fn write_json(&self, out: &mut Vec<u8>) -> Result<(), CodecError> {
        write_list(out, self.events.iter().copied(), self.write)
    }
}

impl<'a> WindowEvents<'a> {
    /// The lists of the factor at `position` in graph order. Payloads of the events must be complete for their entries
    /// to be written.
    ///
    /// # Errors
    /// [`CodecError`] when a payload cannot be read.
    pub fn history_lists(&self, position: usize) -> Result<Vec<HistoryList<'a>>, CodecError> {
        let Some(node) = self.graph().nodes().get(position) else {
            return Ok(Vec::new());
        };
        match node.spec.history {
            HistoryRule::Lists(lists) => lists(self),
            HistoryRule::Buckets => Ok((node.first_kind..)
                .zip(node.spec.events)
                .map(|(kind, spec)| HistoryList {
                    key: spec.bucket,
                    events: sorted_bucket(self.of_kind_id(KindId(kind)), spec.sort),
                    write: spec.write_json,
                })
                .collect()),
        }
    }
}
