/** What a drawn shape is: pure layout over a scale, and a thin drawing of what was laid out. */
import type { LinePoint, PatchItem } from "../../api/types";
import type { SlotTable } from "../slots";
import type { ChartTokens } from "../types";

/** The visible part of the plot. Lengths are CSS pixels, positions slots, values prices. */
export interface Scale {
  readonly width: number;
  readonly height: number;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
  /** Pixels per slot. */
  readonly spacing: number;
  /** Changes whenever a price lands on another pixel, or a bar changed. */
  readonly key: string;
  /** First and last slot to lay out: the visible ones and one more on each side. */
  readonly first: number;
  readonly last: number;
  x(slot: number): number;
  y(price: number): number;
  bar(slot: number): { readonly high: number; readonly low: number } | null;
}

export interface Style {
  readonly tokens: ChartTokens;
}

/** How many laid-out instructions of each feature are in view. */
export type ShownCounts = Readonly<Record<string, number>>;

export interface Laid {
  readonly shown: ShownCounts;
  /** What the Factors panel counts where it differs from `shown` (pens instead of instructions). */
  readonly inView?: ShownCounts;
}

export interface PriceRange {
  readonly low: number;
  readonly high: number;
}

export interface ShapeSpec<Prepared, L extends Laid> {
  /** Feature keys it draws; empty for the shape of last resort. */
  readonly features: readonly string[];
  /** Turns items into slots and prices; runs when the drawing or the window changed. */
  prepare(items: readonly PatchItem[], slots: SlotTable): Prepared;
  /** Runs when the view changed; looks only at what is visible. */
  layout(prepared: Prepared, scale: Scale): L;
  draw(ctx: CanvasRenderingContext2D, laid: L, style: Style): void;
  /** Prices in these slots that the automatic scale must contain. */
  prices?(prepared: Prepared, first: number, last: number): PriceRange | null;
  /** Facts that do not depend on the view; null: there are no items. */
  facts?(prepared: Prepared | null): Readonly<Record<string, number>>;
}

/** A shape with its content; hides the types that only its own functions know. */
export interface LiveShape {
  readonly features: readonly string[];
  setItems(items: readonly PatchItem[], slots: SlotTable): void;
  layout(scale: Scale): Laid;
  draw(ctx: CanvasRenderingContext2D, style: Style): void;
  prices(first: number, last: number): PriceRange | null;
  facts(): Readonly<Record<string, number>>;
}

export function live<Prepared, L extends Laid>(spec: ShapeSpec<Prepared, L>): LiveShape {
  let prepared: Prepared | null = null;
  let laid: L | null = null;
  return {
    features: spec.features,
    setItems(items, slots) {
      prepared = items.length === 0 ? null : spec.prepare(items, slots);
      laid = null;
    },
    layout(scale) {
      laid = prepared === null ? null : spec.layout(prepared, scale);
      return laid ?? { shown: {} };
    },
    draw(ctx, style) {
      if (laid !== null) spec.draw(ctx, laid, style);
    },
    prices: (first, last) => (prepared === null ? null : (spec.prices?.(prepared, first, last) ?? null)),
    facts: () => spec.facts?.(prepared) ?? {},
  };
}

export interface SlotPoint {
  readonly slot: number;
  readonly price: number;
}

/** Points on loaded bars, cut where a point's bar is not loaded; runs of one point are dropped. */
export function runsOf(points: readonly LinePoint[], slots: SlotTable): SlotPoint[][] {
  const runs: SlotPoint[][] = [];
  let run: SlotPoint[] = [];
  const close = () => {
    if (run.length > 1) runs.push(run);
    run = [];
  };
  for (const point of points) {
    const slot = slots.slotOf(point.time);
    if (slot === null) close();
    else run.push({ slot, price: point.value });
  }
  close();
  return runs;
}

/** Width of a line at this zoom: below 3 px per bar, lines above 1 px lose half a pixel. */
export function lineWidthAt(width: number, spacing: number): number {
  return spacing < 3 && width > 1 ? width - 0.5 : width;
}

/** Middle of the device pixel nearest to a coordinate, for lines of one pixel. */
export function snap(value: number, ratio: number): number {
  return (Math.floor(value * ratio) + 0.5) / ratio;
}

export function joinRanges(a: PriceRange | null, b: PriceRange | null): PriceRange | null {
  if (a === null || b === null) return a ?? b;
  return { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) };
}
