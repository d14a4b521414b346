import { zoneOf } from "../../chart/format/zone";

const PATTERN = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?$/;

/** Unix seconds of `2026-11-21` or `2026-11-21 14:05` in a zone; null when it is not a date. */
export function instantOf(text: string, timeZone: string): number | null {
  const match = PATTERN.exec(text.trim());
  if (!match) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1).map((part) => Number(part ?? 0));
  const written = Date.UTC(year, month - 1, day, hour, minute) / 1_000;
  const check = new Date(written * 1_000);
  const real = check.getUTCMonth() === month - 1 && check.getUTCDate() === day && hour < 24 && minute < 60;
  if (!real || written < 1) return null;
  const zone = zoneOf(timeZone);
  // The offset at the written time is a guess that a clock change can spoil; the second look settles it.
  const guess = written - zone.offsetAt(written);
  return written - zone.offsetAt(guess);
}
