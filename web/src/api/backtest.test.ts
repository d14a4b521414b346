import { describe, expect, it } from "vitest";
import { historyMissing, isBusy } from "./backtest-api";
import type { RunOrder } from "./backtest-types";
import { createApiClient } from "./client";
import { ApiError } from "./error";

interface Sent {
  method: string;
  path: string;
  body: unknown;
}

/** A client whose server answers the same to everything. */
function answering(body: unknown, status = 200) {
  const sent: Sent[] = [];
  const api = createApiClient({
    baseUrl: "http://server",
    fetch: async (request) => {
      const written = await request.text();
      const { pathname, search } = new URL(request.url);
      sent.push({ method: request.method, path: pathname + search, body: written === "" ? null : JSON.parse(written) });
      return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
    },
  }).backtest;
  return { api, sent };
}

const ORDER: RunOrder = {
  engine: "native",
  strategy: "PenDirection",
  pair: "BTC/USDT",
  venue: { exchange: "binance", market: "spot" },
  timeframe: "5m",
  timerange: "20260101-",
  params: { fade: 1 },
  trading: {},
  grid: {},
};

const SIX = { ok: true, exit_code: 0, duration_ms: 1, command: ["freqtrade"], stdout: "done", stderr: "" };

describe("orders", () => {
  it("a run is started without waiting for it", async () => {
    const { api, sent } = answering({ run_id: "r1", state: "queued" }, 202);
    expect(await api.start(ORDER)).toEqual({ runId: "r1" });
    expect(sent).toEqual([
      {
        method: "POST",
        path: "/api/backtest/run?wait=false&include=full",
        body: {
          engine: "native",
          strategy_name: "PenDirection",
          pair: "BTC/USDT",
          exchange: "binance",
          market: "spot",
          timeframe: "5m",
          timerange: "20260101-",
          params: { fade: 1 },
        },
      },
    ]);
  });

  it("what is traded with goes along when something is", async () => {
    const { api, sent } = answering({ run_id: "r1", state: "queued" }, 202);
    await api.start({ ...ORDER, trading: { leverage: 3, minimal_roi: { "0": 0.05 } } });
    expect(sent[0]?.body).toMatchObject({ trading: { leverage: 3, minimal_roi: { "0": 0.05 } } });
  });

  it("what the server trades with comes with the timeframes of a pair", async () => {
    const trading = {
      leverage: 1,
      stake_amount: "unlimited",
      trailing_stop_positive: null,
      minimal_roi: { "0": 0.05 },
    };
    const { api } = answering({
      pair: "BTC/USDT:USDT",
      trading_mode: "futures",
      available_timeframes: ["5m"],
      trading,
    });
    const { trailing_stop_positive: _none, ...known } = trading;
    expect((await api.pairTimeframes("native", "BTC/USDT", null)).trading).toEqual(known);
    const plain = answering({ pair: "BTC/USDT", trading_mode: "spot", available_timeframes: [] });
    expect((await plain.api.pairTimeframes("freqtrade", "BTC/USDT", null)).trading).toBeNull();
  });

  it("an order with a grid is a sweep", async () => {
    const { api, sent } = answering({ run_id: "s1", state: "queued" }, 202);
    await api.start({ ...ORDER, params: {}, grid: { max_candles: { from: 0, to: 10, step: 5 } } });
    expect(sent[0]?.path).toBe("/api/backtest/sweep");
    expect(sent[0]?.body).toMatchObject({ grid: { max_candles: { from: 0, to: 10, step: 5 } } });
    expect(sent[0]?.body).not.toHaveProperty("params");
  });

  it("an engine that keeps nothing has answered already", async () => {
    const { api, sent } = answering(SIX);
    const started = await api.start({ ...ORDER, engine: "mock" });
    expect(sent[0]?.body).not.toHaveProperty("market");
    expect(started).toMatchObject({
      answer: { ok: true, stdout: "done", result: null, resultError: null, warnings: [] },
    });
  });
});

describe("runs", () => {
  const RUN = {
    run_id: "20260101-1",
    kind: "run",
    engine: "freqtrade",
    strategy_name: "Sample",
    pair: "BTC/USDT",
    timeframe: "1h",
    timerange: null,
    params: { a: 1, on: true, word: "x" },
    state: "done",
    stage: null,
    progress_pct: null,
    created_at_ms: 5,
    started_at_ms: 6,
    finished_at_ms: 7,
    bias: null,
  };

  it("results are read into trades, equity and figures", async () => {
    const result = {
      total_trades: 1,
      start_ts: 1_000_000,
      end_ts: 2_000_000,
      starting_balance: 1_000,
      final_balance: 990,
      metrics: { sharpe: -100 },
      trades: [
        {
          pair: "BTC/USDT",
          is_short: true,
          open_timestamp: 1_200_000,
          close_timestamp: 1_800_000,
          open_rate: 100,
          close_rate: 110,
          profit_abs: -10,
          profit_ratio: -0.1,
          exit_reason: "stop_loss",
          enter_tag: null,
          initial_stop_loss_abs: 105,
          stop_loss_abs: 0,
        },
      ],
      equity: [
        [1_000_000, 1_000],
        [2_000_000, 990],
      ],
    };
    const { api, sent } = answering({ ...RUN, response: { ...SIX, result, warnings: ["funding_data_missing"] } });
    const run = await api.run("20260101-1");
    expect(sent[0]?.path).toBe("/api/backtest/runs/20260101-1?include=full");
    expect(run).toMatchObject({ id: "20260101-1", state: "done", params: { a: 1, on: 1 }, points: null, error: null });
    expect(run.params).not.toHaveProperty("word");
    expect(run.response?.result).toMatchObject({
      start: 1_000,
      end: 2_000,
      equity: { times: [1_000, 2_000], values: [1_000, 990] },
      trades: [
        { index: 0, side: "short", openTime: 1_200, closeTime: 1_800, enterTag: "", initialStop: 105, stop: null },
      ],
    });
  });

  it("a sweep has its points, and a check of bias its rows", async () => {
    const points = [{ params: { a: 1 }, metrics: { profit_total: 0.1 } }];
    const bias = { checked: 100, changed: 1, rows: [{ candle_time: 60, column: "enter_long" }] };
    const { api } = answering({
      runs: [
        { ...RUN, kind: "sweep", engine: "native", series_id: "binance:spot:BTC/USDT:1h", response: { points }, bias },
      ],
    });
    const [run] = await api.runs({ limit: 50 });
    expect(run?.seriesId).toBe("binance:spot:BTC/USDT:1h");
    expect(run).toMatchObject({ kind: "sweep", response: null, points });
    expect(run?.bias).toEqual({ checked: 100, changed: 1, rows: [{ time: 60, column: "enter_long" }] });
  });

  it("are cancelled, deleted and checked by their ids", async () => {
    const { api, sent } = answering({ ok: true });
    await api.cancel("r1");
    await api.remove("r1");
    await api.checkBias("r1");
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /api/backtest/runs/r1/cancel",
      "DELETE /api/backtest/runs/r1",
      "POST /api/backtest/runs/r1/bias",
    ]);
  });
});

