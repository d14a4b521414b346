/** Distances between two points of the chart, and the box that shows them. */
import type { Bars } from "./bars";
import type { XY } from "./shapes/polyline";
import { type Scale, snap } from "./shapes/shape";
import { withAlpha } from "./tokens";
import type { ChartTokens } from "./types";

export interface MeasurePoint {
  readonly slot: number;
  readonly price: number;
}

export interface MeasureSpan {
  readonly from: MeasurePoint;
  readonly to: MeasurePoint;
}

export interface Measured {
  readonly change: number;
  /** Of the first price. */
  readonly percent: number;
  /** Bars from the first to the last, signed. */
  readonly bars: number;
  /** Unsigned. */
  readonly seconds: number;
  /** Of all bars in the span, both ends included. */
  readonly volume: number;
}

export function measureSpan({ from, to }: MeasureSpan, bars: Bars): Measured {
  const slots = bars.slots();
  const [first, last] = [Math.min(from.slot, to.slot), Math.max(from.slot, to.slot)];
  let count = 0;
  let volume = 0;
  for (let slot = first; slot <= last; slot += 1) {
    const bar = bars.at(slot);
    if (!bar) continue;
    count += 1;
    volume += bar.volume;
  }
  const change = to.price - from.price;
  return {
    change,
    percent: from.price === 0 ? 0 : (change / from.price) * 100,
    bars: Math.sign(to.slot - from.slot) * Math.max(0, count - 1),
    seconds: (slots.timeAt(last) ?? 0) - (slots.timeAt(first) ?? 0),
    volume,
  };
}

export interface LaidMeasure {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly rising: boolean;
  readonly start: XY;
  readonly end: XY;
  readonly card: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

const FONT_PX = 12;
const LINE_PX = 17;
const PADDING_PX = 8;
const CARD_DISTANCE_PX = 8;

/** The words stand beyond the end of the span, inside the plot. */
export function layoutMeasure(
  span: MeasureSpan,
  texts: readonly string[],
  scale: Scale,
  widthOf: (text: string) => number,
): LaidMeasure {
  const at = ({ slot, price }: MeasurePoint): XY => ({
    x: snap(scale.x(slot), scale.ratio),
    y: snap(scale.y(price), scale.ratio),
  });
  const [start, end] = [at(span.from), at(span.to)];
  const [left, right] = [Math.min(start.x, end.x), Math.max(start.x, end.x)];
  const [top, bottom] = [Math.min(start.y, end.y), Math.max(start.y, end.y)];
  const width = Math.ceil(Math.max(...texts.map(widthOf), 0)) + 2 * PADDING_PX;
  const height = texts.length * LINE_PX + PADDING_PX;
  const wantedY = end.y <= start.y ? top - height - CARD_DISTANCE_PX : bottom + CARD_DISTANCE_PX;
  return {
    ...{ left, right, top, bottom, start, end },
    rising: span.to.price >= span.from.price,
    card: {
      x: clamp((left + right - width) / 2, 2, scale.width - width - 2),
      y: clamp(wantedY, 2, scale.height - height - 2),
      width,
      height,
    },
  };
}

export function measureFont(tokens: ChartTokens): string {
  return `${FONT_PX}px ${tokens.fontFamily}`;
}

export function drawMeasure(
  ctx: CanvasRenderingContext2D,
  laid: LaidMeasure,
  texts: readonly string[],
  tokens: ChartTokens,
): void {
  const color = laid.rising ? tokens.up : tokens.down;
  ctx.fillStyle = withAlpha(color, 0.14);
  ctx.fillRect(laid.left, laid.top, laid.right - laid.left, laid.bottom - laid.top);
  ctx.strokeStyle = color;
  ctx.lineWidth = 1;
  ctx.beginPath();
  traceArrow(
    ctx,
    { x: (laid.left + laid.right) / 2, y: laid.start.y },
    { x: (laid.left + laid.right) / 2, y: laid.end.y },
  );
  traceArrow(
    ctx,
    { x: laid.start.x, y: (laid.top + laid.bottom) / 2 },
    { x: laid.end.x, y: (laid.top + laid.bottom) / 2 },
  );
  ctx.stroke();
  const { card } = laid;
  ctx.fillStyle = tokens.bgRaised;
  ctx.beginPath();
  ctx.roundRect(card.x, card.y, card.width, card.height, 4);
  ctx.fill();
  ctx.stroke();
  ctx.fillStyle = tokens.text1;
  ctx.font = measureFont(tokens);
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  texts.forEach((text, at) => {
    ctx.fillText(text, card.x + card.width / 2, card.y + PADDING_PX / 2 + (at + 0.5) * LINE_PX);
  });
}

const HEAD_PX = 5;

function traceArrow(ctx: CanvasRenderingContext2D, from: XY, to: XY): void {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length === 0) return;
  const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  ctx.moveTo(from.x, from.y);
  ctx.lineTo(to.x, to.y);
  for (const side of [1, -1]) {
    ctx.moveTo(to.x, to.y);
    ctx.lineTo(to.x - HEAD_PX * (dx + side * dy * 0.7), to.y - HEAD_PX * (dy - side * dx * 0.7));
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
