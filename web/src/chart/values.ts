/** What legend, speech and summary say about bars. */
import type { Candle } from "../api/types";
import type { CandleWindow } from "../feed/window";
import type { Bars } from "./bars";
import { formatDuration } from "./format/duration";
import { formatChange, formatPercent, formatPrice } from "./format/price";
import type { TimeFormat } from "./format/time";
import { formatVolume } from "./format/volume";
import type { Structures } from "./structures";
import type { BarRow, ChartFormats, LegendValues, PenRow, PricePoint, StructureRow } from "./types";

const PENS_IN_SUMMARY = 5;

/** Values of the bar at `index`; the forming bar stands right after the last closed one. */
export function legendValues(window: CandleWindow, index: number): LegendValues | null {
  const forming = index === window.candles.length;
  const candle = forming ? window.forming : window.candles[index];
  if (!candle) return null;
  const previous = window.candles[index - 1]?.close ?? null;
  const change = previous === null ? null : candle.close - previous;
  return {
    time: candle.candle_time,
    open: candle.open,
    high: candle.high,
    low: candle.low,
    close: candle.close,
    volume: candle.volume,
    change,
    changePercent: change === null || previous === null ? null : (change / previous) * 100,
    forming,
  };
}

/** Values of the bar that opens at `time`; null when it is not loaded. */
export function valuesAt(bars: Bars, time: number): LegendValues | null {
  const slot = bars.slots().slotOf(time);
  const bar = slot === null ? null : bars.slots().barAt(slot);
  return bar === null ? null : legendValues(bars.window(), bar);
}

/** Values of the newest bar. */
export function newestValues(window: CandleWindow): LegendValues | null {
  return legendValues(window, window.forming ? window.candles.length : window.candles.length - 1);
}

export function chartFormats(
  precision: number,
  { locale, numberLocale = locale }: { readonly locale: string; readonly numberLocale?: string },
  time: TimeFormat,
): ChartFormats {
  return {
    price: (value) => formatPrice(value, precision),
    change: (value) => formatChange(value, precision),
    percent: formatPercent,
    volume: (value) => formatVolume(value, numberLocale),
    dateTime: time.dateTime,
    moment: time.moment,
    range: (from, to) => {
      const sameDay = time.date(from) === time.date(to) && time.dateTime(to) !== time.date(to);
      return `${time.dateTime(from)}–${sameDay ? time.clock(to) : time.dateTime(to)}`;
    },
    duration: (seconds) => formatDuration(seconds, locale),
  };
}

export function barRow(candle: Candle, forming: boolean): BarRow {
  const { candle_time: time, open, high, low, close, volume } = candle;
  return { time, open, high, low, close, volume, forming };
}

export interface Extremes {
  readonly firstClose: PricePoint | null;
  readonly lastClose: PricePoint | null;
  readonly high: PricePoint | null;
  readonly low: PricePoint | null;
}

export function extremes(bars: readonly BarRow[]): Extremes {
  let high: PricePoint | null = null;
  let low: PricePoint | null = null;
  for (const bar of bars) {
    if (high === null || bar.high > high.price) high = { time: bar.time, price: bar.high };
    if (low === null || bar.low < low.price) low = { time: bar.time, price: bar.low };
  }
  const first = bars[0];
  const last = bars.at(-1);
  return {
    firstClose: first ? { time: first.time, price: first.close } : null,
    lastClose: last ? { time: last.time, price: last.close } : null,
    high,
    low,
  };
}

/** The newest pens, newest first. */
export function newestPens(structures: Structures): readonly PenRow[] {
  const rows: PenRow[] = [];
  for (const [id, state] of [
    ["pen.candidate", "candidate"],
    ["pen.extending", "extending"],
    ["pen.confirmed", "confirmed"],
  ] as const) {
    const drawings = structures.state();
    if (!drawings.active.includes(id) || !structures.isVisible(id)) continue;
    const definition = drawings.catalog.get(id)?.definition;
    if (definition?.type !== "polyline") continue;
    const { points } = definition;
    for (let at = points.length - 1; at > 0 && rows.length < PENS_IN_SUMMARY; at -= 1) {
      const from = points[at - 1];
      const to = points[at];
      if (!from || !to) continue;
      rows.push({
        from: { time: from.time, price: from.value },
        to: { time: to.time, price: to.value },
        state,
      });
    }
  }
  return rows;
}

/** The alive zone, the current anchor and the nearest active levels, as they are drawn. */
export function newestStructure(structures: Structures, lastClose: number): StructureRow {
  const { catalog, active } = structures.state();
  const line = (id: string) => {
    const definition = catalog.get(id)?.definition;
    const shown = active.includes(id) && definition?.type === "polyline" && structures.isVisible(definition.feature);
    const points = shown ? definition.points.map(({ time, value }) => ({ time, price: value })) : [];
    const [from, to] = [points[0], points.at(-1)];
    return from && to ? { from, to } : null;
  };
  const [top, bottom] = [line("zhongshu.alive:top"), line("zhongshu.alive:bottom")];
  const levels = active.flatMap((id) => (id.startsWith("sr.active:") ? (line(id)?.from.price ?? []) : []));
  const nearest = (prices: readonly number[]) =>
    prices.toSorted((a, b) => Math.abs(a - lastClose) - Math.abs(b - lastClose))[0] ?? null;
  return {
    zone: top && bottom ? { low: bottom.from.price, high: top.from.price, since: top.from.time } : null,
    anchor: line("anchor.current"),
    above: nearest(levels.filter((price) => price >= lastClose)),
    below: nearest(levels.filter((price) => price < lastClose)),
  };
}
