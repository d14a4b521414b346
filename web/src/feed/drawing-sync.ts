/**
 * Keeps the drawing of one series up to date: starts from a frame, follows hints by deltas, polls where no hint comes,
 * retries a 409. Reads at most once per second, however many hints there are.
 */
import type { ApiClient } from "../api/client";
import { ApiError } from "../api/error";
import type { DrawDelta, FactorSlices, SeriesId } from "../api/types";
import type { SessionDrawings } from "./chart-session";
import { applyDelta, type DrawingState, EMPTY_DRAWINGS, needsReset } from "./drawings";
import type { Ledger } from "./ledger";
import { LedgerSync } from "./ledger-sync";

export type DrawingSyncStatus = "none" | "ok" | "retry" | "out_of_sync";

export interface DrawingSyncListener {
  onDrawings(state: DrawingState, features: ReadonlySet<string>): void;
  /** More is known about the drawn objects. */
  onLedger(ledger: Ledger): void;
  onStatus(): void;
}

export interface DrawingSyncOptions {
  readonly api: Pick<ApiClient, "drawDelta" | "frameLive" | "deltaPoll" | "factorSlices">;
  readonly seriesId: SeriesId;
  readonly listener: DrawingSyncListener;
  readonly now: () => number;
}

/** `frame`: everything; `delta`: what changed since the cursor; `poll`: the same for a page that gets no hints. */
type Mode = "frame" | "delta" | "poll";

interface Answer {
  /** Null: nothing is newer than the cursor. */
  readonly delta: DrawDelta | null;
  readonly slices: FactorSlices | null;
}

export const DRAW_WINDOW_CANDLES = 2_000;
const READ_INTERVAL_MS = 1_000;
const SILENT_RETRIES = 6;
const SILENT_RETRY_MS = 200;
const OUT_OF_SYNC_RETRY_MS = 5_000;
/** Waits after failures that are not "out of step", milliseconds. */
const FAILURE_RETRIES_MS: readonly number[] = [2_000, 5_000, 15_000, 30_000];

export class DrawingSync implements SessionDrawings {
  private readonly options: DrawingSyncOptions;
  private readonly abort = new AbortController();
  private readonly facts: LedgerSync;
  private state: DrawingState = EMPTY_DRAWINGS;
  private current: DrawingSyncStatus = "none";
  private error: ApiError | null = null;
  private failures = 0;
  private retryAt: number | null = null;
  private notBefore = 0;
  private running = false;
  private again = false;
  private fromZero = true;
  private polling = false;
  private held: { readonly onDrawings: DrawingSyncListener["onDrawings"] } | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: DrawingSyncOptions) {
    this.options = options;
    const { api, seriesId, now, listener } = options;
    this.facts = new LedgerSync({
      ...{ api, seriesId, now },
      windowCandles: DRAW_WINDOW_CANDLES,
      onLedger: (ledger) => listener.onLedger(ledger),
    });
  }

  drawings(): DrawingState {
    return this.state;
  }

  /** What is known about the drawn objects; null before the first frame. */
  ledger(): Ledger | null {
    return this.facts.ledger();
  }

  /** Somebody looks at an object: its history is read if it is not known yet. */
  wantHistory(): void {
    this.facts.wantHistory();
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

  /** Asks for what is new; requests under way or too close to the last one are followed by one more. */
  refresh(): void {
    this.plan();
  }

  /** As `refresh`, for a page that is not told when there is something new. */
  poll(): void {
    this.polling = true;
    this.plan();
  }

  /** Tries at once, also while a retry or a pause is waiting. */
  retryNow(): void {
    this.retryAt = null;
    this.notBefore = 0;
    this.plan();
  }

  /** Reads everything again from cursor 0. The present drawing stays until the answer is there. */
  reload(): void {
    this.fromZero = true;
    this.failures = 0;
    this.retryAt = null;
    this.plan();
  }

  /** Reads everything again and hands it to `swap` alone, so that it can be shown together with other content. */
  reloadInto(swap: DrawingSyncListener["onDrawings"]): void {
    this.held = { onDrawings: swap };
    this.reload();
  }

  stop(): void {
    this.abort.abort();
    this.facts.stop();
    clearTimeout(this.timer);
  }

  private plan(): void {
    if (this.running) {
      this.again = true;
      return;
    }
    if (this.retryAt !== null || this.abort.signal.aborted) return;
    clearTimeout(this.timer);
    const waitMs = this.notBefore - this.options.now();
    if (waitMs <= 0) void this.read();
    else this.timer = setTimeout(() => void this.read(), waitMs);
  }

  private async read(): Promise<void> {
    this.running = true;
    this.again = false;
    const reset = this.fromZero;
    const mode: Mode = reset ? "frame" : this.polling ? "poll" : "delta";
    this.fromZero = false;
    this.polling = false;
    this.notBefore = this.options.now() + READ_INTERVAL_MS;
    const target = this.held;
    try {
      const answer = await this.ask(mode);
      if (this.abort.signal.aborted) return;
      this.take(answer, { reset, part: mode === "poll" ? "all" : "head", target });
    } catch (cause) {
      if (this.abort.signal.aborted) return;
      this.fromZero ||= reset;
      this.failed(cause);
    } finally {
      this.running = false;
    }
    if (this.again) this.plan();
  }

  /** A frame or poll that fails for another reason than a ledger behind is replaced by the plain delta. */
  private async ask(mode: Mode): Promise<Answer> {
    const { api, seriesId: series_id } = this.options;
    const { signal } = this.abort;
    const window_candles = DRAW_WINDOW_CANDLES;
    const cursor = mode === "frame" ? 0 : this.state.cursor;
    try {
      if (mode === "frame") {
        const frame = await api.frameLive({ series_id, window_candles, part: "head" }, signal);
        return { delta: frame.draw_state, slices: frame.factor_slices };
      }
      if (mode === "poll") {
        const { records } = await api.deltaPoll({ series_id, after_id: cursor, window_candles }, signal);
        return { delta: records[0]?.draw_delta ?? null, slices: records[0]?.factor_slices ?? null };
      }
    } catch (cause) {
      if (signal.aborted || (cause instanceof ApiError && cause.status === 409)) throw cause;
    }
    return {
      delta: await api.drawDelta({ series_id, cursor_version_id: cursor, window_candles }, signal),
      slices: null,
    };
  }

  private take(
    { delta, slices }: Answer,
    { reset, part, target }: { reset: boolean; part: "head" | "all"; target: DrawingSync["held"] },
  ): void {
    this.succeeded();
    if (delta === null) return;
    if (!reset && needsReset(this.state, delta)) {
      this.fromZero = true;
      this.again = true;
      return;
    }
    const step = applyDelta(this.state, delta, reset);
    this.state = step.state;
    if (slices) this.facts.take(slices, part);
    if (target && this.held === target) this.held = null;
    (target ?? this.options.listener).onDrawings(step.state, step.features);
    this.facts.drawn(step.state);
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
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.retryNow(), waitMs);
    this.setStatus(outOfStep && !silent ? "out_of_sync" : "retry");
  }

  private setStatus(status: DrawingSyncStatus): void {
    this.current = status;
    this.options.listener.onStatus();
  }
}
