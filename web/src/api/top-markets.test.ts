import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type EventStream, parseTopMarkets, TopMarketsFeed, type TopMarketsState } from "./top-markets";

const START = 1_700_000_000_000;

class FakeStream implements EventStream {
  onopen: EventStream["onopen"] = null;
  onerror: EventStream["onerror"] = null;
  closed = false;
  readonly url: string;
  private readonly listeners = new Map<string, (event: { readonly data?: unknown }) => void>();

  constructor(url: string) {
    this.url = url;
  }

  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void {
    this.listeners.set(type, listener);
  }

  close(): void {
    this.closed = true;
  }

  send(last_price: number): void {
    const item = { exchange: "binance", market: "spot", symbol: "BTC/USDT", last_price };
    const data = JSON.stringify({ market: "spot", generated_at_ms: 1, items: [item] });
    this.listeners.get("top_markets")?.({ data });
  }
}

function feeding() {
  const streams: FakeStream[] = [];
  const states: TopMarketsState[] = [];
  const feed = new TopMarketsFeed({
    market: "spot",
    random: () => 0.5,
    open: (url) => {
      const stream = new FakeStream(url);
      streams.push(stream);
      return stream;
    },
    onChange: (state) => states.push(state),
  });
  return { feed, streams, states, last: () => streams.at(-1) as FakeStream };
}

describe("TopMarketsFeed", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.setSystemTime(START);
  });
  afterEach(() => void vi.useRealTimers());

  it("asks for one market and keeps the newest list with its time", () => {
    const { feed, last } = feeding();
    expect(last().url).toBe("/api/market/top_markets/stream?market=spot&limit=200&interval_s=2");
    last().onopen?.();
    last().send(1);
    last().send(2);
    expect(feed.state()).toMatchObject({ connection: "open", receivedMs: START, failure: null });
    expect(feed.state().list?.items[0]?.last_price).toBe(2);
  });

  it("tells a server that cannot ask the exchange from a lost connection", () => {
    const { feed, streams, last } = feeding();
    last().onopen?.();
    last().send(1);
    last().onerror?.({ data: '{"type":"error","message":"upstream_error:timeout","at_ms":5}' });
    expect(feed.state()).toMatchObject({ connection: "open", failure: "upstream_error:timeout" });
    expect(feed.state().list).not.toBeNull();
    last().send(2);
    expect(feed.state().failure).toBeNull();
    expect(streams).toHaveLength(1);
  });

  it("takes a lost stream up again after growing waits, says when, and keeps the list", () => {
    const { feed, streams, last } = feeding();
    last().onopen?.();
    last().send(1);
    last().onerror?.({});
    expect(streams[0]?.closed).toBe(true);
    expect(feed.state()).toMatchObject({ connection: "reconnecting", downSinceMs: START, retryAtMs: START + 500 });
    vi.advanceTimersByTime(500);
    last().onerror?.({});
    expect(feed.state()).toMatchObject({ downSinceMs: START, retryAtMs: START + 1_500 });
    feed.retryNow();
    expect(streams).toHaveLength(3);
    last().onopen?.();
    expect(feed.state()).toMatchObject({ connection: "open", downSinceMs: null, retryAtMs: null });
    expect(feed.state().list?.items).toHaveLength(1);
    vi.advanceTimersByTime(60_000);
    expect(streams).toHaveLength(3);
  });

  it("stops for good", () => {
    const { feed, streams, states, last } = feeding();
    last().onerror?.({});
    const told = states.length;
    feed.stop();
    vi.advanceTimersByTime(60_000);
    expect([streams.length, states.length]).toEqual([1, told]);
  });
});

it("leaves out what it cannot read", () => {
  expect(parseTopMarkets("{")).toBeNull();
  expect(parseTopMarkets('{"market":"spot","generated_at_ms":1}')).toBeNull();
  expect(parseTopMarkets('{"market":"spot","generated_at_ms":1,"items":[null,{},{"symbol":"A/B"}]}')?.items).toEqual([
    { symbol: "A/B" },
  ]);
});
