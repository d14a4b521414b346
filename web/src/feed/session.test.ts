import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { candleAt, candlesFrom } from "../../tests/candles";
import { FakeApi, pivotItem } from "../../tests/fake-api";
import { FakeMarketSocket } from "../../tests/fake-socket";
import { ApiError } from "../api/error";
import type { SessionListener } from "./chart-session";
import { SeriesSession } from "./session";
import { lastTime } from "./window";

const seriesId = "binance:futures:BTC/USDT:1m";

function setUp(options: { readonly api?: FakeApi; readonly at?: number } = {}) {
  const api = options.api ?? new FakeApi();
  if (!options.api) api.candlesStored = candlesFrom(6_000, 10);
  const socket = new FakeMarketSocket();
  const told: string[] = [];
  const listener: SessionListener = {
    onStart: (window) => told.push(`start ${window.candles.length}`),
    onCandles: (_, change) => told.push(change.kind),
    onDrawings: (state) => told.push(`drawings ${state.active.length}`),
    onRebuilt: (window, { drawings, epoch, from }) =>
      told.push(`rebuilt ${window.candles.length} ${drawings?.active.length ?? "later"} ${epoch} ${from}`),
    onStatus: () => {},
  };
  const at = options.at === undefined ? {} : { at: options.at };
  const session = new SeriesSession({ api: api.asClient(), socket, seriesId, listener, now: () => Date.now(), ...at });
  const settle = () => vi.advanceTimersByTimeAsync(0);
  /** Past the pause that lies between two reads of a drawing. */
  const settleDrawing = () => vi.advanceTimersByTimeAsync(1_000);
  return { api, socket, session, told, settle, settleDrawing };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("starting", () => {
  test("reads a page and the drawing at once, then subscribes from its last candle", async () => {
    const { api, socket, session, told, settle } = setUp();
    expect(api.candleQueries).toEqual([{ series_id: seriesId, limit: 2_000 }]);
    expect(api.drawCursors).toHaveLength(1);
    await settle();
    expect(told).toContain("start 10");
    expect(socket.cursors).toEqual([6_540]);
    session.stop();
    expect(socket.subscriptions.size).toBe(0);
  });

  test("an empty series subscribes without a cursor and is asked again", async () => {
    const { api, socket, told, settle } = setUp({ api: new FakeApi() });
    await settle();
    expect(told).toContain("start 0");
    expect(socket.cursors).toEqual([null]);
    api.candlesStored = candlesFrom(6_000, 3);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(told).toContain("start 3");
  });

  test("a failure is kept with the time of the next try", async () => {
    const api = new FakeApi();
    api.candleFailures.push(new ApiError("no", { status: 503, code: "c", detail: "d", requestId: "r" }));
    api.candlesStored = candlesFrom(6_000, 3);
    const { session, told, settle } = setUp({ api });
    await settle();
    expect(session.failure()?.requestId).toBe("r");
    expect(session.retryAtMs()).toBe(Date.now() + 2_000);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(session.failure()).toBeNull();
    expect(told).toContain("start 3");
  });

  test("in the past loads both sides of the time and leaves live candles out", async () => {
    const api = new FakeApi();
    api.candlesStored = candlesFrom(60, 9_000);
    const { session, socket, settle, told } = setUp({ api, at: 60 * 4_500 });
    await settle();
    expect(session.window().atHead).toBe(false);
    expect(session.newest()).toBe(60 * 9_000);
    expect(socket.cursors).toEqual([60 * 9_000]);
    told.length = 0;
    socket.say({ type: "candle_closed", series_id: seriesId, candle: candleAt(60 * 9_001) });
    expect(told).toEqual([]);
    expect(session.newest()).toBe(60 * 9_001);
    await session.loadNewer();
    await session.loadNewer();
    await session.loadNewer();
    api.candlesStored.push(candleAt(60 * 9_001));
    await session.loadNewer();
    expect(session.window().atHead).toBe(true);
    expect(lastTime(session.window())).toBe(60 * 9_001);
  });
});

describe("the stream", () => {
  test("appends, forms, and follows the drawing by its hints", async () => {
    const { api, socket, session, told, settle, settleDrawing } = setUp();
    await settleDrawing();
    told.length = 0;
    socket.say({ type: "candle_forming", series_id: seriesId, candle: candleAt(6_600) });
    socket.say({ type: "candle_closed", series_id: seriesId, candle: candleAt(6_600) });
    api.candlesStored.push(candleAt(6_600));
    api.drawing = [pivotItem(6_060, 6_600)];
    socket.say({ type: "draw_head", series_id: seriesId, to_candle_time: 6_600, version_id: 6_600, epoch: 0 });
    await settle();
    expect(told).toEqual(["forming", "append", "drawings 1"]);
    socket.resubscribe(seriesId);
    expect(socket.cursors.at(-1)).toBe(6_600);
    session.stop();
  });

  test("a gap is filled from the server and the drawing read again from 0", async () => {
    const { api, socket, session, told, settle, settleDrawing } = setUp();
    await settleDrawing();
    const asked = api.drawCursors.length;
    api.candlesStored.push(...candlesFrom(6_600, 4));
    socket.say({ type: "gap", series_id: seriesId, expected_next_time: 6_600, actual_time: 6_780 });
    socket.say({ type: "candle_closed", series_id: seriesId, candle: candleAt(6_780) });
    await settle();
    expect(api.candleQueries.at(-1)).toMatchObject({ since: 6_540 });
    expect(
      session
        .window()
        .candles.map((candle) => candle.candle_time)
        .slice(-4),
    ).toEqual([6_600, 6_660, 6_720, 6_780]);
    expect(api.drawCursors[asked]).toBe(0);
    expect(told).toContain("append");
    expect(told).toContain("replace");
  });

  test("a refusal is told and ends with the first candle", async () => {
    const { socket, session, settle } = setUp();
    await settle();
    socket.say({ type: "error", code: "capacity", message: "ondemand_ingest_capacity", series_id: seriesId });
    expect(session.refusal()).toEqual({ code: "capacity", message: "ondemand_ingest_capacity" });
    socket.say({ type: "candle_closed", series_id: seriesId, candle: candleAt(6_600) });
    expect(session.refusal()).toBeNull();
  });
});

describe("rebuilds", () => {
  test("read everything again and hand it over together, once", async () => {
    const { api, session, socket, told, settle, settleDrawing } = setUp();
    await settle();
    socket.say({ type: "draw_head", series_id: seriesId, to_candle_time: 6_540, version_id: 6_540, epoch: 3 });
    await settleDrawing();
    told.length = 0;
    api.candlesStored = api.candlesStored.map((candle) => ({ ...candle, close: candle.close + 0.25 }));
    api.drawing = [pivotItem(6_120, 6_300)];
    socket.say({ type: "system", series_id: seriesId, event: "factor.rebuild", message: "", data: {} });
    socket.say({ type: "draw_head", series_id: seriesId, to_candle_time: 6_540, version_id: 6_540, epoch: 4 });
    await settle();
    expect(session.rebuilding()).toBe(true);
    await settleDrawing();
    expect(told.filter((line) => line.startsWith("rebuilt"))).toEqual(["rebuilt 10 1 4 6000"]);
    expect(session.rebuilding()).toBe(false);
  });

  test("are noticed by a higher epoch when the message was lost", async () => {
    const { socket, told, settleDrawing } = setUp();
    await settleDrawing();
    for (const epoch of [1, 2]) {
      socket.say({ type: "draw_head", series_id: seriesId, to_candle_time: 6_540, version_id: 6_540, epoch });
      await settleDrawing();
    }
    expect(told.filter((line) => line.startsWith("rebuilt"))).toEqual(["rebuilt 10 0 2 null"]);
  });

  test("are noticed by the epoch of a frame, and a frame of the known epoch is no rebuild", async () => {
    const { api, socket, told, settleDrawing } = setUp();
    api.slices = { pen: {} };
    api.epoch = 4;
    await settleDrawing();
    socket.say({ type: "draw_head", series_id: seriesId, to_candle_time: 6_540, version_id: 6_540, epoch: 4 });
    await settleDrawing();
    expect(told.filter((line) => line.startsWith("rebuilt"))).toEqual([]);
    api.epoch = 5;
    socket.say({ type: "gap", series_id: seriesId, expected_next_time: 6_600, actual_time: 6_660 });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(told.filter((line) => line.startsWith("rebuilt"))).toEqual(["rebuilt 10 0 5 null"]);
  });

  test("corrected candles do not wait for drawings that are behind", async () => {
    const { api, session, socket, told, settle } = setUp();
    await settle();
    const behind = () => new ApiError("behind", { status: 409, code: "c", detail: "d", requestId: "r" });
    api.drawFailures.push(...Array.from({ length: 12 }, behind));
    socket.say({ type: "system", series_id: seriesId, event: "factor.rebuild", message: "", data: {} });
    await vi.advanceTimersByTimeAsync(2_100);
    expect(told).toContain("rebuilt 10 later null null");
    api.drawFailures.length = 0;
    told.length = 0;
    expect(session.rebuilding()).toBe(true);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told).toContain("drawings 0");
    expect(session.rebuilding()).toBe(false);
  });
});

