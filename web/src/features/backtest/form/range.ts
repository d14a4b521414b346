/** The range of a run: from what is chosen to the text that engines read. */

export const RANGES = ["month", "quarter", "year", "all", "dates", "visible"] as const;
/** `run`: as a run wrote it, which no other choice means. */
export type RangeChoice = (typeof RANGES)[number] | "run";

export interface RangeContext {
  /** Newest candle, seconds: presets count back from it. */
  readonly newest: number;
  /** What the chart shows, seconds; null: nothing. */
  readonly visible: { readonly from: number; readonly to: number } | null;
}

export type RangeProblem = { readonly kind: "range.date" | "range.none" | "range.order" | "range.view" };

interface RangeText {
  readonly range: RangeChoice;
  readonly from: string;
  readonly to: string;
  readonly written: string;
}

const MONTHS = { month: 1, quarter: 3, year: 12 } as const;

/** `FROM-TO` with days or seconds; null: everything that is stored. */
export function checkRange(
  { range, from, to, written }: RangeText,
  { newest, visible }: RangeContext,
): { timerange: string | null } | { problem: RangeProblem } {
  switch (range) {
    case "all":
      return { timerange: null };
    case "run":
      return written === "" ? { problem: { kind: "range.none" } } : { timerange: written };
    case "visible": {
      if (visible === null || visible.to <= visible.from) return { problem: { kind: "range.view" } };
      return { timerange: `${seconds(visible.from)}-${seconds(visible.to)}` };
    }
    case "dates": {
      if (from === "" && to === "") return { problem: { kind: "range.none" } };
      const [start, end] = [dayOf(from), dayOf(to)];
      if (start === null || end === null) return { problem: { kind: "range.date" } };
      if (from !== "" && to !== "" && start >= end) return { problem: { kind: "range.order" } };
      return { timerange: `${start}-${end}` };
    }
    default:
      return { timerange: `${compact(monthsBefore(newest, MONTHS[range]))}-` };
  }
}

/** `20260131` of `2026-01-31`; empty stays empty, and null is no day. */
function dayOf(text: string): string | null {
  if (text === "") return "";
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return null;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? text.replaceAll("-", "") : null;
}

/** Ten digits: engines tell seconds from days by them. */
function seconds(time: number): string {
  return String(Math.round(time)).padStart(10, "0");
}

function compact(time: number): string {
  return new Date(time * 1_000).toISOString().slice(0, 10).replaceAll("-", "");
}

/** The same day some months before; the last one of a month that is too short. */
function monthsBefore(time: number, months: number): number {
  const date = new Date(time * 1_000);
  const day = date.getUTCDate();
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months, 1);
  const days = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months + 1, 0)).getUTCDate();
  return first / 1_000 + (Math.min(day, days) - 1) * 86_400;
}

/** A range in words a person reads: `2026-01-01 – 2026-03-01`; an open end is empty. */
export function rangeEnds(timerange: string | null): { from: string; to: string } | null {
  if (timerange === null) return null;
  const [from = "", to = ""] = timerange.split("-");
  return { from: endText(from), to: endText(to) };
}

function endText(end: string): string {
  if (/^\d{8}(T\d{4,6})?$/.test(end)) {
    const day = `${end.slice(0, 4)}-${end.slice(4, 6)}-${end.slice(6, 8)}`;
    return end.length > 8 ? `${day} ${end.slice(9, 11)}:${end.slice(11, 13)}` : day;
  }
  const milliseconds = /^\d{10}$/.test(end) ? Number(end) * 1_000 : /^\d{13}$/.test(end) ? Number(end) : null;
  if (milliseconds === null) return end;
  return new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ");
}
