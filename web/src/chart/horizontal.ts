/** Horizontal scale of the chart: the library's, with tick weights and texts of the chosen zone. */
import {
  defaultHorzScaleBehavior,
  type IHorzScaleBehavior,
  type TickMark,
  type TickMarkWeightValue,
  type Time,
  type TimeMark,
  type TimeScalePoint,
} from "lightweight-charts";
import type { TickKind, TimeFormat } from "./format/time";

const WEIGHT = { minute: 20, minute5: 21, minute30: 22, hour: 30, hour3: 31, hour6: 32, hour12: 33, day: 50 } as const;
const MONTH_WEIGHT = 60;
const YEAR_WEIGHT = 70;
const DAY_SECONDS = 86_400;

/** Coarsest first: the first step that two neighbours do not share gives the weight. */
const INTRADAY: readonly { readonly seconds: number; readonly weight: number }[] = [
  { seconds: 43_200, weight: WEIGHT.hour12 },
  { seconds: 21_600, weight: WEIGHT.hour6 },
  { seconds: 10_800, weight: WEIGHT.hour3 },
  { seconds: 3_600, weight: WEIGHT.hour },
  { seconds: 1_800, weight: WEIGHT.minute30 },
  { seconds: 300, weight: WEIGHT.minute5 },
  { seconds: 60, weight: WEIGHT.minute },
];

/** Weight of a tick at `time` after `previous`, both zone-shifted seconds. */
export function tickWeight(previous: number, time: number): number {
  const before = new Date(previous * 1000);
  const now = new Date(time * 1000);
  if (before.getUTCFullYear() !== now.getUTCFullYear()) return YEAR_WEIGHT;
  if (before.getUTCMonth() !== now.getUTCMonth()) return MONTH_WEIGHT;
  if (Math.floor(previous / DAY_SECONDS) !== Math.floor(time / DAY_SECONDS)) return WEIGHT.day;
  for (const { seconds, weight } of INTRADAY) {
    if (Math.floor(previous / seconds) !== Math.floor(time / seconds)) return weight;
  }
  return 0;
}

export function tickKind(weight: number): TickKind {
  if (weight >= YEAR_WEIGHT) return "year";
  if (weight >= MONTH_WEIGHT) return "month";
  return weight >= WEIGHT.day ? "day" : "time";
}

const LibraryScale: new () => IHorzScaleBehavior<Time> = defaultHorzScaleBehavior();

/** The library calls it; the host replaces the format when zone, language or timeframe change. */
export class ZonedScale extends LibraryScale {
  private format: TimeFormat | null = null;

  setFormat(format: TimeFormat): void {
    this.format = format;
  }

  override formatTickmark(mark: TickMark): string {
    const time = mark.originalTime as number;
    return this.format?.tick(time, tickKind(mark.weight)) ?? "";
  }

  override formatHorzItem(item: Parameters<IHorzScaleBehavior<Time>["formatHorzItem"]>[0]): string {
    return this.format?.full(this.key(item) as unknown as number) ?? "";
  }

  /** Day starts stand out; without hours between them nothing does but months and years. */
  override maxTickMarkWeight(marks: TimeMark[]): TickMarkWeightValue {
    const intraday = marks.some((mark) => mark.weight < WEIGHT.day);
    return intraday ? (WEIGHT.day as TickMarkWeightValue) : super.maxTickMarkWeight(marks);
  }

  override fillWeightsForPoints(points: readonly Mutable<TimeScalePoint>[], startIndex: number): void {
    const zone = this.format?.zone;
    const shifted = (at: number): number => {
      const time = (points[at]?.originalTime ?? 0) as number;
      return time + (zone?.offsetAt(time) ?? 0);
    };
    // The first bar has no neighbour; on the edge of a step it counts as its start.
    let previous = startIndex > 0 ? shifted(startIndex - 1) : shifted(0) - 1;
    for (let at = startIndex; at < points.length; at += 1) {
      const point = points[at];
      const now = shifted(at);
      if (point) point.timeWeight = tickWeight(previous, now) as TickMarkWeightValue;
      previous = now;
    }
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
