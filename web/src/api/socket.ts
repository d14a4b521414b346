import { reconnectDelayMs } from "./backoff";
import { parseMarketMessage } from "./messages";
import type { MarketMessage, SeriesId } from "./types";

export type ConnectionStatus = "connecting" | "open" | "reconnecting" | "offline";

/** What the health pill and the offline bar show; times are wall clock, milliseconds. */
export interface ConnectionState {
  readonly status: ConnectionStatus;
  /** When the connection was lost; null while it is open or was never open. */
  readonly downSinceMs: number | null;
  /** When the next attempt starts; null while open, connecting, or waiting for the browser to be online. */
  readonly retryAtMs: number | null;
  readonly attempts: number;
}

export interface Subscription {
  readonly seriesId: SeriesId;
  /** Cursor for every (re-)subscribe: newest closed time that the subscriber holds, null for "the newest page". */
  since(): number | null;
  onMessage(message: MarketMessage): void;
}

export interface MarketSocket {
  /** Starts following a series; the returned function stops it. The last subscription of a series wins. */
  subscribe(subscription: Subscription): () => void;
  /** Sends `subscribe` again with the present cursor, after a change of what the subscriber holds. */
  resubscribe(seriesId: SeriesId): void;
  state(): ConnectionState;
  /** Called on every change, not at once. */
  onState(listener: (state: ConnectionState) => void): () => void;
  /** Hears every message as it arrives, whatever its series, except forming candles. */
  observe(listener: (message: MarketMessage) => void): () => void;
  /** Tries now instead of at `retryAtMs`. */
  retryNow(): void;
  close(): void;
}

export interface SocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: unknown) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: unknown) => void) | null;
  onerror: ((event: unknown) => void) | null;
}

export interface MarketSocketOptions {
  /** Absolute `ws:` or `wss:` address; derived from the page unless given. */
  readonly url?: string;
  readonly open?: (url: string) => SocketLike;
  readonly now?: () => number;
  /** 0 up to 1, for the spread of the reconnect delay. */
  readonly random?: () => number;
  /** Runs the callback before the next paint; forming candles are merged until then. */
  readonly schedule?: (run: () => void) => void;
  /** Source of `online` and `offline` events. */
  readonly network?: NetworkSource;
}

export interface NetworkSource {
  online(): boolean;
  listen(listener: () => void): () => void;
}

/** Down for longer than this counts as offline. */
const OFFLINE_AFTER_MS = 30_000;
const OPEN = 1;

export function createMarketSocket(options: MarketSocketOptions = {}): MarketSocket {
  return new ReconnectingSocket(options);
}

class ReconnectingSocket implements MarketSocket {
  private readonly url: string;
  private readonly openSocket: (url: string) => SocketLike;
  private readonly now: () => number;
  private readonly random: () => number;
  private readonly schedule: (run: () => void) => void;
  private readonly network: NetworkSource;
  private readonly subscriptions = new Map<SeriesId, Subscription>();
  private readonly listeners = new Set<(state: ConnectionState) => void>();
  private readonly observers = new Set<(message: MarketMessage) => void>();
  private readonly stopListening: () => void;
  /** Newest forming candle per series that waits for the next paint. */
  private readonly forming = new Map<SeriesId, MarketMessage & { readonly type: "candle_forming" }>();
  private flushScheduled = false;
  private socket: SocketLike | null = null;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private offlineTimer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private current: ConnectionState = { status: "connecting", downSinceMs: null, retryAtMs: null, attempts: 0 };

  constructor(options: MarketSocketOptions) {
    this.url = options.url ?? pageSocketUrl();
    this.openSocket = options.open ?? ((url) => new WebSocket(url) as SocketLike);
    this.now = options.now ?? Date.now;
    this.random = options.random ?? Math.random;
    this.schedule = options.schedule ?? beforeNextPaint;
    this.network = options.network ?? browserNetwork();
    this.stopListening = this.network.listen(() => this.networkChanged());
    this.connect();
  }

  subscribe(subscription: Subscription): () => void {
    const { seriesId } = subscription;
    this.subscriptions.set(seriesId, subscription);
    this.forming.delete(seriesId);
    this.sendSubscribe(subscription);
    return () => {
      if (this.subscriptions.get(seriesId) !== subscription) return;
      this.subscriptions.delete(seriesId);
      this.forming.delete(seriesId);
      this.send({ type: "unsubscribe", series_id: seriesId });
    };
  }

  resubscribe(seriesId: SeriesId): void {
    const subscription = this.subscriptions.get(seriesId);
    if (subscription) this.sendSubscribe(subscription);
  }

