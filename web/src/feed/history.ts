/** Reads candles around a window: older ones when the user pans left, newer ones when the window does not reach the head. */
import type { ApiClient } from "../api/client";
import type { Candle, SeriesId } from "../api/types";

type CandleApi = Pick<ApiClient, "candles">;

export const PAGE_CANDLES = 2_000;
const LARGEST_PAGE = 5_000;

export interface OlderPage {
  /** Ascending, all older than the window. */
  readonly candles: readonly Candle[];
  /** Nothing older than these is stored. */
  readonly atStart: boolean;
}

export interface NewerPage {
  readonly candles: readonly Candle[];
  readonly atHead: boolean;
  /** Newest stored time, seconds. */
  readonly head: number | null;
}

/** The candles before `first` (seconds), about `PAGE_CANDLES` of them; holes are crossed by doubling the span. */
export async function readOlder(
  api: CandleApi,
  seriesId: SeriesId,
  first: number,
  timeframe: number,
  signal: AbortSignal,
): Promise<OlderPage> {
  let oldest: number | null = null;
  for (let span = (PAGE_CANDLES + 1) * timeframe; ; span *= 2) {
    const since = Math.max(0, first - span);
    const candles = await readBetween(api, seriesId, { since, before: first, step: timeframe }, signal);
    if (candles.length > 0) return { candles, atStart: since === 0 || candles[0]?.candle_time === oldest };
    oldest ??= await readOldest(api, seriesId, signal);
    if (oldest === null || oldest >= first || since === 0) return { candles: [], atStart: true };
  }
}

/** The candles after `last` (seconds), one page. */
export async function readNewer(
  api: CandleApi,
  seriesId: SeriesId,
  last: number,
  signal: AbortSignal,
): Promise<NewerPage> {
  const page = await api.candles({ series_id: seriesId, since: last, limit: PAGE_CANDLES }, signal);
  return { candles: page.candles, atHead: page.candles.length < PAGE_CANDLES, head: page.server_head_time };
}

/** A page on either side of `at` (seconds); null when nothing is newer, so that the newest page is the answer. */
export async function readAround(
  api: CandleApi,
  seriesId: SeriesId,
  at: number,
  timeframe: number,
  signal: AbortSignal,
): Promise<(NewerPage & OlderPage) | null> {
  const right = await readNewer(api, seriesId, Math.max(0, at - timeframe), signal);
  const first = right.candles[0]?.candle_time;
  if (first === undefined) return null;
  const left = await readOlder(api, seriesId, first, timeframe, signal);
  return { ...right, candles: [...left.candles, ...right.candles], atStart: left.atStart };
}

/** Every stored candle with `since < time`, up to and including `until` (seconds). */
export async function readRange(
  api: CandleApi,
  seriesId: SeriesId,
  since: number,
  until: number,
  signal: AbortSignal,
): Promise<readonly Candle[]> {
  return readBetween(api, seriesId, { since, before: until + 1, step: 1 }, signal, LARGEST_PAGE);
}

async function readOldest(api: CandleApi, seriesId: SeriesId, signal: AbortSignal): Promise<number | null> {
  const page = await api.candles({ series_id: seriesId, since: 0, limit: 1 }, signal);
  return page.candles[0]?.candle_time ?? null;
}

interface Span {
  readonly since: number;
  readonly before: number;
  /** Nothing fits between a candle and `before` when they are this close, seconds. */
  readonly step: number;
}

/** Candles with `since < time < before`. A series off the grid can hold more than one page of them. */
async function readBetween(
  api: CandleApi,
  seriesId: SeriesId,
  { since, before, step }: Span,
  signal: AbortSignal,
  limit = PAGE_CANDLES,
): Promise<readonly Candle[]> {
  const found: Candle[] = [];
  for (let cursor = since; ; ) {
    const page = await api.candles({ series_id: seriesId, since: cursor, limit }, signal);
    for (const candle of page.candles) if (candle.candle_time < before) found.push(candle);
    const last = page.candles.at(-1)?.candle_time ?? before;
    if (page.candles.length < limit || last >= before - step || last <= cursor) return found;
    cursor = last;
  }
}
