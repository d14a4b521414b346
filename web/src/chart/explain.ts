/** What an object on the chart is, when it formed, since when it was known, and when it settled or ended. */
import type { LinePoint, PatchItem } from "../api/types";
import type { DrawingState } from "../feed/drawings";
import { type Direction, type Ledger, levelKey, type PenRef, type Side, type ZoneFact } from "../feed/ledger";
import type { ObjectRef } from "./shapes/object";
import type { PricePoint } from "./types";

/** Times are seconds; null where it is not known (yet). */
export type Explanation =
  | {
      readonly kind: "pivot";
      readonly major: boolean;
      readonly side: Side;
      readonly time: number;
      readonly price: number | null;
      readonly knownSince: number;
    }
  | {
      readonly kind: "pen";
      readonly state: "confirmed" | "extending" | "candidate";
      readonly from: PricePoint;
      readonly to: PricePoint;
      readonly knownSince: number | null;
    }
  | {
      readonly kind: "zone";
      readonly alive: boolean;
      readonly entry: Direction;
      readonly from: number;
      readonly to: number;
      readonly low: number;
      readonly high: number;
      readonly formedTime: number | null;
      readonly formedReason: string | null;
      readonly knownSince: number | null;
      readonly deathTime: number | null;
    }
  | {
      readonly kind: "anchor";
      readonly current: boolean;
      readonly from: PricePoint;
      readonly to: PricePoint;
      /** The pen it stands on is confirmed. */
      readonly settled: boolean;
      readonly knownSince: number | null;
      readonly reason: string | null;
      readonly before: PenRef | null;
      /** The switch that ended it. */
      readonly until: number | null;
    }
  | {
      readonly kind: "switch";
      readonly time: number;
      readonly direction: Direction;
      readonly reason: string;
      readonly before: PenRef | null;
      readonly after: PenRef | null;
      readonly knownSince: number;
    }
  | {
      readonly kind: "level";
      readonly broken: boolean;
      readonly side: Side;
      readonly price: number;
      readonly from: number;
      readonly touches: readonly number[];
      readonly count: number | null;
      readonly band: { readonly low: number; readonly high: number } | null;
      readonly knownSince: number | null;
      readonly deathTime: number | null;
      readonly flip: "up" | "down" | null;
    }
  | {
      readonly kind: "other";
      readonly feature: string;
      readonly from: number;
      readonly to: number;
      readonly knownSince: number;
    };

/** Null when the drawing does not have the object. Without a ledger the times that only it knows stay null. */
export function explain(ref: ObjectRef, drawings: DrawingState, ledger: Ledger | null): Explanation | null {
  const item = drawings.catalog.get(ref.id);
  if (!item || !drawings.active.includes(ref.id)) return null;
  const group = ref.feature.split(".")[0] ?? "";
  const known = EXPLAINERS[group]?.({ item, ref, drawings, ledger }) ?? null;
  return known ?? other(item);
}

interface Subject {
  readonly item: PatchItem;
  readonly ref: ObjectRef;
  readonly drawings: DrawingState;
  readonly ledger: Ledger | null;
}

const EXPLAINERS: Readonly<Record<string, (subject: Subject) => Explanation | null>> = {
  pivot: explainPivot,
  pen: explainPen,
  zhongshu: explainZone,
  anchor: ({ item, ...rest }) =>
    item.definition.type === "marker" ? explainSwitch({ item, ...rest }) : explainAnchor({ item, ...rest }),
  sr: explainLevel,
};

function explainPivot({ item, ledger }: Subject): Explanation | null {
  const { definition, visible_time: knownSince } = item;
  if (definition.type !== "marker") return null;
  const { time } = definition;
  const major = definition.feature === "pivot.major";
  const side: Side = definition.position === "aboveBar" ? "resistance" : "support";
  const fact = ledger?.pivots.find(
    (pivot) => pivot.time === time && pivot.side === side && (pivot.kind === "major") === major,
  );
  return { kind: "pivot", major, side, time, price: fact?.price ?? null, knownSince };
}

function explainPen({ item, ref, ledger }: Subject): Explanation | null {
  const points = pointsOf(item);
  const at = ref.part === null ? 0 : points.findIndex((point) => point.time === ref.part);
  const [from, to] = [points[at], points[at + 1]];
  if (!from || !to) return null;
  const state = ref.feature === "pen.extending" ? "extending" : ref.feature === "pen.candidate" ? "candidate" : null;
  const fact = ledger?.pens.find((pen) => pen.startTime === from.time && pen.endTime === to.time);
  return {
    kind: "pen",
    state: state ?? "confirmed",
    from: pricePoint(from),
    to: pricePoint(to),
    // The line of pens is one instruction: when one of them became known is in the ledger only.
    knownSince: state === null ? (fact?.knownSince ?? null) : item.visible_time,
  };
}

