/**
 * Calendar fields of instants in one IANA zone. Instants stay UTC seconds; only what is written uses the zone, so a clock
 * change makes no duplicate.
 */
export interface Zone {
  readonly name: string;
  /** Seconds to add to UTC at this instant. */
  offsetAt(time: number): number;
  fields(time: number): CalendarFields;
  /** Short name at this instant: `UTC`, `GMT+8`, `CET`. */
  label(time: number): string;
}

export interface CalendarFields {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

/** Offsets change at quarter-hour instants at the finest. */
const BLOCK_SECONDS = 900;
const DAY_SECONDS = 86_400;

const zones = new Map<string, Zone>();

/** The zone of this name; UTC when the runtime does not know it. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known) return known;
  const zone = name === "UTC" ? utc : (intlZone(name) ?? utc);
  zones.set(name, zone);
  return zone;
}

const utc: Zone = {
  name: "UTC",
  offsetAt: () => 0,
  fields: (time) => fieldsOf(time),
  label: () => "UTC",
};

function intlZone(name: string): Zone | null {
  const readOffset = offsetReader(name);
  if (readOffset === null) return null;
  const byDay = new Map<number, number | null>();
  const byBlock = new Map<number, number>();

  const blockOffset = (block: number): number => {
    const known = byBlock.get(block);
    if (known !== undefined) return known;
    const offset = readOffset(block * BLOCK_SECONDS);
    byBlock.set(block, offset);
    return offset;
  };
  /** The offset of a whole UTC day, null for a day with a clock change. */
  const dayOffset = (day: number): number | null => {
    const known = byDay.get(day);
    if (known !== undefined) return known;
    const start = blockOffset((day * DAY_SECONDS) / BLOCK_SECONDS);
    const end = blockOffset(((day + 1) * DAY_SECONDS) / BLOCK_SECONDS);
    const offset = start === end ? start : null;
    byDay.set(day, offset);
    return offset;
  };
  const offsetAt = (time: number): number =>
    dayOffset(Math.floor(time / DAY_SECONDS)) ?? blockOffset(Math.floor(time / BLOCK_SECONDS));

  const names = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "short" });
  return {
    name,
    offsetAt,
    fields: (time) => fieldsOf(time + offsetAt(time)),
    label: (time) => names.formatToParts(time * 1000).find((part) => part.type === "timeZoneName")?.value ?? name,
  };
}

function offsetReader(name: string): ((time: number) => number) | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return null;
  }
  return (time) => {
    const value: Record<string, number> = {};
    for (const part of format.formatToParts(time * 1000)) value[part.type] = Number(part.value);
    const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = value;
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - time;
  };
}

function fieldsOf(shifted: number): CalendarFields {
  const date = new Date(shifted * 1000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    weekday: date.getUTCDay(),
  };
}
