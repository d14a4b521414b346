/** Asks once a second while the socket is down, less often while the server does not answer either. */
export interface PollerOptions {
  readonly now: () => number;
  /** Whether asking is called for at all. */
  wanted(): boolean;
  ask(): Promise<void>;
}

const INTERVAL_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

export class Poller {
  private readonly options: PollerOptions;
  private readonly timer: ReturnType<typeof setInterval>;
  private asking = false;
  private failures = 0;
  private notBefore = 0;

  constructor(options: PollerOptions) {
    this.options = options;
    this.timer = setInterval(() => void this.tick(), INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async tick(): Promise<void> {
    if (!this.options.wanted()) {
      this.failures = 0;
      this.notBefore = 0;
      return;
    }
    if (this.asking || this.options.now() < this.notBefore) return;
    this.asking = true;
    try {
      await this.options.ask();
      this.failures = 0;
      this.notBefore = 0;
    } catch {
      this.failures += 1;
      this.notBefore = this.options.now() + Math.min(LONGEST_WAIT_MS, INTERVAL_MS * 2 ** this.failures);
    } finally {
      this.asking = false;
    }
  }
}
