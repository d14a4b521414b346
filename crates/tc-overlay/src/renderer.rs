//! What a renderer declares and implements.

use std::fmt::Debug;

use tc_factor::{CodecError, FactorEngine, LedgerEvent};
use tc_market::CandleTime;

use crate::{Instruction, SettledRow, Versions};

/// A kind of settled drawing.
#[derive(Debug, Clone, Copy)]
pub struct DrawingSpec {
    /// Stable name, kept by stores.
    pub name: &'static str,
    /// The event kind it is a function of.
    pub event_kind: &'static str,
    /// Makes the row of an event; `None` when the event is not drawn. The drawing id is filled in by the caller.
    pub settle: fn(&LedgerEvent) -> Result<Option<SettledRow>, CodecError>,
    /// Makes the instruction of a row. Its id names the candles that the drawing touches.
    pub instruction: fn(&SettledRow) -> Result<Instruction, CodecError>,
}

/// Everything the registry knows of a renderer.
#[derive(Debug, Clone, Copy)]
pub struct RendererSpec {
    /// Unique name, `overlay.<what>`.
    pub name: &'static str,
    /// Renderers that must come first.
    pub needs: &'static [&'static str],
    /// Raised with every change of what is drawn.
    pub revision: u32,
    /// Settled drawings.
    pub drawings: &'static [DrawingSpec],
    /// Head drawings at genesis.
    pub new: fn() -> Box<dyn Renderer>,
}

/// What a renderer sees of one candle.
#[derive(Debug, Clone, Copy)]
pub struct RenderTick<'a> {
    /// The candle.
    pub time: CandleTime,
    /// First time of the overlay window that ends here.
    pub cutoff: CandleTime,
    /// Factors after this candle.
    pub factors: &'a FactorEngine,
}

/// Head drawings of one factor: rendered when somebody reads, never stored per candle.
///
/// A renderer follows every candle cheaply and remembers since when each drawing has looked the way it does.
pub trait Renderer: Send + Debug {
    /// Moves on to the next candle.
    fn on_closed(&mut self, tick: &RenderTick<'_>);

    /// Appends the head drawings of the newest candle.
    fn render(&self, out: &mut Vec<Instruction>);

    /// Appends since when each head drawing has looked the way it does.
    fn save(&self, out: &mut Vec<u8>);

    /// Draws `tick` as if every candle before had been followed. `window` are the stored events of the overlay window
    /// that ends there, in ledger order; `versions` are those that were saved at this candle, if they are known.
    ///
    /// # Errors
    /// [`CodecError`] when bytes or payloads cannot be read.
    fn restore(
        &mut self,
        tick: &RenderTick<'_>,
        window: &[LedgerEvent],
        versions: &mut Versions<'_>,
    ) -> Result<(), CodecError>;

    /// Approximate heap use in bytes.
    fn heap_bytes(&self) -> usize;
}
