/** The panel of backtests on a server that only exists in a test. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, useState } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import type { BacktestApi } from "../../api/backtest-api";
import type { BacktestRun, EngineOffer, RunOrder, StrategySpec, Trading } from "../../api/backtest-types";
import type { ApiClient } from "../../api/client";
import { ApiError } from "../../api/error";
import { toasts } from "../../ui/feedback/toasts";
import BacktestPanel, { type BacktestPanelProps } from "./BacktestPanel";
import { backtestForm } from "./form/form";
import { type BacktestStore, createBacktestSlot } from "./slot";
import { response, result, run, trade } from "./testing";

const SPEC: StrategySpec = {
  ...{
    name: "PenDirection",
    label: "Pen direction",
    version: "1",
    description: "Trades pens",
    canLong: true,
    canShort: true,
    factors: ["pen"],
  },
  params: [
    {
      name: "max_candles",
      label: "Longest pen",
      description: "",
      kind: "whole",
      default: 0,
      min: 0,
      max: 500,
      step: 1,
    },
  ],
};
export const SERIES = "binance:futures:BTC/USDT:5m";
export const TRADES = [
  trade({ index: 0, openTime: 1_200, closeTime: 2_400, profit: 20, enterTag: "pen_up" }),
  trade({
    index: 1,
    openTime: 3_000,
    closeTime: 3_600,
    profit: -5,
    profitRatio: -0.05,
    exitReason: "stop_loss",
    side: "short",
  }),
];
const METRICS = {
  profit_total: 0.015,
  sharpe: -100,
  max_drawdown_account: 0.005,
  total_trades: 2,
  winrate: 0.5,
  market_change: -0.01,
  ...{ wins: 1, losses: 1, trade_count_long: 1, trade_count_short: 1, wallet_stats: { sharpe: 0.4 } },
};
const DEFAULTS: Trading = { ...{ dry_run_wallet: 1_000, stake_amount: "unlimited", leverage: 1, fee: 0.0005 } };
export const DONE = run({
  id: "r1",
  response: response({
    result: result({ trades: TRADES, metrics: METRICS, equity: { times: [600, 6_000], values: [1_000, 1_015] } }),
    warnings: ["funding_data_missing"],
    stdout: "what it said",
  }),
});

export const freqtrade = (problem: EngineOffer["problem"]): EngineOffer => ({ name: "freqtrade", problem });

/** What the server and the page hold while a test runs. */
interface World {
  stored: BacktestRun[];
  orders: RunOrder[];
  /** How often the list was read. */
  lists: number;
  slot: BacktestStore;
  queries: QueryClient;
  root: Root;
  node: HTMLElement;
  refuse: ApiError | null;
  offers: readonly EngineOffer[];
}

/** Made anew before each test. */
export const world = {} as World;
export const spies = { onTrade: vi.fn(), onReplay: vi.fn(), onGoTo: vi.fn() };

export const api: BacktestApi = {
  engines: async () => world.offers,
  strategies: async (engine) =>
    engine === "native"
      ? { names: ["PenDirection", "SrRejection"], specs: [SPEC] }
      : Promise.reject(refusal(500, "backtest.list_strategies_failed")),
  pairTimeframes: async (_engine, pair) => ({
    pair,
    tradingMode: "futures",
    timeframes: ["5m", "1h"],
    trading: DEFAULTS,
  }),
  start: async (order) => {
    world.orders.push(order);
    if (world.refuse) throw world.refuse;
    const id = `r${world.stored.length + 1}`;
    world.stored = [run({ id, state: "queued", response: null, finishedMs: null }), ...world.stored];
    return { runId: id };
  },
  runs: async ({ limit, before }) => {
    world.lists += 1;
    return world.stored
      .slice(before === undefined ? 0 : world.stored.findIndex(({ id }) => id === before) + 1)
      .slice(0, limit);
  },
  standing: async (id) => world.stored.find((one) => one.id === id) ?? Promise.reject(refusal(404, "not_found")),
  run: async (id) => world.stored.find((one) => one.id === id) ?? Promise.reject(refusal(404, "not_found")),
  cancel: async (id) => {
    change(
      id,
      world.stored.some((one) => one.id === id && one.state === "done") ? { stage: null } : { state: "cancelled" },
    );
  },
  remove: vi.fn(async (id: string) => {
    world.stored = world.stored.filter((one) => one.id !== id);
  }),
  checkBias: async (id) => {
    change(id, { stage: "queued" });
    return world.stored.find((one) => one.id === id) ?? Promise.reject(refusal(404, "not_found"));
  },
};

