//! Trades candles that reach into a support or resistance level and close away from it.

use std::sync::Arc;

use tc_factor::factors::{pivot::Direction, sr};
use tc_market::Candle;

use crate::{
    facts::OpenLevel,
    signals::Side,
    strategy::{Sides, SignalSink, Strategy, StrategyParam, StrategyParams, StrategySpec, View},
};

const MIN_TOUCHES: StrategyParam = StrategyParam::whole(
    "min_touches",
    "Touches",
    "Fewest pivots that must have touched the level before.",
    2,
    [2, 10],
);
const MIN_WICK: StrategyParam = StrategyParam::number(
    "min_wick",
    "Wick",
    "Smallest share of the candle that its wick towards the level must be.",
    0.3,
    [0.0, 0.95, 0.05],
);
const MARGIN: StrategyParam = StrategyParam::number(
    "margin",
    "Margin",
    "How far from the band the candle must close, as a share of the edge.",
    0.0,
    [0.0, 0.01, 0.0005],
);

/// Registry entry.
pub(super) const SPEC: StrategySpec = StrategySpec {
    name: "SrRejection",
    version: "1",
    label: "Level rejection",
    description: "Opens a long trade when a candle dips into a support and closes above it, a short one when it reaches into a \
                  resistance and closes below it; closes it when the level gives way or the other side rejects.",
    factors: &[sr::NAME],
    sides: Sides::LongAndShort,
    params: &[MIN_TOUCHES, MIN_WICK, MARGIN],
    new: |params| Box::new(Rejection::new(params)),
};

#[derive(Debug)]
struct Rejection {
    min_touches: u32,
    min_wick: f64,
    margin: f64,
    /// Price beyond which the level of the newest trade has given way.
    given_way: Option<(Side, f64)>,
    tags: [Arc<str>; 2],
    gave_way: Arc<str>,
}

impl Rejection {
    fn new(params: &StrategyParams) -> Self {
        Self {
            min_touches: u32::try_from(params.whole(MIN_TOUCHES.name)).unwrap_or_default(),
            min_wick: params.number(MIN_WICK.name),
            margin: params.number(MARGIN.name),
            given_way: None,
            tags: ["support".into(), "resistance".into()],
            gave_way: "level_broken".into(),
        }
    }

    /// Which trade a candle at a level asks for.
    fn rejected(&self, candle: &Candle, level: &OpenLevel) -> Option<Side> {
        let range = candle.high() - candle.low();
        if level.touches < self.min_touches || range <= 0.0 {
            return None;
        }
        let (open, close) = (candle.open(), candle.close());
        let (side, reaches, leaves, wick) = match level.level_type {
            Direction::Support => (
                Side::Long,
                candle.low() <= level.band_high && candle.low() >= level.band_low,
                close > level.band_high * (1.0 + self.margin),
                open.min(close) - candle.low(),
            ),
            Direction::Resistance => (
                Side::Short,
                candle.high() >= level.band_low && candle.high() <= level.band_high,
                close < level.band_low * (1.0 - self.margin),
                candle.high() - open.max(close),
            ),
        };
        (reaches && leaves && wick >= self.min_wick * range).then_some(side)
    }
}

impl Strategy for Rejection {
    fn on_candle(&mut self, view: &View<'_>, out: &mut SignalSink<'_>) {
        let candle = view.candle();
        if let Some((side, edge)) = self.given_way {
            let has_given_way = match side {
                Side::Long => candle.close() < edge,
                Side::Short => candle.close() > edge,
            };
            if has_given_way {
                out.exit_because(side, &self.gave_way);
                self.given_way = None;
            }
        }
        // Levels go by distance: the nearest one that rejects the candle decides.
        let rejection = view
            .levels()
            .iter()
            .find_map(|level| Some((level, self.rejected(candle, level)?)));
        let Some((level, side)) = rejection else { return };
        let tag = &self.tags[usize::from(side == Side::Short)];
        out.exit_because(side.opposite(), tag);
        out.enter_because(side, tag);
        let edge = match side {
            Side::Long => level.band_low,
            Side::Short => level.band_high,
        };
        self.given_way = Some((side, edge));
    }
}
