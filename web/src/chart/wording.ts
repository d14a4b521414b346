/** The words of the chart; the application supplies them from its catalogues. */
import type { Gap } from "../api/types";
import type { Side } from "../feed/ledger";
import type { Explanation } from "./explain";
import type { Measured } from "./measure";
import type { ChartFormats } from "./types";

/** Every word the chart shows or speaks; the application supplies it from its catalogues. */
export interface ChartText {
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  /** Tag of the unfinished bar in the legend. */
  readonly forming: string;
  readonly loadingHistory: string;
  historyStart(date: string): string;
  readonly drawingsStart: string;
  /** Tooltip of the drawings-start line. */
  readonly drawingsStartHint: string;
  /** "Drawings to 14:00, candles to 14:05". */
  drawingsBehind(drawingsTo: string, candlesTo: string): string;
  /** "1,240 missing, 20 h 40 m"; `duration` comes from `chart/format/duration`. */
  gapMissing(count: number, duration: string): string;
  /** The same for a hole that nobody can fill. */
  gapAbsent(count: number, duration: string): string;
  /** At most four lines: what is missing, what the server does about it, its tries, the last failure. */
  gap(gap: GapFacts, formats: ChartFormats): readonly string[];
  /** Legend title after symbol and timeframe, "Binance Futures". */
  venue(exchange: string, market: string): string;
  /** Accessible name, "BTC/USDT 5 minutes, candlestick chart". */
  chartName(symbol: string, timeframe: string): string;
  /** What the crosshair speaks for one bar. */
  spokenBar(bar: SpokenBar): string;
  /** Pill of a level, "R 64250.0 ×4"; `count` null while it is not known. */
  level(side: Side, price: string, count: number | null): string;
  /** At most four lines: name and state, what it spans, since when it is known, when it settled or ended. */
  object(explanation: Explanation, formats: ChartFormats): readonly string[];
  /** Lines of the measure's card. */
  measured(measured: Measured, formats: ChartFormats): readonly string[];
}

/** A hole on the chart, with the server's entry on it. */
export interface GapFacts {
  /** First and last missing open time, seconds. */
  readonly fromTime: number;
  readonly toTime: number;
  readonly missing: number;
  /** Null: the server says nothing of it. */
  readonly entry: Gap | null;
}

export interface SpokenBar {
  readonly time: string;
  readonly open: string;
  readonly close: string;
  readonly changePercent: string;
  readonly direction: "up" | "down" | "flat";
  readonly forming: boolean;
  /** Visible pivots on this bar, feature keys. */
  readonly features: readonly string[];
}
