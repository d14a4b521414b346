/**
 * What the factor slices of one candle say, typed. The wire leaves the content of a slice to its factor; here the built-in
 * factors are read. What does not have the documented form is left out.
 */
import type { FactorSlices } from "../api/types";

export type Direction = 1 | -1;
export type Side = "resistance" | "support";

export interface PivotFact {
  readonly kind: "major" | "minor";
  readonly time: number;
  readonly price: number;
  readonly side: Side;
  readonly knownSince: number;
}

export interface PenFact {
  readonly startTime: number;
  readonly endTime: number;
  readonly startPrice: number;
  readonly endPrice: number;
  readonly direction: Direction;
  /** Null while the pen is not confirmed. */
  readonly knownSince: number | null;
}

export interface ZoneFact {
  readonly startTime: number;
  readonly endTime: number;
  readonly low: number;
  readonly high: number;
  readonly entry: Direction;
  readonly formedTime: number;
  /** `pen_confirmed` or `price_cross`. */
  readonly formedReason: string;
  /** Null while it is alive. */
  readonly deathTime: number | null;
}

/** An anchor: a pointer to one pen. Its start time alone says which anchor it is. */
export interface PenRef {
  readonly kind: "confirmed" | "candidate";
  readonly startTime: number;
  readonly endTime: number;
  readonly direction: Direction;
}

export interface SwitchFact {
  readonly time: number;
  /** `strong_pen` or `zhongshu_entry`. */
  readonly reason: string;
  readonly before: PenRef | null;
  readonly after: PenRef;
}

export interface LevelFact {
  readonly side: Side;
  readonly price: number;
  readonly status: "active" | "flip" | "broken";
  readonly startTime: number;
  readonly count: number;
  readonly touchTimes: readonly number[];
  readonly band: { readonly low: number; readonly high: number } | null;
  readonly deathTime: number | null;
  readonly flip: "up" | "down" | null;
}

export interface Ledger {
  /** The candle the slices belong to. */
  readonly atTime: number;
  /** Null without any slice. */
  readonly epoch: number | null;
  readonly pivots: readonly PivotFact[];
  readonly pens: readonly PenFact[];
  readonly extending: PenFact | null;
  readonly candidate: PenFact | null;
  readonly deadZones: readonly ZoneFact[];
  readonly aliveZone: ZoneFact | null;
  readonly switches: readonly SwitchFact[];
  readonly anchor: PenRef | null;
  readonly levels: readonly LevelFact[];
  /** First snapshot that had a level, by `levelKey`. */
  readonly levelsSince: ReadonlyMap<string, number>;
}

type Fields = Readonly<Record<string, unknown>>;

export function readLedger(slices: FactorSlices): Ledger {
  const { snapshots } = slices;
  const bucket = (factor: string, name: string) => list(snapshots[factor]?.history[name]);
  const head = (factor: string): Fields => snapshots[factor]?.head ?? {};
  const pens = head("pen");
  return {
    atTime: slices.at_time,
    epoch: Object.values(snapshots)[0]?.meta.epoch ?? null,
    pivots: [
      ...bucket("pivot", "major").flatMap((entry) => some(readPivot(entry, "major"))),
      ...bucket("pivot", "minor").flatMap((entry) => some(readPivot(entry, "minor"))),
    ],
    pens: bucket("pen", "confirmed").flatMap((entry) => some(readPen(entry))),
    extending: readPen(fieldsOf(pens.extending)),
    candidate: readPen(fieldsOf(pens.candidate)),
    deadZones: bucket("zhongshu", "dead").flatMap((entry) => some(readZone(entry))),
    aliveZone: readZone(list(head("zhongshu").alive)[0] ?? {}),
    switches: bucket("anchor", "switches").flatMap((entry) => some(readSwitch(entry))),
    anchor: readRef(head("anchor").current_anchor_ref),
    levels: list(head("sr").levels).flatMap((entry) => some(readLevel(entry))),
    levelsSince: firstSeen(bucket("sr", "snapshots")),
  };
}

/** The heads of the newer one. What happened stays known, as long as nothing was folded again. */
export function joinLedgers(before: Ledger | null, after: Ledger): Ledger {
  if (before === null || before.epoch !== after.epoch || before.atTime > after.atTime) return after;
  const kept = <T>(now: readonly T[], then: readonly T[]) => (now.length > 0 ? now : then);
  return {
    ...after,
    pivots: kept(after.pivots, before.pivots),
    pens: kept(after.pens, before.pens),
    deadZones: kept(after.deadZones, before.deadZones),
    switches: kept(after.switches, before.switches),
    levelsSince: after.levelsSince.size > 0 ? after.levelsSince : before.levelsSince,
  };
}

