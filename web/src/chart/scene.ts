/** Paints the product's layers inside the library's frame and counts the frames. */
import type { Annotations } from "./annotations";
import type { Bars } from "./bars";
import type { LabelLayer } from "./label-layer";
import { widened } from "./price-range";
import { type Canvas, Layer } from "./primitive";
import { drawAxisBox, drawPriceLine, type LastPrice } from "./shapes/last-price";
import type { PriceRange, Scale, ShapeLayer, Style } from "./shapes/shape";
import type { Structures } from "./structures";
import type { Surface } from "./surface";
import { xOf } from "./viewport";

/** 1 pointer, 2 view, 3 data, 4 series. */
export type PaintLevel = 1 | 2 | 3 | 4;

export interface SceneOptions {
  readonly surface: Surface;
  readonly bars: Bars;
  readonly structures: Structures;
  readonly annotations: Annotations;
  readonly labels: LabelLayer;
  /** What follows the pointer: marks of the pointed and the chosen thing, the measure. */
  paintPointer(ctx: CanvasRenderingContext2D, scale: Scale, style: Style): void;
  /** Price, countdown and colour of the newest bar; null without bars. */
  lastPrice(): Omit<LastPrice, "y"> | null;
  /** After the library drew a frame. */
  onPainted(level: PaintLevel): void;
  /** Milliseconds of an animation clock. */
  clock(): number;
}

/** Layers of the drawing above the candles. */
const FRONT: readonly ShapeLayer[] = ["lines", "marks", "anchors"];
const FADE_MS = 120;
/** Changes of the automatic price range below this share are ignored while only the newest bar moves. */
const CALM_SHARE = 0.02;

export class Scene {
  private readonly options: SceneOptions;
  private readonly front: Layer;
  private look: Style;
  private level: PaintLevel = 2;
  private viewPainted = false;
  private version = 0;
  private fadeFrom: number | null = null;
  private fading = true;
  private calm: { readonly view: string; readonly range: PriceRange } | null = null;

  constructor(options: SceneOptions, style: Style) {
    this.options = options;
    this.look = style;
    const { surface } = options;
    const { candles } = surface;
    // Below grid and bars; above the grid and below the volume; between volume and candles; above the candles; on top.
    const back = new Layer({ order: "bottom", paint: (canvas) => this.paintBack(canvas) });
    const fills = new Layer({ order: "normal", paint: (canvas) => this.paintDrawing(canvas, ["fills"]) });
    const levels = new Layer({ order: "normal", paint: (canvas) => this.paintDrawing(canvas, ["levels"]) });
    this.front = new Layer({ order: "normal", paint: (canvas) => this.paintDrawing(canvas, FRONT) });
    const top = new Layer({
      order: "top",
      paint: (canvas) => this.paintTop(canvas),
      paintAxis: (canvas) => this.paintAxis(canvas),
    });
    surface.attachBelow(fills);
    surface.volume.attachPrimitive(levels);
    for (const layer of [back, this.front, top]) candles.attachPrimitive(layer);
    candles.applyOptions({
      autoscaleInfoProvider: (base: () => { priceRange: { minValue: number; maxValue: number } | null } | null) => {
        const info = base();
        const own = info?.priceRange ?? null;
        const range = this.priceRange(own && { low: own.minValue, high: own.maxValue });
        return range && { priceRange: { minValue: range.low, maxValue: range.high } };
      },
    });
  }

  setStyle(style: Style): void {
    this.look = style;
    this.invalidate(4);
  }

  setFading(fading: boolean): void {
    this.fading = fading;
  }

  /** Starts the fade-in of a drawing that was not there before. */
  fadeIn(): void {
    this.fadeFrom = this.fading ? this.options.clock() : null;
  }

  /** One repaint in the next frame, whatever was changed how often. */
  invalidate(level: PaintLevel): void {
    this.level = Math.max(this.level, level) as PaintLevel;
    if (level >= 3) this.version += 1;
    if (level >= 4) this.calm = null;
    this.front.repaint();
  }

