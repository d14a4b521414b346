//! Trades the way of the newest confirmed pen.

use std::sync::Arc;

use tc_factor::factors::pen::{self, PenDirection, PenEvent};

use crate::{
    signals::Side,
    strategy::{Sides, SignalSink, Strategy, StrategyParam, StrategyParams, StrategySpec, View},
};

const MIN_LENGTH: StrategyParam = StrategyParam::number(
    "min_length",
    "Shortest pen",
    "Length that a pen must have to count, as a share of the price at its start.",
    0.0,
    [0.0, 0.1, 0.001],
);
const MAX_CANDLES: StrategyParam = StrategyParam::whole(
    "max_candles",
    "Longest pen",
    "Most candles that a pen may take to count; 0 for any number.",
    0,
    [0, 500],
);
const FADE: StrategyParam = StrategyParam::switch(
    "fade",
    "Trade against it",
    "Whether an up pen opens a short trade and a down pen a long one.",
    false,
);

/// Registry entry.
pub(super) const SPEC: StrategySpec = StrategySpec {
    name: "PenDirection",
    version: "1",
    label: "Pen direction",
    description: "Opens a trade the way of every newly confirmed pen and closes it at the next pen of the other way.",
    factors: &[pen::NAME],
    sides: Sides::LongAndShort,
    params: &[MIN_LENGTH, MAX_CANDLES, FADE],
    new: |params| Box::new(PenTrader::new(params)),
};

#[derive(Debug)]
struct PenTrader {
    min_length: f64,
    max_candles: u64,
    fades: bool,
    tags: [Arc<str>; 2],
}

impl PenTrader {
    fn new(params: &StrategyParams) -> Self {
        Self {
            min_length: params.number(MIN_LENGTH.name),
            max_candles: u64::try_from(params.whole(MAX_CANDLES.name)).unwrap_or_default(),
            fades: params.is_on(FADE.name),
            tags: ["pen_up".into(), "pen_down".into()],
        }
    }

    fn counts(&self, pen: &PenEvent) -> bool {
        let candles = pen.end_idx.saturating_sub(pen.start_idx);
        pen.strength() >= self.min_length * pen.start_price
            && (self.max_candles == 0 || candles <= self.max_candles)
    }
}

impl Strategy for PenTrader {
    fn on_candle(&mut self, view: &View<'_>, out: &mut SignalSink<'_>) {
        // Of several pens on one candle the last one counts.
        let Some(pen) = view.new_pens().last() else { return };
        if view.candle().volume() <= 0.0 {
            return;
        }
        let is_up = pen.direction == PenDirection::Up;
        let side = if is_up == self.fades {
            Side::Short
        } else {
            Side::Long
        };
        let tag = &self.tags[usize::from(!is_up)];
        out.exit_because(side.opposite(), tag);
        if self.counts(pen) {
            out.enter_because(side, tag);
        }
    }
}
