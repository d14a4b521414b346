//! What the newest candles changed: the way back from D(t) to D(c) without another fold.

use std::collections::{BTreeMap, VecDeque};

use tc_market::CandleTime;

use crate::Instruction;

/// Candles whose changes are remembered.
const KEPT: usize = 256;

/// Former looks of the head drawings that each of the newest candles changed.
#[derive(Debug)]
pub(crate) struct ChangeLog {
    /// Every candle after this one is in the log.
    complete_since: CandleTime,
    changes: VecDeque<(CandleTime, Vec<Former>)>,
}

#[derive(Debug)]
struct Former {
    instruction_id: String,
    drawing: Option<Instruction>,
}

impl ChangeLog {
    pub(crate) const fn starting_at(time: CandleTime) -> Self {
        Self {
            complete_since: time,
            changes: VecDeque::new(),
        }
    }

    pub(crate) fn record(&mut self, time: CandleTime, before: &[Instruction], after: &[Instruction]) {
        let find = |list: &[Instruction], id: &str| list.iter().position(|item| item.instruction_id == id);
        let mut former = Vec::new();
        for item in before {
            let same =
                find(after, &item.instruction_id).is_some_and(|n| after[n].definition == item.definition);
            if !same {
                former.push(Former {
                    instruction_id: item.instruction_id.clone(),
                    drawing: Some(item.clone()),
                });
            }
        }
        for item in after
            .iter()
            .filter(|item| find(before, &item.instruction_id).is_none())
        {
            former.push(Former {
                instruction_id: item.instruction_id.clone(),
                drawing: None,
            });
        }
        self.changes.push_back((time, former));
        if self.changes.len() > KEPT
            && let Some((dropped, _)) = self.changes.pop_front()
        {
            self.complete_since = dropped;
        }
    }

    /// Head drawings as they were at candle `time`, from those of now; `None` when the log does not reach back so far.
    pub(crate) fn head_drawings_at(&self, time: CandleTime, now: &[Instruction]) -> Option<Vec<Instruction>> {
        if time < self.complete_since {
            return None;
        }
        let mut drawings: BTreeMap<&str, &Instruction> = now
            .iter()
            .map(|item| (item.instruction_id.as_str(), item))
            .collect();
        for (_, former) in self
            .changes
            .iter()
            .rev()
            .take_while(|(changed, _)| *changed > time)
        {
            for Former {
                instruction_id,
                drawing,
            } in former
            {
                match drawing {
                    Some(drawing) => drawings.insert(instruction_id, drawing),
                    None => drawings.remove(instruction_id.as_str()),
                };
            }
        }
        Some(drawings.into_values().cloned().collect())
    }
}
