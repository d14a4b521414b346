import type { SeriesId } from "./types";

export interface SeriesParts {
  readonly exchange: string;
  readonly market: string;
  /** May contain colons. */
  readonly symbol: string;
  readonly timeframe: string;
}

const NAME = /^[a-z0-9_]{1,32}$/;
const SYMBOL = /^[A-Za-z0-9._/:-]{1,64}$/;
const TIMEFRAME = /^([1-9][0-9]{0,5})([mhd])$/;
const UNIT_SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };
const MAX_LENGTH = 128;

/** Seconds of a timeframe, null when it is malformed (case matters: `1M` is). */
export function timeframeSeconds(timeframe: string): number | null {
  const match = TIMEFRAME.exec(timeframe);
  const unit = match ? UNIT_SECONDS[match[2] ?? ""] : undefined;
  return match && unit !== undefined ? Number(match[1]) * unit : null;
}

/** Splits a series id; null when it is malformed. */
export function parseSeriesId(id: SeriesId): SeriesParts | null {
  const parts = id.split(":");
  if (id.length > MAX_LENGTH || parts.length < 4) return null;
  const exchange = parts[0] ?? "";
  const market = parts[1] ?? "";
  const timeframe = parts[parts.length - 1] ?? "";
  const symbol = parts.slice(2, -1).join(":");
  const valid = NAME.test(exchange) && NAME.test(market) && SYMBOL.test(symbol) && timeframeSeconds(timeframe) !== null;
  if (!valid || symbol.startsWith(":") || symbol.endsWith(":")) return null;
  return { exchange, market, symbol, timeframe };
}

/** Joins the parts; the inverse of `parseSeriesId`. */
export function formatSeriesId(parts: SeriesParts): SeriesId {
  return `${parts.exchange}:${parts.market}:${parts.symbol}:${parts.timeframe}`;
}

/** The market of a series: its id without the timeframe, `binance:futures:BTC/USDT`. */
export function listingKey(seriesId: string): string {
  return seriesId.slice(0, seriesId.lastIndexOf(":"));
}