export function refusal(status: number, code: string, detail: object | string = code): ApiError {
  const text = typeof detail === "string" ? detail : JSON.stringify(detail);
  return new ApiError("refused", { status, code, detail: text, requestId: "q1" });
}

/** The panel with an address of its own. */
function Page(given: Partial<BacktestPanelProps>) {
  const [address, setAddress] = useState({ run: given.run ?? null, compared: given.compared ?? [] });
  return (
    <BacktestPanel
      api={{ backtest: api, replay: { outline: () => Promise.reject(new Error("none")) } } as unknown as ApiClient}
      slot={world.slot}
      chart={createStore(() => null)}
      series={[]}
      seriesId={SERIES}
      timeZone="UTC"
      trade={null}
      onRun={(id) => setAddress({ run: id, compared: [] })}
      onCompare={([first = null, ...compared]) => setAddress({ run: first ?? address.run, compared })}
      {...spies}
      {...given}
      {...address}
    />
  );
}

export async function show(props: Partial<BacktestPanelProps> = {}): Promise<void> {
  world.queries = new QueryClient();
  await act(async () =>
    world.root.render(
      <QueryClientProvider client={world.queries}>
        <Page {...props} />
      </QueryClientProvider>,
    ),
  );
  await settle();
}

/** A run is another one on the server. */
export const change = (id: string, more: Partial<BacktestRun>) => {
  world.stored = world.stored.map((one) => (one.id === id ? { ...one, ...more } : one));
};

/** Lets things happen until a check holds. */
export async function until(check: () => void): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    await act(async () => void (await new Promise((done) => setTimeout(done, 1))));
    try {
      check();
      return;
    } catch (cause) {
      if (tries === 1_000) throw cause;
    }
  }
}

/** Nothing is under way any more. */
export const settle = () =>
  until(() => expect([world.queries.isFetching(), world.slot.getState().starting]).toEqual([0, null]));

export function one<T extends HTMLElement = HTMLElement>(selector: string): T {
  const found = world.node.querySelectorAll<T>(selector);
  expect([selector, found.length]).toEqual([selector, 1]);
  return found[0] as T;
}

export const text = (selector: string) => one(selector).textContent ?? "";
export const click = async (selector: string) => {
  act(() => one(selector).click());
  await settle();
};

export function type(selector: string, value: string): HTMLInputElement {
  const field = one<HTMLInputElement>(selector);
  const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set;
  act(() => {
    set?.call(field, value);
    field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
  });
  return field;
}

export function press(field: HTMLElement, key: string): void {
  act(() => void field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));
}

/** Sets the page up before each test of a file, and takes it down after. */
export function withPanel(): void {
  beforeEach(() => {
    (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
    const media = { matches: false, addEventListener: () => {}, removeEventListener: () => {} };
    vi.stubGlobal("matchMedia", () => media);
    vi.stubGlobal(
      "ResizeObserver",
      class {
        observe() {}
        disconnect() {}
      },
    );
    HTMLCanvasElement.prototype.getContext = () => null;
    backtestForm.reset();
    toasts.setState({ list: [] });
    for (const spy of Object.values(spies)) spy.mockReset();
    Object.assign(world, { stored: [DONE], orders: [], slot: createBacktestSlot(), refuse: null, lists: 0 });
    world.offers = [
      { name: "native", problem: null },
      freqtrade({ isSetUp: false, code: "backtest.config_missing", message: "No strategies." }),
    ];
    world.node = document.body.appendChild(document.createElement("div"));
    world.root = createRoot(world.node);
  });

  afterEach(() => {
    act(() => world.root.unmount());
    world.node.remove();
  });
}
