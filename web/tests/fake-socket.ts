import type { ConnectionState, SocketLike } from "../src/api/link";
import type { MarketSocket, Subscription } from "../src/api/socket";
import type { MarketMessage, SeriesId } from "../src/api/types";

/** A raw socket that the test opens, feeds and drops. */
export class FakeRawSocket implements SocketLike {
  readyState = 0;
  readonly sent: Record<string, unknown>[] = [];
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  onerror: SocketLike["onerror"] = null;

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }

  close(): void {
    this.readyState = 3;
  }

  accept(): void {
    this.readyState = 1;
    this.onopen?.({});
  }

  receive(message: unknown): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  drop(): void {
    this.readyState = 3;
    this.onclose?.({});
  }
}

/** A market socket without a connection: the test speaks for the server. */
export class FakeMarketSocket implements MarketSocket {
  readonly subscriptions = new Map<SeriesId, Subscription>();
  readonly cursors: (number | null)[] = [];
  private readonly listeners = new Set<(state: ConnectionState) => void>();
  private readonly observers = new Set<(message: MarketMessage) => void>();
  private current: ConnectionState = { status: "open", downSinceMs: null, retryAtMs: null, attempts: 0 };

  subscribe(subscription: Subscription): () => void {
    this.subscriptions.set(subscription.seriesId, subscription);
    this.cursors.push(subscription.since());
    return () => this.subscriptions.delete(subscription.seriesId);
  }

  resubscribe(seriesId: SeriesId): void {
    this.cursors.push(this.subscriptions.get(seriesId)?.since() ?? null);
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

  retryNow(): void {}

  close(): void {}

  say(message: MarketMessage): void {
    for (const observer of this.observers) observer(message);
    if (message.series_id !== undefined) this.subscriptions.get(message.series_id)?.onMessage(message);
  }

  become(change: Partial<ConnectionState>): void {
    this.current = { ...this.current, ...change };
    for (const listener of this.listeners) listener(this.current);
  }
}
