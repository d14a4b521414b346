//! Signals per candle. A signal belongs to the candle whose close produced it; the engine acts on the next open.

use std::sync::Arc;

/// What a candle may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Open a long trade.
    EnterLong,
    /// Close a long trade.
    ExitLong,
    /// Open a short trade.
    EnterShort,
    /// Close a short trade.
    ExitShort,
}

impl Signal {
    pub(crate) const fn bit(self) -> u8 {
        match self {
            Self::EnterLong => 1,
            Self::ExitLong => 2,
            Self::EnterShort => 4,
            Self::ExitShort => 8,
        }
    }
}

/// Bits of the short columns.
pub(crate) const SHORT_BITS: u8 = Signal::EnterShort.bit() | Signal::ExitShort.bit();

/// Way of a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Gains when the price rises.
    Long,
    /// Gains when the price falls.
    Short,
}

impl Side {
    pub(crate) const fn enter_bit(self) -> u8 {
        match self {
            Self::Long => Signal::EnterLong.bit(),
            Self::Short => Signal::EnterShort.bit(),
        }
    }

    pub(crate) const fn exit_bit(self) -> u8 {
        match self {
            Self::Long => Signal::ExitLong.bit(),
            Self::Short => Signal::ExitShort.bit(),
        }
    }

    /// The other way.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Long => Self::Short,
            Self::Short => Self::Long,
        }
    }

    /// 1 or -1.
    pub(crate) const fn sign(self) -> f64 {
        match self {
            Self::Long => 1.0,
            Self::Short => -1.0,
        }
    }

    /// Which trade the flags of a row ask for, if they do not contradict each other.
    #[inline]
    pub(crate) const fn wanted(flags: u8) -> Option<Self> {
        const LONG_MASK: u8 = Signal::EnterLong.bit() | Signal::ExitLong.bit() | Signal::EnterShort.bit();
        const SHORT_MASK: u8 = Signal::EnterShort.bit() | Signal::ExitShort.bit() | Signal::EnterLong.bit();
        if flags & LONG_MASK == Signal::EnterLong.bit() {
            Some(Self::Long)
        } else if flags & SHORT_MASK == Signal::EnterShort.bit() {
            Some(Self::Short)
        } else {
            None
        }
    }
}

/// Signals of one pair, one row per candle, and the tags of some rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignalColumns {
    flags: Vec<u8>,
    enter_tags: Vec<(usize, Arc<str>)>,
    exit_tags: Vec<(usize, Arc<str>)>,
}

impl SignalColumns {
    /// Columns of `rows` candles without any signal.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        Self {
            flags: vec![0; rows],
            ..Self::default()
        }
    }

    /// Number of candles.
    #[must_use]
    pub fn len(&self) -> usize {
        self.flags.len()
    }

    /// Whether there is no candle.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.flags.is_empty()
    }

    /// Sets a signal of a candle; one beyond the last row is ignored.
    pub fn set(&mut self, row: usize, signal: Signal) {
        if let Some(flags) = self.flags.get_mut(row) {
            *flags |= signal.bit();
        }
    }

    /// Appends a candle with the given signals.
    pub fn push(&mut self, signals: &[Signal]) {
        self.flags
            .push(signals.iter().fold(0, |flags, signal| flags | signal.bit()));
    }

    /// Whether a candle carries a signal.
    #[must_use]
    pub fn has(&self, row: usize, signal: Signal) -> bool {
        self.flags.get(row).is_some_and(|flags| flags & signal.bit() != 0)
    }

    /// Tags the entries of a candle. Rows are tagged in ascending order; a second tag replaces the first.
    pub fn tag_entry(&mut self, row: usize, tag: Arc<str>) {
        tag_row(&mut self.enter_tags, row, tag);
    }

    /// Tags the exits of a candle. Rows are tagged in ascending order; a second tag replaces the first.
    pub fn tag_exit(&mut self, row: usize, tag: Arc<str>) {
        tag_row(&mut self.exit_tags, row, tag);
    }

    /// Tag of the entries of a candle.
    #[must_use]
    pub fn enter_tag(&self, row: usize) -> Option<&Arc<str>> {
        tag_of(&self.enter_tags, row)
    }

    /// Tag of the exits of a candle.
    #[must_use]
    pub fn exit_tag(&self, row: usize) -> Option<&Arc<str>> {
        tag_of(&self.exit_tags, row)
    }

    /// The columns of the first `rows` candles.
    #[must_use]
    pub fn prefix(&self, rows: usize) -> Self {
        let mut prefix = self.clone();
        prefix.flags.truncate(rows);
        prefix.enter_tags.retain(|(row, _)| *row < rows);
        prefix.exit_tags.retain(|(row, _)| *row < rows);
        prefix
    }

    /// Flags of all rows, one bit per [`Signal`].
    pub(crate) fn flags(&self) -> &[u8] {
        &self.flags
    }
}

fn tag_row(tags: &mut Vec<(usize, Arc<str>)>, row: usize, tag: Arc<str>) {
    match tags.binary_search_by_key(&row, |(row, _)| *row) {
        Ok(at) => tags[at].1 = tag,
        Err(at) => tags.insert(at, (row, tag)),
    }
}

fn tag_of(tags: &[(usize, Arc<str>)], row: usize) -> Option<&Arc<str>> {
    let at = tags.binary_search_by_key(&row, |(row, _)| *row).ok()?;
    tags.get(at).map(|(_, tag)| tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contradictions_ask_for_nothing() {
        use Signal::{EnterLong, EnterShort, ExitLong, ExitShort};
        for (signals, wanted) in [
            (&[EnterLong][..], Some(Side::Long)),
            (&[EnterLong, ExitShort], Some(Side::Long)),
            (&[EnterLong, ExitLong], None),
            (&[EnterLong, EnterShort], None),
            (&[EnterShort, ExitLong], Some(Side::Short)),
            (&[EnterShort, ExitShort], None),
            (&[ExitLong, ExitShort], None),
        ] {
            let mut columns = SignalColumns::default();
            columns.push(signals);
            assert_eq!(Side::wanted(columns.flags()[0]), wanted, "{signals:?}");
        }
    }

    #[test]
    fn tags_belong_to_rows() {
        let mut columns = SignalColumns::new(5);
        columns.tag_entry(3, "b".into());
        columns.tag_entry(1, "a".into());
        columns.tag_entry(3, "c".into());
        assert_eq!(columns.enter_tag(1).map(|tag| &**tag), Some("a"));
        assert_eq!(columns.enter_tag(3).map(|tag| &**tag), Some("c"));
        assert_eq!(columns.enter_tag(2), None);
        assert_eq!(columns.exit_tag(3), None);
        assert_eq!(columns.prefix(3).enter_tag(3), None);
        assert_eq!(columns.prefix(3).len(), 3);
    }
}
