/** The paper account on the chart: fills, trades from entry to exit, the position, and orders that can be dragged. */
import type { ChartOverlay, OverlayHandle, OverlayPlace } from "../../../chart/overlay";
import type { Scale, Style } from "../../../chart/shapes/shape";
import type { ChartTokens } from "../../../chart/types";
import { isMovable, lineAt, type PriceLine, priceLines } from "./lines";
import type { PaperFill, PaperState, PaperTrade } from "./model";

export interface PaperMarksOptions {
  /** The account right now. */
  readonly state: () => PaperState;
  /** The text at the left end of a line; `price` is where it lies while it is dragged. */
  readonly words: (line: PriceLine, price: number) => string;
  /** Whether a line may be dropped at a price. */
  readonly allowed: (line: PriceLine, price: number) => boolean;
  readonly onDrop: (line: PriceLine, price: number) => void;
}

interface Box {
  readonly right: number;
  /** Middle. */
  readonly y: number;
}

interface Drag {
  readonly line: PriceLine;
  price: number;
}

const REACH_PX = { mouse: 5, touch: 16 } as const;
const MARK_PX = 5;
const LABEL = { left: 8, height: 18, pad: 6, font: 11 } as const;
const DASH = [6, 4];

export class PaperMarks implements ChartOverlay {
  private readonly options: PaperMarksOptions;
  private handle: OverlayHandle | null = null;
  private readonly abort = new AbortController();
  private drag: Drag | null = null;
  private pointed: string | null = null;

  constructor(options: PaperMarksOptions) {
    this.options = options;
  }

  /** Nothing below a line is pointed at while the line is. */
  get quiet(): boolean {
    return this.drag !== null || this.pointed !== null;
  }

  start(attach: (overlay: ChartOverlay) => OverlayHandle): void {
    const handle = attach(this);
    this.handle = handle;
    // In the capture phase: the chart library must not take the drag for a pan.
    const capture = { capture: true, signal: this.abort.signal } as const;
    const { plot } = handle;
    plot.addEventListener("pointerdown", (event) => this.pressed(event), capture);
    plot.addEventListener("mousedown", (event) => this.drag && event.stopPropagation(), capture);
    plot.addEventListener("touchstart", (event) => this.drag && event.stopPropagation(), capture);
    plot.addEventListener("pointermove", (event) => this.moved(event), capture);
    plot.addEventListener("pointerup", (event) => this.released(event), capture);
    plot.addEventListener("pointercancel", () => this.drop(), capture);
    plot.addEventListener("pointerleave", () => this.point(null), capture);
    globalThis.addEventListener("keydown", (event) => this.key(event), capture);
  }

  stop(): void {
    this.abort.abort();
    this.point(null);
    this.handle?.detach();
    this.handle = null;
  }

  repaint(): void {
    this.handle?.repaint();
  }

  facts() {
    const state = this.options.state();
    const { position, orders, fills, trades } = state;
    const lines = priceLines(state).map(({ key, price }) => `${key}@${Math.round(this.handle?.yOf(price) ?? -1)}`);
    return {
      "data-order-lines": lines.join(" "),
      "data-orders": orders.length,
      "data-position": position?.side ?? "",
      "data-fills": fills.length,
      "data-trades": trades.length,
    };
  }

  paint(ctx: CanvasRenderingContext2D, scale: Scale, { tokens }: Style, place: OverlayPlace): void {
    const state = this.options.state();
    for (const trade of state.trades) drawTrade(ctx, trade, scale, place, tokens);
    const labels: Box[] = [];
    for (const line of priceLines(state)) this.drawLine(ctx, line, scale, place, tokens, labels);
    for (const fill of state.fills) drawFill(ctx, fill, scale, place, tokens);
  }

  private drawLine(
    ctx: CanvasRenderingContext2D,
    line: PriceLine,
    scale: Scale,
    place: OverlayPlace,
    tokens: ChartTokens,
    labels: Box[],
  ): void {
    const dragged = this.drag?.line.key === line.key ? this.drag : null;
    const price = dragged?.price ?? line.price;
    const y = Math.round(scale.y(price)) + 0.5;
    if (y < 0 || y > scale.height) return;
    const refused = dragged !== null && !this.options.allowed(line, price);
    const color = refused ? tokens.text3 : colourOf(line, tokens);
    const from = line.kind === "entry" ? Math.max(0, scale.x(place.slotOf(line.from) ?? 0)) : 0;
    ctx.strokeStyle = color;
    ctx.lineWidth = dragged || this.pointed === line.key ? 2 : 1;
    ctx.setLineDash(line.kind === "entry" ? [] : DASH);
    ctx.beginPath();
    ctx.moveTo(from, y);
    ctx.lineTo(scale.width, y);
    ctx.stroke();
    ctx.setLineDash([]);
    const text = this.options.words(line, price);
    ctx.font = `${LABEL.font}px ${tokens.fontFamily}`;
    const width = ctx.measureText(text).width + 2 * LABEL.pad;
    ctx.fillStyle = tokens.bgRaised;
    ctx.beginPath();
    const { left, y: middle } = besideOthers(labels, y, width, scale.width);
    labels.push({ right: left + width, y: middle });
    ctx.roundRect(left, middle - LABEL.height / 2, width, LABEL.height, 3);
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = refused ? tokens.text3 : tokens.text1;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    ctx.fillText(text, left + LABEL.pad, middle);
  }

