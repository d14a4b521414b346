/** The server's ledger of the holes in one series, read while there is a hole to explain. */
import type { ApiClient } from "../api/client";
import { ApiError } from "../api/error";
import type { MarketSocket } from "../api/socket";
import type { Gap, MarketMessage, SeriesId } from "../api/types";
import { RetryTimer } from "./retry";
import { type CandleWindow, firstTime, lastTime } from "./window";

export interface GapChange {
  readonly kind: "opened" | "healed";
  readonly gap: Gap;
}

export interface GapWatchOptions {
  readonly api: Pick<ApiClient, "gaps">;
  readonly socket: Pick<MarketSocket, "observe">;
  readonly seriesId: SeriesId;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** The ledger changed, or the mark of a healed hole is over. */
  onChange(): void;
  /** A hole was found or filled since this watch began. Each one is told once. */
  onGap(change: GapChange): void;
}

/** A hole that may fill by itself is asked about this often. */
const POLL_MS = 5_000;
/** How long a hole that was filled stays marked. */
const HEALED_SHOWN_MS = 10_000;
const LIMIT = 1_000;
const NOT_FOUND = 404;

export class GapWatch {
  private readonly options: GapWatchOptions;
  private readonly abort = new AbortController();
  private readonly stopObserving: () => void;
  private readonly retry: RetryTimer;
  private readonly told = new Set<string>();
  private ledger: readonly Gap[] = [];
  /** Oldest time that `ledger` was read from; none before the first answer. */
  private knownFrom = Number.POSITIVE_INFINITY;
  /** Holes that messages spoke of and no answer has shown yet. */
  private announced: readonly { readonly from: number; readonly until: number }[] = [];
  private healedAt = new Map<number, number>();
  /** First candle of the window that was last looked at. */
  private from: number | null = null;
  /** Oldest time that the ledger was read from. */
  private readFrom = Number.POSITIVE_INFINITY;
  private reading = false;
  private again = false;
  /** The server keeps no ledger. */
  private absent = false;
  private pollTimer: ReturnType<typeof setTimeout> | undefined;
  private healedTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: GapWatchOptions) {
    this.options = options;
    this.retry = new RetryTimer(options.now, () => this.read());
    this.stopObserving = options.socket.observe((message) => this.heard(message));
  }

  /** The ledger's entry that covers most of a hole; null when it knows nothing of it. */
  entryFor(fromTime: number, toTime: number): Gap | null {
    let best: Gap | null = null;
    let most = 0;
    for (const gap of this.ledger) {
      if (gap.state === "healed") continue;
      const shared = Math.min(gap.to_time, toTime) - Math.max(gap.from_time, fromTime) + 1;
      if (shared > most) {
        most = shared;
        best = gap;
      }
    }
    return best;
  }

  /** Holes that were filled a moment ago. */
  healed(): readonly Gap[] {
    const since = this.options.now() - HEALED_SHOWN_MS;
    return this.ledger.filter((gap) => (this.healedAt.get(gap.from_time) ?? Number.NEGATIVE_INFINITY) > since);
  }

  /** Looks at what is loaded: a hole that was not asked about yet is. */
  look(window: CandleWindow): void {
    const first = firstTime(window);
    const last = lastTime(window);
    if (first === null || last === null) return;
    this.from = first;
    const whole = Math.round((last - first) / window.timeframe) + 1;
    if (window.candles.length < whole && first < this.readFrom) this.read();
  }

  stop(): void {
    this.abort.abort();
    this.stopObserving();
    this.retry.stop();
    clearTimeout(this.pollTimer);
    clearTimeout(this.healedTimer);
  }

  /** A hole appears with a message; one that was filled behind the newest candle leads to a rebuild. */
  private heard(message: MarketMessage): void {
    if (message.series_id !== this.options.seriesId) return;
    if (message.type === "gap")
      this.announced = [...this.announced, { from: message.expected_next_time, until: message.actual_time }];
    const rebuilt = message.type === "system" && message.event === "factor.rebuild";
    if (message.type === "gap" || (rebuilt && this.readFrom !== Number.POSITIVE_INFINITY)) this.read();
  }

  private read(): void {
    if (this.absent) return;
    if (this.reading) this.again = true;
    else void this.run();
  }

  private async run(): Promise<void> {
    this.reading = true;
    clearTimeout(this.pollTimer);
    do {
      this.again = false;
      await this.readOnce();
    } while (this.again && !this.abort.signal.aborted);
    this.reading = false;
    const mayFill = this.ledger.some(({ state }) => state === "open" || state === "filling");
    if (mayFill && this.retry.atMs() === null && !this.abort.signal.aborted) {
      this.pollTimer = setTimeout(() => this.read(), POLL_MS);
    }
  }

  private async readOnce(): Promise<void> {
    const { api, seriesId: series_id } = this.options;
    const from_time = this.from ?? 0;
    this.readFrom = from_time;
    try {
      const { gaps } = await api.gaps({ series_id, state: "all", from_time, limit: LIMIT }, this.abort.signal);
      if (this.abort.signal.aborted) return;
      this.retry.succeeded();
      this.take(gaps, from_time);
    } catch (cause) {
      if (this.abort.signal.aborted) return;
      this.absent = cause instanceof ApiError && cause.status === NOT_FOUND;
      if (!this.absent) this.retry.failed(cause);
    }
  }

  /** News is what differs from the answer before, or what a message spoke of: the clocks of server and page differ. */
  private take(gaps: readonly Gap[], from: number): void {
    const before = this.ledger;
    const isOpen = ({ state }: Gap) => state !== "healed";
    for (const gap of gaps) {
      const known = before.filter((former) => former.from_time <= gap.from_time && former.to_time >= gap.to_time);
      const spokenOf = this.announced.some(({ from, until }) => gap.from_time < until && gap.to_time >= from);
      if (isOpen(gap)) {
        // What is left of a hole that was partly filled lies inside of the former one.
        if (known.every((former) => !isOpen(former)) && (gap.from_time >= this.knownFrom || spokenOf))
          this.tell("opened", gap);
      } else if ((known.some(isOpen) || spokenOf) && this.tell("healed", gap)) {
        this.healedAt.set(gap.from_time, this.options.now());
        clearTimeout(this.healedTimer);
        this.healedTimer = setTimeout(() => this.options.onChange(), HEALED_SHOWN_MS + 50);
      }
    }
    this.announced = this.announced.filter(
      ({ from, until }) => !gaps.some((gap) => gap.from_time < until && gap.to_time >= from),
    );
    this.ledger = gaps;
    this.knownFrom = from;
    this.options.onChange();
  }

  /** False when it was told before. */
  private tell(kind: GapChange["kind"], gap: Gap): boolean {
    const key = `${kind}:${gap.from_time}:${gap.to_time}:${gap.detected_at_ms}`;
    if (this.told.has(key)) return false;
    this.told.add(key);
    this.options.onGap({ kind, gap });
    return true;
  }
}
