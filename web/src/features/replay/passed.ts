/**
 * Where a replay stands, independent of what is on the chart: the last candle that has passed, of whatever timeframe.
 * What is known is what closed with it or before. So another timeframe shows nothing that this one did not know.
 */
import { listingKey, parseSeriesId, timeframeSeconds } from "../../api/series";
import type { SeriesRow } from "../../api/types";

export interface Passed {
  /** Open time, seconds. */
  readonly time: number;
  readonly timeframe: string;
}

/** A place in the address: `t`, and `c` if the candle is not taken to be a bar of the series. */
export interface PassedInAddress {
  readonly t: number;
  readonly c?: string | undefined;
}

/** A stored series of the same market. */
interface Stored {
  readonly timeframe: string;
  readonly seconds: number;
  readonly first: number;
  readonly head: number;
}

const FALLBACK_S = 60;

export function lengthOf(timeframe: string): number {
  return timeframeSeconds(timeframe) ?? FALLBACK_S;
}

export function timeframeOf(seriesId: string): string {
  return parseSeriesId(seriesId)?.timeframe ?? "";
}

/** The instant up to which everything is known: the end of the candle, seconds. */
export function knownUntil({ time, timeframe }: Passed): number {
  return time + lengthOf(timeframe);
}

/** The candle of another timeframe that ends with this one. */
export function endingWith(passed: Passed, timeframe: string): Passed {
  return { time: Math.max(1, knownUntil(passed) - lengthOf(timeframe)), timeframe };
}

export function samePlace(a: Passed, b: Passed): boolean {
  return a.time === b.time && a.timeframe === b.timeframe;
}

export function readPassed(seriesId: string, { t, c }: PassedInAddress): Passed {
  return { time: t, timeframe: c ?? timeframeOf(seriesId) };
}

/** For the address of the same view: the step is a part of it, whatever this device prefers. */
export function writePassed({ time, timeframe }: Passed): { t: number; c: string } {
  return { t: Math.max(1, time), c: timeframe };
}

/** Shortest stored timeframe of the same market that the bars of a series are made of; null: they are the shortest. */
export function baseOf(seriesId: string, rows: readonly SeriesRow[]): string | null {
  return partsOf(seriesId, rows)[0]?.timeframe ?? null;
}

/**
 * The timeframe whose candles move the time, so that the bar that they stand in can be shown as far as it had come; null:
 * bars of the series move it. A step stays what it was where the series allows; `byClock` decides for a replay that begins.
 */
export function clockOf(
  seriesId: string,
  { t, c }: PassedInAddress,
  rows: readonly SeriesRow[],
  byClock: boolean,
): string | null {
  const shown = timeframeOf(seriesId);
  if (c === shown) return null;
  const parts = partsOf(seriesId, rows);
  const [base] = parts;
  if (base === undefined) return null;
  const until = knownUntil(readPassed(seriesId, { t, c }));
  if (c === undefined) return byClock && base.first + base.seconds <= until ? base.timeframe : null;
  if (parts.some(({ timeframe }) => timeframe === c)) return c;
  // Whole bars end where a longer one does.
  if (lengthOf(c) % lengthOf(shown) === 0) return null;
  return base.first + base.seconds <= until && until <= base.head + base.seconds ? base.timeframe : null;
}

/** The series whose candles a paper account plays: the shortest of the market that has some there, else that of the step. */
export function playedOf(seriesId: string, { t, c }: PassedInAddress, rows: readonly SeriesRow[]): string {
  const until = knownUntil(readPassed(seriesId, { t, c }));
  const there = ({ first, head, seconds }: Stored) =>
    first + seconds <= until && until <= head + seconds + lengthOf(timeframeOf(seriesId));
  const part = partsOf(seriesId, rows).find((part) => there(part) || part.timeframe === c);
  return part ? `${listingKey(seriesId)}:${part.timeframe}` : seriesId;
}

/** Whether the clock is known without the list of series. */
export function clockIsPlain(seriesId: string, c: string | undefined, byClock: boolean): boolean {
  return c === undefined ? !byClock : c === timeframeOf(seriesId);
}

/** Stored series of the market that the bars of this one are made of, shortest first. */
function partsOf(seriesId: string, rows: readonly SeriesRow[]): readonly Stored[] {
  const length = timeframeSeconds(timeframeOf(seriesId));
  if (length === null) return [];
  const key = listingKey(seriesId);
  const found = rows.flatMap(({ series_id, first_time: first, head_time: head }): Stored[] => {
    const timeframe = timeframeOf(series_id);
    const seconds = timeframeSeconds(timeframe);
    const part = seconds !== null && seconds < length && length % seconds === 0 && listingKey(series_id) === key;
    return part && first !== null && head !== null ? [{ timeframe, seconds, first, head }] : [];
  });
  return found.sort((a, b) => a.seconds - b.seconds);
}
