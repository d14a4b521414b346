import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { candleAt } from "../../tests/candles";
import { FakeRawSocket } from "../../tests/fake-socket";
import type { ConnectionState } from "./link";
import { parseReplayMessage, type ReplayMessage } from "./replay-messages";
import { openReplay } from "./replay-socket";

const drawing = { active_ids: [], instruction_catalog_patch: [], next_cursor: { version_id: 60 }, to_candle_time: 60 };
const frame = { type: "replay_frame", epoch: 1, candle: candleAt(60), frame: { draw_state: drawing } };
const delta = {
  type: "replay_delta",
  epoch: 1,
  from_time: 60,
  to_time: 120,
  candles: [candleAt(120)],
  draw_delta: drawing,
};
const state = {
  type: "replay_state",
  ...{ state: "paused", at_time: 60, speed: 1, first_time: 0, last_time: 600, clock_time: null, moment: null },
};

const parse = (message: unknown) => parseReplayMessage(JSON.stringify(message));

describe("messages", () => {
  test("of every kind are read", () => {
    expect(parse(frame)).toMatchObject({ type: "replay_frame", candle: { candle_time: 60 } });
    expect(parse(delta)).toMatchObject({ from_time: 60, candles: [{ candle_time: 120 }] });
    expect(parse({ type: "replay_forming", epoch: 1, candle: candleAt(60), clock_time: 60 })).toMatchObject({
      clock_time: 60,
    });
    const moment = { time: 60, kinds: ["pen.confirmed", 7] };
    expect(parse({ ...state, moment })).toMatchObject({ moment: { time: 60, kinds: ["pen.confirmed"] } });
    expect(parse({ type: "error", code: "no_data", message: "m" })).toEqual({
      type: "error",
      code: "no_data",
      message: "m",
    });
  });

  test.each([
    [{ ...frame, frame: {} }],
    [{ ...frame, candle: null }],
    [{ ...delta, candles: [candleAt(120), { candle_time: 180 }] }],
    [{ ...delta, draw_delta: null }],
    [{ ...state, state: "rewinding" }],
    [{ ...state, last_time: "600" }],
    [{ type: "replay_later" }],
    [[1]],
  ])("that break the contract are left out: %j", (message) => {
    expect(parse(message)).toBeNull();
  });
});

describe("the connection", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  function setUp() {
    const sockets: FakeRawSocket[] = [];
    const heard: ReplayMessage[] = [];
    const states: ConnectionState[] = [];
    const onOpen = vi.fn();
    const listener = {
      onOpen,
      onMessage: (message: ReplayMessage) => heard.push(message),
      onState: (next: ConnectionState) => states.push(next),
    };
    const link = openReplay(listener, {
      url: "ws://test/ws/replay",
      open: () => {
        const socket = new FakeRawSocket();
        sockets.push(socket);
        return socket;
      },
      now: () => 1_000,
      random: () => 0.5,
      network: { online: () => true, listen: () => () => undefined },
    });
    return { link, sockets, heard, states, onOpen };
  }

  test("sends while it is open, and says when it cannot", () => {
    const { link, sockets, heard } = setUp();
    expect(link.send({ type: "pause" })).toBe(false);
    sockets[0]?.accept();
    expect(link.send({ type: "step", count: -1 })).toBe(true);
    expect(sockets[0]?.sent).toEqual([{ type: "step", count: -1 }]);
    sockets[0]?.receive(state);
    sockets[0]?.receive("{");
    expect(heard).toHaveLength(1);
  });

  test("is taken up again, and says each time that nothing is played yet", () => {
    const { link, sockets, onOpen } = setUp();
    expect(link.state()).toMatchObject({ status: "connecting" });
    sockets[0]?.accept();
    sockets[0]?.drop();
    expect(link.state()).toMatchObject({
      status: "reconnecting",
      downSinceMs: 1_000,
      retryAtMs: 1_500,
    });
    vi.advanceTimersByTime(500);
    sockets[1]?.accept();
    expect(onOpen).toHaveBeenCalledTimes(2);
    expect(link.state()).toMatchObject({ status: "open", downSinceMs: null });
  });

  test("closed, it stays closed", () => {
    const { link, sockets } = setUp();
    sockets[0]?.accept();
    link.close();
    sockets[0]?.drop();
    link.retryNow();
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect(link.send({ type: "pause" })).toBe(false);
  });
});
