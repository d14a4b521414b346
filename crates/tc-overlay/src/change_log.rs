//! What the newest candles changed: the way back from D(t) to D(c) without another fold.

use std::collections::{HashMap, VecDeque};

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
    bytes: usize,
}

#[derive(Debug)]
struct Former {
    instruction_id: String,
    drawing: Option<Instruction>,
}

impl Former {
    fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.instruction_id.capacity()
            + self.drawing.as_ref().map_or(0, Instruction::heap_bytes)
    }
}

fn bytes(former: &[Former]) -> usize {
    former.iter().map(Former::bytes).sum()
}

impl ChangeLog {
    pub(crate) const fn starting_at(time: CandleTime) -> Self {
        Self {
            complete_since: time,
            changes: VecDeque::new(),
            bytes: 0,
        }
    }

    /// Takes the head drawings before and after a candle, each id at most once in either.
    pub(crate) fn record(&mut self, time: CandleTime, before: Vec<Instruction>, after: &[Instruction]) {
        let mut appeared: HashMap<&str, &Instruction> = after
            .iter()
            .map(|item| (item.instruction_id.as_str(), item))
            .collect();
        let mut former = Vec::new();
        for item in before {
            let now = appeared.remove(item.instruction_id.as_str());
            if now.is_none_or(|now| now.definition != item.definition) {
                former.push(Former {
                    instruction_id: item.instruction_id.clone(),
                    drawing: Some(item),
                });
            }
        }
        // The order of these never shows: all of them are taken out of the map again.
        former.extend(appeared.into_keys().map(|id| Former {
            instruction_id: id.to_owned(),
            drawing: None,
        }));
        self.bytes += bytes(&former);
        self.changes.push_back((time, former));
        if self.changes.len() > KEPT
            && let Some((time, dropped)) = self.changes.pop_front()
        {
            self.complete_since = time;
            self.bytes -= bytes(&dropped);
        }
    }

    /// Head drawings as they were at candle `time`, from those of now; `None` when the log does not reach back so far.
    pub(crate) fn head_drawings_at<'a>(
        &'a self,
        time: CandleTime,
        now: &'a [Instruction],
    ) -> Option<Vec<&'a Instruction>> {
        if time < self.complete_since {
            return None;
        }
        let mut changed: HashMap<&str, Option<&Instruction>> = HashMap::new();
        for (_, former) in self
            .changes
            .iter()
            .rev()
            .take_while(|(changed, _)| *changed > time)
        {
            for former in former {
                changed.insert(&former.instruction_id, former.drawing.as_ref());
            }
        }
        let same = now
            .iter()
            .filter(|item| !changed.contains_key(item.instruction_id.as_str()));
        Some(same.chain(changed.values().copied().flatten()).collect())
    }

    /// Approximate heap use in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.bytes + self.changes.capacity() * size_of::<(CandleTime, Vec<Former>)>()
    }
}
