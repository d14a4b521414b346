import { type ConnectionState, Link, type LinkOptions, pageSocketUrl } from "./link";
import { parseMarketMessage } from "./messages";
import type { MarketMessage, SeriesId } from "./types";

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

export interface MarketSocketOptions extends Partial<LinkOptions> {
  /** Runs the callback before the next paint; forming candles are merged until then. */
  readonly schedule?: (run: () => void) => void;
}

export function createMarketSocket(options: MarketSocketOptions = {}): MarketSocket {
  return new ReconnectingSocket(options);
}

class ReconnectingSocket implements MarketSocket {
  private readonly link: Link;
  private readonly schedule: (run: () => void) => void;
  private readonly subscriptions = new Map<SeriesId, Subscription>();
  private readonly listeners = new Set<(state: ConnectionState) => void>();
  private readonly observers = new Set<(message: MarketMessage) => void>();
  /** Newest forming candle per series that waits for the next paint. */
  private readonly forming = new Map<SeriesId, MarketMessage & { readonly type: "candle_forming" }>();
  private flushScheduled = false;

  constructor({ schedule = beforeNextPaint, url = pageSocketUrl("/ws/market"), ...options }: MarketSocketOptions) {
    this.schedule = schedule;
    this.link = new Link(
      { ...options, url },
      {
        onOpen: () => {
          for (const subscription of this.subscriptions.values()) this.sendSubscribe(subscription);
        },
        onText: (text) => this.received(text),
        onState: (state) => {
          if (state.status !== "open") this.forming.clear();
          for (const listener of this.listeners) listener(state);
        },
      },
    );
    this.link.connect();
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
      this.link.send({ type: "unsubscribe", series_id: seriesId });
    };
  }

  resubscribe(seriesId: SeriesId): void {
    const subscription = this.subscriptions.get(seriesId);
    if (subscription) this.sendSubscribe(subscription);
  }

  state(): ConnectionState {
    return this.link.state();
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
    this.link.retryNow();
  }

  close(): void {
    this.link.close();
    this.subscriptions.clear();
    this.listeners.clear();
    this.observers.clear();
  }

  private received(text: string): void {
    const message = parseMarketMessage(text);
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
    this.link.send({
      type: "subscribe",
      series_id: subscription.seriesId,
      since: subscription.since(),
      supports_batch: true,
      supports_draw_head: true,
    });
  }
}

/** A hidden page gets no animation frames; a slow timer keeps the newest value moving there. */
export function beforeNextPaint(run: () => void): void {
  if (document.hidden) setTimeout(run, 250);
  else requestAnimationFrame(run);
}
