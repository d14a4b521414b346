import type { ApiClient } from "./client";

/** The server's market clock. In demo mode it runs faster than wall time. */
export interface MarketClock {
  /** Market time now, milliseconds; null until the first answer. */
  nowMs(): number | null;
  /** Market seconds per wall second; 1 until known. */
  speed(): number;
  demo(): boolean;
  version(): string;
  /** Asks the server now; rejects when it does not answer. */
  refresh(): Promise<void>;
  onChange(listener: () => void): () => void;
  stop(): void;
}

export interface MarketClockOptions {
  readonly api: Pick<ApiClient, "live">;
  /** Monotonic milliseconds. */
  readonly monotonic?: () => number;
  /** Milliseconds between two questions. */
  readonly intervalMs?: number;
}

interface Reading {
  readonly marketMs: number;
  readonly atMs: number;
  readonly speed: number;
  readonly demo: boolean;
  readonly version: string;
}

const INTERVAL_MS = 60_000;
const RETRY_MS = 5_000;

export function createMarketClock(options: MarketClockOptions): MarketClock {
  const monotonic = options.monotonic ?? (() => performance.now());
  const intervalMs = options.intervalMs ?? INTERVAL_MS;
  const listeners = new Set<() => void>();
  const abort = new AbortController();
  let reading: Reading | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function refresh(): Promise<void> {
    const askedMs = monotonic();
    const live = await options.api.live(abort.signal);
    const answeredMs = monotonic();
    reading = {
      marketMs: live.market_now_ms,
      // The answer was true about half a round trip ago.
      atMs: (askedMs + answeredMs) / 2,
      speed: live.market_speed,
      demo: live.demo,
      version: live.version,
    };
    for (const listener of listeners) listener();
  }

  async function tick(): Promise<void> {
    let waitMs = intervalMs;
    try {
      await refresh();
    } catch {
      waitMs = RETRY_MS;
    }
    if (!abort.signal.aborted) timer = setTimeout(tick, waitMs);
  }

  void tick();

  return {
    nowMs: () => (reading ? reading.marketMs + (monotonic() - reading.atMs) * reading.speed : null),
    speed: () => reading?.speed ?? 1,
    demo: () => reading?.demo ?? false,
    version: () => reading?.version ?? "",
    refresh,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop() {
      abort.abort();
      clearTimeout(timer);
    },
  };
}