  private pressed(event: PointerEvent): void {
    const line = event.button === 0 && event.isPrimary && !event.shiftKey ? this.lineUnder(event) : null;
    if (line === null || this.handle === null) return;
    event.stopPropagation();
    event.preventDefault();
    this.handle.plot.setPointerCapture(event.pointerId);
    this.drag = { line, price: line.price };
    this.repaint();
  }

  private moved(event: PointerEvent): void {
    if (this.drag === null) {
      if (event.pointerType === "mouse" && event.buttons === 0) this.point(this.lineUnder(event));
      return;
    }
    event.stopPropagation();
    this.drag.price = this.priceUnder(event) ?? this.drag.price;
    this.repaint();
  }

  private released(event: PointerEvent): void {
    const { drag } = this;
    if (drag === null) return;
    event.stopPropagation();
    this.drop();
    if (drag.price !== drag.line.price && this.options.allowed(drag.line, drag.price)) {
      this.options.onDrop(drag.line, drag.price);
    }
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Escape" || this.drag === null) return;
    event.stopPropagation();
    this.drop();
  }

  private drop(): void {
    this.drag = null;
    this.point(null);
    this.repaint();
  }

  private point(line: PriceLine | null): void {
    if (line?.key === this.pointed || (line === null && this.pointed === null)) return;
    this.pointed = line?.key ?? null;
    if (this.handle) this.handle.plot.style.cursor = line ? "ns-resize" : "";
    this.repaint();
  }

  private lineUnder(event: PointerEvent): PriceLine | null {
    const { handle } = this;
    if (handle === null) return null;
    const reach = event.pointerType === "mouse" ? REACH_PX.mouse : REACH_PX.touch;
    return lineAt(priceLines(this.options.state()).filter(isMovable), heightOf(handle.plot, event), reach, handle.yOf);
  }

  private priceUnder(event: PointerEvent): number | null {
    const price = this.handle?.priceOf(heightOf(this.handle.plot, event)) ?? null;
    return price !== null && price > 0 ? price : null;
  }
}

/** A place for a label that covers none of the others: beside them, or above or below where there is no room. */
function besideOthers(labels: readonly Box[], y: number, width: number, room: number): { left: number; y: number } {
  const step = LABEL.height + 2;
  const near = labels.filter((label) => Math.abs(label.y - y) < step);
  const left = Math.max(LABEL.left, ...near.map(({ right }) => right + 4));
  if (near.length === 0 || left + width <= room) return { left, y };
  const heights = near.map((label) => label.y);
  const below = y >= Math.min(...heights);
  return { left: LABEL.left, y: below ? Math.max(...heights) + step : Math.min(...heights) - step };
}

function heightOf(plot: HTMLElement, event: PointerEvent): number {
  return event.clientY - plot.getBoundingClientRect().top;
}

function colourOf({ kind, side }: PriceLine, tokens: ChartTokens): string {
  if (kind === "entry") return tokens.accent;
  if (kind === "stop") return tokens.down;
  if (kind === "target") return tokens.up;
  return side === "buy" ? tokens.up : tokens.down;
}

/** From the entry to the exit, in the colour of its result. */
function drawTrade(
  ctx: CanvasRenderingContext2D,
  { entryTime, entryPrice, exitTime, exitPrice, result }: PaperTrade,
  scale: Scale,
  place: OverlayPlace,
  tokens: ChartTokens,
): void {
  const [from, to] = [place.slotOf(entryTime), place.slotOf(exitTime)];
  if (from === null || to === null || to < scale.first || from > scale.last) return;
  ctx.strokeStyle = result < 0 ? tokens.down : tokens.up;
  ctx.lineWidth = 1.5;
  ctx.setLineDash([2, 3]);
  ctx.beginPath();
  ctx.moveTo(scale.x(from), scale.y(entryPrice));
  ctx.lineTo(scale.x(to), scale.y(exitPrice));
  ctx.stroke();
  ctx.setLineDash([]);
}

/** A triangle that points to the price of the fill: from below for a buy, from above for a sell. */
function drawFill(
  ctx: CanvasRenderingContext2D,
  { time, price, side }: PaperFill,
  scale: Scale,
  place: OverlayPlace,
  tokens: ChartTokens,
): void {
  const slot = place.slotOf(time);
  if (slot === null || slot < scale.first || slot > scale.last) return;
  const [x, y] = [scale.x(slot), scale.y(price)];
  const away = side === "buy" ? 2 * MARK_PX : -2 * MARK_PX;
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x - MARK_PX, y + away);
  ctx.lineTo(x + MARK_PX, y + away);
  ctx.closePath();
  ctx.lineWidth = 3;
  ctx.strokeStyle = tokens.bg;
  ctx.stroke();
  ctx.fillStyle = side === "buy" ? tokens.up : tokens.down;
  ctx.fill();
}
