/** Pivots: dots above highs and below lows. Major and minor ones are thinned together. */
import type { PatchItem } from "../../api/types";
import { partition } from "../cull";
import type { SlotTable } from "../slots";
import type { LaidObject, ObjectRef } from "./object";
import type { Laid, Scale, ShapeSpec } from "./shape";
import { type Dot, thinDots } from "./thin";

const MAJOR = "pivot.major";
const MINOR = "pivot.minor";
const DISTANCE_PX = 5;
const MAJOR_RADIUS = 3.5;
const MINOR_RADIUS = 2;
const MINOR_OPACITY = 0.6;

interface LaidDot {
  readonly x: number;
  readonly y: number;
  readonly side: Dot["side"];
}

interface PivotDot extends Omit<Dot, "price"> {
  readonly ref: ObjectRef;
  readonly time: number;
}

interface LaidDots extends Laid {
  readonly major: readonly LaidDot[];
  readonly minor: readonly LaidDot[];
}

export const pivotDot: ShapeSpec<readonly PivotDot[], LaidDots> = {
  features: [MAJOR, MINOR],
  layers: ["marks"],
  prepare: (items, slots) => items.flatMap((item) => dotOf(item, slots)).sort((a, b) => a.slot - b.slot),
  layout(dots, scale) {
    const from = partition(dots, (dot) => dot.slot < scale.first);
    const to = partition(dots, (dot) => dot.slot <= scale.last);
    const visible = thinDots(priced(dots.slice(from, to), scale), scale.spacing);
    const placed = visible.map((dot) => ({ dot, at: { x: scale.x(dot.slot), y: dotY(dot, scale), side: dot.side } }));
    const major = placed.filter(({ dot }) => dot.major).map(({ at }) => at);
    const minor = placed.filter(({ dot }) => !dot.major).map(({ at }) => at);
    const objects = placed.map(({ dot, at }) => dotObject(dot, at));
    return { major, minor, shown: { [MAJOR]: major.length, [MINOR]: minor.length }, objects };
  },
  draw(ctx, laid, { tokens }) {
    const base = ctx.globalAlpha;
    for (const side of ["above", "below"] as const) {
      ctx.fillStyle = side === "above" ? tokens.pivotHigh : tokens.pivotLow;
      ctx.globalAlpha = base;
      fillDots(ctx, laid.major, side, MAJOR_RADIUS);
      ctx.globalAlpha = base * MINOR_OPACITY;
      fillDots(ctx, laid.minor, side, MINOR_RADIUS);
    }
    ctx.globalAlpha = base;
  },
};

function dotOf(item: PatchItem, slots: SlotTable): PivotDot[] {
  const { definition } = item;
  if (definition.type !== "marker") return [];
  const slot = slots.slotOf(definition.time);
  if (slot === null) return [];
  const side = definition.position === "aboveBar" ? "above" : "below";
  const ref = { id: item.instruction_id, feature: definition.feature, part: null };
  return [{ ref, slot, side, major: definition.feature === MAJOR, time: definition.time }];
}

function dotObject({ ref, side, major, time }: PivotDot, { x, y }: LaidDot): LaidObject {
  return {
    ref,
    layer: "marks",
    outline: { kind: "dot", x, y, radius: major ? MAJOR_RADIUS : MINOR_RADIUS },
    tone: side === "above" ? "pivotHigh" : "pivotLow",
    time,
  };
}

function priced(dots: readonly PivotDot[], scale: Scale): (PivotDot & Dot)[] {
  return dots.flatMap((dot) => {
    const bar = scale.bar(dot.slot);
    return bar ? [{ ...dot, price: dot.side === "above" ? bar.high : bar.low }] : [];
  });
}

/** "Above" is where higher prices are: on an inverted scale that is further down. */
function dotY(dot: Dot, scale: Scale): number {
  const y = scale.y(dot.price);
  const up = scale.y(dot.price * 1.01) <= y ? -1 : 1;
  const radius = dot.major ? MAJOR_RADIUS : MINOR_RADIUS;
  return y + (dot.side === "above" ? up : -up) * (DISTANCE_PX + radius);
}

function fillDots(ctx: CanvasRenderingContext2D, dots: readonly LaidDot[], side: Dot["side"], radius: number): void {
  ctx.beginPath();
  for (const dot of dots) {
    if (dot.side !== side) continue;
    ctx.moveTo(dot.x + radius, dot.y);
    ctx.arc(dot.x, dot.y, radius, 0, 2 * Math.PI);
  }
  ctx.fill();
}
