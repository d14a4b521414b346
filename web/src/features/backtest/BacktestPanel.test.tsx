// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, useState } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import type { BacktestApi } from "../../api/backtest-api";
import type { BacktestRun, EngineOffer, RunOrder, StrategySpec, Trading } from "../../api/backtest-types";
import type { ApiClient } from "../../api/client";
import { ApiError } from "../../api/error";
import { toasts } from "../../ui/feedback/toasts";
import BacktestPanel, { type BacktestPanelProps } from "./BacktestPanel";
import { backtestForm } from "./form/form";
import { UNDO_MS } from "./runs/actions";
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
const SERIES = "binance:futures:BTC/USDT:5m";
const TRADES = [
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
const DONE = run({
  id: "r1",
  response: response({
    result: result({ trades: TRADES, metrics: METRICS, equity: { times: [600, 6_000], values: [1_000, 1_015] } }),
    warnings: ["funding_data_missing"],
    stdout: "what it said",
  }),
});

const freqtrade = (problem: EngineOffer["problem"]): EngineOffer => ({ name: "freqtrade", problem });

let stored: BacktestRun[];
let orders: RunOrder[];
/** How often the list was read. */
let lists: number;
let slot: BacktestStore;
let queries: QueryClient;
let root: Root;
let node: HTMLElement;
let refuse: ApiError | null;
let offers: readonly EngineOffer[];
const spies = { onTrade: vi.fn(), onReplay: vi.fn(), onGoTo: vi.fn() };

const api: BacktestApi = {
  engines: async () => offers,
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
    orders.push(order);
    if (refuse) throw refuse;
    const id = `r${stored.length + 1}`;
    stored = [run({ id, state: "queued", response: null, finishedMs: null }), ...stored];
    return { runId: id };
  },
  runs: async ({ limit, before }) => {
    lists += 1;
    return stored.slice(before === undefined ? 0 : stored.findIndex(({ id }) => id === before) + 1).slice(0, limit);
  },
  standing: async (id) => stored.find((one) => one.id === id) ?? Promise.reject(refusal(404, "not_found")),
  run: async (id) => stored.find((one) => one.id === id) ?? Promise.reject(refusal(404, "not_found")),
  cancel: async (id) => {
    change(id, stored.some((one) => one.id === id && one.state === "done") ? { stage: null } : { state: "cancelled" });
  },
  remove: vi.fn(async (id: string) => {
    stored = stored.filter((one) => one.id !== id);
  }),
  checkBias: async (id) => {
    change(id, { stage: "queued" });
    return stored.find((one) => one.id === id) ?? Promise.reject(refusal(404, "not_found"));
  },
};

function refusal(status: number, code: string, detail: object | string = code): ApiError {
  const text = typeof detail === "string" ? detail : JSON.stringify(detail);
  return new ApiError("refused", { status, code, detail: text, requestId: "q1" });
}

/** The panel with an address of its own. */
function Page(given: Partial<BacktestPanelProps>) {
  const [address, setAddress] = useState({ run: given.run ?? null, compared: given.compared ?? [] });
  return (
    <BacktestPanel
      api={{ backtest: api, replay: { outline: () => Promise.reject(new Error("none")) } } as unknown as ApiClient}
      slot={slot}
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

async function show(props: Partial<BacktestPanelProps> = {}): Promise<void> {
  queries = new QueryClient();
  await act(async () =>
    root.render(
      <QueryClientProvider client={queries}>
        <Page {...props} />
      </QueryClientProvider>,
    ),
  );
  await settle();
}

/** A run is another one on the server. */
const change = (id: string, more: Partial<BacktestRun>) => {
  stored = stored.map((one) => (one.id === id ? { ...one, ...more } : one));
};

/** Lets things happen until a check holds. */
async function until(check: () => void): Promise<void> {
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
const settle = () => until(() => expect([queries.isFetching(), slot.getState().starting]).toEqual([0, null]));

function one<T extends HTMLElement = HTMLElement>(selector: string): T {
  const found = node.querySelectorAll<T>(selector);
  expect([selector, found.length]).toEqual([selector, 1]);
  return found[0] as T;
}

const text = (selector: string) => one(selector).textContent ?? "";
const click = async (selector: string) => {
  act(() => one(selector).click());
  await settle();
};

function type(selector: string, value: string): HTMLInputElement {
  const field = one<HTMLInputElement>(selector);
  const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set;
  act(() => {
    set?.call(field, value);
    field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
  });
  return field;
}

function press(field: HTMLElement, key: string): void {
  act(() => void field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));
}

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
  [stored, orders, slot, refuse, lists] = [[DONE], [], createBacktestSlot(), null, 0];
  offers = [
    { name: "native", problem: null },
    freqtrade({ isSetUp: false, code: "backtest.config_missing", message: "No strategies." }),
  ];
  node = document.body.appendChild(document.createElement("div"));
  root = createRoot(node);
});

