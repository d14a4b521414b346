/**
 * Reads a series again after its ledgers were folded again, and hands candles and drawings over together. A rebuild is
 * announced by a message; when that is lost, a higher epoch gives it away.
 */
import type { Candle } from "../api/types";
import type { DrawingSync } from "./drawing-sync";
import type { DrawingState } from "./drawings";
import { RetryTimer } from "./retry";

export interface RebuildOptions {
  readonly drawings: DrawingSync;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Every stored candle of the loaded range. */
  readCandles(): Promise<readonly Candle[]>;
  /** `drawing` null: it comes later, by `onLateDrawing`. */
  onRead(candles: readonly Candle[], drawing: DrawingState | null): void;
  onLateDrawing(state: DrawingState, features: ReadonlySet<string>): void;
}

/** Corrected candles wait this long for their drawing; a longer one comes by itself. */
const PATIENCE_MS = 2_000;

export class Rebuild {
  private readonly options: RebuildOptions;
  private readonly retry: RetryTimer;
  private busy = false;
  private again = false;
  private known: number | null = null;
  /** Announced; the notice with its epoch is still to come. */
  private expected = false;
  private drawingMissing = false;

  constructor(options: RebuildOptions) {
    this.options = options;
    this.retry = new RetryTimer(options.now, () => this.request());
  }

  /** Number of the fold that is on the page; null before anything told it. */
  epoch(): number | null {
    return this.known;
  }

  /** The epoch of slices: the first one, that of what is being read again, or the sign of a message that was lost. */
  learn(epoch: number): void {
    const missed = this.known !== null && epoch > this.known && !this.drawingMissing;
    this.known = Math.max(this.known ?? 0, epoch);
    if (missed) this.request();
  }

  /** Another store: nothing that was known of this one counts. */
  forget(): void {
    this.known = null;
    this.expected = false;
  }

  announced(): void {
    this.expected = true;
    this.request();
  }

  /** A notice of a new drawing. Returns whether everything is read again because of it. */
  headSeen(epoch: number): boolean {
    const missed = this.known !== null && epoch > this.known && !this.expected;
    const reads = missed || this.expected;
    this.expected = false;
    this.known = epoch;
    if (missed) this.request();
    return reads;
  }

  /** The drawing of the new ledgers is not here yet. */
  pending(): boolean {
    return this.drawingMissing;
  }

  stop(): void {
    this.retry.stop();
  }

  /** A request while one is under way leads to one more. */
  private request(): void {
    this.drawingMissing = true;
    if (this.busy) this.again = true;
    else void this.run();
  }

  private async run(): Promise<void> {
    this.busy = true;
    do {
      this.again = false;
      await this.readOnce();
    } while (this.again && !this.options.signal.aborted);
    this.busy = false;
  }

  private async readOnce(): Promise<void> {
    const { signal } = this.options;
    const drawing = this.readDrawing();
    try {
      const candles = await this.options.readCandles();
      const read = await Promise.race([drawing.arrived, wait(PATIENCE_MS)]);
      if (signal.aborted) return;
      this.retry.succeeded();
      this.options.onRead(candles, read);
    } catch (cause) {
      if (!signal.aborted) this.retry.failed(cause);
    } finally {
      drawing.release();
    }
  }

  /** Until `release`, the drawing is kept for this rebuild; after it, a late one is passed on. */
  private readDrawing(): { readonly arrived: Promise<DrawingState>; release(): void } {
    let released = false;
    const arrived = new Promise<DrawingState>((resolve) => {
      this.options.drawings.reloadInto((state, features) => {
        this.drawingMissing = false;
        if (released) this.options.onLateDrawing(state, features);
        else resolve(state);
      });
    });
    return {
      arrived,
      release() {
        released = true;
      },
    };
  }
}

function wait(delayMs: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), delayMs));
}
