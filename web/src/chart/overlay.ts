/** What the application lays over the chart: painted on top, told of clicks, with facts of its own. */
import type { PastDrawings } from "../feed/past-drawings";
import type { Bars } from "./bars";
import type { PriceRange, Scale, Style } from "./shapes/shape";
import type { Stage } from "./stage";
import type { Surface } from "./surface";
import { slotAt } from "./viewport";

/** Where things are while an overlay paints. */
export interface OverlayPlace {
  /** Slot under the crosshair; null: nowhere. */
  readonly cursor: number | null;
  /** Slot of the bar that opens at or before a time; null before the first one. */
  slotOf(time: number): number | null;
  /** Open time of the bar in a slot, or of the nearest one. */
  timeOf(slot: number): number | null;
  readonly lastSlot: number;
}

export interface ChartOverlay {
  /** Nothing below it is pointed at meanwhile. */
  readonly quiet?: boolean;
  paint?(ctx: CanvasRenderingContext2D, scale: Scale, style: Style, place: OverlayPlace): void;
  /** A click or Enter on a bar; true: it was taken, and nothing else happens. */
  click?(time: number): boolean;
  /** Facts for the chart's element, by attribute. */
  facts?(): Readonly<Record<string, string | number>>;
}

/** What an overlay gets in return. */
export interface OverlayHandle {
  readonly plot: HTMLElement;
  /** Asks for one repaint in the next frame. */
  repaint(): void;
  /** Height in the plot of a price, CSS pixels. */
  yOf(price: number): number | null;
  /** Price at a height in the plot, CSS pixels. */
  priceOf(y: number): number | null;
  /** Selects the newest object of these features that is in view, else the bar at a time, without opening anything for it. */
  mark(features: readonly string[], time: number): void;
  /** Keeps the lowest part of the plot free of bars, CSS pixels. */
  setInset(px: number): void;
  /** Makes room for prices beside the bars, where the price axis is automatic; null: none. */
  keepPrices(range: PriceRange | null): void;
  /** Shows the drawing of a moment in place of the present one, as long as its series is on the chart. */
  hold(past: PastDrawings): void;
  detach(): void;
}

export interface OverlayParts {
  readonly stage: Stage;
  readonly surface: Surface;
  readonly bars: Bars;
  /** Slot under the crosshair. */
  cursor(): number | null;
  repaint(): void;
  /** Selects the newest object of these features, else the bar at a time. */
  mark(features: readonly string[], time: number): void;
  /** Shows another drawing than that of the session; null: that one again. */
  hold(past: PastDrawings | null): void;
  /** Facts may be others now. */
  onChange(): void;
}

export class Overlays {
  private readonly parts: OverlayParts;
  private attached: readonly ChartOverlay[] = [];
  private inset = 0;
  private insetFor = 0;
  private holder: ChartOverlay | null = null;
  private keeper: ChartOverlay | null = null;

  constructor(parts: OverlayParts) {
    this.parts = parts;
  }

  attach(overlay: ChartOverlay): OverlayHandle {
    const { stage, surface, repaint, onChange } = this.parts;
    this.attached = [...this.attached, overlay];
    repaint();
    onChange();
    return {
      plot: stage.plot,
      repaint,
      yOf: (price) => surface.candles.priceToCoordinate(price),
      mark: (features, time) => {
        this.parts.mark(features, time);
        repaint();
        onChange();
      },
      priceOf: (y) => surface.candles.coordinateToPrice(y),
      setInset: (px) => {
        this.inset = px;
        this.insetFor = -1;
        this.keepInset();
      },
      keepPrices: (range) => {
        this.keeper = range && overlay;
        surface.keepPrices(range);
      },
      hold: (past) => {
        this.holder = overlay;
        this.parts.hold(past);
      },
      detach: () => {
        this.attached = this.attached.filter((one) => one !== overlay);
        if (this.keeper === overlay) {
          this.keeper = null;
          surface.keepPrices(null);
        }
        if (this.holder === overlay) {
          this.holder = null;
          this.parts.hold(null);
        }
        repaint();
        onChange();
      },
    };
  }

  paint(ctx: CanvasRenderingContext2D, scale: Scale, style: Style): void {
    if (this.attached.length === 0) return;
    const place = this.place();
    for (const overlay of this.attached) {
      ctx.save();
      overlay.paint?.(ctx, scale, style, place);
      ctx.restore();
    }
  }

  /** Whether what lies below the overlays is not to be pointed at. */
  quiet(): boolean {
    return this.attached.some((overlay) => overlay.quiet === true);
  }

  facts(): Readonly<Record<string, string | number>> {
    return Object.assign({}, ...this.attached.map((overlay) => overlay.facts?.() ?? {}));
  }

  /** A click at a place of the plot, CSS pixels. */
  clickAt(x: number): boolean {
    const { surface, bars } = this.parts;
    return this.click(Math.round(slotAt(surface.view(), surface.width(), bars.slots().length - 1, x)));
  }

  /** A click on a slot, or Enter on it. */
  click(slot: number): boolean {
    if (this.attached.length === 0) return false;
    const time = this.place().timeOf(slot);
    return time !== null && this.attached.some((overlay) => overlay.click?.(time) ?? false);
  }

  /** The height of the plot may be another one. */
  keepInset(): void {
    if (this.inset === 0 && this.insetFor === 0) return;
    const { surface } = this.parts;
    const height = surface.plotHeight();
    if (height === this.insetFor || height <= 0) return;
    this.insetFor = this.inset === 0 ? 0 : height;
    surface.setInset(Math.min(0.5, this.inset / height));
  }

  private place(): OverlayPlace {
    const slots = this.parts.bars.slots();
    return {
      cursor: this.parts.cursor(),
      lastSlot: slots.length - 1,
      slotOf: (time) => {
        const slot = slots.lowerBound(time + 1) - 1;
        return slot < 0 ? null : slots.nearestBar(slot, -1);
      },
      timeOf: (slot) => {
        const bar = slots.length === 0 ? null : slots.nearestBar(slot, -1);
        return bar === null ? null : (slots.timeAt(bar) ?? null);
      },
    };
  }
}
