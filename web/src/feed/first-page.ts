/** The page a window starts from: the newest candles, or those around a time. */
import type { ApiClient } from "../api/client";
import type { SeriesId } from "../api/types";
import { PAGE_CANDLES, readAround } from "./history";
import { type CandleWindow, lastTime, startWindow } from "./window";

export interface FirstPage {
  readonly window: CandleWindow;
  /** Newest stored time that is known, also when the window does not reach it; seconds. */
  readonly newest: number | null;
}

export interface FirstPageQuery {
  readonly seriesId: SeriesId;
  /** Seconds. */
  readonly timeframe: number;
  /** Right-edge time, seconds; undefined: the newest candles. */
  readonly at: number | undefined;
}

export async function readFirstPage(
  api: Pick<ApiClient, "candles">,
  { seriesId, timeframe, at }: FirstPageQuery,
  signal: AbortSignal,
): Promise<FirstPage> {
  if (at !== undefined) {
    const page = await readAround(api, seriesId, at, timeframe, signal);
    if (page !== null) {
      const window = { ...startWindow(timeframe, page.candles, page.atHead), atStart: page.atStart };
      return { window, newest: page.atHead ? lastTime(window) : page.head };
    }
  }
  const page = await api.candles({ series_id: seriesId, limit: PAGE_CANDLES }, signal);
  const window = startWindow(timeframe, page.candles, true);
  return { window, newest: lastTime(window) };
}
