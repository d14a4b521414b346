/** Keeps the drawing of one series up to date: follows hints, polls while the socket is down, retries a 409. */
import type { ApiClient } from "../api/client";
import { ApiError } from "../api/error";
import type { SeriesId } from "../api/types";
import { applyDelta, type DrawingState, EMPTY_DRAWINGS, needsReset } from "./drawings";

export type DrawingSyncStatus = "none" | "ok" | "retry" | "out_of_sync";

export interface DrawingSyncListener {
  onDrawings(state: DrawingState, features: ReadonlySet<string>): void;
  onStatus(): void;
}

export interface DrawingSyncOptions {
  readonly api: Pick<ApiClient, "drawDelta">;
  readonly seriesId: SeriesId;
  readonly listener: DrawingSyncListener;
  readonly now: () => number;
}

export const DRAW_WINDOW_CANDLES = 2_000;
const SILENT_RETRIES = 6;
const SILENT_RETRY_MS = 200;
const OUT_OF_SYNC_RETRY_MS = 5_000;
/** Waits after failures that are not "out of step", milliseconds. */
const FAILURE_RETRIES_MS: readonly number[] = [2_000, 5_000, 15_000, 30_000];

export class DrawingSync {
  private readonly options: DrawingSyncOptions;
  private readonly abort = new AbortController();
  private state: DrawingState = EMPTY_DRAWINGS;
  private current: DrawingSyncStatus = "none";
  private error: ApiError | null = null;
  private failures = 0;
  private retryAt: number | null = null;
  private running = false;
  private again = false;
  private fromZero = true;
  private held: { readonly onDrawings: DrawingSyncListener["onDrawings"] } | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: DrawingSyncOptions) {
    this.options = options;
  }

  drawings(): DrawingState {
    return this.state;
  }

  status(): DrawingSyncStatus {
    return this.current;
  }

  failure(): ApiError | null {
    return this.error;
  }

  /** Wall clock of the next try, milliseconds; null when none is planned. */
  retryAtMs(): number | null {
    return this.retryAt;
  }

  /** Asks for what is new; a request under way is followed by one more. */
  refresh(): void {
    if (this.running) {
      this.again = true;
      return;
    }
    if (this.retryAt === null) void this.read();
  }

  /** Tries at once, also while a retry is waiting. */
  retryNow(): void {
    clearTimeout(this.timer);
    this.retryAt = null;
    this.refresh();
  }

  /** Reads everything again from cursor 0. The present drawing stays until the answer is there. */
  reload(): void {
    this.fromZero = true;
    this.failures = 0;
    this.retryNow();
  }

  /** Reads everything again and hands it to `swap` alone, so that it can be shown together with other content. */
  reloadInto(swap: DrawingSyncListener["onDrawings"]): void {
    this.held = { onDrawings: swap };
    this.reload();
  }

  stop(): void {
    this.abort.abort();
    clearTimeout(this.timer);
  }

  private async read(): Promise<void> {
    this.running = true;
    this.again = false;
    const reset = this.fromZero;
    this.fromZero = false;
    const target = this.held;
    try {
      const delta = await this.options.api.drawDelta(
        {
          series_id: this.options.seriesId,
          cursor_version_id: reset ? 0 : this.state.cursor,
          window_candles: DRAW_WINDOW_CANDLES,
        },
        this.abort.signal,
      );
      if (this.abort.signal.aborted) return;
      if (!reset && needsReset(this.state, delta)) {
        this.fromZero = true;
        this.again = true;
      } else {
        const step = applyDelta(this.state, delta, reset);
        this.state = step.state;
        this.succeeded();
        if (target && this.held === target) this.held = null;
        (target ?? this.options.listener).onDrawings(step.state, step.features);
      }
    } catch (cause) {
      if (this.abort.signal.aborted) return;
      this.fromZero ||= reset;
      this.failed(cause);
    } finally {
      this.running = false;
    }
    if (this.again && this.retryAt === null && !this.abort.signal.aborted) void this.read();
  }

  private succeeded(): void {
    this.failures = 0;
    this.error = null;
    this.retryAt = null;
    this.setStatus("ok");
  }

  private failed(cause: unknown): void {
    this.failures += 1;
    this.error = cause instanceof ApiError ? cause : null;
    const outOfStep = this.error?.status === 409;
    const silent = this.failures <= SILENT_RETRIES;
    const waitMs = outOfStep
      ? silent
        ? SILENT_RETRY_MS
        : OUT_OF_SYNC_RETRY_MS
      : (FAILURE_RETRIES_MS[Math.min(this.failures, FAILURE_RETRIES_MS.length) - 1] ?? OUT_OF_SYNC_RETRY_MS);
    this.retryAt = this.options.now() + waitMs;
    this.timer = setTimeout(() => this.retryNow(), waitMs);
    this.setStatus(outOfStep && !silent ? "out_of_sync" : "retry");
  }

  private setStatus(status: DrawingSyncStatus): void {
    this.current = status;
    this.options.listener.onStatus();
  }
}
