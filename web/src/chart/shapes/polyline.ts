/** Geometry that all polylines share. */
import { partition } from "../cull";
import type { PriceRange, Scale, SlotPoint } from "./shape";

export interface XY {
  readonly x: number;
  readonly y: number;
}

/** The part of an ascending run that touches the visible slots: the points inside and one on each side. */
export function visiblePart(run: readonly SlotPoint[], first: number, last: number): readonly SlotPoint[] {
  const from = Math.max(0, partition(run, (point) => point.slot < first) - 1);
  const to = Math.min(run.length, partition(run, (point) => point.slot <= last) + 1);
  const part = run.slice(from, to);
  const start = part[0];
  const end = part.at(-1);
  if (part.length < 2 || !start || !end || end.slot < first || start.slot > last) return [];
  return part;
}

/** An ascending run cut off where it leaves the slots, so that a line that begins outside goes on to the edge. */
export function clipToSlots(run: readonly SlotPoint[], first: number, last: number): readonly SlotPoint[] {
  const part = visiblePart(run, first, last);
  return part.map((point, at) => {
    const outside = point.slot < first ? first : point.slot > last ? last : null;
    const [a, b] = at === 0 ? [point, part[1]] : [part[at - 1], point];
    return outside === null || !a || !b ? point : { ...point, slot: outside, price: priceAt(a, b, outside) };
  });
}

export function toPixels(points: readonly SlotPoint[], scale: Scale): XY[] {
  return points.map((point) => ({ x: scale.x(point.slot), y: scale.y(point.price) }));
}

export function tracePath(ctx: CanvasRenderingContext2D, points: readonly XY[]): void {
  points.forEach((point, at) => {
    if (at === 0) ctx.moveTo(point.x, point.y);
    else ctx.lineTo(point.x, point.y);
  });
}

/** Prices of the points within the slots, and of the line where it enters and leaves them. */
export function priceRange(run: readonly SlotPoint[], first: number, last: number): PriceRange | null {
  const part = visiblePart(run, first, last);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = 1; at < part.length; at += 1) {
    const a = part[at - 1];
    const b = part[at];
    if (!a || !b) continue;
    for (const price of [priceAt(a, b, Math.max(a.slot, first)), priceAt(a, b, Math.min(b.slot, last))]) {
      low = Math.min(low, price);
      high = Math.max(high, price);
    }
  }
  return low <= high ? { low, high } : null;
}

function priceAt(a: SlotPoint, b: SlotPoint, slot: number): number {
  if (b.slot === a.slot || slot <= a.slot) return a.price;
  if (slot >= b.slot) return b.price;
  return a.price + ((b.price - a.price) * (slot - a.slot)) / (b.slot - a.slot);
}
