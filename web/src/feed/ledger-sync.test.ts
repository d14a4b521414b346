import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeApi, srItem } from "../../tests/fake-api";
import { sampleSlices, slices } from "../../tests/slices";
import { applyDelta, EMPTY_DRAWINGS } from "./drawings";
import { LedgerSync } from "./ledger-sync";

function setUp() {
  const api = new FakeApi();
  api.slices = sampleSlices;
  const told: number[] = [];
  const sync = new LedgerSync({
    api,
    seriesId: "s",
    windowCandles: 2_000,
    now: () => Date.now(),
    onLedger: (ledger) => told.push(ledger.atTime),
  });
  const drawn = (to: number, items = [srItem("active", "resistance", 120, 600, to)]) => {
    const delta = {
      schema_version: 1,
      series_id: "s",
      to_candle_id: `s:${to}`,
      to_candle_time: to,
      active_ids: items.map((item) => item.instruction_id),
      instruction_catalog_patch: items,
      series_points: {},
      next_cursor: { version_id: to, point_time: null },
    };
    sync.drawn(applyDelta(EMPTY_DRAWINGS, delta, true).state);
  };
  return { api, sync, told, drawn, settle: () => vi.advanceTimersByTimeAsync(1_000) };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("levels that the frame told are not asked for again; a new one is", async () => {
  const { api, sync, drawn, settle } = setUp();
  sync.take(slices({ part: "head" }), "head");
  drawn(6_000);
  await settle();
  expect(api.sliceQueries).toEqual([]);
  drawn(6_060, [srItem("active", "support", 80, 3_000, 6_060)]);
  await settle();
  expect(api.sliceQueries).toEqual([{ series_id: "s", at_time: 6_060, window_candles: 2_000, part: "head" }]);
});

test("a look at an object reads the history once per candle", async () => {
  const { api, sync, told, drawn, settle } = setUp();
  sync.take(slices({ part: "head" }), "head");
  drawn(6_000);
  for (let look = 0; look < 5; look += 1) sync.wantHistory();
  await settle();
  expect(api.sliceQueries.map((query) => query.part)).toEqual(["all"]);
  expect(sync.ledger()?.pens).toHaveLength(1);
  expect(told).toEqual([6_000, 6_000]);
  sync.wantHistory();
  await settle();
  expect(api.sliceQueries).toHaveLength(1);
  drawn(6_060);
  sync.wantHistory();
  await settle();
  expect(api.sliceQueries).toHaveLength(2);
});

test("a failed read is not repeated at every move of the pointer", async () => {
  const { api, sync, drawn, settle } = setUp();
  api.sliceFailures.push(new Error("down"));
  drawn(6_000, []);
  sync.wantHistory();
  await settle();
  sync.wantHistory();
  await settle();
  expect(api.sliceQueries).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(api.sliceQueries).toHaveLength(2);
});
