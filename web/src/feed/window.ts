/**
 * The candle window of one chart: an ascending run of closed candles plus the forming one.
 *
 * Pure reducers. The same candles in any order, with any repetition, give the same window.
 */
import type { Candle } from "../api/types";

export interface CandleWindow {
  /** Timeframe, seconds. */
  readonly timeframe: number;
  /** Closed, ascending by `candle_time`, unique. */
  readonly candles: readonly Candle[];
  /** Newer than every closed candle, or null. */
  readonly forming: Candle | null;
  /** The newest stored candle is the last one here; otherwise newer ones were left out or dropped. */
  readonly atHead: boolean;
  /** The oldest stored candle is the first one here. */
  readonly atStart: boolean;
}

/** What a reducer did, so that the chart can choose the cheapest repaint. */
export type WindowChange =
  | { readonly kind: "none" }
  | { readonly kind: "forming" }
  /** `count` closed candles were added at the right. */
  | { readonly kind: "append"; readonly count: number }
  /** Candles at the right are gone, and nothing else changed. */
  | { readonly kind: "cut" }
  | { readonly kind: "replace" };

export interface WindowStep {
  readonly window: CandleWindow;
  readonly change: WindowChange;
}

/** Which end of a full window goes: the one farther from what the user looks at. */
export type FarSide = "left" | "right";

export const MAX_CANDLES = 50_000;
/** A full window loses a block at once, so that a stream does not rebuild the chart at every close. */
const DROP_BLOCK = 1_000;

const NONE: WindowChange = { kind: "none" };
const REPLACE: WindowChange = { kind: "replace" };

export function emptyWindow(timeframe: number): CandleWindow {
  return { timeframe, candles: [], forming: null, atHead: true, atStart: false };
}

export function firstTime(window: CandleWindow): number | null {
  return window.candles[0]?.candle_time ?? null;
}

/** Newest closed time: the cursor for `since`. */
export function lastTime(window: CandleWindow): number | null {
  return window.candles.at(-1)?.candle_time ?? null;
}

/** Starts the window from a fetched page; `atHead` tells that nothing newer is stored. */
export function startWindow(timeframe: number, page: readonly Candle[], atHead: boolean): CandleWindow {
  return { timeframe, candles: union([], page), forming: null, atHead, atStart: false };
}

/**
 * Merges closed candles from the stream or from a page to the right. Candles older than the window are left out: they are
 * history, which the history loader asks for.
 */
export function mergeClosed(window: CandleWindow, incoming: readonly Candle[], far: FarSide = "left"): WindowStep {
  const first = firstTime(window);
  const last = lastTime(window);
  const relevant = first === null ? incoming : incoming.filter((candle) => candle.candle_time >= first);
  if (relevant.length === 0) return { window, change: NONE };
  const appended = last !== null && relevant.every((candle) => candle.candle_time > last) && isAscending(relevant);
  const candles = appended ? [...window.candles, ...relevant] : union(window.candles, relevant);
  if (!appended && sameCandles(candles, window.candles)) return { window, change: NONE };
  const newest = candles.at(-1)?.candle_time ?? 0;
  const forming = window.forming && window.forming.candle_time > newest ? window.forming : null;
  const merged = limit({ ...window, candles, forming }, far);
  const grew = appended && merged.candles.length === candles.length;
  return { window: merged, change: grew ? { kind: "append", count: relevant.length } : REPLACE };
}

/** Takes the newest state of the bar that is not closed yet; older ones and those of closed bars are dropped. */
export function mergeForming(window: CandleWindow, candle: Candle): WindowStep {
  const last = lastTime(window);
  const known = window.forming?.candle_time ?? 0;
  const stale = candle.candle_time < known || (last !== null && candle.candle_time <= last);
  if (!window.atHead || stale) return { window, change: NONE };
  return { window: { ...window, forming: candle }, change: { kind: "forming" } };
}

/** Puts older candles before the window; `atStart` tells that nothing older is stored. */
export function prependHistory(window: CandleWindow, page: readonly Candle[], atStart: boolean): WindowStep {
  const first = firstTime(window);
  const older = first === null ? page : page.filter((candle) => candle.candle_time < first);
  if (older.length === 0) return { window: { ...window, atStart }, change: NONE };
  const candles = [...union([], older), ...window.candles];
  return { window: limit({ ...window, candles, atStart }, "right"), change: REPLACE };
}

/**
 * Swaps the whole content for freshly read candles after a rebuild. Candles that closed while the pages were on their way
 * are kept: they are newer than everything in the pages.
 */
export function swapContent(window: CandleWindow, pages: readonly Candle[]): CandleWindow {
  const fresh = union([], pages);
  const newest = fresh.at(-1)?.candle_time ?? 0;
  const later = window.candles.filter((candle) => candle.candle_time > newest);
  return limit({ ...window, candles: [...fresh, ...later] }, "left");
}

/** Time of the first candle in which two windows differ within the range of the second; null when there is none. */
export function firstDifference(before: CandleWindow, after: CandleWindow): number | null {
  const known = new Map(before.candles.map((candle) => [candle.candle_time, candle]));
  const first = firstTime(before) ?? 0;
  const last = lastTime(before) ?? 0;
  const changed = after.candles.find((candle) => {
    const { candle_time: time } = candle;
    return time >= first && time <= last && !sameCandle(candle, known.get(time));
  });
  return changed?.candle_time ?? null;
}

function limit(window: CandleWindow, far: FarSide): CandleWindow {
  const excess = window.candles.length - MAX_CANDLES;
  if (excess <= 0) return window;
  const drop = excess + DROP_BLOCK;
  if (far === "left") return { ...window, candles: window.candles.slice(drop), atStart: false };
  return { ...window, candles: window.candles.slice(0, -drop), forming: null, atHead: false };
}

/** Two changes in a row as one. */
export function together(first: WindowChange, second: WindowChange): WindowChange {
  if (first.kind === "none") return second;
  if (second.kind === "none") return first;
  const plain = [first, second].every(({ kind }) => kind === "append" || kind === "forming");
  if (!plain) return { kind: "replace" };
  const count = (first.kind === "append" ? first.count : 0) + (second.kind === "append" ? second.count : 0);
  return count === 0 ? { kind: "forming" } : { kind: "append", count };
}

/** Both together, ascending, unique; the right side wins where a time occurs in both. */
function union(left: readonly Candle[], right: readonly Candle[]): readonly Candle[] {
  const sorted = [...right].sort((a, b) => a.candle_time - b.candle_time);
  const merged: Candle[] = [];
  let at = 0;
  const push = (candle: Candle) => {
    if (merged.at(-1)?.candle_time === candle.candle_time) merged[merged.length - 1] = candle;
    else merged.push(candle);
  };
  for (const candle of sorted) {
    for (; at < left.length; at += 1) {
      const other = left[at];
      if (other === undefined || other.candle_time > candle.candle_time) break;
      push(other);
    }
    push(candle);
  }
  for (; at < left.length; at += 1) {
    const other = left[at];
    if (other !== undefined) push(other);
  }
  return merged;
}

function isAscending(candles: readonly Candle[]): boolean {
  return candles.every((candle, at) => at === 0 || (candles[at - 1]?.candle_time ?? 0) < candle.candle_time);
}

function sameCandles(a: readonly Candle[], b: readonly Candle[]): boolean {
  return a.length === b.length && a.every((candle, at) => sameCandle(candle, b[at]));
}

function sameCandle(a: Candle, b: Candle | undefined): boolean {
  if (a === b) return true;
  if (b === undefined || a.candle_time !== b.candle_time || a.volume !== b.volume) return false;
  return a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close;
}
