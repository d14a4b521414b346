/**
 * Everything one chart needs of one series: candles, forming bar, drawings, history, and their repair.
 *
 * Owns no DOM. Tells its listener what changed; what is shown, and when, is the chart's business.
 */
import type { ApiClient } from "../api/client";
import type { ApiError } from "../api/error";
import { parseSeriesId, timeframeSeconds } from "../api/series";
import type { MarketSocket } from "../api/socket";
import type { Candle, MarketMessage, SeriesId } from "../api/types";
import type { ChartSession, Refusal, SessionListener } from "./chart-session";
import { DrawingSync } from "./drawing-sync";
import { readFirstPage } from "./first-page";
import { readNewer, readOlder, readRange } from "./history";
import { Lookout } from "./lookout";
import { Rebuild } from "./rebuild";
import { RetryTimer } from "./retry";
import {
  type CandleWindow,
  emptyWindow,
  type FarSide,
  firstDifference,
  firstTime,
  lastTime,
  mergeClosed,
  mergeForming,
  prependHistory,
  swapContent,
  type WindowChange,
} from "./window";

export interface SessionOptions {
  readonly api: ApiClient;
  readonly socket: MarketSocket;
  readonly seriesId: SeriesId;
  readonly listener: SessionListener;
  readonly now: () => number;
  /** Right-edge time of the first view, seconds; absent: the newest candles. */
  readonly at?: number;
}

/** An empty series is asked again this often: the server may just be filling it. */
const EMPTY_POLL_MS = 2_000;

export class SeriesSession implements ChartSession {
  readonly seriesId: SeriesId;
  readonly timeframe: number;
  private readonly options: SessionOptions;
  private readonly abort = new AbortController();
  private readonly drawingSync: DrawingSync;
  private readonly startRetry: RetryTimer;
  private readonly rebuild: Rebuild;
  private readonly lookout: Lookout;
  private readonly emptyPoll: ReturnType<typeof setInterval>;
  private readonly stopStateListener: () => void;
  private content: CandleWindow;
  private started = false;
  private unsubscribe: (() => void) | null = null;
  private older: Promise<void> | null = null;
  private newer: Promise<void> | null = null;
  private interrupted = false;
  private lastFrame: number | null = null;
  private newestTime: number | null = null;
  private refused: Refusal | null = null;
  private far: FarSide = "left";

  constructor(options: SessionOptions) {
    this.options = options;
    this.seriesId = options.seriesId;
    this.timeframe = timeframeSeconds(parseSeriesId(options.seriesId)?.timeframe ?? "") ?? 60;
    this.content = emptyWindow(this.timeframe);
    const { api, seriesId, now } = options;
    this.drawingSync = new DrawingSync({
      api,
      seriesId,
      now,
      listener: {
        onDrawings: (state, features) => options.listener.onDrawings(state, features),
        onLedger: ({ epoch }) => {
          if (epoch !== null) this.rebuild.learn(epoch);
          options.listener.onStatus();
        },
        onStatus: () => options.listener.onStatus(),
      },
    });
    this.startRetry = new RetryTimer(now, () => void this.start(options.at));
    this.stopStateListener = options.socket.onState(() => this.connectionChanged());
    this.rebuild = new Rebuild({
      drawings: this.drawingSync,
      signal: this.abort.signal,
      now,
      readCandles: () => this.readLoaded(),
      onRead: (candles, drawings) => {
        const before = this.content;
        this.content = swapContent(before, candles);
        const from = firstDifference(before, this.content);
        options.listener.onRebuilt(this.content, { drawings, epoch: this.rebuild.epoch(), from });
      },
      onLateDrawing: (state, features) => options.listener.onDrawings(state, features),
    });
    this.lookout = new Lookout({
      now,
      drawings: this.drawingSync,
      window: () => (this.started ? this.content : null),
      connected: () => options.socket.state().status === "open",
      ask: () => this.readUnasked(),
    });
    this.emptyPoll = setInterval(() => {
      if (this.started && this.content.candles.length === 0) void this.start(undefined);
    }, EMPTY_POLL_MS);
    void this.start(options.at);
    this.drawingSync.refresh();
  }

  window(): CandleWindow {
    return this.content;
  }

