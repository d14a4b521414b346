/**
 * The candle window of a replay: it ends where the replay stands. Moving back takes candles away; nothing later is kept.
 *
 * Pure reducers.
 */
import type { Candle } from "../../api/types";
import { type CandleWindow, type FarSide, lastTime, type WindowStep } from "../window";

/** More candles than a screen and the margin to its left can show at the smallest zoom. */
export const PAST_CANDLES = 16_000;
/** A full window loses a block at once, so that playing does not rebuild the chart at every bar. */
const DROP_BLOCK = 4_000;

export function pastWindow(timeframe: number, candles: readonly Candle[], atStart: boolean): CandleWindow {
  return { timeframe, candles, forming: null, atHead: true, atStart };
}

/** Adds the bars of a move forward. Bars that are held already are left out. */
export function advance(window: CandleWindow, candles: readonly Candle[], far: FarSide): WindowStep {
  const last = lastTime(window) ?? Number.NEGATIVE_INFINITY;
  const fresh = candles.filter(({ candle_time }) => candle_time > last);
  if (fresh.length === 0) return { window, change: { kind: "none" } };
  const all = [...window.candles, ...fresh];
  if (all.length <= PAST_CANDLES || far === "right") {
    return { window: { ...window, candles: all, forming: null }, change: { kind: "append", count: fresh.length } };
  }
  const kept = all.slice(all.length - PAST_CANDLES + DROP_BLOCK);
  return { window: { ...window, candles: kept, forming: null, atStart: false }, change: { kind: "replace" } };
}

/** Takes away everything later than `time`, and the bar in the making. */
export function cutAfter(window: CandleWindow, time: number): WindowStep {
  const { candles, forming } = window;
  let count = candles.length;
  while (count > 0 && (candles[count - 1]?.candle_time ?? 0) > time) count -= 1;
  if (count === candles.length && forming === null) return { window, change: { kind: "none" } };
  return { window: { ...window, candles: candles.slice(0, count), forming: null }, change: { kind: "cut" } };
}

/** What was known at an instant, of a window that shows more; null: nothing is taken away, so it may end before. */
export function knownOf(window: CandleWindow, until: number): CandleWindow | null {
  const { candles } = cutAfter(window, until - window.timeframe).window;
  if (candles.length === 0 || candles.length === window.candles.length) return null;
  return pastWindow(window.timeframe, candles, window.atStart);
}

/** The bar in the making, by the clock. */
export function form(window: CandleWindow, candle: Candle): WindowStep {
  if (candle.candle_time <= (lastTime(window) ?? 0)) return { window, change: { kind: "none" } };
  return { window: { ...window, forming: candle }, change: { kind: "forming" } };
}

/** Whether a window holds a candle, so that a move back to it needs no reading. */
export function holds(window: CandleWindow, time: number): boolean {
  const { candles } = window;
  let low = 0;
  let high = candles.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((candles[middle]?.candle_time ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return candles[low]?.candle_time === time;
}
