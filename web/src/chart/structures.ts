/** The drawing on the chart: distributes items to shapes, lays out what is visible, counts it, finds its objects. */
import { type DrawingState, EMPTY_DRAWINGS, itemsByFeature } from "../feed/drawings";
import { createShapes } from "./shapes/index";
import { type LaidObject, type ObjectRef, sameObject } from "./shapes/object";
import {
  type EdgeLabel,
  joinRanges,
  type LiveShape,
  type PriceRange,
  type Scale,
  type ShapeLayer,
  type Style,
} from "./shapes/shape";
import { isSecondEdge } from "./shapes/zone-box";
import { SlotTable } from "./slots";
import type { FeatureCount } from "./types";

/** Visible unless the catalogue or the user says otherwise. */
const HIDDEN_BY_DEFAULT: ReadonlySet<string> = new Set(["pivot.minor", "sr.broken"]);

export class Structures {
  private readonly shapes: readonly LiveShape[] = createShapes();
  private readonly known = new Set(this.shapes.flatMap((shape) => shape.features));
  private drawings: DrawingState = EMPTY_DRAWINGS;
  private slots = new SlotTable(60);
  private visibility: Readonly<Record<string, boolean>> = {};
  private active = new Map<string, number>();
  private shown: Record<string, number> = {};
  private inView: Record<string, number> = {};
  private laidOutFor: Scale | null = null;

  state(): DrawingState {
    return this.drawings;
  }

  /** A new drawing; only shapes of the changed features are prepared again. */
  setDrawings(drawings: DrawingState, features: ReadonlySet<string>): void {
    this.drawings = drawings;
    this.prepare((shape) => this.ownsAny(shape, features));
  }

  /** The bars changed their slots: everything is prepared again. */
  setSlots(slots: SlotTable): void {
    this.slots = slots;
    this.prepare(() => true);
  }

  setVisibility(visibility: Readonly<Record<string, boolean>>): void {
    this.visibility = visibility;
    this.prepare(() => true);
  }

  isVisible(feature: string): boolean {
    return this.visibility[feature] ?? !HIDDEN_BY_DEFAULT.has(feature);
  }

  /** Draws the given layers, laying out first what the view asks for. */
  paint(ctx: CanvasRenderingContext2D, scale: Scale, style: Style, layers: readonly ShapeLayer[]): void {
    if (!this.laidOutFor || !sameView(this.laidOutFor, scale)) this.layout(scale);
    for (const layer of layers) {
      for (const shape of this.shapes) {
        if (!shape.layers.includes(layer)) continue;
        ctx.save();
        shape.draw(ctx, style, layer);
        ctx.restore();
      }
    }
  }

  /** Everything in view that can be pointed at, back to front. */
  objects(): readonly LaidObject[] {
    return this.shapes.flatMap((shape) => shape.objects());
  }

  /** An object as it is laid out now; null when it is out of view, hidden or gone. */
  object(ref: ObjectRef): LaidObject | null {
    return this.objects().find((object) => sameObject(object.ref, ref)) ?? null;
  }

  /** Texts at the right edge. */
  labels(): readonly EdgeLabel[] {
    return this.shapes.flatMap((shape) => shape.labels());
  }

  /** Prices the automatic scale must contain for these slots. */
  prices(first: number, last: number): PriceRange | null {
    let range: PriceRange | null = null;
    for (const shape of this.shapes) range = joinRanges(range, shape.prices(first, last));
    return range;
  }

  /** Of every feature with a shape of its own, and of every other one that is active. */
  counts(): Readonly<Record<string, FeatureCount>> {
    const counts: Record<string, FeatureCount> = {};
    for (const feature of [...this.known, ...this.active.keys()]) {
      const active = this.active.get(feature) ?? 0;
      const shown = this.shown[feature] ?? 0;
      counts[feature] = { active, shown, inView: this.inView[feature] ?? shown };
    }
    return counts;
  }

  /** Counts that are not per feature, `pen-segments` for one. */
  facts(): Readonly<Record<string, number>> {
    return Object.assign({}, ...this.shapes.map((shape) => shape.facts()));
  }

  /** Visible features with a marker on the bar that opens at `time`. */
  markersAt(time: number): readonly string[] {
    const features = new Set<string>();
    for (const id of this.drawings.active) {
      const definition = this.drawings.catalog.get(id)?.definition;
      if (definition?.type !== "marker" || definition.time !== time) continue;
      if (this.isVisible(definition.feature)) features.add(definition.feature);
    }
    return [...features];
  }

  private prepare(affected: (shape: LiveShape) => boolean): void {
    const grouped = itemsByFeature(this.drawings);
    this.active = new Map(
      [...grouped].map(([feature, items]) => [
        feature,
        items.filter((item) => !isSecondEdge(item.instruction_id)).length,
      ]),
    );
    for (const shape of this.shapes) {
      if (!affected(shape)) continue;
      const features =
        shape.features.length > 0 ? shape.features : [...grouped.keys()].filter((key) => !this.known.has(key));
      const items = features.flatMap((key) => (this.isVisible(key) ? (grouped.get(key) ?? []) : []));
      shape.setItems(items, this.slots);
    }
    this.laidOutFor = null;
  }

  private ownsAny(shape: LiveShape, features: ReadonlySet<string>): boolean {
    if (shape.features.length > 0) return shape.features.some((key) => features.has(key));
    return [...features].some((key) => !this.known.has(key));
  }

  private layout(scale: Scale): void {
    this.shown = {};
    this.inView = {};
    for (const shape of this.shapes) {
      const laid = shape.layout(scale);
      Object.assign(this.shown, mergeCounts(this.shown, laid.shown));
      Object.assign(this.inView, mergeCounts(this.inView, laid.inView ?? {}));
    }
    this.laidOutFor = scale;
  }
}

function mergeCounts(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [key, value] of Object.entries(b)) sum[key] = (a[key] ?? 0) + value;
  return sum;
}

/** Two scales that put every slot and price at the same pixel. */
function sameView(a: Scale, b: Scale): boolean {
  return (
    a.width === b.width &&
    a.height === b.height &&
    a.ratio === b.ratio &&
    a.spacing === b.spacing &&
    a.x(0) === b.x(0) &&
    a.first === b.first &&
    a.last === b.last &&
    a.key === b.key
  );
}
