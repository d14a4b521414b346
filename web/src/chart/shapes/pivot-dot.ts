/** Pivots: dots above highs and below lows. Major and minor ones are thinned together. */
import type { PatchItem } from "../../api/types";
import { partition } from "../cull";
import type { SlotTable } from "../slots";
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

interface LaidDots extends Laid {
  readonly major: readonly LaidDot[];
  readonly minor: readonly LaidDot[];
}

type PivotDot = Omit<Dot, "price">;

export const pivotDot: ShapeSpec<readonly PivotDot[], LaidDots> = {
  features: [MAJOR, MINOR],
  prepare: (items, slots) => items.flatMap((item) => dotOf(item, slots)).sort((a, b) => a.slot - b.slot),
  layout(dots, scale) {
    const from = partition(dots, (dot) => dot.slot < scale.first);
    const to = partition(dots, (dot) => dot.slot <= scale.last);
    const visible = thinDots(priced(dots.slice(from, to), scale), scale.spacing);
    const place = (dot: Dot): LaidDot => ({ x: scale.x(dot.slot), y: dotY(dot, scale), side: dot.side });
    const major = visible.filter((dot) => dot.major).map(place);
    const minor = visible.filter((dot) => !dot.major).map(place);
    return { major, minor, shown: { [MAJOR]: major.length, [MINOR]: minor.length } };
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
  return [{ slot, side, major: definition.feature === MAJOR }];
}

function priced(dots: readonly PivotDot[], scale: Scale): Dot[] {
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
