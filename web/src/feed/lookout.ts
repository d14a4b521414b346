/** Decides when a page asks by itself: while the socket is down, and when candles and drawing stay apart without a word. */
import type { DrawingSync } from "./drawing-sync";
import { Poller } from "./poller";
import { type CandleWindow, lastTime } from "./window";

export interface LookoutOptions {
  readonly now: () => number;
  readonly drawings: Pick<DrawingSync, "drawings" | "status">;
  /** Null before the first page. */
  window(): CandleWindow | null;
  connected(): boolean;
  ask(): Promise<void>;
}

/** Candle and drawing may be apart for this long: the notice of a drawing follows its candle. */
const PATIENCE_MS = 2_000;

export class Lookout {
  private readonly options: LookoutOptions;
  private readonly poller: Poller;
  private apartSince: number | null = null;

  constructor(options: LookoutOptions) {
    this.options = options;
    this.poller = new Poller({
      now: options.now,
      wanted: () => options.window() !== null && (!options.connected() || this.leftBehind()),
      ask: () => options.ask(),
    });
  }

  stop(): void {
    this.poller.stop();
  }

  private leftBehind(): boolean {
    const { drawings, now } = this.options;
    if (!this.apart() || drawings.status() !== "ok") this.apartSince = null;
    else this.apartSince ??= now();
    return this.apartSince !== null && now() - this.apartSince >= PATIENCE_MS;
  }

  private apart(): boolean {
    const window = this.options.window();
    const last = window?.atHead ? lastTime(window) : null;
    const drawn = this.options.drawings.drawings().toTime;
    return last !== null && drawn !== null && drawn !== last;
  }
}