afterEach(() => {
  act(() => root.unmount());
  node.remove();
});

describe("the form", () => {
  it("offers the engines that are set up, and takes pair and timeframe from the chart", async () => {
    await show();
    expect(one('[data-panel="backtest"]').dataset).toMatchObject({ state: "ready", rows: "1" });
    expect(
      [...node.querySelectorAll<HTMLInputElement>('[data-field="engine"] input')].map(({ value }) => value),
    ).toEqual(["native"]);
    expect(one<HTMLInputElement>('[data-field="pair"] input').value).toBe("BTC/USDT");
    expect(one<HTMLSelectElement>('[data-field="timeframe"] select').value).toBe("5m");
    expect(one<HTMLButtonElement>('[data-cmd="backtest.run"]').disabled).toBe(true);
    expect(slot.getState().run).toBeNull();
  });

  it("an engine that is set up wrongly says why, one without a list of strategies as well", async () => {
    offers = [
      { name: "native", problem: null },
      freqtrade({ isSetUp: true, code: "backtest.config_not_found", message: "There is no file config.json." }),
    ];
    await show();
    expect(text("[data-engine-problem=freqtrade]")).toContain("check FREQTRADE_CONFIG");
    offers = [freqtrade(null)];
    await act(async () => void (await queries.invalidateQueries()));
    await settle();
    await until(() => expect(one('[data-error-code="backtest.list_strategies_failed"]')).toBeTruthy());
    expect(node.querySelector("[data-engine-problem]")).toBeNull();
    offers = [];
    await act(async () => void (await queries.invalidateQueries()));
    await settle();
    await until(() => expect(node.textContent).toContain("No engine is set up"));
  });

  it("a strategy is found by typing, its parameters have ranges, and what is wrong is said beside them", async () => {
    await show();
    press(type('[data-field="strategy"] input', "pen"), "Enter");
    expect(one<HTMLInputElement>('[data-field="strategy"] input').value).toBe("PenDirection");
    expect(text('[data-field="param.max_candles"] label')).toBe("Longest pen (0 to 500)");
    const field = type('[data-field="param.max_candles"] input', "501");
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect(text('[data-field="param.max_candles"] [role=alert]')).toBe("This must lie between 0 and 500.");
    expect(one<HTMLButtonElement>('[data-cmd="backtest.run"]').disabled).toBe(true);
    type('[data-field="param.max_candles"] input', "20");
    await act(async () => slot.getState().run?.());
    await settle();
    expect(orders).toMatchObject([
      { engine: "native", strategy: "PenDirection", params: { max_candles: 20 }, grid: {} },
    ]);
  });

  it("several values of a parameter make a sweep", async () => {
    backtestForm.setState({ strategy: "PenDirection" });
    await show();
    await click('[data-cmd="backtest.vary.max_candles"]');
    expect(text('[data-cmd="backtest.run"]')).toContain("Run 11 combinations");
    type('[data-field="param.max_candles"] [data-part="step"]', "100");
    await click('[data-cmd="backtest.run"]');
    expect(orders[0]?.grid).toEqual({ max_candles: { from: 0, to: 500, step: 100 } });
  });
});

