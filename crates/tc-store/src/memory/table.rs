//! An ordered table whose copies share what they have in common.

use std::{collections::BTreeMap, sync::Arc};

use tc_market::CandleTime;

/// Key of a row within a series: its time, then its place among the rows of that time.
pub(super) type Position = (CandleTime, u32);

type Block<V> = Arc<BTreeMap<Position, V>>;

/// Rows by position, cut into blocks of equal time span so that changing a copy copies one block.
#[derive(Debug, Clone)]
pub(super) struct Table<V> {
    blocks: Arc<BTreeMap<i64, Block<V>>>,
}

/// 2^13 seconds: 136 candles of one minute. A month of them has about as many blocks as a block has rows, so that neither
/// the copy of a block nor that of the list of blocks stands out.
const BLOCK_BITS: u32 = 13;

fn block_of(time: CandleTime) -> i64 {
    time.seconds() >> BLOCK_BITS
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self {
            blocks: Arc::default(),
        }
    }
}

impl<V: Clone> Table<V> {
    pub(super) fn get(&self, position: Position) -> Option<&V> {
        self.blocks.get(&block_of(position.0))?.get(&position)
    }

    /// Inserts or replaces.
    pub(super) fn insert(&mut self, position: Position, row: V) {
        let block = Arc::make_mut(&mut self.blocks)
            .entry(block_of(position.0))
            .or_default();
        Arc::make_mut(block).insert(position, row);
    }

    /// Returns whether the row was there.
    pub(super) fn remove(&mut self, position: Position) -> bool {
        let blocks = Arc::make_mut(&mut self.blocks);
        let number = block_of(position.0);
        let Some(block) = blocks.get_mut(&number) else {
            return false;
        };
        let block = Arc::make_mut(block);
        let found = block.remove(&position).is_some();
        if block.is_empty() {
            blocks.remove(&number);
        }
        found
    }

    /// Removes every row with `from <= time <= to`; returns how many there were.
    pub(super) fn remove_range(&mut self, from: CandleTime, to: CandleTime) -> usize {
        let doomed: Vec<Position> = self.range(from, to).map(|(&position, _)| position).collect();
        for &position in &doomed {
            self.remove(position);
        }
        doomed.len()
    }

    /// Rows with `from <= time <= to`, ascending.
    pub(super) fn range(
        &self,
        from: CandleTime,
        to: CandleTime,
    ) -> impl DoubleEndedIterator<Item = (&Position, &V)> {
        let bounds = (from <= to).then_some(((from, 0), (to, u32::MAX)));
        bounds.into_iter().flat_map(|(first, last)| {
            self.blocks
                .range(block_of(first.0)..=block_of(last.0))
                .flat_map(move |(_, block)| block.range(first..=last))
        })
    }

    /// Every row, ascending.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = (&Position, &V)> {
        self.range(CandleTime::MIN, CandleTime::MAX)
    }
}
