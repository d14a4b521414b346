/** Brings a candle window into the library's candle and volume series, with the cheapest call that is correct. */
import type {
  CandlestickData,
  HistogramData,
  ISeriesApi,
  Time,
  UTCTimestamp,
  WhitespaceData,
} from "lightweight-charts";
import type { Candle } from "../api/types";
import { type CandleWindow, emptyWindow, type WindowChange } from "../feed/window";
import { SlotTable } from "./slots";
import { withAlpha } from "./tokens";
import type { ChartTokens, PaletteName } from "./types";

const FORMING_BODY_OPACITY = 0.25;
/** More new bars than this go in at once: for every single one the library looks at all the bars it has. */
const FEW_BARS = 3;
const VOLUME_OPACITY = 0.35;
/** Of the opacity of a closed bar's volume. */
const FORMING_VOLUME_SHARE = 0.4;

export type CandleSeries = ISeriesApi<"Candlestick", Time>;
export type VolumeSeries = ISeriesApi<"Histogram", Time>;

export class Bars {
  private readonly candles: CandleSeries;
  private readonly volume: VolumeSeries;
  private tokens: ChartTokens;
  private shown: CandleWindow = emptyWindow(60);
  private table = new SlotTable(60);

  constructor(candles: CandleSeries, volume: VolumeSeries, tokens: ChartTokens) {
    this.candles = candles;
    this.volume = volume;
    this.tokens = tokens;
  }

  slots(): SlotTable {
    return this.table;
  }

  window(): CandleWindow {
    return this.shown;
  }

  /** The bar of a slot, the forming one included; null for an empty slot. */
  at(slot: number): Candle | null {
    const bar = this.table.barAt(slot);
    return bar === null ? null : (this.shown.candles[bar] ?? this.shown.forming);
  }

  /** Newest bar, the forming one included. */
  newest(): Candle | null {
    return this.shown.forming ?? this.shown.candles.at(-1) ?? null;
  }

  setTokens(tokens: ChartTokens, palette: PaletteName): void {
    this.tokens = tokens;
    const hollow = palette === "colour-blind";
    this.candles.applyOptions({
      upColor: hollow ? "transparent" : tokens.up,
      downColor: tokens.down,
      borderUpColor: tokens.up,
      borderDownColor: tokens.down,
      wickUpColor: tokens.up,
      wickDownColor: tokens.down,
    });
  }

  /** Puts the whole window into the series. The view is the caller's to keep. */
  replace(window: CandleWindow): void {
    this.shown = window;
    this.table = new SlotTable(window.timeframe);
    const candles: (CandlestickData<Time> | WhitespaceData<Time>)[] = [];
    const volume: HistogramData<Time>[] = [];
    for (const candle of window.candles) {
      for (const time of this.table.push(candle.candle_time)) candles.push({ time: time as UTCTimestamp });
      candles.push(closedItem(candle));
      volume.push(this.volumeItem(candle, false));
    }
    if (window.forming) {
      for (const time of this.table.push(window.forming.candle_time)) candles.push({ time: time as UTCTimestamp });
      candles.push(this.formingItem(window.forming));
      volume.push(this.volumeItem(window.forming, true));
    }
    this.candles.setData(candles);
    this.volume.setData(volume);
  }

  /** Applies a change at the right edge. Returns false when the change needs `replace`. */
  advance(window: CandleWindow, change: WindowChange): boolean {
    if (change.kind === "none") return true;
    if (change.kind === "cut") return this.cut(window);
    if (change.kind === "append" && change.count > FEW_BARS) return false;
    const fresh = change.kind === "append" ? window.candles.slice(-change.count) : [];
    const edge = this.table.timeAt(this.table.length - 1) ?? 0;
    const firstFresh = fresh[0]?.candle_time ?? edge;
    const dropsForming = this.shown.forming !== null && window.forming === null && fresh.length === 0;
    const continues = window.candles.length - fresh.length === this.shown.candles.length;
    if (change.kind === "replace" || dropsForming || !continues || firstFresh < edge) return false;
    // A forming bar that never closed would be left standing between two closed ones.
    if (this.shown.forming && fresh.length > 0 && firstFresh !== this.shown.forming.candle_time) return false;
    this.shown = window;
    for (const candle of fresh) this.update(candle, false);
    if (window.forming) this.update(window.forming, true);
    return true;
  }

  /** Takes bars away at the right edge. */
  private cut(window: CandleWindow): boolean {
    const { candles, forming } = this.shown;
    const kept = window.candles.length;
    if (kept === 0 || kept > candles.length || window.candles[kept - 1] !== candles[kept - 1]) return false;
    const bars = candles.length - kept + (forming ? 1 : 0);
    this.shown = window;
    let slots = 0;
    for (let bar = 0; bar < bars; bar += 1) slots += this.table.pop();
    if (slots > 0) this.candles.pop(slots);
    if (bars > 0) this.volume.pop(bars);
    return true;
  }

  private update(candle: Candle, forming: boolean): void {
    const edge = this.table.timeAt(this.table.length - 1);
    if (edge !== candle.candle_time) {
      for (const time of this.table.push(candle.candle_time)) this.candles.update({ time: time as UTCTimestamp });
    }
    this.candles.update(forming ? this.formingItem(candle) : closedItem(candle));
    this.volume.update(this.volumeItem(candle, forming));
  }

  private formingItem(candle: Candle): CandlestickData<Time> {
    const color = this.directionColor(candle);
    return {
      ...closedItem(candle),
      color: withAlpha(color, FORMING_BODY_OPACITY),
      borderColor: color,
      wickColor: color,
    };
  }

  private volumeItem(candle: Candle, forming: boolean): HistogramData<Time> {
    const opacity = VOLUME_OPACITY * (forming ? FORMING_VOLUME_SHARE : 1);
    return {
      time: candle.candle_time as UTCTimestamp,
      value: candle.volume,
      color: withAlpha(this.directionColor(candle), opacity),
    };
  }

  directionColor(candle: Candle): string {
    return candle.close >= candle.open ? this.tokens.up : this.tokens.down;
  }
}

function closedItem(candle: Candle): CandlestickData<Time> {
  const { candle_time, open, high, low, close } = candle;
  return { time: candle_time as UTCTimestamp, open, high, low, close };
}