describe("runs", () => {
  it("a started run is opened and listed with its state, and cancelled", async () => {
    backtestForm.setState({ strategy: "PenDirection" });
    await show();
    await click('[data-cmd="backtest.run"]');
    await until(() => expect(one('li[data-key="r2"]').dataset.state).toBe("queued"));
    expect(text('[data-testid="backtest-run"]')).toContain("Another run goes first.");
    await click('li[data-key="r2"] [data-cmd="backtest.cancel"]');
    await until(() => expect(one('li[data-key="r2"]').dataset.state).toBe("cancelled"));
  });

  it("the list is read once, and again when what runs has ended", async () => {
    stored = [run({ id: "r9", state: "running", response: null, percent: 10, params: { max_candles: 30 } }), DONE];
    await show();
    change("r9", { percent: 55 });
    await until(() => expect(text('li[data-key="r9"]')).toContain("55%"));
    expect([lists, text('li[data-key="r9"]')]).toEqual([1, expect.stringContaining("max_candles = 30")]);
    change("r9", { state: "done", response: response() });
    await until(() => expect(one('li[data-key="r9"]').dataset.state).toBe("done"));
    await settle();
    expect(lists).toBe(2);
  });

  it("older runs come on demand", { timeout: 20_000 }, async () => {
    stored = Array.from({ length: 53 }, (_, at) => run({ id: `o${at}` }));
    await show();
    const rows = () => node.querySelectorAll('[data-testid="backtest-runs"] li[data-key]').length;
    expect(rows()).toBe(50);
    await click('[data-cmd="backtest.older"]');
    await until(() => expect(rows()).toBe(53));
    expect(node.querySelector('[data-cmd="backtest.older"]')).toBeNull();
  });

  it("missing history names files, command and the timeframes that there are", async () => {
    refuse = refusal(422, "backtest.history_missing", {
      ...{
        pair: "BTC/USDT:USDT",
        timeframe: "5m",
        available_timeframes: ["1h"],
        download_data_cmd: "freqtrade download-data",
      },
      expected_paths: ["/data/BTC_USDT-5m.feather"],
    });
    backtestForm.setState({ strategy: "PenDirection" });
    await show();
    await click('[data-cmd="backtest.run"]');
    const card = text('[data-testid="backtest-refused"]');
    for (const part of ["BTC/USDT:USDT", "/data/BTC_USDT-5m.feather", "freqtrade download-data"])
      expect(card).toContain(part);
    refuse = null;
    await click('[data-cmd="backtest.timeframe.1h"]');
    expect(orders.map(({ timeframe }) => timeframe)).toEqual(["5m", "1h"]);
    expect(one<HTMLSelectElement>('[data-field="timeframe"] select').value).toBe("1h");
    await act(async () => slot.getState().run?.());
    await settle();
    expect(orders.map(({ timeframe }) => timeframe)).toEqual(["5m", "1h", "1h"]);
    await click('[data-cmd="backtest.follow"]');
    expect(one<HTMLSelectElement>('[data-field="timeframe"] select').value).toBe("5m");
    expect(node.querySelector('[data-cmd="backtest.follow"]')).toBeNull();
    expect(node.querySelector('[data-testid="backtest-refused"]')).toBeNull();
  });

  it("a full queue names what runs", async () => {
    stored = [
      run({ id: "r3", state: "queued", strategy: "Waiting", response: null }),
      run({ id: "r0", state: "running", strategy: "Slow", response: null }),
      DONE,
    ];
    refuse = refusal(429, "backtest.busy");
    backtestForm.setState({ strategy: "PenDirection" });
    await show();
    await click('[data-cmd="backtest.run"]');
    expect(text('[data-error-code="backtest.busy"]')).toContain("Slow on BTC/USDT 5m is running");
  });

  it("an end without a result is an error, with the output at hand", async () => {
    stored = [run({ response: response({ resultError: "freqtrade wrote no result", stderr: "Configuration error" }) })];
    await show({ run: "r1" });
    expect(text('[data-testid="backtest-no-result"]')).toContain("freqtrade wrote no result");
    expect(one<HTMLTextAreaElement>('[data-testid="backtest-raw"] textarea').value).toContain("Configuration error");
  });

  it("a deleted run is gone at once and back when that is undone", async () => {
    await show();
    await click('[data-cmd="backtest.delete"]');
    expect(node.querySelector('li[data-key="r1"]')).toBeNull();
    act(() => toasts.getState().list[0]?.action?.run());
    expect(one('li[data-key="r1"]')).toBeTruthy();
    expect([UNDO_MS > 1_000, vi.mocked(api.remove).mock.calls.length]).toEqual([true, 0]);
  });
});