  drawings(): DrawingSync {
    return this.drawingSync;
  }

  /** The ledgers were folded again, and the drawing of the new ones is not here yet. */
  rebuilding(): boolean {
    return this.rebuild.pending();
  }

  /** The failure that keeps the first page away; null once it is here. */
  failure(): ApiError | null {
    return this.startRetry.error();
  }

  retryAtMs(): number | null {
    return this.startRetry.atMs();
  }

  /** Newest closed time known, also when the window does not reach it; seconds. */
  newest(): number | null {
    return this.newestTime;
  }

  epoch(): number | null {
    return this.rebuild.epoch();
  }

  lastFrameMs(): number | null {
    return this.lastFrame;
  }

  refusal(): Refusal | null {
    return this.refused;
  }

  loadingOlder(): boolean {
    return this.older !== null;
  }

  /** Which end of a full window may go, from where the user looks. */
  setFarSide(far: FarSide): void {
    this.far = far;
  }

  retry(): void {
    if (!this.started) this.startRetry.now();
    if (this.refused) {
      this.refused = null;
      this.options.socket.resubscribe(this.seriesId);
    }
  }

  /** Loads the page before the window; one request at a time. */
  loadOlder(): Promise<void> {
    if (!this.started || this.content.atStart) return Promise.resolve();
    this.older ??= this.readOlderPage().finally(() => {
      this.older = null;
      this.options.listener.onStatus();
    });
    return this.older;
  }

  /** Loads the page after a window that does not reach the newest candle. */
  loadNewer(): Promise<void> {
    if (!this.started || this.content.atHead) return Promise.resolve();
    this.newer ??= this.readNewerPage().finally(() => {
      this.newer = null;
    });
    return this.newer;
  }

  /** Starts the window anew: at the newest candle, or with its right edge at `at` (seconds). */
  async restart(at?: number): Promise<void> {
    await this.start(at);
  }

  stop(): void {
    this.abort.abort();
    clearInterval(this.emptyPoll);
    this.lookout.stop();
    this.rebuild.stop();
    this.startRetry.stop();
    this.drawingSync.stop();
    this.stopStateListener();
    this.unsubscribe?.();
  }

  private async start(at: number | undefined): Promise<void> {
    const { api, listener } = this.options;
    try {
      const query = { seriesId: this.seriesId, timeframe: this.timeframe, at };
      const { window, newest } = await readFirstPage(api, query, this.abort.signal);
      if (this.abort.signal.aborted) return;
      // Candles that closed while the page was on its way are newer than the page; the rest of the old window goes.
      const page = window.atHead ? mergeClosed(window, this.closedAfter(lastTime(window))).window : window;
      const unchanged = this.started && page.candles.length === 0 && this.content.candles.length === 0;
      this.startRetry.succeeded();
      if (unchanged) return;
      this.content = page;
      this.started = true;
      this.noteNewest(newest);
      this.noteNewest(lastTime(page));
      listener.onStart(page);
      this.unsubscribe ??= this.options.socket.subscribe({
        seriesId: this.seriesId,
        since: () => this.newestTime,
        onMessage: (message) => this.received(message),
      });
    } catch (cause) {
      if (this.abort.signal.aborted) return;
      if (!this.started) this.startRetry.failed(cause);
      listener.onStatus();
    }
  }

  private closedAfter(time: number | null): readonly Candle[] {
    return this.content.candles.filter((candle) => candle.candle_time > (time ?? 0));
  }

  private async readOlderPage(): Promise<void> {
    const first = firstTime(this.content);
    if (first === null) return;
    this.options.listener.onStatus();
    try {
      const page = await readOlder(this.options.api, this.seriesId, first, this.timeframe, this.abort.signal);
      if (this.abort.signal.aborted || firstTime(this.content) !== first) return;
      this.step(prependHistory(this.content, page.candles, page.atStart));
    } catch {
      // The edge stays "more": the next pan asks again.
    }
  }

