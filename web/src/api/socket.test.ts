import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeRawSocket } from "../../tests/fake-socket";
import type { ConnectionState, NetworkSource } from "./link";
import { createMarketSocket } from "./socket";
import type { MarketMessage } from "./types";

const seriesId = "binance:futures:BTC/USDT:1m";
const candle = (candle_time: number, close = 1) => ({ candle_time, open: 1, high: 9, low: 0.5, close, volume: 1 });

function setUp() {
  const raw: FakeRawSocket[] = [];
  const frames: (() => void)[] = [];
  const network = { online: true, changed: () => {} };
  const source: NetworkSource = {
    online: () => network.online,
    listen(listener) {
      network.changed = listener;
      return () => {
        network.changed = () => {};
      };
    },
  };
  const socket = createMarketSocket({
    url: "ws://server/ws/market",
    open: () => {
      const next = new FakeRawSocket();
      raw.push(next);
      return next;
    },
    random: () => 0.5,
    schedule: (run) => frames.push(run),
    network: source,
  });
  const latest = () => raw.at(-1) as FakeRawSocket;
  const paint = () => {
    for (const run of frames.splice(0)) run();
  };
  const setOnline = (online: boolean) => {
    network.online = online;
    network.changed();
  };
  return { socket, raw, latest, paint, setOnline };
}

function follow(socket: ReturnType<typeof setUp>["socket"], since: () => number | null) {
  const messages: MarketMessage[] = [];
  const stop = socket.subscribe({ seriesId, since, onMessage: (message) => messages.push(message) });
  return { messages, stop };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("subscriptions", () => {
  test("are sent when the socket opens, with batches and draw heads", () => {
    const { socket, latest } = setUp();
    follow(socket, () => 120);
    expect(latest().sent).toEqual([]);
    latest().accept();
    expect(latest().sent).toEqual([
      { type: "subscribe", series_id: seriesId, since: 120, supports_batch: true, supports_draw_head: true },
    ]);
  });

  test("resume with the cursor of that moment after a drop", () => {
    const { socket, raw, latest } = setUp();
    let cursor = 60;
    follow(socket, () => cursor);
    latest().accept();
    cursor = 300;
    latest().drop();
    vi.advanceTimersByTime(500);
    latest().accept();
    expect(raw).toHaveLength(2);
    expect(latest().sent[0]).toMatchObject({ since: 300 });
  });

  test("end with an unsubscribe, and nothing is heard after it", () => {
    const { socket, latest } = setUp();
    const { messages, stop } = follow(socket, () => null);
    latest().accept();
    stop();
    latest().receive({ type: "candle_closed", series_id: seriesId, candle: candle(60) });
    expect(latest().sent.at(-1)).toEqual({ type: "unsubscribe", series_id: seriesId });
    expect(messages).toEqual([]);
  });

  test("of other series are not mixed up", () => {
    const { socket, latest } = setUp();
    const { messages } = follow(socket, () => null);
    latest().accept();
    latest().receive({ type: "candle_closed", series_id: "binance:spot:X:1m", candle: candle(60) });
    latest().receive("not json");
    expect(messages).toEqual([]);
  });
});

describe("forming candles", () => {
  test("are merged until the next paint; the newest one arrives", () => {
    const { socket, latest, paint } = setUp();
    const { messages } = follow(socket, () => null);
    latest().accept();
    for (let close = 1; close <= 5; close += 1) {
      latest().receive({ type: "candle_forming", series_id: seriesId, candle: candle(60, close) });
    }
    expect(messages).toEqual([]);
    paint();
    expect(messages).toEqual([{ type: "candle_forming", series_id: seriesId, candle: candle(60, 5) }]);
  });

  test("closed candles do not wait", () => {
    const { socket, latest } = setUp();
    const { messages } = follow(socket, () => null);
    latest().accept();
    latest().receive({ type: "candle_closed", series_id: seriesId, candle: candle(60) });
    expect(messages).toHaveLength(1);
  });
});

describe("reconnecting", () => {
  test("waits half a second, doubling, and tells when", () => {
    const { socket, raw, latest } = setUp();
    const waits: (number | null)[] = [];
    for (const expected of [500, 1000, 2000]) {
      const before = Date.now();
      latest().drop();
      const { retryAtMs } = socket.state();
      waits.push(retryAtMs === null ? null : retryAtMs - before);
      vi.advanceTimersByTime(expected);
    }
    expect(waits).toEqual([500, 1000, 2000]);
    expect(raw).toHaveLength(4);
  });

  test("an open socket starts over with the shortest wait", () => {
    const { socket, latest } = setUp();
    latest().drop();
    vi.advanceTimersByTime(500);
    latest().accept();
    expect(socket.state()).toMatchObject({ status: "open", downSinceMs: null, attempts: 0 });
    latest().drop();
    expect(socket.state().retryAtMs).toBe(Date.now() + 500);
  });

  test("half a minute without a connection is offline", () => {
    const { socket, latest } = setUp();
    latest().accept();
    latest().drop();
    expect(socket.state().status).toBe("reconnecting");
    vi.advanceTimersByTime(30_000);
    latest().drop();
    expect(socket.state().status).toBe("offline");
  });

  test("retryNow does not wait and does not open a second socket", () => {
    const { socket, raw, latest } = setUp();
    latest().drop();
    socket.retryNow();
    socket.retryNow();
    expect(raw).toHaveLength(2);
    vi.advanceTimersByTime(60_000);
    expect(raw).toHaveLength(2);
  });
});

describe("the browser's own word", () => {
  test("offline closes at once and waits for online", () => {
    const { socket, raw, latest, setOnline } = setUp();
    const states: ConnectionState["status"][] = [];
    socket.onState((state) => states.push(state.status));
    latest().accept();
    setOnline(false);
    vi.advanceTimersByTime(120_000);
    expect(socket.state()).toMatchObject({ status: "offline", retryAtMs: null });
    expect(raw).toHaveLength(1);
    setOnline(true);
    latest().accept();
    expect(raw).toHaveLength(2);
    expect(states.at(-1)).toBe("open");
  });
});

test("a closed client stays closed", () => {
  const { socket, raw, latest } = setUp();
  latest().accept();
  socket.close();
  vi.advanceTimersByTime(60_000);
  expect(raw).toHaveLength(1);
});
