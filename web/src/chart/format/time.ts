import type { CalendarFields, Zone } from "./zone";
import { zoneOf } from "./zone";

const DAY_SECONDS = 86_400;

export type TickKind = "year" | "month" | "day" | "time";

/**
 * Writes instants for one chart. Bars of a day and longer are named by their UTC day: that is the trading day they stand
 * for, whatever the reader's zone.
 */
export interface TimeFormat {
  readonly zone: Zone;
  /** Axis text: `14:05`, `Nov 21`, `Nov`, `2026`. */
  tick(time: number, kind: TickKind): string;
  /** Crosshair: `Sat 2026-11-21 14:05`. */
  full(time: number): string;
  /** Tables and labels: `2026-11-21 14:05`. */
  dateTime(time: number): string;
  date(time: number): string;
  /** `14:05`. */
  clock(time: number): string;
  /** Day and time of something that is no bar: also on a daily chart, in the chosen zone. */
  moment(time: number): string;
}

export function timeFormat(locale: string, timeZone: string, timeframe: number): TimeFormat {
  const daily = timeframe >= DAY_SECONDS;
  const zone = zoneOf(daily ? "UTC" : timeZone);
  const chinese = locale.startsWith("zh");
  const months = names(locale, { month: "short" }, (at) => Date.UTC(2023, at, 15), 12);
  // 1 January 2023 was a Sunday.
  const weekdays = names(locale, { weekday: "short" }, (at) => Date.UTC(2023, 0, 1 + at), 7);

  const date = (fields: CalendarFields) => `${fields.year}-${two(fields.month)}-${two(fields.day)}`;
  const clock = (fields: CalendarFields) => `${two(fields.hour)}:${two(fields.minute)}`;
  const dateTime = (fields: CalendarFields) => (daily ? date(fields) : `${date(fields)} ${clock(fields)}`);

  return {
    zone,
    tick(time, kind) {
      const fields = zone.fields(time);
      const month = months[fields.month - 1] ?? "";
      if (kind === "time") return clock(fields);
      if (kind === "year") return String(fields.year);
      if (kind === "month") return month;
      if (daily) return String(fields.day);
      return chinese ? `${month}${fields.day}日` : `${month} ${fields.day}`;
    },
    full(time) {
      const fields = zone.fields(time);
      return `${weekdays[fields.weekday] ?? ""} ${dateTime(fields)}`;
    },
    dateTime: (time) => dateTime(zone.fields(time)),
    date: (time) => date(zone.fields(time)),
    clock: (time) => clock(zone.fields(time)),
    moment: (time) => {
      const fields = zoneOf(timeZone).fields(time);
      return `${date(fields)} ${clock(fields)}`;
    },
  };
}

/** Writes moments to the millisecond, wall clock. */
export interface StampFormat {
  /** `2026-11-21`. */
  date(ms: number): string;
  /** `14:05:07.123`. */
  clock(ms: number): string;
  /** Both, with the zone: `2026-11-21 14:05:07.123 UTC`. */
  full(ms: number): string;
}

export function stampFormat(timeZone: string): StampFormat {
  const zone = zoneOf(timeZone);
  const date = (ms: number) => {
    const { year, month, day } = zone.fields(Math.floor(ms / 1_000));
    return `${year}-${two(month)}-${two(day)}`;
  };
  const clock = (ms: number) => {
    const { hour, minute, second } = zone.fields(Math.floor(ms / 1_000));
    const millis = String(Math.floor(ms) - Math.floor(ms / 1_000) * 1_000).padStart(3, "0");
    return `${two(hour)}:${two(minute)}:${two(second)}.${millis}`;
  };
  return { date, clock, full: (ms) => `${date(ms)} ${clock(ms)} ${zone.label(Math.floor(ms / 1_000))}` };
}

function names(
  locale: string,
  options: Intl.DateTimeFormatOptions,
  instant: (at: number) => number,
  count: number,
): readonly string[] {
  const format = new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });
  return Array.from({ length: count }, (_, at) => format.format(instant(at)));
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
