/** The measure: a span from one point to another, by Shift and drag or by the keys that move the crosshair. */
import type { Bars } from "./bars";
import { pointIn } from "./clicks";
import {
  drawMeasure,
  layoutMeasure,
  type Measured,
  type MeasurePoint,
  type MeasureSpan,
  measureFont,
  measureSpan,
} from "./measure";
import type { XY } from "./shapes/polyline";
import type { Scale, Style } from "./shapes/shape";
import type { Surface } from "./surface";
import { slotAt } from "./viewport";

export interface MeasureOptions {
  readonly element: HTMLElement;
  readonly surface: Surface;
  readonly bars: Bars;
  inPlot(at: XY): boolean;
  /** Lines of the card. */
  words(measured: Measured): readonly string[];
  /** To be painted again. */
  onChange(): void;
  /** To be spoken: the span is complete, or a key moved its end. */
  onWords(words: readonly string[]): void;
}

type Mode = "drag" | "keys" | "done";

export class MeasureTool {
  private readonly options: MeasureOptions;
  private span: MeasureSpan | null = null;
  private mode: Mode = "done";

  constructor(options: MeasureOptions, signal: AbortSignal) {
    this.options = options;
    const { element } = options;
    // In the capture phase: the chart library must not take the drag for a pan.
    const capture = { capture: true, signal } as const;
    element.addEventListener("pointerdown", (event) => this.pressed(event), capture);
    element.addEventListener("mousedown", (event) => this.mode === "drag" && event.stopPropagation(), capture);
    element.addEventListener("pointermove", (event) => this.dragged(event), capture);
    element.addEventListener("pointerup", (event) => this.released(event), capture);
    element.addEventListener("pointercancel", () => this.clear(), capture);
  }

  /** A measure is on the chart. */
  active(): boolean {
    return this.span !== null;
  }

  /** Begins at a bar, at its close; a measure that is under way ends. */
  startAt(slot: number): void {
    const bar = this.options.bars.at(slot);
    if (this.mode === "keys") this.finish();
    else if (bar) this.begin({ slot, price: bar.close }, "keys");
  }

  /** The crosshair was moved by keys. */
  cursorMoved(slot: number): void {
    const bar = this.options.bars.at(slot);
    if (this.mode !== "keys" || !this.span || !bar) return;
    this.extend({ slot, price: bar.close });
    this.options.onWords(this.texts());
  }

  clear(): void {
    if (!this.span) return;
    this.span = null;
    this.mode = "done";
    this.options.onChange();
  }

  paint(ctx: CanvasRenderingContext2D, scale: Scale, { tokens }: Style): void {
    if (!this.span) return;
    const texts = this.texts();
    ctx.font = measureFont(tokens);
    const laid = layoutMeasure(this.span, texts, scale, (text) => ctx.measureText(text).width);
    drawMeasure(ctx, laid, texts, tokens);
  }

  private pressed(event: PointerEvent): void {
    this.clear();
    const at = pointIn(this.options.element, event);
    if (!event.shiftKey || event.button !== 0 || !event.isPrimary || !this.options.inPlot(at)) return;
    const point = this.pointAt(at);
    if (!point) return;
    event.stopPropagation();
    this.options.element.setPointerCapture(event.pointerId);
    this.begin(point, "drag");
  }

  private dragged(event: PointerEvent): void {
    if (this.mode !== "drag") return;
    const point = this.pointAt(pointIn(this.options.element, event));
    if (point) this.extend(point);
  }

  private released(event: PointerEvent): void {
    if (this.mode !== "drag") return;
    event.stopPropagation();
    const { from, to } = this.span ?? {};
    if (from?.slot === to?.slot && from?.price === to?.price) this.clear();
    else this.finish();
  }

  private begin(point: MeasurePoint, mode: Mode): void {
    this.span = { from: point, to: point };
    this.mode = mode;
    this.options.onChange();
  }

  private extend(to: MeasurePoint): void {
    if (!this.span) return;
    this.span = { from: this.span.from, to };
    this.options.onChange();
  }

  private finish(): void {
    this.mode = "done";
    this.options.onWords(this.texts());
  }

  private texts(): readonly string[] {
    return this.span ? this.options.words(measureSpan(this.span, this.options.bars)) : [];
  }

  /** On a loaded bar: right of the newest one there is nothing to count. */
  private pointAt({ x, y }: XY): MeasurePoint | null {
    const { surface, bars } = this.options;
    const last = bars.slots().length - 1;
    const price = surface.candles.coordinateToPrice(y);
    if (last < 0 || price === null) return null;
    const slot = Math.round(slotAt(surface.view(), surface.width(), last, x));
    return { slot: Math.min(Math.max(slot, 0), last), price };
  }
}
