import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeMarketSocket, FakeRawSocket } from "../../tests/fake-socket";
import { ApiError } from "../api/error";
import { ActivityLog } from "./activity";
import { Recorder } from "./recorder";

const SERIES = "binance:futures:BTC/USDT:1m";
const START = 1_700_000_000_000;

function recording() {
  const log = new ActivityLog();
  const socket = new FakeMarketSocket();
  const debugSockets: FakeRawSocket[] = [];
  const recorder = new Recorder({
    log,
    socket,
    debug: {
      url: "ws://test/ws/debug",
      random: () => 0.5,
      open: () => {
        const raw = new FakeRawSocket();
        debugSockets.push(raw);
        return raw;
      },
    },
  });
  const rows = () => {
    vi.advanceTimersByTime(250);
    return log.entries();
  };
  return { socket, recorder, debugSockets, rows, kinds: () => rows().map(({ what }) => what.kind) };
}

const refusal = (status: number, code: string) =>
  new ApiError("message", { status, code, detail: code, requestId: "r-1" });

describe("Recorder", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.setSystemTime(START);
  });
  afterEach(() => void vi.useRealTimers());

  it("a loss is written with the time at which it began, and its end with its length", () => {
    const { socket, rows } = recording();
    socket.become({ status: "reconnecting", downSinceMs: START });
    vi.advanceTimersByTime(1_000);
    expect(rows()[0]).toMatchObject({ atMs: START, level: "warn", what: { kind: "lost" } });
    socket.become({ status: "offline" });
    vi.setSystemTime(START + 40_000);
    socket.become({ status: "open", downSinceMs: null });
    expect(rows().map(({ what }) => what)).toEqual([
      { kind: "lost" },
      { kind: "offline" },
      { kind: "restored", downMs: 40_000 },
    ]);
  });

  it("a loss that nobody sees is not mentioned", () => {
    const { socket, kinds } = recording();
    socket.become({ status: "reconnecting", downSinceMs: START });
    vi.advanceTimersByTime(900);
    socket.become({ status: "open", downSinceMs: null });
    vi.advanceTimersByTime(5_000);
    expect(kinds()).toEqual([]);
  });

  it("a browser that is offline loses the connection first", () => {
    const { socket, kinds } = recording();
    socket.become({ status: "offline", downSinceMs: START });
    expect(kinds()).toEqual(["lost", "offline"]);
  });

  it("writes holes, rebuilds, refusals and unknown system messages of every series", () => {
    const { socket, rows } = recording();
    socket.say({ type: "gap", series_id: SERIES, expected_next_time: 60, actual_time: 180 });
    socket.say({ type: "system", series_id: SERIES, event: "factor.rebuild", message: "", data: {} });
    socket.say({ type: "system", series_id: SERIES, event: "new.thing", message: "hello", data: {} });
    socket.say({ type: "error", code: "capacity", message: "subscription_limit", series_id: SERIES });
    socket.say({ type: "draw_head", series_id: SERIES, to_candle_time: 60, version_id: 60, epoch: 0 });
    expect(rows().map(({ what, series }) => [series, what.kind])).toEqual([
      [SERIES, "hole"],
      [SERIES, "rebuild"],
      [SERIES, "system"],
      [SERIES, "refused"],
    ]);
  });

  it("absent parts of the server are no failures; what is behind is a warning", () => {
    const { recorder, rows } = recording();
    recorder.requestFailed(refusal(404, "not_found"), "/api/market/health");
    recorder.requestFailed(refusal(409, "ledger_out_of_sync"), "/api/draw/delta");
    recorder.requestFailed(refusal(500, "internal"), "/api/draw/delta");
    recorder.requestFailed(ApiError.unreachable(false, null), "");
    expect(rows().map(({ level }) => level)).toEqual(["warn", "error", "warn"]);
    expect(rows()[1]?.what).toMatchObject({ path: "/api/draw/delta", requestId: "r-1" });
  });

  it("asks for the server's events only when somebody reads them, and again at another server", () => {
    const { recorder, socket, debugSockets, rows } = recording();
    socket.become({ status: "open" });
    expect(debugSockets).toHaveLength(0);
    recorder.wantServerEvents();
    debugSockets[0]?.drop();
    expect(recorder.gate()).toBe("closed");
    socket.become({ status: "reconnecting", downSinceMs: START });
    socket.become({ status: "open", downSinceMs: null });
    debugSockets[1]?.accept();
    expect(recorder.gate()).toBe("open");
    const event = { ts_ms: 1_000, event: "write.x", level: "error", series_id: null, message: "m" };
    debugSockets[1]?.receive({ type: "debug_event", event });
    expect(rows()).toMatchObject([{ atMs: 1_000, level: "error", what: { kind: "server", event: "write.x" } }]);
  });
});