/** Which level a drawn or a told one is. Prices are carried bit for bit, so they can be compared as text. */
export function levelKey(side: string, price: number, startTime: number): string {
  return `${side}:${price}:${startTime}`;
}

function readPivot(entry: Fields, kind: PivotFact["kind"]): PivotFact | null {
  const side = sideOf(entry.direction);
  const { pivot_time: time, pivot_price: price, visible_time: knownSince } = entry;
  return side && isNumber(time) && isNumber(price) && isNumber(knownSince)
    ? { kind, time, price, side, knownSince }
    : null;
}

function readPen(entry: Fields): PenFact | null {
  const { start_time: startTime, end_time: endTime, start_price: startPrice, end_price: endPrice } = entry;
  if (!isNumber(startTime) || !isNumber(endTime) || !isNumber(startPrice) || !isNumber(endPrice)) return null;
  const knownSince = isNumber(entry.visible_time) ? entry.visible_time : null;
  return { startTime, endTime, startPrice, endPrice, direction: directionOf(entry.direction), knownSince };
}

function readZone(entry: Fields): ZoneFact | null {
  const { start_time: startTime, end_time: endTime, zd: low, zg: high, formed_time: formedTime } = entry;
  if (!isNumber(startTime) || !isNumber(endTime) || !isNumber(low) || !isNumber(high)) return null;
  return {
    startTime,
    endTime,
    low,
    high,
    entry: directionOf(entry.entry_direction),
    formedTime: isNumber(formedTime) ? formedTime : startTime,
    formedReason: text(entry.formed_reason),
    deathTime: isNumber(entry.death_time) ? entry.death_time : null,
  };
}

function readRef(value: unknown): PenRef | null {
  const entry = fieldsOf(value);
  const { kind, start_time: startTime, end_time: endTime } = entry;
  if ((kind !== "confirmed" && kind !== "candidate") || !isNumber(startTime) || !isNumber(endTime)) return null;
  return { kind, startTime, endTime, direction: directionOf(entry.direction) };
}

function readSwitch(entry: Fields): SwitchFact | null {
  const after = readRef(entry.new_anchor);
  const time = isNumber(entry.switch_time) ? entry.switch_time : entry.visible_time;
  if (!after || !isNumber(time)) return null;
  return { time, reason: text(entry.reason), before: readRef(entry.old_anchor), after };
}

function readLevel(entry: Fields): LevelFact | null {
  const side = sideOf(entry.level_type) ?? sideOf(entry.type);
  const { price, status, band_low: low, band_high: high } = entry;
  const startTime = [entry.first_time, entry.second_time, entry.last_time].find((time) => isNumber(time) && time !== 0);
  if (!side || !isNumber(price) || !isNumber(startTime)) return null;
  return {
    side,
    price,
    status: status === "broken" || status === "flip" ? status : "active",
    startTime,
    count: isNumber(entry.count) ? entry.count : 0,
    touchTimes: Array.isArray(entry.touch_times) ? entry.touch_times.filter(isNumber) : [],
    band: isNumber(low) && isNumber(high) ? { low, high } : null,
    deathTime: isNumber(entry.death_time) ? entry.death_time : null,
    flip: entry.flip_dir === "up" || entry.flip_dir === "down" ? entry.flip_dir : null,
  };
}

function firstSeen(snapshots: readonly Fields[]): ReadonlyMap<string, number> {
  const since = new Map<string, number>();
  for (const snapshot of snapshots) {
    if (!isNumber(snapshot.visible_time)) continue;
    for (const entry of list(snapshot.levels)) {
      const level = readLevel(entry);
      const key = level && levelKey(level.side, level.price, level.startTime);
      if (key !== null && !since.has(key)) since.set(key, snapshot.visible_time);
    }
  }
  return since;
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function some<T>(value: T | null): readonly T[] {
  return value === null ? [] : [value];
}

function directionOf(value: unknown): Direction {
  return value === -1 ? -1 : 1;
}

function sideOf(value: unknown): Side | null {
  return value === "resistance" || value === "support" ? value : null;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
