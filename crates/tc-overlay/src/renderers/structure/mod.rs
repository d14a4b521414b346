//! Structure: consolidation zones and the anchor.
//!
//! Overlay contract, section 4.3; the unconfirmed pens of that section belong to the pens here.

mod anchor;
mod zone;

use tc_factor::{CodecError, LedgerEvent};

use self::{anchor::AnchorLines, zone::AliveZone};
use super::pen;
use crate::{Instruction, RenderTick, Renderer, RendererSpec, Versions};

/// Registry entry.
pub const SPEC: RendererSpec = RendererSpec {
    name: "overlay.structure",
    needs: &[pen::SPEC.name],
    revision: 1,
    drawings: &[zone::DEAD_TOP, zone::DEAD_BOTTOM],
    new: || Box::<Structure>::default(),
};

/// Head drawings: the alive zone and the lines of the anchor.
#[derive(Debug, Default)]
struct Structure {
    alive: AliveZone,
    anchor: AnchorLines,
}

impl Renderer for Structure {
    fn on_closed(&mut self, tick: &RenderTick<'_>) {
        self.alive.take(tick);
        self.anchor.on_closed(tick);
    }

    fn render(&self, out: &mut Vec<Instruction>) {
        self.alive.render(out);
        self.anchor.render(out);
    }

    fn save(&self, out: &mut Vec<u8>) {
        self.anchor.save(out);
    }

    fn restore(
        &mut self,
        tick: &RenderTick<'_>,
        window: &[LedgerEvent],
        versions: &mut Versions<'_>,
    ) -> Result<(), CodecError> {
        self.alive.take(tick);
        self.anchor.restore(tick, window, versions)
    }

    fn heap_bytes(&self) -> usize {
        self.anchor.heap_bytes()
    }
}