  private async readNewerPage(): Promise<void> {
    const last = lastTime(this.content);
    if (last === null) return;
    try {
      const page = await readNewer(this.options.api, this.seriesId, last, this.abort.signal);
      if (this.abort.signal.aborted || lastTime(this.content) !== last) return;
      const step = mergeClosed(this.content, page.candles, "left");
      const reaches = page.atHead && (lastTime(step.window) ?? 0) >= (this.newestTime ?? 0);
      this.step({ ...step, window: { ...step.window, atHead: reaches } });
    } catch {
      // As above.
    }
  }

  private received(message: MarketMessage): void {
    this.lastFrame = this.options.now();
    switch (message.type) {
      case "candle_closed":
        this.closed([message.candle]);
        return;
      case "candles_batch":
        this.closed(message.candles);
        return;
      case "candle_forming":
        this.step(mergeForming(this.content, message.candle));
        return;
      case "gap":
        void this.fillGap(message.expected_next_time);
        return;
      case "draw_head":
        if (!this.rebuild.headSeen(message.epoch)) this.drawingSync.refresh();
        return;
      case "system":
        if (message.event === "factor.rebuild") this.rebuild.announced();
        return;
      case "error":
        this.refused = { code: message.code, message: message.message };
        this.options.listener.onStatus();
    }
  }

  private closed(candles: readonly Candle[]): void {
    this.refused = null;
    const newest = Math.max(...candles.map((candle) => candle.candle_time));
    this.noteNewest(newest);
    // A window that was panned away from the head is continued by pages, not by the stream.
    if (!this.content.atHead) {
      this.options.listener.onStatus();
      return;
    }
    this.step(mergeClosed(this.content, candles, this.far));
  }

  /** The server has candles that were not sent, or none at all for this range; only it knows. */
  private async fillGap(expected: number): Promise<void> {
    this.drawingSync.reload();
    await this.readSince(Math.max(0, expected - this.timeframe));
  }

  private async readSince(since: number): Promise<void> {
    const until = Number.MAX_SAFE_INTEGER - 1;
    const candles = await readRange(this.options.api, this.seriesId, since, until, this.abort.signal).catch(() => null);
    if (candles === null || this.abort.signal.aborted || !this.content.atHead) return;
    this.noteNewest(candles.at(-1)?.candle_time ?? null);
    this.step(mergeClosed(this.content, candles, this.far));
  }

  private readLoaded(): Promise<readonly Candle[]> {
    const first = firstTime(this.content);
    if (first === null) return Promise.resolve([]);
    const last = Math.max(lastTime(this.content) ?? 0, this.content.atHead ? (this.newestTime ?? 0) : 0);
    return readRange(this.options.api, this.seriesId, first - 1, last, this.abort.signal);
  }

  private step(step: { readonly window: CandleWindow; readonly change: WindowChange }): void {
    this.content = step.window;
    if (step.change.kind === "none") this.options.listener.onStatus();
    else this.options.listener.onCandles(step.window, step.change);
  }

  private noteNewest(time: number | null): void {
    if (time !== null) this.newestTime = Math.max(this.newestTime ?? 0, time);
  }

  private connectionChanged(): void {
    const open = this.options.socket.state().status === "open";
    if (open && this.interrupted && this.started) void this.resume();
    this.interrupted = !open;
    this.options.listener.onStatus();
  }

  /** After an interruption: a server whose newest candle is older than ours has another store, and ours is void. */
  private async resume(): Promise<void> {
    const page = await this.options.api
      .candles({ series_id: this.seriesId, limit: 1 }, this.abort.signal)
      .catch(() => null);
    if (page === null || this.abort.signal.aborted) return;
    if ((page.server_head_time ?? 0) >= (this.newestTime ?? 0)) {
      this.drawingSync.refresh();
      return;
    }
    this.content = emptyWindow(this.timeframe);
    this.newestTime = null;
    this.rebuild.forget();
    await this.start(undefined);
    this.options.socket.resubscribe(this.seriesId);
    this.drawingSync.reload();
  }

  /** Candles first, so that no drawing is newer than the bars below it. */
  private async readUnasked(): Promise<void> {
    const last = lastTime(this.content);
    if (last !== null && this.content.atHead) {
      const page = await readNewer(this.options.api, this.seriesId, last, this.abort.signal);
      if (this.abort.signal.aborted) return;
      if (page.candles.length > 0) this.closed(page.candles);
    }
    this.drawingSync.poll();
  }
}
