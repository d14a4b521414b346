// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { candlesFrom } from "../../../../tests/candles";
import { FakeApi, pivotItem } from "../../../../tests/fake-api";
import type { PastFrameQuery } from "../../../api/client";
import { ApiError } from "../../../api/error";
import type { ChartHost, ChartNotice } from "../../../chart/types";
import type { PastDrawings } from "../../../feed/past-drawings";
import { type BacktestStore, createBacktestSlot } from "../slot";
import { Known } from "./Known";

const SERIES = "binance:futures:BTC/USDT:1m";
const START = 1_700_000_040;

let root: Root;
let node: HTMLElement;
let slot: BacktestStore;
let queries: QueryClient;
let api: FakeApi;
let asked: PastFrameQuery[];
let failures: ApiError[];
/** Answers wait for it. */
let gate: Promise<void>;
let shown: PastDrawings | null;
let tell: (notice: ChartNotice) => void;

const host = {
  attach: () => ({
    hold: (past: PastDrawings) => {
      shown = past;
    },
    detach: () => {
      shown = null;
    },
  }),
  onNotice: (listener: typeof tell) => {
    tell = listener;
    return () => undefined;
  },
} as unknown as ChartHost;

const frames = {
  frameAt: async (query: PastFrameQuery) => {
    asked.push(query);
    const failure = failures.shift();
    if (failure) throw failure;
    await gate;
    return api.frameAt(query);
  },
};

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  node = document.createElement("div");
  document.body.append(node);
  root = createRoot(node);
  slot = createBacktestSlot();
  queries = new QueryClient();
  api = new FakeApi();
  api.candlesStored = candlesFrom(START, 100);
  api.drawing = [pivotItem(START, START + 120)];
  [asked, failures, shown] = [[], [], null];
  gate = Promise.resolve();
});

afterEach(async () => {
  await act(async () => root.unmount());
  node.remove();
  vi.unstubAllGlobals();
});

async function render(entry: number, seriesId = SERIES): Promise<void> {
  const formatTime = (time: number) => `at ${time}`;
  await act(async () =>
    root.render(
      <QueryClientProvider client={queries}>
        <Known api={frames} {...{ host, slot, seriesId, entry, formatTime }} />
      </QueryClientProvider>,
    ),
  );
}

async function show(entry: number, seriesId = SERIES): Promise<void> {
  await render(entry, seriesId);
  await settle();
}

async function settle(): Promise<void> {
  const tick = () => act(async () => void (await new Promise((done) => setTimeout(done, 1))));
  do await tick();
  while (queries.isFetching() > 0);
  await tick();
}

const pill = () => node.querySelector<HTMLElement>('[data-testid="backtest-known"]');
const click = async (id: string) => {
  act(() => node.querySelector<HTMLElement>(`[data-cmd="${id}"]`)?.click());
  await settle();
};

describe("the structures at the entry of a trade", () => {
  it("are those of the bars closed before it, and say so", async () => {
    await show(START + 600);
    expect(asked).toMatchObject([{ series_id: SERIES, at_time: START + 540 }]);
    expect(shown).toMatchObject({ seriesId: SERIES, time: START + 540 });
    expect(pill()?.dataset.state).toBe("known");
    expect(pill()?.textContent).toContain(`at ${START + 540}`);
  });

  it("on a longer timeframe they are those of its bars that were closed by then", async () => {
    await show(START + 600, "binance:futures:BTC/USDT:5m");
    expect(asked[0]?.at_time).toBe(START + 300);
  });

  it("give way to those of now and come back, without reading again", async () => {
    await show(START + 600);
    await click("backtest.known");
    expect([shown, pill()?.dataset.state]).toEqual([null, "now"]);
    await click("backtest.known");
    expect(shown?.time).toBe(START + 540);
    expect(asked).toHaveLength(1);
  });

  it("of the trade before stay until those of the next one are there", async () => {
    await show(START + 600);
    let open: () => void = () => undefined;
    gate = new Promise((done) => {
      open = done;
    });
    await render(START + 900);
    expect([asked.length, shown?.time]).toEqual([2, START + 540]);
    open();
    await settle();
    expect(shown?.time).toBe(START + 840);
  });

  it("are read again when the series was folded again", async () => {
    await show(START + 600);
    api.drawing = [];
    act(() => tell({ kind: "rebuild", series: SERIES, epoch: 1, from: null }));
    await settle();
    expect(asked).toHaveLength(2);
    expect(shown?.drawings.active).toEqual([]);
  });

  it("before the first stored candle are none: that is what is said, and nothing is tried again", async () => {
    await show(START);
    expect([shown, pill()?.dataset.state, slot.getState().unstored]).toEqual([null, "missing", SERIES]);
    expect(node.querySelector("[data-cmd]")).toBeNull();
    await show(START + 600);
    expect([pill()?.dataset.state, slot.getState().unstored]).toEqual(["known", null]);
  });

  it("after the last stored candle are none either", async () => {
    await show(START + 100 * 60);
    expect(pill()?.dataset.state).toBe("known");
    await show(START + 101 * 60);
    expect([shown, pill()?.dataset.state]).toEqual([null, "missing"]);
  });

  it("that cannot be read are said to be so, with a way to try again", async () => {
    failures = [new ApiError("no", { status: 500, code: "internal", detail: "internal", requestId: "q" })];
    await show(START + 600);
    expect([shown, pill()?.dataset.state, pill()?.dataset.errorCode]).toEqual([null, "error", "internal"]);
    await click("backtest.known.retry");
    expect(pill()?.dataset.state).toBe("known");
  });
});
