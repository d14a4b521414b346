//! Tables by pair, entry tag and exit reason.

use std::collections::BTreeMap;

use super::{ClosedTrades, Span};
use crate::{
    run::Run,
    trade::{ExitReason, Trade},
};

/// What the trades of a line have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupKey {
    /// A pair, a tag or a reason.
    Name(String),
    /// A tag and a reason.
    EntryAndExit {
        /// Entry tag, empty for none.
        enter_tag: String,
        /// Exit reason.
        exit_reason: String,
    },
    /// All of them.
    Total,
}

/// One line of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupLine {
    /// What the trades have in common.
    pub key: GroupKey,
    /// Their numbers.
    pub numbers: ClosedTrades,
}

/// The tables. Lines go by falling profit, the total comes last.
#[derive(Debug, Clone, PartialEq)]
pub struct Groups {
    /// Every pair, those without trades included.
    pub pairs: Vec<GroupLine>,
    /// Every entry tag.
    pub enter_tags: Vec<GroupLine>,
    /// Every exit reason.
    pub exit_reasons: Vec<GroupLine>,
    /// Every combination of entry tag and exit reason.
    pub entry_and_exit: Vec<GroupLine>,
    /// Pairs with trades that the end of the candles closed.
    pub left_open: Vec<GroupLine>,
}

impl Groups {
    pub(super) fn of(run: &Run, span: Span) -> Self {
        let trades: Vec<&Trade> = run.trades.iter().collect();
        let left: Vec<&Trade> = trades
            .iter()
            .copied()
            .filter(|trade| trade.exit_reason == ExitReason::ForceExit)
            .collect();
        let pairs = (run.pairs.iter().enumerate())
            .map(|(at, name)| (GroupKey::Name(name.clone()), of_pair(&trades, at)));
        let left_pairs = (run.pairs.iter().enumerate())
            .map(|(at, name)| (GroupKey::Name(name.clone()), of_pair(&left, at)))
            .filter(|(_, trades)| !trades.is_empty());
        let total = GroupLine {
            key: GroupKey::Total,
            numbers: ClosedTrades::of(&trades, span),
        };
        let by = |key: for<'t> fn(&'t Trade) -> (&'t str, &'t str)| {
            let mut groups: BTreeMap<(&str, &str), Vec<&Trade>> = BTreeMap::new();
            for trade in &trades {
                groups.entry(key(trade)).or_default().push(trade);
            }
            groups
        };
        let name = |text: &str| GroupKey::Name(text.to_owned());
        let enter_tags = by(|trade| (tag(trade), ""));
        let exit_reasons = by(|trade| (trade.exit_reason.as_str(), ""));
        let both = by(|trade| (tag(trade), trade.exit_reason.as_str()));
        let left_total = GroupLine {
            key: GroupKey::Total,
            numbers: ClosedTrades::of(&left, span),
        };
        Self {
            pairs: table(pairs, &total, span),
            enter_tags: table(
                enter_tags.into_iter().map(|((tag, _), of)| (name(tag), of)),
                &total,
                span,
            ),
            exit_reasons: table(
                exit_reasons
                    .into_iter()
                    .map(|((reason, _), of)| (name(reason), of)),
                &total,
                span,
            ),
            entry_and_exit: table(
                both.into_iter().map(|((enter_tag, exit_reason), of)| {
                    let key = GroupKey::EntryAndExit {
                        enter_tag: enter_tag.to_owned(),
                        exit_reason: exit_reason.to_owned(),
                    };
                    (key, of)
                }),
                &total,
                span,
            ),
            left_open: table(left_pairs, &left_total, span),
        }
    }
}

fn of_pair<'a>(trades: &[&'a Trade], pair: usize) -> Vec<&'a Trade> {
    trades
        .iter()
        .copied()
        .filter(|trade| trade.pair == pair)
        .collect()
}

fn tag(trade: &Trade) -> &str {
    trade.enter_tag.as_deref().unwrap_or_default()
}

/// Lines of the groups by falling profit, and the total.
fn table<'a>(
    groups: impl Iterator<Item = (GroupKey, Vec<&'a Trade>)>,
    total: &GroupLine,
    span: Span,
) -> Vec<GroupLine> {
    let line = |(key, trades): (GroupKey, Vec<&Trade>)| GroupLine {
        key,
        numbers: ClosedTrades::of(&trades, span),
    };
    let mut lines: Vec<GroupLine> = groups.map(line).collect();
    lines.sort_by(|a, b| b.numbers.profit_total_abs.total_cmp(&a.numbers.profit_total_abs));
    lines.push(total.clone());
    lines
}
