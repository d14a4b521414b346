/** Reads the candles that lead to a frame, and begins before the frame is there when it is known where that will be. */
import type { ApiClient } from "../../api/client";
import type { SeriesId } from "../../api/types";
import { readOlder } from "../history";
import type { PastPage } from "./playback";

interface Ahead {
  /** The bar that the frame is expected at, seconds. */
  readonly bar: number;
  readonly abort: AbortController;
  /** Null when reading failed or was given up: whoever needs the page reads it anew and hears why. */
  readonly page: Promise<PastPage | null>;
  settled: boolean;
}

export class PastReader {
  private readonly api: Pick<ApiClient, "candles">;
  private readonly seriesId: SeriesId;
  /** Seconds. */
  private readonly timeframe: number;
  private ahead: Ahead | null = null;

  constructor(api: Pick<ApiClient, "candles">, seriesId: SeriesId, timeframe: number) {
    this.api = api;
    this.seriesId = seriesId;
    this.timeframe = timeframe;
  }

  /** A frame at `at` (seconds) is on its way. While one page is being read ahead, no other one is: a drag asks often. */
  expect(at: number): void {
    if (this.ahead?.settled === false) return;
    const abort = new AbortController();
    const bar = at - (at % this.timeframe);
    const page = readOlder(this.api, this.seriesId, bar, this.timeframe, abort.signal).catch(() => null);
    const ahead: Ahead = { bar, abort, page, settled: false };
    this.ahead = ahead;
    void page.then(() => {
      ahead.settled = true;
    });
  }

  /** The candles before the bar at `time`, seconds. */
  async before(time: number, signal: AbortSignal): Promise<PastPage> {
    const { ahead } = this;
    this.ahead = null;
    // The bar before is the frame's when a clock has not completed the expected one.
    if (ahead && (ahead.bar === time || ahead.bar === time + this.timeframe)) {
      const page = await ahead.page;
      if (page) return { ...page, candles: page.candles.filter(({ candle_time }) => candle_time < time) };
    } else ahead?.abort.abort();
    return readOlder(this.api, this.seriesId, time, this.timeframe, signal);
  }

  /** What is on its way is not needed. */
  forget(): void {
    this.ahead?.abort.abort();
    this.ahead = null;
  }
}
