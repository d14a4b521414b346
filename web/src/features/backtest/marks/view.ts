/** Which trades a stretch of time touches, and the view that one of them asks for. Times are seconds. */
import type { BacktestRun, Trade } from "../../../api/backtest-types";
import { formatSeriesId, parseSeriesId, type SeriesParts } from "../../../api/series";
import type { SeriesRow } from "../../../api/types";
import { symbolOf } from "../words";

export interface Sorted {
  /** By opening. */
  readonly list: readonly Trade[];
  /** Latest closing of a trade and of all before it. */
  readonly latest: readonly number[];
}

export function sortedByOpening(trades: readonly Trade[]): Sorted {
  const list = [...trades].sort((a, b) => a.openTime - b.openTime || a.index - b.index);
  let most = Number.NEGATIVE_INFINITY;
  const latest = list.map(({ closeTime }) => {
    most = Math.max(most, closeTime);
    return most;
  });
  return { list, latest };
}

/** Trades that were open at any time of a stretch, both ends included. */
export function inView({ list, latest }: Sorted, from: number, to: number): readonly Trade[] {
  // Before the first one whose predecessors and itself closed too early, nothing can reach the stretch.
  const first = firstAt(latest.length, (at) => (latest[at] ?? 0) >= from);
  const found: Trade[] = [];
  for (let at = first; at < list.length; at += 1) {
    const trade = list[at];
    if (!trade || trade.openTime > to) break;
    if (trade.closeTime >= from) found.push(trade);
  }
  return found;
}

/** The trade that was opened on a bar, else one that was closed there. */
export function tradeAt({ list }: Sorted, time: number): Trade | null {
  const first = firstAt(list.length, (at) => (list[at]?.openTime ?? 0) >= time);
  const opened = list[first];
  if (opened?.openTime === time) return opened;
  return list.find(({ closeTime }) => closeTime === time) ?? null;
}

function firstAt(length: number, holds: (at: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Share of the view left of a trade, and right of it. */
const ROOM = 0.2;
const BARS = { least: 60, most: 2_000 } as const;

/** Right edge and number of bars with which a trade stands in the middle. */
export function viewOf({ openTime, closeTime }: Trade, timeframe: number): { at: number; bars: number } {
  const held = Math.round((closeTime - openTime) / timeframe) + 1;
  const bars = Math.min(BARS.most, Math.max(BARS.least, Math.ceil(held / (1 - 2 * ROOM))));
  const right = Math.max(1, Math.round((bars - held) / 2));
  return { at: closeTime + right * timeframe, bars };
}

type Ran = Pick<BacktestRun, "pair" | "timeframe" | "seriesId">;

/**
 * The series that shows a pair of a run, its own one without: what the run read. Where that is not known, a stored series
 * of the pair, the market on screen first; a pair that says what it is settled in is one of futures.
 */
export function seriesOf(
  { seriesId, timeframe, ...run }: Ran,
  other: string | null,
  current: string | null,
  rows: readonly SeriesRow[],
): string | null {
  const pair = other ?? run.pair;
  const symbol = symbolOf(pair);
  const isOf = (parts: SeriesParts | null): parts is SeriesParts => parts !== null && symbolOf(parts.symbol) === symbol;
  if (seriesId !== null && isOf(parseSeriesId(seriesId))) return seriesId;
  const shown = parseSeriesId(current ?? "");
  const known = rows.flatMap(({ series_id, head_time }) => {
    const parts = parseSeriesId(series_id);
    return isOf(parts) ? [{ ...parts, stored: head_time !== null }] : [];
  });
  if (isOf(shown)) known.push({ ...shown, stored: false });
  const settled = pair.includes(":");
  const worth = (one: (typeof known)[number]) =>
    Number(settled && one.market === "futures") * 16 +
    Number(one.stored && one.timeframe === timeframe) * 8 +
    Number(isSameVenue(one, shown)) * 4 +
    Number(!settled && one.market === "spot") * 2 +
    Number(one.stored);
  const [best] = [...known].sort((a, b) => worth(b) - worth(a));
  const id = best ? formatSeriesId({ ...best, symbol, timeframe }) : "";
  return parseSeriesId(id) ? id : null;
}

/** Whether two series are of the same market, whatever their timeframes: the trades of one are those of the other. */
export function isSameMarket(one: string | null, other: string | null): boolean {
  const [a, b] = [parseSeriesId(one ?? ""), parseSeriesId(other ?? "")];
  return a !== null && isSameVenue(a, b) && symbolOf(a.symbol) === symbolOf(b?.symbol ?? "");
}

function isSameVenue(a: SeriesParts, b: SeriesParts | null): boolean {
  return a.exchange === b?.exchange && a.market === b.market;
}
