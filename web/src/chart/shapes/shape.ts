/** What a drawn shape is: pure layout over a scale, and a thin drawing of what was laid out. */
import type { LinePoint, PatchItem } from "../../api/types";
import type { SlotTable } from "../slots";
import type { ChartTokens, PaletteName } from "../types";
import type { LaidObject } from "./object";

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
  readonly palette: PaletteName;
  /** Translucent lines are opaque: the user asked for more contrast. */
  readonly strong: boolean;
}

/** Where a shape is drawn, back to front. `fills` lies below the volume, `levels` below the candles, the others above. */
export const SHAPE_LAYERS = ["fills", "levels", "lines", "marks", "anchors"] as const;
export type ShapeLayer = (typeof SHAPE_LAYERS)[number];

/** How many laid-out instructions of each feature are in view. */
export type ShownCounts = Readonly<Record<string, number>>;

export interface Laid {
  readonly shown: ShownCounts;
  /** What the Factors panel counts where it differs from `shown` (pens instead of instructions). */
  readonly inView?: ShownCounts;
  /** What can be pointed at, in the order of drawing. */
  readonly objects: readonly LaidObject[];
}

export interface PriceRange {
  readonly low: number;
  readonly high: number;
}

/** A text at the right edge of the plot, at the price of its object. */
export interface EdgeLabel {
  readonly object: LaidObject;
  readonly price: number;
  /** Shown only while the object is pointed at or selected. */
  readonly quiet: boolean;
}

export interface ShapeSpec<Prepared, L extends Laid> {
  /** Feature keys it draws; empty for the shape of last resort. */
  readonly features: readonly string[];
  /** Layers it draws into, one call of `draw` for each. */
  readonly layers: readonly ShapeLayer[];
  /** Turns items into slots and prices; runs when the drawing or the window changed. */
  prepare(items: readonly PatchItem[], slots: SlotTable): Prepared;
  /** Runs when the view changed; looks only at what is visible. */
  layout(prepared: Prepared, scale: Scale): L;
  draw(ctx: CanvasRenderingContext2D, laid: L, style: Style, layer: ShapeLayer): void;
  /** Texts at the right edge, most important first. */
  labels?(laid: L): readonly EdgeLabel[];
  /** Prices in these slots that the automatic scale must contain. */
  prices?(prepared: Prepared, first: number, last: number): PriceRange | null;
  /** Facts that do not depend on the view; null: there are no items. */
  facts?(prepared: Prepared | null): Readonly<Record<string, number>>;
}

/** A shape with its content; hides the types that only its own functions know. */
export interface LiveShape {
  readonly features: readonly string[];
  readonly layers: readonly ShapeLayer[];
  setItems(items: readonly PatchItem[], slots: SlotTable): void;
  layout(scale: Scale): Laid;
  draw(ctx: CanvasRenderingContext2D, style: Style, layer: ShapeLayer): void;
  /** Of the last layout. */
  objects(): readonly LaidObject[];
  labels(): readonly EdgeLabel[];
  prices(first: number, last: number): PriceRange | null;
  facts(): Readonly<Record<string, number>>;
}

const NOTHING: Laid = { shown: {}, objects: [] };

export function live<Prepared, L extends Laid>(spec: ShapeSpec<Prepared, L>): LiveShape {
  let prepared: Prepared | null = null;
  let laid: L | null = null;
  return {
    features: spec.features,
    layers: spec.layers,
    setItems(items, slots) {
      prepared = items.length === 0 ? null : spec.prepare(items, slots);
      laid = null;
    },
    layout(scale) {
      laid = prepared === null ? null : spec.layout(prepared, scale);
      return laid ?? NOTHING;
    },
    draw(ctx, style, layer) {
      if (laid !== null) spec.draw(ctx, laid, style, layer);
    },
    objects: () => laid?.objects ?? [],
    labels: () => (laid === null ? [] : (spec.labels?.(laid) ?? [])),
    prices: (first, last) => (prepared === null ? null : (spec.prices?.(prepared, first, last) ?? null)),
    facts: () => spec.facts?.(prepared) ?? {},
  };
}

export interface SlotPoint {
  readonly slot: number;
  readonly price: number;
  /** Open time of the bar, seconds. */
  readonly time: number;
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
    else run.push({ slot, price: point.value, time: point.time });
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

/** Counts by feature. */
export function tally(features: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const feature of features) counts[feature] = (counts[feature] ?? 0) + 1;
  return counts;
}
