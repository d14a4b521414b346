/**
 * Hands changes of a candle window on, the first one at once, then at most one per frame and never for more than half of
 * the time. The library looks at every bar it has for each change, so a burst must cost a few changes, however many
 * candles it brings, and with many bars the page must have time for everything else.
 */
import { type CandleWindow, together, type WindowChange } from "../feed/window";

type Show = (window: CandleWindow, change: WindowChange) => void;

export interface PaceTime {
  /** Milliseconds, never backwards. */
  now(): number;
  /** Runs before the first paint that is at least so many milliseconds away. */
  afterFrame(run: () => void, waitMs: number): void;
}

export class CandlePace {
  private readonly show: Show;
  private readonly time: PaceTime;
  private waiting: { readonly window: CandleWindow; readonly change: WindowChange } | null = null;
  private resting = false;

  constructor(show: Show, time: PaceTime = pageTime) {
    this.show = show;
    this.time = time;
  }

  take(window: CandleWindow, change: WindowChange): void {
    if (this.resting) {
      this.waiting = { window, change: this.waiting ? together(this.waiting.change, change) : change };
      return;
    }
    this.showNow(window, change);
  }

  /** Shows what waits for a frame at once: something that builds on it comes next. */
  flush(): void {
    const { waiting } = this;
    this.waiting = null;
    if (waiting) this.show(waiting.window, waiting.change);
  }

  /** What waits is not shown any more: other content takes its place. */
  drop(): void {
    this.waiting = null;
  }

  private showNow(window: CandleWindow, change: WindowChange): void {
    this.resting = true;
    const began = this.time.now();
    this.show(window, change);
    const rested = () => {
      this.resting = false;
      const { waiting } = this;
      this.waiting = null;
      if (waiting) this.showNow(waiting.window, waiting.change);
    };
    this.time.afterFrame(rested, this.time.now() - began);
  }
}

const FRAME_MS = 16;

const pageTime: PaceTime = {
  now: () => performance.now(),
  afterFrame(run, waitMs) {
    if (waitMs < FRAME_MS) requestAnimationFrame(run);
    else setTimeout(() => requestAnimationFrame(run), waitMs);
  },
};
