/** Reads a series again after its ledgers were folded again, and hands candles and drawings over together. */
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
  private running = false;
  private again = false;

  constructor(options: RebuildOptions) {
    this.options = options;
    this.retry = new RetryTimer(options.now, () => this.request());
  }

  /** Reads everything again; a request while one is under way leads to one more. */
  request(): void {
    if (this.running) this.again = true;
    else void this.run();
  }

  stop(): void {
    this.retry.stop();
  }

  private async run(): Promise<void> {
    this.running = true;
    do {
      this.again = false;
      await this.readOnce();
    } while (this.again && !this.options.signal.aborted);
    this.running = false;
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
