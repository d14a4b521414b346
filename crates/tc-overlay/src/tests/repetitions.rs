//! Two drawings that would get one id: the first in emission order stays, in drawings and in patches.

use std::{collections::BTreeSet, sync::Arc};

use proptest::prelude::*;
use tc_factor::{CodecError, LedgerEvent, factors::pivot};
use tc_market::CandleTime;

use super::{Stored, one_minute_series, stored};
use crate::{
    Definition, DrawingSpec, FoldSetup, Instruction, OverlayGraph, Point, Polyline, RenderTick, Renderer,
    RendererSpec, Versions, patch, renderers::marker,
};

/// Minor pivots without their direction in the id, so that both of one candle collide; two head drawings of one id.
const CARELESS: RendererSpec = RendererSpec {
    name: "overlay.careless",
    needs: &[],
    revision: 1,
    drawings: &[DrawingSpec {
        name: "careless",
        instruction: |row| {
            let instruction = (marker::SPEC.drawings[1].instruction)(row)?;
            Ok(Instruction {
                instruction_id: format!("careless:{}", row.first_time),
                ..instruction
            })
        },
        event_kind: pivot::MINOR,
        ..marker::SPEC.drawings[1]
    }],
    new: || Box::<Twice>::default(),
};

#[derive(Debug, Default)]
struct Twice(CandleTime);

impl Renderer for Twice {
    fn on_closed(&mut self, tick: &RenderTick<'_>) {
        self.0 = tick.time;
    }

    fn render(&self, out: &mut Vec<Instruction>) {
        for value in [1.0, 2.0] {
            let point = Point { time: self.0, value };
            out.push(Instruction {
                instruction_id: "twice".to_owned(),
                version: self.0,
                definition: Definition::Polyline(Polyline {
                    feature: "twice",
                    points: vec![point, point],
                    color: "#ffffff",
                    line_width: 1,
                    line_style: None,
                    entry_direction: None,
                }),
            });
        }
    }

    fn save(&self, _out: &mut Vec<u8>) {}

    fn restore(
        &mut self,
        tick: &RenderTick<'_>,
        _window: &[LedgerEvent],
        _versions: &mut Versions<'_>,
    ) -> Result<(), CodecError> {
        self.0 = tick.time;
        Ok(())
    }

    fn heap_bytes(&self) -> usize {
        0
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn every_id_is_drawn_once(stored in stored(1..100)) {
        let overlay = OverlayGraph::build(&[CARELESS], stored.setup.overlay.settings()).unwrap();
        let setup = FoldSetup { overlay: Arc::new(overlay), ..stored.setup.clone() };
        let stored = Stored::new(setup, one_minute_series(), stored.candles.clone(), 7);
        let drawings = stored.drawings();
        let mut live = stored.reader();
        let resumed = stored.resumed(&stored.setup, stored.candles[stored.candles.len() - 1].time());
        for (t, candle) in stored.candles.iter().enumerate() {
            stored.advance(&mut live, candle.time(), true);
            let ids: BTreeSet<&str> = drawings[t].iter().map(|item| item.instruction_id.as_str()).collect();
            prop_assert_eq!(ids.len(), drawings[t].len(), "at {}", t);
            // What was first stays as it is: nothing of it comes back in a later patch.
            let rows: Vec<_> = live.overlay().settled_rows().collect();
            for item in drawings[t].iter().filter(|item| item.instruction_id != "twice") {
                let mut same = rows.iter().map(|row| live.overlay().instruction(row).unwrap()).filter(|other| other.instruction_id == item.instruction_id);
                let first = same.next();
                prop_assert_eq!(first.as_ref(), Some(item));
            }
            for c in [0, t.saturating_sub(3), t.saturating_sub(1)] {
                let found = live.patch_since(stored.candles[c].time()).unwrap();
                prop_assert_eq!(found, Some(patch(&drawings[c], &drawings[t])), "from {} to {}", c, t);
            }
        }
        let mut resumed = resumed;
        stored.advance(&mut resumed, stored.candles[stored.candles.len() - 1].time(), false);
        prop_assert_eq!(&resumed.drawing().unwrap(), drawings.last().unwrap());
    }
}

#[test]
fn patch_keeps_the_first_of_two() {
    let item = |value: f64| {
        let mut out = Vec::new();
        Twice(CandleTime::clamped(60)).render(&mut out);
        let mut item = out.swap_remove(0);
        if let Definition::Polyline(line) = &mut item.definition {
            line.points[0].value = value;
        }
        item
    };
    let both = [item(1.0), item(2.0)];
    assert_eq!(patch(&[], &both), both[..1]);
    assert_eq!(patch(&both[..1], &both), []);
    assert_eq!(patch(&both[1..], &both), both[..1]);
    assert_eq!(patch(&both, &both[1..]), both[1..]);
}