describe("engines", () => {
  it("one that nobody set up is told from one that is set up wrongly", async () => {
    const problem = (word: string) => ({ code: `backtest.${word}`, message: `about ${word}` });
    const { api, sent } = answering({
      engines: [
        { engine: "native", problem: null },
        { engine: "freqtrade", problem: problem("strategy_path_missing") },
        { engine: "freqtrade", problem: problem("config_not_found") },
        { engine: "of later", problem: null },
      ],
    });
    const offers = await api.engines();
    expect(sent[0]?.path).toBe("/api/backtest/engines");
    expect(offers).toEqual([
      { name: "native", problem: null },
      {
        name: "freqtrade",
        problem: { isSetUp: false, code: "backtest.strategy_path_missing", message: "about strategy_path_missing" },
      },
      {
        name: "freqtrade",
        problem: { isSetUp: true, code: "backtest.config_not_found", message: "about config_not_found" },
      },
    ]);
  });
});

describe("timeframes", () => {
  it("are those of a venue where the engine reads the store", async () => {
    const { api, sent } = answering({ pair: "BTC/USDT", trading_mode: "spot", available_timeframes: ["5m"] });
    const venue = { exchange: "binance", market: "spot" } as const;
    expect(await api.pairTimeframes("native", "BTC/USDT", venue)).toMatchObject({ timeframes: ["5m"] });
    await api.pairTimeframes("freqtrade", "BTC/USDT", venue);
    const path = "/api/backtest/pair_timeframes?pair=BTC%2FUSDT";
    expect(sent.map(({ path }) => path)).toEqual([`${path}&engine=native&exchange=binance&market=spot`, path]);
  });
});

describe("strategies", () => {
  it("the parameters of native ones come from their schema", async () => {
    const properties = {
      min_length: { type: "number", title: "Shortest pen", minimum: 0, maximum: 0.1, multipleOf: 0.001, default: 0 },
      max_candles: { type: "integer", minimum: 0, maximum: 500, default: 0 },
      fade: { type: "boolean", default: true },
      odd: { type: "string" },
    };
    const spec = { strategy_name: "PenDirection", strategy_version: "1", can_short: true, factor_roots: ["pen"] };
    const { api, sent } = answering({
      strategies: ["PenDirection"],
      specs: [{ ...spec, params_schema: { type: "object", properties } }],
    });
    const { specs } = await api.strategies("native");
    expect(sent[0]?.path).toBe("/api/backtest/strategies?engine=native");
    expect(specs[0]?.params).toEqual([
      {
        name: "min_length",
        label: "Shortest pen",
        description: "",
        kind: "number",
        default: 0,
        min: 0,
        max: 0.1,
        step: 0.001,
      },
      {
        name: "max_candles",
        label: "max_candles",
        description: "",
        kind: "whole",
        default: 0,
        min: 0,
        max: 500,
        step: 1,
      },
      { name: "fade", label: "fade", description: "", kind: "switch", default: 1, min: 0, max: 1, step: 1 },
    ]);
  });
});

describe("refusals", () => {
  const refused = (status: number, code: string, detail: unknown = code) =>
    new ApiError("", {
      status,
      code,
      detail: typeof detail === "string" ? detail : JSON.stringify(detail),
      requestId: "",
    });

  it("missing history names the files and the command", () => {
    const detail = {
      message: "no_ohlcv_history",
      pair: "BTC/USDT:USDT",
      timeframe: "15m",
      expected_paths: ["/data/BTC_USDT-15m.feather"],
      available_timeframes: ["1h"],
      hint: "Choose another one.",
      download_data_cmd: "freqtrade download-data",
    };
    expect(historyMissing(refused(422, "backtest.history_missing", detail))).toEqual({
      pair: "BTC/USDT:USDT",
      timeframe: "15m",
      expectedPaths: ["/data/BTC_USDT-15m.feather"],
      timeframes: ["1h"],
      command: "freqtrade download-data",
    });
    expect(historyMissing(refused(422, "backtest.no_trades"))).toBeNull();
  });

  it("tells a full queue", () => {
    expect(isBusy(refused(429, "backtest.busy"))).toBe(true);
    expect(isBusy(refused(500, "backtest.busy"))).toBe(false);
  });
});