describe("results", () => {
  it("begin with what was asked, the badge, warnings and the six figures", async () => {
    await show({ run: "r1" });
    expect(one("[data-bias]").dataset.bias).toBe("unchecked");
    expect(text('[data-warning="funding_data_missing"]')).toContain("Funding data is missing");
    expect(one('[data-metric="profit_total"]').dataset.value).toBe("0.015");
    expect(text('[data-metric="profit_total"]')).toContain("+1.50%");
    expect(text('[data-metric="profit_total"]')).toContain("buy and hold −1.00%");
    expect(text('[data-metric="sharpe"]')).toContain("n/a");
    expect(text('[data-metric="sharpe"]')).toContain("closed tradeswallet +0.40");
    expect(text('[data-metric="winrate"]')).toContain("1 won, 1 lost");
    expect(text('[data-metric="total_trades"]')).toContain("1 long, 1 short");
    expect(text('[data-testid="backtest-equity"]')).toContain("Buy and hold is not shown");
  });

  it("tell the fall of holding beside that of the run, where its candles are stored", async () => {
    const outline = async () => ({ times: [600, 3_000, 6_000], closes: [100, 80, 90] });
    await show({ run: "r1", api: { backtest: api, replay: { outline } } as unknown as ApiClient });
    await until(() => expect(text('[data-metric="max_drawdown_account"]')).toContain("buy and hold 20.00%"));
    expect(text('[data-testid="backtest-equity"]')).not.toContain("Buy and hold is not shown");
  });

  it("a check of the signals is followed to what it found, also on a page that did not begin it", async () => {
    await show({ run: "r1" });
    await click('[data-cmd="backtest.checkBias"]');
    await until(() => expect(one("[data-bias]").dataset.bias).toBe("checking"));
    change("r1", { stage: "checking", percent: 40 });
    await until(() => expect(text("[data-bias]")).toContain("Computing the signals again on cut data · 40%"));
    change("r1", { stage: null, percent: null, bias: { checked: 100, changed: 0, rows: [] } });
    await until(() => expect(text("[data-bias]")).toBe("Signals unchanged on cut data: 100 of 100 samples"));
  });

  it("a check is called off as a run is, and the run stays what it was", async () => {
    change("r1", { stage: "bias" });
    await show({ run: "r1" });
    await click('[data-cmd="backtest.cancelCheck"]');
    await until(() => expect(one("[data-bias]").dataset.bias).toBe("unchecked"));
    expect(one('li[data-key="r1"]').dataset.state).toBe("done");
  });

  it("a check that found nothing out says why, and can be begun again", async () => {
    change("r1", { error: "the ledger is behind" });
    await show({ run: "r1" });
    expect(text("[data-bias]")).toContain("Bias not checked: the ledger is behind");
    expect(one('[data-cmd="backtest.checkBias"]')).toBeTruthy();
  });

  it("trades are filtered, chosen for the chart by click and key, and stepped through from the entry", async () => {
    await show({ run: "r1", trade: 0 });
    const list = '[data-testid="backtest-trades"]';
    expect(one(`${list} [role=listbox]`).dataset.rows).toBe("2");
    expect(one(`${list} [data-key="0"]`).getAttribute("aria-selected")).toBe("true");
    press(one(`${list} [role=listbox]`), "ArrowDown");
    expect(spies.onTrade.mock.lastCall).toEqual([SERIES, 1, { at: expect.any(Number), bars: 60 }]);
    act(() => slot.getState().step?.(1));
    expect(spies.onTrade).toHaveBeenCalledTimes(2);
    act(() => slot.getState().offers.replay?.());
    expect(spies.onReplay).toHaveBeenCalledExactlyOnceWith(SERIES, 1_200);
    act(() => slot.setState({ unstored: SERIES }));
    expect(text('[data-testid="backtest-chosen"]')).toContain("its candles are not stored");
    expect(node.querySelector('[data-cmd="backtest.replay"]')).toBeNull();
    type(`${list} input[type=search]`, "stop");
    expect(one(`${list} [role=listbox]`).dataset.rows).toBe("1");
    expect(text('[data-testid="backtest-totals"]')).toContain("−5.00");
  });

  it("two runs stand side by side with what they were asked differently and whose trades", async () => {
    const other = {
      ...DONE,
      id: "r0",
      params: { max_candles: 9 },
      timerange: "20240518-",
      response: response({ result: result({ trades: TRADES.slice(0, 1), metrics: { profit_total: 0.02 } }) }),
    };
    stored = [DONE, other];
    await show({ run: "r1" });
    await click('li[data-key="r1"] [data-cmd="backtest.tick"]');
    await click('li[data-key="r0"] [data-cmd="backtest.tick"]');
    await click('[data-cmd="backtest.compare"]');
    await until(() => expect(one('[data-testid="backtest-compare"]').dataset.rows).toBe("2"));
    expect(text('[data-testid="backtest-compare"] tr[data-key="max_candles"]')).toContain("9");
    expect(text('[data-testid="backtest-compare"] tr[data-key="timerange"]')).toContain("since 2024-05-18");
    expect(text('[data-testid="backtest-compare"] [data-metric="profit_total"]')).toContain("(+0.50%)");
    expect(text('[data-testid="backtest-compare"] [data-metric="max_drawdown_account"]')).toMatch(
      /closed trades.*n\/a \(The engine does not tell it\.\)/,
    );
    expect(text('[data-testid="backtest-trade-difference"]')).toContain("1 trade in both");
    expect(text('[data-testid="backtest-trade-difference"]')).toContain("only in A: 1");
  });

  it("a sweep shows every cell, and a click takes its parameters into the form", async () => {
    const points = [0, 10].map((max_candles) => ({
      params: { max_candles },
      metrics: { profit_total: max_candles / 100 },
    }));
    stored = [run({ kind: "sweep", points })];
    await show({ run: "r1" });
    const cells = [...node.querySelectorAll<HTMLElement>('[data-testid="backtest-sweep"] [data-at]')];
    expect(cells.map(({ textContent }) => textContent)).toEqual(["0.00%", "+10.00%"]);
    act(() => cells[1]?.click());
    expect(backtestForm.getState().params.PenDirection?.max_candles).toEqual({ value: "10" });
  });
});

describe("everything", () => {
  it("every button has a name and a command", async () => {
    await show({ run: "r1", trade: 0 });
    const buttons = [...node.querySelectorAll<HTMLButtonElement>("button:not([role=switch])")];
    expect(buttons.filter((button) => !(button.ariaLabel ?? button.textContent))).toEqual([]);
    expect(buttons.filter((button) => !button.dataset.cmd).map(({ textContent }) => textContent)).toEqual([]);
  });
});
