/** The most traded symbols of one market, streamed by the server. A lost stream is taken up again, and says so. */
import { reconnectDelayMs } from "./backoff";
import type { TopMarketsResponse } from "./types";

export type TopMarketsConnection = "connecting" | "open" | "reconnecting";

export interface TopMarketsState {
  readonly connection: TopMarketsConnection;
  /** Newest list; null before the first one. */
  readonly list: TopMarketsResponse | null;
  /** Wall clock of its arrival, milliseconds. */
  readonly receivedMs: number | null;
  /** The server cannot ask the exchange; null as soon as it can. */
  readonly failure: string | null;
  /** When the stream was lost; null while it is open or was never open. */
  readonly downSinceMs: number | null;
  /** When the next try starts; null while none is planned. */
  readonly retryAtMs: number | null;
}

/** The part of `EventSource` that is needed; a test brings its own. */
export interface EventStream {
  onopen: (() => void) | null;
  /** Called without data when the connection is lost. */
  onerror: ((event: { readonly data?: unknown }) => void) | null;
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

export interface TopMarketsOptions {
  readonly market: "spot" | "futures";
  readonly open?: (url: string) => EventStream;
  /** Wall clock, milliseconds. */
  readonly now?: () => number;
  /** 0 up to 1, for the spread of the reconnect delay. */
  readonly random?: () => number;
  onChange(state: TopMarketsState): void;
}

const LIMIT = 200;
const INTERVAL_SECONDS = 2;

export class TopMarketsFeed {
  private readonly options: TopMarketsOptions;
  private readonly now: () => number;
  private stream: EventStream | null = null;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private current: TopMarketsState = {
    connection: "connecting",
    list: null,
    receivedMs: null,
    failure: null,
    downSinceMs: null,
    retryAtMs: null,
  };

  constructor(options: TopMarketsOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.connect();
  }

  state(): TopMarketsState {
    return this.current;
  }

  /** Asks at once, also when the stream is open and tells of nothing but failures. */
  retryNow(): void {
    this.drop();
    this.connect();
  }

  stop(): void {
    clearTimeout(this.retryTimer);
    this.drop();
  }

  private connect(): void {
    clearTimeout(this.retryTimer);
    const query = `market=${this.options.market}&limit=${LIMIT}&interval_s=${INTERVAL_SECONDS}`;
    const open = this.options.open ?? ((url: string) => new EventSource(url) as unknown as EventStream);
    const stream = open(`/api/market/top_markets/stream?${query}`);
    this.stream = stream;
    this.update({ retryAtMs: null });
    stream.onopen = () => {
      this.attempts = 0;
      this.update({ connection: "open", downSinceMs: null });
    };
    // The server's own `error` events share their name with those of the connection; only they carry data.
    stream.onerror = ({ data }) => {
      if (typeof data === "string") this.update({ failure: failureText(data) });
      else this.lost();
    };
    stream.addEventListener("top_markets", ({ data }) => {
      const list = typeof data === "string" ? parseTopMarkets(data) : null;
      if (list) this.update({ list, receivedMs: this.now(), failure: null });
    });
  }

  private lost(): void {
    this.drop();
    this.attempts += 1;
    const delayMs = reconnectDelayMs(this.attempts, (this.options.random ?? Math.random)());
    const nowMs = this.now();
    this.update({
      connection: "reconnecting",
      downSinceMs: this.current.downSinceMs ?? nowMs,
      retryAtMs: nowMs + delayMs,
    });
    this.retryTimer = setTimeout(() => this.connect(), delayMs);
  }

  private drop(): void {
    const { stream } = this;
    this.stream = null;
    if (!stream) return;
    stream.onopen = stream.onerror = null;
    stream.close();
  }

  private update(change: Partial<TopMarketsState>): void {
    this.current = { ...this.current, ...change };
    this.options.onChange(this.current);
  }
}

function failureText(data: string): string {
  const { message } = parseFields(data);
  return typeof message === "string" ? message : data;
}

/** Reads one list; null for what breaks the contract. Rows without a symbol are left out. */
export function parseTopMarkets(text: string): TopMarketsResponse | null {
  const fields = parseFields(text);
  const { market, generated_at_ms, items } = fields;
  if (typeof market !== "string" || typeof generated_at_ms !== "number" || !Array.isArray(items)) return null;
  const named = items.filter((item) => typeof item === "object" && item !== null && typeof item.symbol === "string");
  return { ...fields, items: named } as unknown as TopMarketsResponse;
}

function parseFields(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
