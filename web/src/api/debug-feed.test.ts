import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeRawSocket } from "../../tests/fake-socket";
import { DebugFeed, type GateState, parseDebugMessage, type ServerEvent } from "./debug-feed";

const event = (ts_ms: number, message: string) => ({
  ts_ms,
  source: "backend",
  pipe: "write",
  event: "write.market.gap_opened",
  series_id: "binance:futures:BTC/USDT:1m",
  level: "warn",
  message,
});

function feed() {
  const sockets: FakeRawSocket[] = [];
  const told: ServerEvent[] = [];
  const gates: GateState[] = [];
  const debug = new DebugFeed({
    url: "ws://test/ws/debug",
    random: () => 0.5,
    open: () => {
      const socket = new FakeRawSocket();
      sockets.push(socket);
      return socket;
    },
    onEvents: (events) => told.push(...events),
    onGate: (state) => gates.push(state),
  });
  const last = () => sockets.at(-1) as FakeRawSocket;
  return { debug, sockets, told, gates, last };
}

describe("DebugFeed", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("a refused handshake closes the gate and is not tried again by itself", () => {
    const { debug, sockets, gates, last } = feed();
    debug.connect();
    last().drop();
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect(gates).toEqual(["closed"]);
    debug.connect();
    expect(sockets).toHaveLength(2);
  });

  it("takes up a lost stream again and tells nothing twice", () => {
    const { debug, sockets, told, last } = feed();
    debug.connect();
    last().accept();
    last().receive({ type: "debug_snapshot", events: [event(1_000, "a"), event(1_000, "b")] });
    last().receive({ type: "debug_event", event: event(1_000, "c") });
    last().drop();
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(2);
    last().accept();
    const repeated = [event(1_000, "a"), event(1_000, "b"), event(1_000, "c"), event(1_000, "d"), event(1_200, "e")];
    last().receive({ type: "debug_snapshot", events: repeated });
    expect(told.map(({ message }) => message)).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("connects once, and stops for good", () => {
    const { debug, sockets, told, last } = feed();
    debug.connect();
    debug.connect();
    last().accept();
    const socket = last();
    debug.stop();
    socket.receive({ type: "debug_event", event: event(1, "late") });
    socket.drop();
    vi.advanceTimersByTime(60_000);
    expect([sockets.length, told.length]).toEqual([1, 0]);
  });
});

describe("parseDebugMessage", () => {
  it("keeps what it knows and leaves out what it cannot read", () => {
    const text = JSON.stringify({ type: "debug_snapshot", events: [event(5, "x"), { event: "no time" }, null, 3] });
    expect(parseDebugMessage(text)?.events).toEqual([
      {
        ts_ms: 5,
        pipe: "write",
        event: "write.market.gap_opened",
        series_id: "binance:futures:BTC/USDT:1m",
        level: "warn",
        message: "x",
        data: null,
      },
    ]);
    expect(parseDebugMessage("{")).toBeNull();
    expect(parseDebugMessage('{"type":"other"}')).toBeNull();
  });
});