  /** The bars changed without a new drawing: dots stand on their highs and lows. */
  barsMoved(): void {
    this.version += 1;
  }

  private paintBack(canvas: Canvas): void {
    this.viewPainted = true;
    this.options.surface.frameStarted();
    this.options.annotations.paint(canvas.ctx, this.scale(canvas), this.look);
  }

  private paintDrawing({ ctx, ...canvas }: Canvas, layers: readonly ShapeLayer[]): void {
    const scale = this.scale({ ctx, ...canvas });
    ctx.save();
    ctx.globalAlpha = this.fadeAlpha();
    this.options.structures.paint(ctx, scale, this.look, layers);
    ctx.restore();
  }

  private paintTop({ ctx, ...canvas }: Canvas): void {
    const scale = this.scale({ ctx, ...canvas });
    const last = this.lastPrice();
    if (last) drawPriceLine(ctx, last, scale.width, scale.ratio);
    ctx.setLineDash([]);
    this.options.labels.paint(ctx, scale, this.look);
    this.options.paintPointer(ctx, scale, this.look);
    const level = this.viewPainted ? (Math.max(2, this.level) as PaintLevel) : 1;
    this.viewPainted = false;
    this.level = 1;
    this.options.onPainted(level);
    if (this.fadeFrom !== null) requestAnimationFrame(() => this.front.repaint());
  }

  private paintAxis({ ctx, width, height }: Canvas): void {
    const last = this.lastPrice();
    if (last) drawAxisBox(ctx, last, width, height, this.look);
  }

  private lastPrice(): LastPrice | null {
    const last = this.options.lastPrice();
    const newest = this.options.bars.newest();
    const y = newest && this.options.surface.candles.priceToCoordinate(newest.close);
    return last && y !== null ? { ...last, y } : null;
  }

  private fadeAlpha(): number {
    if (this.fadeFrom === null) return 1;
    const alpha = Math.min(1, (this.options.clock() - this.fadeFrom) / FADE_MS);
    if (alpha >= 1) this.fadeFrom = null;
    return alpha;
  }

  private scale({ width, height, ratio }: Canvas): Scale {
    const { surface, bars } = this.options;
    const view = surface.view();
    const last = bars.slots().length - 1;
    const right = last + view.rightOffset;
    const y = (price: number) => surface.candles.priceToCoordinate(price) ?? 0;
    const close = bars.newest()?.close ?? 1;
    return {
      width,
      height,
      ratio,
      spacing: view.spacing,
      key: `${this.version}|${y(close)}|${y(close * 1.1)}`,
      first: Math.max(0, Math.floor(right - width / view.spacing) - 1),
      last: Math.min(last, Math.ceil(right) + 1),
      x: (slot) => xOf(view, width, last, slot),
      y,
      bar: (slot) => bars.at(slot),
    };
  }

  /** Range of the automatic scale: visible bars and visible pens, held still while it would hardly change. */
  private priceRange(bars: PriceRange | null): PriceRange | null {
    const { surface, structures, bars: content } = this.options;
    const view = surface.view();
    const last = content.slots().length - 1;
    const right = Math.min(last, Math.ceil(last + view.rightOffset));
    const left = Math.max(0, Math.floor(last + view.rightOffset - surface.width() / view.spacing) + 1);
    const drawn = structures.prices(left, right);
    if (!bars) return null;
    const own = drawn ? { low: Math.min(bars.low, drawn.low), high: Math.max(bars.high, drawn.high) } : bars;
    const asked = surface.pricesInView();
    const range = widened(own, asked);
    const key = `${left}|${right}|${view.spacing}|${surface.width()}|${asked?.low}|${asked?.high}`;
    if (this.calm?.view === key && isCalm(this.calm.range, range)) return this.calm.range;
    this.calm = { view: key, range };
    return range;
  }
}

function isCalm(before: PriceRange, after: PriceRange): boolean {
  const allowed = (before.high - before.low) * CALM_SHARE;
  return Math.abs(after.low - before.low) < allowed && Math.abs(after.high - before.high) < allowed;
}
