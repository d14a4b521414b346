import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeApi } from "../../tests/fake-api";
import { FakeMarketSocket } from "../../tests/fake-socket";
import type { Candle, Gap } from "../api/types";
import { type GapChange, GapWatch } from "./gap-watch";
import { startWindow } from "./window";

const SERIES = "binance:futures:BTC/USDT:1m";
const START = 1_700_000_000_000;

const bar = (candle_time: number): Candle => ({ candle_time, open: 1, high: 2, low: 1, close: 2, volume: 1 });
const windowOf = (...times: number[]) => startWindow(60, times.map(bar), true);

const gap = (change: Partial<Gap> = {}): Gap => ({
  from_time: 180,
  to_time: 240,
  missing_candles: 2,
  cause: "disconnect",
  state: "open",
  detected_at_ms: START - 5_000,
  attempts: 0,
  last_attempt_at_ms: null,
  next_attempt_at_ms: null,
  last_error: null,
  healed_at_ms: null,
  healed_from: null,
  ...change,
});

function watching(ledger: readonly Gap[] | null) {
  const api = new FakeApi();
  api.gapLedger = ledger;
  const socket = new FakeMarketSocket();
  const told: GapChange[] = [];
  const onChange = vi.fn();
  const watch = new GapWatch({
    api: api.asClient(),
    socket,
    seriesId: SERIES,
    now: Date.now,
    onChange,
    onGap: (change) => told.push(change),
  });
  return { api, socket, told, onChange, watch };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe("GapWatch", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.setSystemTime(START);
  });
  afterEach(() => void vi.useRealTimers());

  it("asks nothing while no candle is missing", async () => {
    const { api, watch } = watching([]);
    watch.look(windowOf(60, 120, 180));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(api.gapQueries).toEqual([]);
  });

  it("asks once for the loaded range, and again when older candles with a hole are loaded", async () => {
    const { api, watch } = watching([gap({ state: "absent" })]);
    watch.look(windowOf(120, 300));
    watch.look(windowOf(120, 300, 360));
    await settle();
    watch.look(windowOf(60, 120, 300, 360));
    await settle();
    expect(api.gapQueries.map(({ from_time, state }) => [from_time, state])).toEqual([
      [120, "all"],
      [60, "all"],
    ]);
  });

  it("finds the entry that covers most of a hole; healed ones explain none", async () => {
    const { watch } = watching([
      gap({ from_time: 180, to_time: 180, cause: "stall" }),
      gap({ from_time: 240, to_time: 600, cause: "head_jump" }),
      gap({ from_time: 660, to_time: 900, state: "healed" }),
    ]);
    watch.look(windowOf(120, 660));
    await settle();
    expect(watch.entryFor(180, 600)?.cause).toBe("head_jump");
    expect(watch.entryFor(660, 900)).toBeNull();
  });

  it("asks again while a hole may fill, and rests when nobody can fill it", async () => {
    const { api, watch } = watching([gap({ state: "filling" })]);
    watch.look(windowOf(120, 300));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(api.gapQueries).toHaveLength(2);
    api.gapLedger = [gap({ state: "absent" })];
    await vi.advanceTimersByTimeAsync(60_000);
    expect(api.gapQueries).toHaveLength(3);
  });

  it("tells a hole that opens and its filling once each, and marks it for ten seconds", async () => {
    const { api, socket, told, onChange, watch } = watching([]);
    watch.look(windowOf(60, 120));
    vi.setSystemTime(START + 1_000);
    // The server's clock is behind this one.
    api.gapLedger = [gap({ detected_at_ms: START - 90_000 })];
    socket.say({ type: "gap", series_id: SERIES, expected_next_time: 180, actual_time: 300 });
    await settle();
    api.gapLedger = [gap({ detected_at_ms: START - 90_000, state: "healed", healed_at_ms: START - 80_000 })];
    socket.say({ type: "system", series_id: SERIES, event: "factor.rebuild", message: "", data: {} });
    await settle();
    socket.say({ type: "system", series_id: SERIES, event: "factor.rebuild", message: "", data: {} });
    await settle();
    expect(told.map(({ kind }) => kind)).toEqual(["opened", "healed"]);
    expect(watch.healed()).toHaveLength(1);
    onChange.mockClear();
    await vi.advanceTimersByTimeAsync(10_100);
    expect(onChange).toHaveBeenCalled();
    expect(watch.healed()).toEqual([]);
  });

  it("what is left of a hole that was partly filled is no new one", async () => {
    const { api, told, watch } = watching([gap({ from_time: 180, to_time: 600, missing_candles: 8 })]);
    watch.look(windowOf(120, 660));
    await settle();
    api.gapLedger = [
      gap({ from_time: 180, to_time: 180, missing_candles: 1, detected_at_ms: START + 1_000 }),
      gap({ from_time: 420, to_time: 600, missing_candles: 4, detected_at_ms: START + 1_000 }),
      gap({
        from_time: 240,
        to_time: 360,
        state: "healed",
        detected_at_ms: START + 1_000,
        healed_at_ms: START + 1_000,
      }),
    ];
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told.map(({ kind, gap: { from_time } }) => [kind, from_time])).toEqual([["healed", 240]]);
    api.gapLedger = [gap({ from_time: 900, to_time: 960 }), ...api.gapLedger];
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told.map(({ kind, gap: { from_time } }) => [kind, from_time])).toEqual([
      ["healed", 240],
      ["opened", 900],
    ]);
  });

  it("what was there before is not news, and other series are none of its business", async () => {
    const { api, socket, told, watch } = watching([gap({ state: "healed", healed_at_ms: START - 1 })]);
    socket.say({ type: "gap", series_id: "other", expected_next_time: 180, actual_time: 300 });
    await settle();
    expect(api.gapQueries).toEqual([]);
    watch.look(windowOf(120, 300));
    await settle();
    expect(told).toEqual([]);
  });

  it("a server without a ledger is asked once", async () => {
    const { api, socket, watch } = watching(null);
    watch.look(windowOf(120, 300));
    await settle();
    socket.say({ type: "gap", series_id: SERIES, expected_next_time: 360, actual_time: 480 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(api.gapQueries).toHaveLength(1);
    expect(watch.entryFor(180, 240)).toBeNull();
  });

  it("asks no more after it was stopped", async () => {
    const { api, watch } = watching([gap()]);
    watch.look(windowOf(120, 300));
    await settle();
    watch.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(api.gapQueries).toHaveLength(1);
  });
});