  state(): ConnectionState {
    return this.current;
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  observe(listener: (message: MarketMessage) => void): () => void {
    this.observers.add(listener);
    return () => this.observers.delete(listener);
  }

  retryNow(): void {
    if (this.closed || this.socket !== null) return;
    clearTimeout(this.retryTimer);
    this.connect();
  }

  close(): void {
    this.closed = true;
    this.stopListening();
    clearTimeout(this.retryTimer);
    clearTimeout(this.offlineTimer);
    this.detach()?.close(1000);
    this.subscriptions.clear();
    this.listeners.clear();
    this.observers.clear();
  }

  private connect(): void {
    if (!this.network.online()) {
      this.update({ status: "offline", downSinceMs: this.current.downSinceMs ?? this.now(), retryAtMs: null });
      return;
    }
    this.update({ retryAtMs: null });
    const socket = this.openSocket(this.url);
    this.socket = socket;
    socket.onopen = () => this.opened();
    socket.onmessage = (event) => this.received(event.data);
    socket.onclose = () => this.lost();
    // A close event follows every error event.
    socket.onerror = null;
  }

  private opened(): void {
    clearTimeout(this.offlineTimer);
    this.offlineTimer = undefined;
    this.update({ status: "open", downSinceMs: null, retryAtMs: null, attempts: 0 });
    for (const subscription of this.subscriptions.values()) this.sendSubscribe(subscription);
  }

  private lost(): void {
    this.detach();
    this.forming.clear();
    const attempts = this.current.attempts + 1;
    const delayMs = reconnectDelayMs(attempts, this.random());
    const downSinceMs = this.current.downSinceMs ?? this.now();
    const online = this.network.online();
    const status = online && this.current.status !== "offline" ? "reconnecting" : "offline";
    this.update({ status, downSinceMs, attempts, retryAtMs: online ? this.now() + delayMs : null });
    this.offlineTimer ??= setTimeout(() => this.update({ status: "offline" }), OFFLINE_AFTER_MS);
    if (online) this.retryTimer = setTimeout(() => this.connect(), delayMs);
  }

  private networkChanged(): void {
    if (this.closed) return;
    if (this.network.online()) {
      this.retryNow();
      return;
    }
    clearTimeout(this.retryTimer);
    this.detach()?.close(1000);
    this.update({ status: "offline", downSinceMs: this.current.downSinceMs ?? this.now(), retryAtMs: null });
  }

  /** Forgets the present socket, so that nothing it still says is heard. */
  private detach(): SocketLike | null {
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    return socket;
  }

  private received(data: unknown): void {
    const message = typeof data === "string" ? parseMarketMessage(data) : null;
    if (message === null) return;
    if (message.type === "candle_forming") {
      this.forming.set(message.series_id, message);
      this.scheduleForming();
      return;
    }
    for (const observer of this.observers) observer(message);
    this.deliver(message);
  }

  private scheduleForming(): void {
    if (this.flushScheduled) return;
    this.flushScheduled = true;
    this.schedule(() => {
      this.flushScheduled = false;
      const waiting = [...this.forming.values()];
      this.forming.clear();
      for (const message of waiting) this.deliver(message);
    });
  }

  private deliver(message: MarketMessage): void {
    if (message.series_id === undefined) return;
    this.subscriptions.get(message.series_id)?.onMessage(message);
  }

  private sendSubscribe(subscription: Subscription): void {
    this.send({
      type: "subscribe",
      series_id: subscription.seriesId,
      since: subscription.since(),
      supports_batch: true,
      supports_draw_head: true,
    });
  }

  private send(message: Readonly<Record<string, unknown>>): void {
    if (this.socket?.readyState === OPEN) this.socket.send(JSON.stringify(message));
  }

  private update(change: Partial<ConnectionState>): void {
    this.current = { ...this.current, ...change };
    for (const listener of this.listeners) listener(this.current);
  }
}

/** Address of a socket of the server that gave the page. */
export function pageSocketUrl(path = "/ws/market"): string {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}${path}`;
}

/** A hidden page gets no animation frames; a slow timer keeps the newest value moving there. */
export function beforeNextPaint(run: () => void): void {
  if (document.hidden) setTimeout(run, 250);
  else requestAnimationFrame(run);
}

function browserNetwork(): NetworkSource {
  return {
    online: () => navigator.onLine,
    listen(listener) {
      window.addEventListener("online", listener);
      window.addEventListener("offline", listener);
      return () => {
        window.removeEventListener("online", listener);
        window.removeEventListener("offline", listener);
      };
    },
  };
}
