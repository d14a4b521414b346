/** What can be opened: symbols with the timeframes stored for them, from the series list and the whitelist. */
import { listingKey, parseSeriesId, timeframeSeconds } from "../../api/series";
import type { SeriesRow, TopMarket } from "../../api/types";

/** One symbol at one exchange and market. */
export interface Listing {
  /** `binance:futures:BTC/USDT`, a series id without its timeframe. */
  key: string;
  exchange: string;
  market: string;
  symbol: string;
  /** Shortest first; only those that are stored or whitelisted. */
  timeframes: readonly string[];
  firstTime: number | null;
  headTime: number | null;
  live: boolean;
}

/** Groups series rows by symbol; malformed ids are left out. */
export function listings(rows: readonly SeriesRow[]): Listing[] {
  const found = new Map<string, Listing>();
  for (const row of rows) {
    const parts = parseSeriesId(row.series_id);
    if (!parts) continue;
    const key = listingKey(row.series_id);
    const known = found.get(key);
    found.set(key, {
      key,
      exchange: parts.exchange,
      market: parts.market,
      symbol: parts.symbol,
      timeframes: byLength([...(known?.timeframes ?? []), parts.timeframe]),
      firstTime: least(known?.firstTime ?? null, row.first_time),
      headTime: most(known?.headTime ?? null, row.head_time),
      live: (known?.live ?? false) || row.live,
    });
  }
  return [...found.values()];
}

/** The stored symbols and those that the exchange trades besides. */
export function withTraded(stored: readonly Listing[], traded: readonly TopMarket[]): Listing[] {
  const known = new Set(stored.map(({ key }) => key));
  const more = traded.flatMap(({ exchange, market, symbol }): Listing[] => {
    const key = `${exchange}:${market}:${symbol}`;
    if (known.has(key) || parseSeriesId(`${key}:1m`) === null) return [];
    known.add(key);
    return [{ key, exchange, market, symbol, timeframes: [], firstTime: null, headTime: null, live: false }];
  });
  return [...stored, ...more];
}

/** Rows of the series list, completed by whitelisted ids that it does not hold. */
export function withWhitelist(rows: readonly SeriesRow[], ids: readonly string[]): SeriesRow[] {
  const known = new Set(rows.map((row) => row.series_id));
  const missing = ids.filter((id) => !known.has(id));
  return [
    ...rows,
    ...missing.map((series_id) => ({
      series_id,
      first_time: null,
      head_time: null,
      epoch: 0,
      whitelisted: true,
      live: false,
    })),
  ];
}

export function byLength(timeframes: readonly string[]): string[] {
  const seconds = (timeframe: string) => timeframeSeconds(timeframe) ?? 0;
  return [...new Set(timeframes)].sort((a, b) => seconds(a) - seconds(b) || a.localeCompare(b));
}

/** The series that a first visit opens: the first live one, else the first stored, else the first named. */
export function firstSeries(rows: readonly SeriesRow[]): string | null {
  const valid = rows.filter((row) => parseSeriesId(row.series_id) !== null);
  const pick =
    valid.find((row) => row.live && row.head_time !== null) ??
    valid.find((row) => row.head_time !== null) ??
    valid.find((row) => row.whitelisted) ??
    valid[0];
  return pick?.series_id ?? null;
}

const least = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.min(a, b));
const most = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b));
