import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { candleAt, candlesFrom } from "../../../tests/candles";
import { FakeApi } from "../../../tests/fake-api";
import { FakeReplay } from "../../../tests/fake-replay";
import type { SessionListener } from "../chart-session";
import { firstTime, lastTime, startWindow } from "../window";
import { PAST_CANDLES } from "./past";
import { ReplaySession } from "./session";
import type { Passage } from "./telling";

const seriesId = "binance:futures:BTC/USDT:1m";
const START = 60_000;
const timeOf = (index: number) => START + index * 60;

interface SetUp {
  readonly at?: number;
  readonly count?: number;
  /** Nothing later may be shown. */
  readonly exact?: boolean;
  /** The live chart shows everything. */
  readonly seeded?: boolean;
}

function setUp({ at = timeOf(3_000), count = 5_000, seeded = false, exact = false }: SetUp = {}) {
  const api = new FakeApi();
  api.candlesStored = candlesFrom(START, count);
  const told: string[] = [];
  const passages: Passage[] = [];
  const drawn: { ids: readonly string[]; to: number | null }[] = [];
  const listener: SessionListener = {
    onStart: (window) => told.push(`start ${window.candles.length}`),
    onCandles: (_, change) => told.push(change.kind),
    onDrawings: (state) => drawn.push({ ids: state.active, to: state.toTime }),
    onRebuilt: () => told.push("rebuilt"),
    onStatus: () => {},
  };
  let server: FakeReplay | undefined;
  const session = new ReplaySession({
    api: api.asClient(),
    connect: (link) => {
      server = new FakeReplay(api, link);
      return server;
    },
    ...{ seriesId, listener, exact },
    until: at + 60,
    clock: null,
    shown: seeded ? { seriesId, window: startWindow(60, api.candlesStored, true) } : null,
    replay: { onChange: () => {}, onPassage: (passage) => passages.push(passage) },
    now: () => 0,
    schedule: (run) => queueMicrotask(run),
  });
  const settle = () => vi.advanceTimersByTimeAsync(0);
  const snapshot = () => {
    const { window, drawings, at: position } = session.state();
    return JSON.stringify([window.candles.slice(-1_000), drawings.active, position]);
  };
  const latest = () => session.window().candles.reduce((most, { candle_time }) => Math.max(most, candle_time), 0);
  return { api, server: server as FakeReplay, session, told, passages, drawn, settle, snapshot, latest };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("entering", () => {
  test("shows the candles up to the position and nothing later", async () => {
    const { server, session, told, settle, latest } = setUp();
    expect(session.facts()).toMatchObject({ "data-mode": "replay", "data-replay-state": "preparing" });
    server.accept();
    await settle();
    expect(told).toEqual(["start 2001"]);
    expect(latest()).toBe(timeOf(3_000));
    expect(session.window()).toMatchObject({ atHead: true, forming: null });
    expect(session.facts()).toMatchObject({
      "data-replay-time": timeOf(3_000),
      "data-replay-index": 3_001,
      "data-replay-total": 5_000,
      "data-replay-state": "paused",
    });
  });

  test("from a chart that shows more, everything later is gone at once", async () => {
    const { session, server, told, settle, latest } = setUp({ seeded: true });
    expect(latest()).toBe(timeOf(3_000));
    await settle();
    expect(told).toEqual(["start 3001"]);
    server.accept();
    await settle();
    expect(told).toEqual(["start 3001"]);
    expect(session.state().drawings.toTime).toBe(timeOf(3_000));
  });

  test("a refusal is told, and going elsewhere helps", async () => {
    const { server, session, settle } = setUp({ at: 5 });
    server.accept();
    await settle();
    expect(session.failure()).toMatchObject({ code: "no_data", status: 404 });
    expect(session.facts()).toMatchObject({ "data-replay-state": "error" });
    expect(session.command({ type: "seek", at_time: timeOf(10) })).toBe(true);
    await settle();
    expect(session.failure()).toBeNull();
    expect(lastTime(session.window())).toBe(timeOf(10));
  });
});

describe("an instant that nothing may be later than", () => {
  test("a stream that begins later is refused, whatever it tells besides", async () => {
    const { api, server, session, told, settle } = setUp({ at: timeOf(10), exact: true });
    const [later] = api.candlesStored.splice(0, 500).slice(-1);
    expect(later?.candle_time).toBe(timeOf(499));
    server.lenient = true;
    server.accept();
    await settle();
    expect(session.failure()).toMatchObject({ code: "no_data", status: 404 });
    expect(session.facts()).toMatchObject({ "data-replay-time": "", "data-replay-state": "error" });
    expect(told).toEqual([]);
    // Whoever goes on from there wants to.
    session.command({ type: "seek", at_time: timeOf(600) });
    await settle();
    expect(session.failure()).toBeNull();
    expect(session.state().at).toBe(timeOf(600));
  });

  test("of a chart that shows more, what is not complete by then goes at once", () => {
    const { session, latest } = setUp({ at: timeOf(3_000) - 1, seeded: true });
    expect(session.clockTime()).toBe(timeOf(3_000) - 1);
    expect(latest()).toBe(timeOf(2_999));
  });
});

describe("moving", () => {
  test("forward adds bars, back takes them away, and the frame is the one before", async () => {
    const { server, session, told, settle, snapshot, passages } = setUp();
    server.accept();
    await settle();
    const before = snapshot();
    told.length = 0;
    session.command({ type: "step", count: 12 });
    await settle();
    expect(lastTime(session.window())).toBe(timeOf(3_012));
    expect(snapshot()).not.toBe(before);
    session.command({ type: "step", count: -12 });
    await settle();
    expect(told).toEqual(["append", "cut"]);
    expect(snapshot()).toBe(before);
    expect(passages.slice(1)).toMatchObject([
      { from: timeOf(3_000), to: timeOf(3_012) },
      { from: timeOf(3_012), to: timeOf(3_000), candles: null },
    ]);
    expect(passages[1]?.candles).toHaveLength(12);
  });

  test("messages of one frame are told once", async () => {
    const { server, session, told, drawn, settle } = setUp();
    server.accept();
    await settle();
    told.length = drawn.length = 0;
    session.command({ type: "play", speed: 1_000, stop_at: [] });
    for (let index = 0; index < 5; index += 1) server.playOn(20);
    await settle();
    expect(told).toEqual(["append"]);
    expect(drawn).toHaveLength(1);
    expect(lastTime(session.window())).toBe(timeOf(3_100));
  });

  test("elsewhere reads the candles before, and only the last of several seeks counts", async () => {
    const { server, session, told, settle, latest } = setUp();
    server.accept();
    await settle();
    told.length = 0;
    session.command({ type: "seek", at_time: timeOf(4_500) });
    session.command({ type: "seek", at_time: timeOf(500) });
    await settle();
    expect(told).toEqual(["start 501"]);
    expect(latest()).toBe(timeOf(500));
    expect(firstTime(session.window())).toBe(timeOf(0));
  });

  test("what comes after a pause is shown at once, and what follows waits for the paint", async () => {
    const { server, session, told, settle } = setUp({ count: 6_000 });
    server.accept();
    await settle();
    told.length = 0;
    session.command({ type: "step", count: 1 });
    expect(told).toEqual(["append"]);
    session.command({ type: "step", count: 1 });
    expect(told).toEqual(["append"]);
    await settle();
    expect(told).toEqual(["append", "append"]);
  });

  test("to the end, and nothing is asked of later times", async () => {
    const { api, server, session, settle } = setUp({ count: 3_010 });
    server.accept();
    await settle();
    session.command({ type: "play", speed: 10, stop_at: [] });
    server.playOn(50);
    await settle();
    expect(session.facts()).toMatchObject({ "data-replay-state": "ended", "data-replay-index": 3_010 });
    api.candlesStored = [...api.candlesStored, candleAt(timeOf(3_010))];
    await session.loadNewer();
    expect(lastTime(session.window())).toBe(timeOf(3_009));
  });

  test("older candles come on request and keep the position", async () => {
    const { server, session, told, settle } = setUp();
    server.accept();
    await settle();
    told.length = 0;
    await session.loadOlder();
    expect(told).toEqual(["replace"]);
    expect(session.window().candles).toHaveLength(3_001);
    expect(lastTime(session.window())).toBe(timeOf(3_000));
  });
});

describe("standing by", () => {
  test("ten thousand steps forward and back keep no more than at the start", async () => {
    const { server, session, settle, snapshot } = setUp({ count: 20_000 });
    server.accept();
    await settle();
    const before = snapshot();
    const first = session.window().candles.length;
    for (let step = 0; step < 10_000; step += 1) session.command({ type: "step", count: 1 });
    await settle();
    expect(session.window().candles.length).toBeLessThanOrEqual(PAST_CANDLES);
    for (let step = 0; step < 1_000; step += 1) session.command({ type: "step", count: -10 });
    await settle();
    expect(session.window().candles.length).toBeLessThanOrEqual(first);
    expect(snapshot()).toBe(before);
    expect(session.state().drawings.catalog.size).toBe(session.state().drawings.active.length);
  });

  test("a window that is full loses its far end", async () => {
    const { server, session, settle } = setUp({ count: 30_000 });
    server.accept();
    await settle();
    for (let step = 0; step < 40; step += 1) {
      session.command({ type: "step", count: 500 });
      await settle();
    }
    expect(session.window().candles.length).toBeLessThanOrEqual(PAST_CANDLES);
    expect(lastTime(session.window())).toBe(timeOf(23_000));
  });

  test("a lost connection goes on where it stood", async () => {
    const { server, session, settle, snapshot } = setUp();
    server.accept();
    await settle();
    session.command({ type: "step", count: 7 });
    await settle();
    const before = snapshot();
    server.drop();
    expect(session.command({ type: "step", count: 1 })).toBe(false);
    server.accept();
    await settle();
    expect(server.commands.at(-1)).toMatchObject({ type: "open", at_time: timeOf(3_007) });
    expect(snapshot()).toBe(before);
  });

  test("another epoch brings everything anew", async () => {
    const { api, server, session, told, settle } = setUp();
    server.accept();
    await settle();
    told.length = 0;
    server.epoch = 2;
    api.candlesStored = api.candlesStored.map((candle) => ({ ...candle, volume: 9 }));
    session.command({ type: "step", count: -1 });
    await settle();
    expect(told).toEqual(["start 2001"]);
    expect(session.window().candles.every(({ volume }) => volume === 9)).toBe(true);
    expect(session.epoch()).toBe(2);
  });
});
