import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { candlesFrom } from "../../tests/candles";
import { FakeApi, pivotItem } from "../../tests/fake-api";
import { ApiError } from "../api/error";
import { DrawingSync } from "./drawing-sync";
import type { DrawingState } from "./drawings";

const behind = () =>
  new ApiError("behind", { status: 409, code: "c", detail: "ledger_out_of_sync:overlay", requestId: "r" });

function setUp() {
  const api = new FakeApi();
  api.candlesStored = candlesFrom(600, 5);
  api.drawing = [pivotItem(660, 720)];
  const drawn: DrawingState[] = [];
  const sync = new DrawingSync({
    api,
    seriesId: "s",
    now: () => Date.now(),
    listener: { onDrawings: (state) => drawn.push(state), onLedger: () => {}, onStatus: () => {} },
  });
  return { api, sync, drawn };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("starts with a frame and goes on from its cursor", async () => {
  const { api, sync, drawn } = setUp();
  sync.refresh();
  await vi.advanceTimersByTimeAsync(1_000);
  sync.refresh();
  await vi.advanceTimersByTimeAsync(0);
  expect(api.drawCursors).toEqual([0, 840]);
  expect(api.drawRoutes).toEqual(["frame", "delta"]);
  expect(drawn.at(-1)?.active).toHaveLength(1);
  expect(sync.status()).toBe("ok");
});

test("hints during a request lead to one more, not to many, and not before a second has passed", async () => {
  const { api, sync } = setUp();
  sync.refresh();
  for (let hint = 0; hint < 5; hint += 1) sync.refresh();
  await vi.advanceTimersByTimeAsync(0);
  for (let hint = 0; hint < 5; hint += 1) sync.refresh();
  await vi.advanceTimersByTimeAsync(999);
  expect(api.drawCursors).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(api.drawCursors).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(api.drawCursors).toHaveLength(2);
});

test("a page without hints polls from its cursor, and hears only what is new", async () => {
  const { api, sync, drawn } = setUp();
  sync.refresh();
  await vi.advanceTimersByTimeAsync(1_000);
  sync.poll();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(api.drawRoutes).toEqual(["frame", "poll"]);
  expect(drawn).toHaveLength(1);
  api.candlesStored.push(...candlesFrom(900, 1));
  api.drawing.push(pivotItem(720, 900));
  sync.poll();
  await vi.advanceTimersByTimeAsync(0);
  expect(drawn.at(-1)).toMatchObject({ cursor: 900, active: { length: 2 } });
});

test("a server without frames is read by deltas", async () => {
  const { api, sync, drawn } = setUp();
  api.deltasOnly = true;
  sync.refresh();
  await vi.advanceTimersByTimeAsync(1_000);
  sync.poll();
  await vi.advanceTimersByTimeAsync(0);
  expect(api.drawRoutes).toEqual(["delta", "delta"]);
  expect(drawn.at(-1)?.active).toHaveLength(1);
  expect(sync.status()).toBe("ok");
});

test("an empty store is an empty drawing", async () => {
  const { api, sync, drawn } = setUp();
  api.candlesStored = [];
  api.drawing = [];
  sync.refresh();
  await vi.advanceTimersByTimeAsync(0);
  expect(drawn.at(-1)).toMatchObject({ toTime: null, active: [] });
});

describe("a drawing out of step", () => {
  test("is asked for 6 times 200 ms apart in silence, then every 5 s", async () => {
    const { api, sync, drawn } = setUp();
    api.drawFailures.push(...Array.from({ length: 8 }, behind));
    sync.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(sync.status()).toBe("retry");
    await vi.advanceTimersByTimeAsync(5 * 200);
    expect(api.drawCursors).toHaveLength(6);
    expect(sync.status()).toBe("retry");
    await vi.advanceTimersByTimeAsync(200);
    expect(api.drawCursors).toHaveLength(7);
    expect(sync.status()).toBe("out_of_sync");
    expect(sync.retryAtMs()).toBe(Date.now() + 5_000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sync.status()).toBe("ok");
    expect(drawn).toHaveLength(1);
  });

  test("keeps the last good drawing", async () => {
    const { api, sync } = setUp();
    sync.refresh();
    await vi.advanceTimersByTimeAsync(1_000);
    api.drawFailures.push(behind());
    sync.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(sync.drawings().active).toHaveLength(1);
    expect(sync.failure()?.requestId).toBe("r");
  });

  test("hints do not shorten the wait; asking does", async () => {
    const { api, sync } = setUp();
    api.drawFailures.push(behind());
    sync.refresh();
    await vi.advanceTimersByTimeAsync(0);
    sync.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(api.drawCursors).toHaveLength(1);
    sync.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(sync.status()).toBe("ok");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(api.drawCursors).toHaveLength(2);
  });
});

test("a failed first read is read from cursor 0 again", async () => {
  const { api, sync } = setUp();
  api.drawFailures.push(new TypeError("refused"), new TypeError("refused"));
  sync.refresh();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(api.drawCursors).toEqual([0, 0, 0]);
  expect(api.drawRoutes).toEqual(["frame", "delta", "frame"]);
});

test("a cursor that went back is answered by reading everything", async () => {
  const { api, sync } = setUp();
  sync.refresh();
  await vi.advanceTimersByTimeAsync(1_000);
  api.candlesStored = api.candlesStored.slice(0, 3);
  sync.refresh();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(api.drawCursors).toEqual([0, 840, 0]);
  expect(sync.drawings().cursor).toBe(720);
});

test("a reload for a swap goes to the swap alone", async () => {
  const { sync, drawn } = setUp();
  const swapped: DrawingState[] = [];
  sync.refresh();
  await vi.advanceTimersByTimeAsync(1_000);
  sync.reloadInto((state) => swapped.push(state));
  await vi.advanceTimersByTimeAsync(0);
  expect(swapped).toHaveLength(1);
  expect(drawn).toHaveLength(1);
});

test("after stop nothing is asked and nothing told", async () => {
  const { api, sync, drawn } = setUp();
  api.drawFailures.push(behind());
  sync.refresh();
  await vi.advanceTimersByTimeAsync(0);
  sync.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(api.drawCursors).toHaveLength(1);
  expect(drawn).toHaveLength(0);
});
