/** Anchors: the pens that carry the structure now and carried it before, with a halo, over everything else. */
import type { PatchItem } from "../../api/types";
import { IntervalIndex } from "../cull";
import { reachingSlot, type SlotTable } from "../slots";
import { colourOf, type LaidObject, type ObjectRef } from "./object";
import { clipToSlots, toPixels, tracePath, type XY } from "./polyline";
import { type Laid, type Scale, type ShapeSpec, type SlotPoint, tally } from "./shape";

const CURRENT = "anchor.current";
const HISTORY = "anchor.history";
const LOOKS = {
  current: { width: 3, halo: 6 },
  history: { width: 2.5, halo: 4 },
} as const;
const DASH: readonly number[] = [8, 5];
const DIAMOND_PX = 5;
/** More predecessors than this in view step back. */
const CROWD = 5;
const CROWD_OPACITY = 0.55;

interface Anchor {
  readonly ref: ObjectRef;
  /** Slots; beyond the loaded bars they are counted on. */
  readonly from: number;
  readonly to: number;
  readonly time: number;
  readonly run: readonly SlotPoint[];
  readonly current: boolean;
  readonly dashed: boolean;
}

interface LaidAnchor {
  readonly anchor: Anchor;
  readonly line: readonly XY[];
  /** Where the pen begins, if that is in view. */
  readonly start: XY | null;
  readonly object: LaidObject;
}

interface LaidAnchors extends Laid {
  readonly anchors: readonly LaidAnchor[];
  readonly faded: boolean;
}

export const anchorLine: ShapeSpec<IntervalIndex<Anchor>, LaidAnchors> = {
  features: [CURRENT, HISTORY],
  layers: ["anchors"],
  prepare: (items, slots) => new IntervalIndex(items.flatMap((item) => anchorOf(item, slots))),
  layout(index, scale) {
    const anchors = index
      .touching(scale.first, scale.last)
      .flatMap((anchor) => place(anchor, scale))
      // The current one is never below a predecessor.
      .sort((a, b) => Number(a.anchor.current) - Number(b.anchor.current));
    const shown = tally(anchors.map(({ anchor }) => anchor.ref.feature));
    return {
      anchors,
      faded: (shown[HISTORY] ?? 0) > CROWD,
      shown,
      objects: anchors.map(({ object }) => object),
    };
  },
  draw(ctx, laid, { tokens, strong }) {
    const base = ctx.globalAlpha;
    ctx.lineJoin = "round";
    for (const { anchor, line, start, object } of laid.anchors) {
      const { width, halo } = anchor.current ? LOOKS.current : LOOKS.history;
      ctx.globalAlpha = base;
      ctx.setLineDash([]);
      ctx.lineCap = "butt";
      ctx.strokeStyle = tokens.halo;
      ctx.lineWidth = halo;
      stroke(ctx, line);
      ctx.globalAlpha = anchor.current || !laid.faded || strong ? base : base * CROWD_OPACITY;
      ctx.strokeStyle = colourOf(object.tone, tokens);
      ctx.lineWidth = width;
      ctx.setLineDash(anchor.dashed ? [...DASH] : []);
      stroke(ctx, line);
      if (anchor.current && start) drawDiamond(ctx, start, tokens.bg);
    }
    ctx.globalAlpha = base;
  },
};

function anchorOf({ instruction_id: id, definition }: PatchItem, slots: SlotTable): Anchor[] {
  if (definition.type !== "polyline" || slots.length === 0) return [];
  const run = definition.points.map(({ time, value }) => ({ slot: reachingSlot(slots, time), price: value, time }));
  const [start, end] = [run[0], run.at(-1)];
  if (!start || !end || run.length < 2) return [];
  return [
    {
      ref: { id, feature: definition.feature, part: null },
      from: start.slot,
      to: end.slot,
      time: start.time,
      run,
      current: definition.feature === CURRENT,
      dashed: definition.lineStyle === "dashed",
    },
  ];
}

function place(anchor: Anchor, scale: Scale): LaidAnchor[] {
  const line = toPixels(clipToSlots(anchor.run, scale.first, scale.last), scale);
  const start = anchor.run[0];
  if (line.length < 2 || !start) return [];
  const inView = start.slot >= scale.first && start.slot <= scale.last;
  const object: LaidObject = {
    ref: anchor.ref,
    layer: "anchors",
    outline: {
      kind: "path",
      points: line,
      width: anchor.current ? LOOKS.current.width : LOOKS.history.width,
      dash: anchor.dashed ? DASH : [],
    },
    tone: anchor.current ? "anchor" : "anchorHistory",
    time: anchor.time,
  };
  return [{ anchor, line, start: inView ? { x: scale.x(start.slot), y: scale.y(start.price) } : null, object }];
}

function stroke(ctx: CanvasRenderingContext2D, line: readonly XY[]): void {
  ctx.beginPath();
  tracePath(ctx, line);
  ctx.stroke();
}

function drawDiamond(ctx: CanvasRenderingContext2D, { x, y }: XY, fill: string): void {
  ctx.setLineDash([]);
  ctx.lineWidth = 2;
  ctx.fillStyle = fill;
  ctx.beginPath();
  ctx.moveTo(x, y - DIAMOND_PX);
  ctx.lineTo(x + DIAMOND_PX, y);
  ctx.lineTo(x, y + DIAMOND_PX);
  ctx.lineTo(x - DIAMOND_PX, y);
  ctx.closePath();
  ctx.fill();
  ctx.stroke();
}
