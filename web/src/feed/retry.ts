import { ApiError } from "../api/error";

/** Waits between tries, milliseconds; the last one repeats. */
const DELAYS_MS: readonly number[] = [2_000, 5_000, 15_000, 30_000];

/** Plans the next try after a failure and remembers what went wrong. */
export class RetryTimer {
  private readonly wallMs: () => number;
  private readonly run: () => void;
  private failure: ApiError | null = null;
  private failures = 0;
  private planned: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(wallMs: () => number, run: () => void) {
    this.wallMs = wallMs;
    this.run = run;
  }

  error(): ApiError | null {
    return this.failure;
  }

  /** Wall clock of the next try, milliseconds; null when none is planned. */
  atMs(): number | null {
    return this.planned;
  }

  failed(cause: unknown): void {
    this.failures += 1;
    this.failure = cause instanceof ApiError ? cause : ApiError.unreachable(false, cause);
    const delayMs = DELAYS_MS[Math.min(this.failures, DELAYS_MS.length) - 1] ?? 30_000;
    this.planned = this.wallMs() + delayMs;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), delayMs);
  }

  succeeded(): void {
    this.stop();
    this.failures = 0;
    this.failure = null;
  }

  now(): void {
    this.stop();
    this.run();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.planned = null;
  }
}
