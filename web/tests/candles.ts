import type { Candle } from "../src/api/types";

/** A plausible closed candle whose values follow from its time alone. */
export function candleAt(time: number): Candle {
  const base = 100 + ((time / 60) % 17);
  return { candle_time: time, open: base, high: base + 2, low: base - 1, close: base + 1, volume: 1 + (time % 5) };
}

/** `count` candles from `first`, `step` seconds apart. */
export function candlesFrom(first: number, count: number, step = 60): Candle[] {
  return Array.from({ length: count }, (_, at) => candleAt(first + at * step));
}
