import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BacktestApi } from "../../../api/backtest-api";
import type { RunOrder } from "../../../api/backtest-types";
import { ApiError } from "../../../api/error";
import { createBacktestSlot } from "../slot";
import { response, run } from "../testing";
import { deleteLater, isEmptyHanded, startRun, tick, UNDO_MS } from "./actions";

const ORDER: RunOrder = {
  ...{ engine: "native", strategy: "Pen", pair: "BTC/USDT", venue: null, timeframe: "5m" },
  ...{ timerange: null, params: {}, trading: {}, grid: {} },
};
const refusal = new ApiError("busy", { status: 429, code: "backtest.busy", detail: "busy", requestId: "r" });
const fake = (given: Partial<BacktestApi>) => given as BacktestApi;

describe("starting", () => {
  it("is told at once, and its run goes on by itself", async () => {
    const slot = createBacktestSlot();
    const started = vi.fn();
    const over = startRun(fake({ start: async () => ({ runId: "r9" }) }), slot, ORDER, started);
    expect(slot.getState().starting?.order).toBe(ORDER);
    await over;
    expect(started).toHaveBeenCalledWith("r9");
    expect(slot.getState()).toMatchObject({ starting: null, refused: null, answer: null });
  });

  it("a refusal is kept with its order until the next start", async () => {
    const slot = createBacktestSlot();
    await startRun(fake({ start: () => Promise.reject(refusal) }), slot, ORDER, vi.fn());
    expect(slot.getState().refused).toEqual({ order: ORDER, failure: refusal });
    const answer = response({ stdout: "mock" });
    await startRun(fake({ start: async () => ({ answer }) }), slot, ORDER, vi.fn());
    expect(slot.getState()).toMatchObject({ refused: null, answer: { response: answer } });
  });
});

describe("deleting", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("hides at once and deletes when it cannot be undone any more", async () => {
    const slot = createBacktestSlot();
    slot.setState({ ticked: ["r1", "r2"] });
    const remove = vi.fn(async () => {});
    const end = vi.fn();
    deleteLater(fake({ remove }), slot, "r1", end);
    expect(slot.getState()).toMatchObject({ deleted: ["r1"], ticked: ["r2"] });
    await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
    expect(remove).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(remove).toHaveBeenCalledWith("r1");
    expect(end).toHaveBeenCalledWith(null);
  });

  it("undone, nothing is deleted; failed, the run is back", async () => {
    const slot = createBacktestSlot();
    const remove = vi.fn(() => Promise.reject(refusal));
    const end = vi.fn();
    deleteLater(fake({ remove }), slot, "r1", end)();
    await vi.advanceTimersByTimeAsync(2 * UNDO_MS);
    expect([remove.mock.calls.length, slot.getState().deleted]).toEqual([0, []]);
    deleteLater(fake({ remove }), slot, "r1", end);
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    expect(slot.getState().deleted).toEqual([]);
    expect(end).toHaveBeenCalledWith(refusal);
  });
});

describe("runs", () => {
  it("of too many ticks the oldest goes", () => {
    const slot = createBacktestSlot();
    for (const id of ["a", "b", "c"]) tick(slot, id, 2);
    expect(slot.getState().ticked).toEqual(["b", "c"]);
    tick(slot, "b", 2);
    expect(slot.getState().ticked).toEqual(["c"]);
  });

  it("a good exit without a result is no success", () => {
    expect(isEmptyHanded(run({ response: response() }))).toBe(true);
    expect(isEmptyHanded(run({ state: "failed", response: response() }))).toBe(false);
    expect(isEmptyHanded(run({ kind: "sweep", points: [] }))).toBe(false);
  });
});