function explainZone({ item, ref, drawings, ledger }: Subject): Explanation | null {
  const top = pointsOf(item);
  const bottom = drawings.catalog.get(ref.id.replace(/:top$/, ":bottom"));
  const [start, end, low] = [top[0], top.at(-1), bottom && pointsOf(bottom)[0]];
  if (!start || !end || !low || item.definition.type !== "polyline") return null;
  const alive = ref.feature === "zhongshu.alive";
  const same = (zone: ZoneFact) =>
    zone.startTime === start.time && zone.high === start.value && zone.low === low.value && zone.endTime === end.time;
  const fact = alive
    ? ledger?.aliveZone?.startTime === start.time
      ? ledger.aliveZone
      : null
    : (ledger?.deadZones.find(same) ?? null);
  return {
    kind: "zone",
    alive,
    entry: item.definition.entryDirection === -1 ? -1 : 1,
    from: start.time,
    to: end.time,
    low: low.value,
    high: start.value,
    formedTime: fact?.formedTime ?? null,
    formedReason: fact?.formedReason ?? null,
    knownSince: alive ? (fact?.formedTime ?? null) : item.visible_time,
    deathTime: alive ? null : (fact?.deathTime ?? item.visible_time),
  };
}

function explainAnchor({ item, ref, ledger }: Subject): Explanation | null {
  const points = pointsOf(item);
  const [from, to] = [points[0], points.at(-1)];
  if (!from || !to || item.definition.type !== "polyline") return null;
  const current = ref.feature === "anchor.current";
  const switches = ledger?.switches ?? [];
  // `anchor.history:{switch}:{start}:{end}:{direction}`; the newest switch to the pen for the current one.
  const time = Number(ref.id.split(":")[1]);
  const at = current
    ? switches.findLastIndex((entry) => entry.after.startTime === from.time)
    : switches.findIndex((entry) => entry.time === time);
  const own = switches[at];
  return {
    kind: "anchor",
    current,
    from: pricePoint(from),
    to: pricePoint(to),
    settled: item.definition.lineStyle !== "dashed",
    knownSince: own?.time ?? (current ? null : time),
    reason: own?.reason ?? null,
    before: own?.before ?? null,
    until: current ? null : (switches[at + 1]?.time ?? null),
  };
}

function explainSwitch({ item, ref, ledger }: Subject): Explanation | null {
  if (item.definition.type !== "marker") return null;
  const { time, position } = item.definition;
  // `anchor.switch:{time}:{direction}:{reason}`
  const reason = ref.id.split(":").slice(3).join(":");
  const fact = ledger?.switches.find((entry) => entry.time === time && entry.reason === reason);
  return {
    kind: "switch",
    time,
    direction: position === "belowBar" ? 1 : -1,
    reason,
    before: fact?.before ?? null,
    after: fact?.after ?? null,
    knownSince: item.visible_time,
  };
}

function explainLevel({ item, ref, ledger }: Subject): Explanation | null {
  const points = pointsOf(item);
  const first = points[0];
  // `sr.{status}:{side}:{price}:{start}`
  const parts = ref.id.split(":");
  const from = Number(parts.at(-1));
  if (!first || !Number.isFinite(from)) return null;
  const side: Side = parts[1] === "resistance" ? "resistance" : "support";
  const key = levelKey(side, first.value, from);
  const fact = ledger?.levels.find((level) => levelKey(level.side, level.price, level.startTime) === key);
  const broken = ref.feature === "sr.broken";
  return {
    kind: "level",
    broken,
    side,
    price: first.value,
    from,
    touches: fact?.touchTimes ?? [],
    count: fact?.count ?? null,
    band: fact?.band ?? null,
    knownSince: ledger?.levelsSince.get(key) ?? null,
    deathTime: fact?.deathTime ?? (broken ? (points.at(-1)?.time ?? null) : null),
    flip: fact?.flip ?? null,
  };
}

function other({ definition, visible_time: knownSince }: PatchItem): Explanation {
  const times = definition.type === "marker" ? [definition.time] : definition.points.map((point) => point.time);
  const { feature } = definition;
  return { kind: "other", feature, from: times[0] ?? knownSince, to: times.at(-1) ?? knownSince, knownSince };
}

function pointsOf(item: PatchItem): readonly LinePoint[] {
  return item.definition.type === "polyline" ? item.definition.points : [];
}

function pricePoint({ time, value }: LinePoint): PricePoint {
  return { time, price: value };
}
