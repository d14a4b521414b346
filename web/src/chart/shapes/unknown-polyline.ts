/** Lines of features the client does not know: their own colour, width and dash. */
import type { PolylineDefinition } from "../../api/types";
import { IntervalIndex } from "../cull";
import type { LaidObject, ObjectRef } from "./object";
import { toPixels, tracePath, visiblePart, type XY } from "./polyline";
import { type Laid, lineWidthAt, runsOf, type ShapeSpec, type SlotPoint, tally } from "./shape";

const DEFAULT_COLOR = "#f59e0b";
const MAX_WIDTH = 4;
const DASH: readonly number[] = [6, 4];

interface Line {
  readonly ref: ObjectRef;
  readonly from: number;
  readonly to: number;
  readonly feature: string;
  readonly run: readonly SlotPoint[];
  readonly style: LineStyle;
}

interface LineStyle {
  readonly color: string;
  readonly width: number;
  readonly dashed: boolean;
}

interface LaidLines extends Laid {
  readonly lines: readonly {
    readonly feature: string;
    readonly points: readonly XY[];
    readonly style: LineStyle;
    readonly width: number;
  }[];
}

export const unknownPolyline: ShapeSpec<IntervalIndex<Line>, LaidLines> = {
  features: [],
  layers: ["lines"],
  prepare: (items, slots) =>
    new IntervalIndex(
      items.flatMap(({ instruction_id: id, definition }) => {
        if (definition.type !== "polyline") return [];
        const style = styleOf(definition);
        return runsOf(definition.points, slots).map((run) => ({
          ref: { id, feature: definition.feature, part: null },
          from: run[0]?.slot ?? 0,
          to: run.at(-1)?.slot ?? 0,
          feature: definition.feature,
          run,
          style,
        }));
      }),
    ),
  layout(index, scale) {
    const objects: LaidObject[] = [];
    const lines = index.touching(scale.first, scale.last).map(({ ref, feature, run, style }) => {
      const points = toPixels(visiblePart(run, scale.first, scale.last), scale);
      const width = lineWidthAt(style.width, scale.spacing);
      const tone = { feature, color: style.color };
      objects.push({ ref, layer: "lines", outline: { kind: "path", points, width }, tone, time: run[0]?.time ?? 0 });
      return { feature, points, style, width };
    });
    return { lines, shown: tally(lines.map(({ feature }) => feature)), objects };
  },
  draw(ctx, laid, { tokens }) {
    for (const { feature, points, style, width } of laid.lines) {
      ctx.strokeStyle = tokens.features[feature] ?? style.color;
      ctx.lineWidth = width;
      ctx.setLineDash(style.dashed ? [...DASH] : []);
      ctx.beginPath();
      tracePath(ctx, points);
      ctx.stroke();
    }
  },
};

function styleOf(definition: PolylineDefinition): LineStyle {
  const width = Math.min(MAX_WIDTH, Math.max(1, Math.round(definition.lineWidth)));
  return { color: definition.color || DEFAULT_COLOR, width, dashed: definition.lineStyle === "dashed" };
}
