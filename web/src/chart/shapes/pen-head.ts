/** Pens that are not settled: dashed, lighter, with an open circle at the end that still moves. */
import type { LaidObject } from "./object";
import { priceRange, toPixels, tracePath, visiblePart, type XY } from "./polyline";
import {
  joinRanges,
  type Laid,
  lineWidthAt,
  type PriceRange,
  runsOf,
  type ShapeSpec,
  type SlotPoint,
  tally,
} from "./shape";

const EXTENDING = "pen.extending";
const CANDIDATE = "pen.candidate";
const WIDTH = 2;
const OPACITY = 0.8;
const RADIUS = 3;
const DASHES: Readonly<Record<string, readonly number[]>> = { [EXTENDING]: [6, 4], [CANDIDATE]: [2, 4] };

interface Head {
  readonly feature: string;
  readonly run: readonly SlotPoint[];
}

interface LaidHead {
  readonly feature: string;
  readonly line: readonly XY[];
  readonly end: XY | null;
}

interface LaidHeads extends Laid {
  readonly heads: readonly LaidHead[];
  readonly width: number;
}

export const penHead: ShapeSpec<readonly Head[], LaidHeads> = {
  features: [EXTENDING, CANDIDATE],
  layers: ["lines"],
  prepare: (items, slots) =>
    items.flatMap(({ definition }) => {
      if (definition.type !== "polyline") return [];
      return runsOf(definition.points, slots).map((run) => ({ feature: definition.feature, run }));
    }),
  layout(prepared, scale) {
    const width = lineWidthAt(WIDTH, scale.spacing);
    const heads: LaidHead[] = [];
    const objects: LaidObject[] = [];
    for (const { feature, run } of prepared) {
      const line = toPixels(visiblePart(run, scale.first, scale.last), scale);
      if (line.length === 0) continue;
      const end = run.at(-1);
      const endVisible = end && end.slot >= scale.first && end.slot <= scale.last;
      heads.push({ feature, line, end: endVisible ? { x: scale.x(end.slot), y: scale.y(end.price) } : null });
      objects.push({
        ref: { id: feature, feature, part: null },
        layer: "lines",
        outline: { kind: "path", points: line, width, dash: DASHES[feature] ?? [] },
        tone: "pen",
        time: run[0]?.time ?? 0,
      });
    }
    return { heads, width, shown: tally(heads.map(({ feature }) => feature)), objects };
  },
  draw(ctx, laid, { tokens }) {
    ctx.globalAlpha *= OPACITY;
    ctx.lineWidth = laid.width;
    for (const { feature, line, end } of laid.heads) {
      ctx.strokeStyle = tokens.features[feature] ?? tokens.pen;
      ctx.setLineDash([...(DASHES[feature] ?? [])]);
      ctx.beginPath();
      tracePath(ctx, line);
      ctx.stroke();
      if (!end) continue;
      ctx.setLineDash([]);
      ctx.fillStyle = tokens.bg;
      ctx.beginPath();
      ctx.arc(end.x, end.y, RADIUS, 0, 2 * Math.PI);
      ctx.fill();
      ctx.lineWidth = 1.5;
      ctx.stroke();
      ctx.lineWidth = laid.width;
    }
  },
  prices(prepared, first, last) {
    let range: PriceRange | null = null;
    for (const { run } of prepared) range = joinRanges(range, priceRange(run, first, last));
    return range;
  },
};
