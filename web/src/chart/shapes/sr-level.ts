/** Support and resistance: a line at a price, up to the last bar or to the bar that broke it. */
import type { PatchItem } from "../../api/types";
import { IntervalIndex } from "../cull";
import { type SlotTable, slotRange } from "../slots";
import { withAlpha } from "../tokens";
import { colourOf, type LaidObject, type ObjectRef, type Tone } from "./object";
import { type Laid, lineWidthAt, type Scale, type ShapeSpec, snap, tally } from "./shape";

const ACTIVE = "sr.active";
const BROKEN = "sr.broken";
const ACTIVE_WIDTH = 2;
const BROKEN_DASH: readonly number[] = [4, 4];
const BROKEN_OPACITY = 0.6;
/** In the colour-blind palette the side is told by the dash too. */
const RESISTANCE_DASH: readonly number[] = [12, 6];
const CROSS_PX = 3;

interface Level {
  readonly ref: ObjectRef;
  /** Slots. */
  readonly from: number;
  readonly to: number;
  readonly time: number;
  readonly price: number;
  readonly resistance: boolean;
  readonly broken: boolean;
}

interface LaidLevel {
  readonly level: Level;
  readonly left: number;
  readonly right: number;
  readonly y: number;
  readonly object: LaidObject;
}

interface LaidLevels extends Laid {
  readonly levels: readonly LaidLevel[];
  readonly width: number;
  readonly height: number;
}

export const srLevel: ShapeSpec<IntervalIndex<Level>, LaidLevels> = {
  features: [ACTIVE, BROKEN],
  layers: ["levels"],
  prepare: (items, slots) => new IntervalIndex(items.flatMap((item) => levelOf(item, slots))),
  layout(index, scale) {
    const levels = index.touching(scale.first, scale.last).map((level) => place(level, scale));
    return {
      levels,
      width: lineWidthAt(ACTIVE_WIDTH, scale.spacing),
      height: scale.height,
      shown: tally(levels.map(({ level }) => level.ref.feature)),
      objects: levels.map(({ object }) => object),
    };
  },
  draw(ctx, laid, { tokens, palette, strong }) {
    for (const { level, left, right, y, object } of laid.levels) {
      const color = colourOf(object.tone, tokens);
      ctx.strokeStyle = level.broken && !strong ? withAlpha(color, BROKEN_OPACITY) : color;
      ctx.lineWidth = level.broken ? 1 : laid.width;
      const dashed = level.broken ? BROKEN_DASH : palette === "colour-blind" && level.resistance ? RESISTANCE_DASH : [];
      ctx.setLineDash([...dashed]);
      ctx.beginPath();
      ctx.moveTo(left, y);
      ctx.lineTo(right, y);
      ctx.stroke();
      if (level.broken) drawCross(ctx, right, y);
    }
  },
  labels: (laid) =>
    laid.levels
      .filter(({ y }) => y >= 0 && y <= laid.height)
      .map(({ level, object }) => ({ object, price: level.price, quiet: level.broken })),
};

function levelOf({ instruction_id: id, definition }: PatchItem, slots: SlotTable): Level[] {
  if (definition.type !== "polyline") return [];
  const [start, end] = [definition.points[0], definition.points.at(-1)];
  const range = start && end && slotRange(slots, start.time, end.time);
  if (!start || !range) return [];
  return [
    {
      ref: { id, feature: definition.feature, part: null },
      ...range,
      time: start.time,
      price: start.value,
      resistance: id.split(":")[1] === "resistance",
      broken: definition.feature === BROKEN,
    },
  ];
}

function place(level: Level, scale: Scale): LaidLevel {
  const [left, right] = [scale.x(level.from), scale.x(level.to)];
  const y = snap(scale.y(level.price), scale.ratio);
  const tone: Tone = level.broken ? "srBroken" : level.resistance ? "resistance" : "support";
  const points = [
    { x: Math.max(left, 0), y },
    { x: Math.min(right, scale.width), y },
  ];
  const object: LaidObject = {
    ref: level.ref,
    layer: "levels",
    outline: {
      kind: "path",
      points,
      width: level.broken ? 1 : ACTIVE_WIDTH,
      dash: level.broken ? BROKEN_DASH : [],
    },
    tone,
    time: level.time,
  };
  return { level, left, right, y, object };
}

function drawCross(ctx: CanvasRenderingContext2D, x: number, y: number): void {
  ctx.setLineDash([]);
  ctx.beginPath();
  for (const slope of [1, -1]) {
    ctx.moveTo(x - CROSS_PX, y - slope * CROSS_PX);
    ctx.lineTo(x + CROSS_PX, y + slope * CROSS_PX);
  }
  ctx.stroke();
}
