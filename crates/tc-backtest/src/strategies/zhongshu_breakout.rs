//! Trades the first close beyond a consolidation zone.

use std::sync::Arc;

use tc_factor::factors::{
    anchor,
    pen::PenDirection,
    zhongshu::{self, Zone},
};
use tc_market::CandleTime;

use crate::{
    signals::Side,
    strategy::{Sides, SignalSink, Strategy, StrategyParam, StrategyParams, StrategySpec, View},
};

const MARGIN: StrategyParam = StrategyParam::number(
    "margin",
    "Margin",
    "How far beyond the edge of the zone a candle must close, as a share of the edge.",
    0.0,
    [0.0, 0.03, 0.0005],
);
const ANCHOR_FILTER: StrategyParam = StrategyParam::switch(
    "anchor_filter",
    "With the anchor",
    "Whether only breakouts the way of the anchored pen count.",
    true,
);
const EXIT_INSIDE: StrategyParam = StrategyParam::switch(
    "exit_inside",
    "Leave when it fails",
    "Whether a close back inside the zone ends the trade; otherwise only one beyond its other edge does.",
    true,
);
const MIN_HEIGHT: StrategyParam = StrategyParam::number(
    "min_height",
    "Smallest zone",
    "Height that a zone must have, as a share of its lower edge.",
    0.0,
    [0.0, 0.05, 0.0005],
);

/// Registry entry.
pub(super) const SPEC: StrategySpec = StrategySpec {
    name: "ZhongshuBreakout",
    version: "1",
    label: "Zhongshu breakout",
    description: "Opens a trade at the first close beyond each side of the living zone, if the anchor points that way, and \
                  closes it when the price comes back.",
    factors: &[zhongshu::NAME, anchor::NAME],
    sides: Sides::LongAndShort,
    params: &[MARGIN, ANCHOR_FILTER, EXIT_INSIDE, MIN_HEIGHT],
    new: |params| Box::new(Breakout::new(params)),
};

/// A zone that was broken out of.
#[derive(Debug, Clone, Copy)]
struct Broken {
    side: Side,
    low: f64,
    high: f64,
}

#[derive(Debug)]
struct Breakout {
    margin: f64,
    filters: bool,
    exits_inside: bool,
    min_height: f64,
    /// The zone that is watched and the sides already tried.
    watched: Option<(CandleTime, CandleTime)>,
    tried: [bool; 2],
    broken: Option<Broken>,
    tags: [Arc<str>; 2],
    failed: Arc<str>,
}

impl Breakout {
    fn new(params: &StrategyParams) -> Self {
        Self {
            margin: params.number(MARGIN.name),
            filters: params.is_on(ANCHOR_FILTER.name),
            exits_inside: params.is_on(EXIT_INSIDE.name),
            min_height: params.number(MIN_HEIGHT.name),
            watched: None,
            tried: [false; 2],
            broken: None,
            tags: ["zone_up".into(), "zone_down".into()],
            failed: "back_in_zone".into(),
        }
    }

    /// Ends the trade out of a zone that the price came back to.
    fn watch_failure(&mut self, close: f64, out: &mut SignalSink<'_>) {
        let Some(broken) = self.broken else { return };
        let has_failed = match (broken.side, self.exits_inside) {
            (Side::Long, true) => close < broken.high,
            (Side::Long, false) => close < broken.low,
            (Side::Short, true) => close > broken.low,
            (Side::Short, false) => close > broken.high,
        };
        if has_failed {
            out.exit_because(broken.side, &self.failed);
            self.broken = None;
        }
    }

    fn watch_zone(
        &mut self,
        zone: &Zone,
        close: f64,
        anchor: Option<PenDirection>,
        out: &mut SignalSink<'_>,
    ) {
        let name = (zone.start_time, zone.formed_time);
        if self.watched != Some(name) {
            (self.watched, self.tried) = (Some(name), [false; 2]);
        }
        let side = if close > zone.zg * (1.0 + self.margin) {
            Side::Long
        } else if close < zone.zd * (1.0 - self.margin) {
            Side::Short
        } else {
            return;
        };
        let at = usize::from(side == Side::Short);
        if std::mem::replace(&mut self.tried[at], true) {
            return;
        }
        let way = match side {
            Side::Long => PenDirection::Up,
            Side::Short => PenDirection::Down,
        };
        let is_flat = zone.zg - zone.zd < self.min_height * zone.zd;
        if is_flat || (self.filters && anchor != Some(way)) {
            return;
        }
        out.exit_because(side.opposite(), &self.tags[at]);
        out.enter_because(side, &self.tags[at]);
        self.broken = Some(Broken {
            side,
            low: zone.zd,
            high: zone.zg,
        });
    }
}

impl Strategy for Breakout {
    fn on_candle(&mut self, view: &View<'_>, out: &mut SignalSink<'_>) {
        let close = view.candle().close();
        self.watch_failure(close, out);
        if let Some(zone) = view.zone() {
            self.watch_zone(zone, close, view.anchor().map(|anchor| anchor.direction), out);
        }
    }
}
