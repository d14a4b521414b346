/** Confirmed pens: one continuous line through the turning points. */
import { priceRange, toPixels, tracePath, visiblePart, type XY } from "./polyline";
import { joinRanges, type Laid, lineWidthAt, type PriceRange, runsOf, type ShapeSpec, type SlotPoint } from "./shape";

export const PEN_CONFIRMED = "pen.confirmed";
const WIDTH = 2;

interface LaidPens extends Laid {
  readonly lines: readonly (readonly XY[])[];
  readonly width: number;
}

export const penLine: ShapeSpec<readonly (readonly SlotPoint[])[], LaidPens> = {
  features: [PEN_CONFIRMED],
  prepare: (items, slots) =>
    items.flatMap(({ definition }) => (definition.type === "polyline" ? runsOf(definition.points, slots) : [])),
  layout(runs, scale) {
    const parts = runs.map((run) => visiblePart(run, scale.first, scale.last)).filter((part) => part.length > 0);
    const pens = parts.reduce((sum, part) => sum + part.length - 1, 0);
    return {
      lines: parts.map((part) => toPixels(part, scale)),
      width: lineWidthAt(WIDTH, scale.spacing),
      shown: { [PEN_CONFIRMED]: parts.length },
      inView: { [PEN_CONFIRMED]: pens },
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
