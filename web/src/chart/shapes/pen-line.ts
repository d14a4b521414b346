/** Confirmed pens: one continuous line through the turning points. */
import type { LaidObject } from "./object";
import { priceRange, toPixels, tracePath, visiblePart, type XY } from "./polyline";
import {
  joinRanges,
  type Laid,
  lineWidthAt,
  type PriceRange,
  runsOf,
  type Scale,
  type ShapeSpec,
  type SlotPoint,
} from "./shape";

export const PEN_CONFIRMED = "pen.confirmed";
const WIDTH = 2;

/** One pen of the line; its start time says which. */
function penObject(from: SlotPoint, to: SlotPoint, scale: Scale, width: number): LaidObject {
  return {
    ref: { id: PEN_CONFIRMED, feature: PEN_CONFIRMED, part: from.time },
    layer: "lines",
    outline: { kind: "path", points: toPixels([from, to], scale), width },
    tone: "pen",
    time: from.time,
  };
}

interface LaidPens extends Laid {
  readonly lines: readonly (readonly XY[])[];
  readonly width: number;
}

export const penLine: ShapeSpec<readonly (readonly SlotPoint[])[], LaidPens> = {
  features: [PEN_CONFIRMED],
  layers: ["lines"],
  prepare: (items, slots) =>
    items.flatMap(({ definition }) => (definition.type === "polyline" ? runsOf(definition.points, slots) : [])),
  layout(runs, scale) {
    const parts = runs.map((run) => visiblePart(run, scale.first, scale.last)).filter((part) => part.length > 0);
    const width = lineWidthAt(WIDTH, scale.spacing);
    const objects = parts.flatMap((part) =>
      part.slice(1).map((to, at) => penObject(part[at] as SlotPoint, to, scale, width)),
    );
    return {
      lines: parts.map((part) => toPixels(part, scale)),
      width,
      shown: { [PEN_CONFIRMED]: parts.length },
      inView: { [PEN_CONFIRMED]: objects.length },
      objects,
    };
  },
  draw(ctx, laid, { tokens }) {
    ctx.strokeStyle = tokens.features[PEN_CONFIRMED] ?? tokens.pen;
    ctx.lineWidth = laid.width;
    ctx.lineJoin = "round";
    ctx.lineCap = "round";
    ctx.beginPath();
    for (const line of laid.lines) tracePath(ctx, line);
    ctx.stroke();
  },
  prices(runs, first, last) {
    let range: PriceRange | null = null;
    for (const run of runs) range = joinRanges(range, priceRange(run, first, last));
    return range;
  },
  facts: (runs) => ({ "pen-segments": (runs ?? []).reduce((sum, run) => sum + run.length - 1, 0) }),
};