describe("without a socket", () => {
  test("candles and drawings are polled once a second", async () => {
    const { api, socket, session, told, settle, settleDrawing } = setUp();
    await settleDrawing();
    socket.become({ status: "reconnecting", downSinceMs: Date.now() });
    const asked = api.drawCursors.length;
    api.candlesStored.push(candleAt(6_600));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(lastTime(session.window())).toBe(6_600);
    expect(told).toContain("append");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(api.drawRoutes.slice(asked)).toEqual(["poll", "poll", "poll"]);
    socket.become({ status: "open" });
    await settle();
    const after = api.candleQueries.length;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(api.candleQueries).toHaveLength(after);
  });

  test("an open socket that tells of candles and not of drawings is helped by polling", async () => {
    const { api, socket, told, settleDrawing } = setUp();
    await settleDrawing();
    const asked = api.drawCursors.length;
    api.candlesStored.push(candleAt(6_600));
    api.drawing = [pivotItem(6_060, 6_600)];
    socket.say({ type: "candle_closed", series_id: seriesId, candle: candleAt(6_600) });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(api.drawCursors).toHaveLength(asked);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(api.drawRoutes.slice(asked)).toEqual(["poll"]);
    expect(told).toContain("drawings 1");
  });
});

describe("after an interruption", () => {
  test("a server with an older head has another store: everything is read anew", async () => {
    const { api, socket, session, told, settleDrawing } = setUp();
    await settleDrawing();
    socket.become({ status: "reconnecting", downSinceMs: Date.now() });
    api.candlesStored = candlesFrom(6_000, 4);
    told.length = 0;
    socket.become({ status: "open" });
    await settleDrawing();
    expect(told).toContain("start 4");
    expect(session.newest()).toBe(6_180);
    expect(socket.cursors.at(-1)).toBe(6_180);
    expect(api.drawCursors.at(-1)).toBe(0);
  });

  test("the same store goes on from the cursors", async () => {
    const { api, socket, told, settle, settleDrawing } = setUp();
    await settleDrawing();
    socket.become({ status: "reconnecting", downSinceMs: Date.now() });
    told.length = 0;
    socket.become({ status: "open" });
    await settle();
    expect(told.filter((line) => line.startsWith("start"))).toEqual([]);
    expect(api.drawCursors.at(-1)).toBe(6_540);
  });
});

test("older candles are loaded one request at a time until the start", async () => {
  const api = new FakeApi();
  api.candlesStored = candlesFrom(60, 5_000);
  const { session, settle } = setUp({ api });
  await settle();
  const asked = api.candleQueries.length;
  await Promise.all([session.loadOlder(), session.loadOlder()]);
  expect(api.candleQueries.length - asked).toBe(1);
  await session.loadOlder();
  await session.loadOlder();
  expect(session.window().candles).toHaveLength(5_000);
  expect(session.window().atStart).toBe(true);
});

test("a stopped session tells nothing", async () => {
  const { session, told, settle, socket } = setUp();
  session.stop();
  await settle();
  socket.say({ type: "candle_closed", series_id: seriesId, candle: candleAt(6_600) });
  expect(told).toEqual([]);
});
