/** Zones (zhongshu): a rectangle from the two lines that the server draws, open at the right while the zone lives. */
import type { PatchItem, PolylineDefinition } from "../../api/types";
import { IntervalIndex } from "../cull";
import { type SlotTable, slotRange } from "../slots";
import { withAlpha } from "../tokens";
import { colourOf, type LaidObject, type ObjectRef } from "./object";
import { joinRanges, type Laid, lineWidthAt, type PriceRange, type Scale, type ShapeSpec, snap, tally } from "./shape";

const ALIVE = "zhongshu.alive";
const DEAD = "zhongshu.dead";
const TOP = ":top";
const BOTTOM = ":bottom";
const BORDER_PX = 2;
const CHEVRON_PX = 6;
const TICK_PX = 3;
/** Fill by entry direction, then the border. */
const OPACITY = {
  alive: { up: 0.2, down: 0.18, border: 0.72 },
  dead: { up: 0.12, down: 0.1, border: 0.58 },
} as const;

interface Zone {
  readonly ref: ObjectRef;
  /** Slots. */
  readonly from: number;
  readonly to: number;
  readonly time: number;
  readonly low: number;
  readonly high: number;
  readonly alive: boolean;
  readonly up: boolean;
}

interface LaidZone {
  readonly zone: Zone;
  readonly object: LaidObject;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface LaidZones extends Laid {
  readonly zones: readonly LaidZone[];
  readonly width: number;
}

/** The second line of a pair: it belongs to the box of the first and is not a thing of its own. */
export function isSecondEdge(id: string): boolean {
  return id.startsWith("zhongshu.") && id.endsWith(BOTTOM);
}

export const zoneBox: ShapeSpec<IntervalIndex<Zone>, LaidZones> = {
  features: [ALIVE, DEAD],
  layers: ["fills", "lines"],
  prepare: (items, slots) => new IntervalIndex(zonesOf(items, slots)),
  layout(index, scale) {
    const zones = index.touching(scale.first, scale.last).map((zone) => place(zone, scale));
    return {
      zones,
      width: lineWidthAt(BORDER_PX, scale.spacing),
      shown: tally(zones.map(({ zone }) => zone.ref.feature)),
      objects: zones.map(({ object }) => object),
    };
  },
  draw(ctx, laid, style, layer) {
    for (const placed of laid.zones) {
      const { zone, left, right, top, bottom } = placed;
      const opacity = zone.alive ? OPACITY.alive : OPACITY.dead;
      const color = colourOf(placed.object.tone, style.tokens);
      if (layer === "fills") {
        ctx.fillStyle = withAlpha(color, zone.up ? opacity.up : opacity.down);
        ctx.fillRect(left, top, right - left, bottom - top);
        continue;
      }
      ctx.strokeStyle = withAlpha(color, style.strong ? 1 : opacity.border);
      ctx.lineWidth = laid.width;
      ctx.beginPath();
      traceBorder(ctx, placed);
      ctx.stroke();
    }
  },
  prices(index, first, last) {
    const alive = index.touching(first, last).filter((zone) => zone.alive);
    return alive.reduce<PriceRange | null>((range, { low, high }) => joinRanges(range, { low, high }), null);
  },
};

function zonesOf(items: readonly PatchItem[], slots: SlotTable): Zone[] {
  const bottoms = new Map(items.map((item) => [item.instruction_id, item.definition]));
  return items.flatMap(({ instruction_id: id, definition: top }) => {
    if (!id.endsWith(TOP) || top.type !== "polyline") return [];
    const bottom = bottoms.get(id.slice(0, -TOP.length) + BOTTOM);
    return bottom?.type === "polyline" ? zoneOf(id, top, bottom, slots) : [];
  });
}

function zoneOf(id: string, top: PolylineDefinition, bottom: PolylineDefinition, slots: SlotTable): Zone[] {
  const [start, end] = [top.points[0], top.points.at(-1)];
  const low = bottom.points[0]?.value;
  const range = start && end && slotRange(slots, start.time, end.time);
  if (!start || low === undefined || !range) return [];
  return [
    {
      ref: { id, feature: top.feature, part: null },
      ...range,
      time: start.time,
      low,
      high: start.value,
      alive: top.feature === ALIVE,
      up: top.entryDirection !== -1,
    },
  ];
}

function place(zone: Zone, scale: Scale): LaidZone {
  const [left, right] = [snap(scale.x(zone.from), scale.ratio), snap(scale.x(zone.to), scale.ratio)];
  const edges = [snap(scale.y(zone.high), scale.ratio), snap(scale.y(zone.low), scale.ratio)] as const;
  const box = { left, right, top: Math.min(...edges), bottom: Math.max(...edges) };
  const tone = zone.alive ? (zone.up ? "zoneUp" : "zoneDown") : zone.up ? "zoneUpDead" : "zoneDownDead";
  const object: LaidObject = {
    ref: zone.ref,
    layer: "lines",
    outline: { kind: "box", ...box },
    tone,
    time: zone.time,
  };
  return { zone, object, ...box };
}

/** Open at the right while it grows; closed with a tick when it ended. A chevron at the left tells the entry. */
function traceBorder(ctx: CanvasRenderingContext2D, { zone, left, right, top, bottom }: LaidZone): void {
  ctx.moveTo(right, top);
  ctx.lineTo(left, top);
  ctx.lineTo(left, bottom);
  ctx.lineTo(right, bottom);
  if (!zone.alive) {
    ctx.lineTo(right, top);
    ctx.moveTo(right, (top + bottom) / 2);
    ctx.lineTo(right + TICK_PX, (top + bottom) / 2);
  }
  const middle = (top + bottom) / 2;
  const tip = zone.up ? -CHEVRON_PX / 4 : CHEVRON_PX / 4;
  ctx.moveTo(left - CHEVRON_PX / 2, middle - tip);
  ctx.lineTo(left, middle + tip);
  ctx.lineTo(left + CHEVRON_PX / 2, middle - tip);
}
