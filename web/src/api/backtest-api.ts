/** Backtests over HTTP: every path, name and form of the wire is here, and nowhere else. */
import type { Client } from "openapi-fetch";
import type {
  BacktestRun,
  Bias,
  EngineName,
  EngineOffer,
  HistoryMissing,
  PairTimeframes,
  ParamSpec,
  RunOrder,
  RunResponse,
  RunResult,
  RunState,
  Started,
  StrategyList,
  StrategySpec,
  SweepPoint,
  Trade,
  Trading,
  Venue,
} from "./backtest-types";
import { ENGINES } from "./backtest-types";
import type { ApiError } from "./error";
import type { Ask } from "./replay-api";
import type { paths } from "./schema";

export interface BacktestApi {
  engines(signal?: AbortSignal): Promise<readonly EngineOffer[]>;
  strategies(engine: EngineName, signal?: AbortSignal): Promise<StrategyList>;
  /** Of what an engine tests with: candle files, or the store, where the venue counts. */
  pairTimeframes(engine: EngineName, pair: string, venue: Venue | null, signal?: AbortSignal): Promise<PairTimeframes>;
  /** Begins a run or a sweep. */
  start(order: RunOrder): Promise<Started>;
  /** Newest first, without trades, equity and output; those before a run, or from the newest on. */
  runs(page: { limit: number; before?: string }, signal?: AbortSignal): Promise<readonly BacktestRun[]>;
  /** One run, without trades and equity. */
  standing(id: string, signal?: AbortSignal): Promise<BacktestRun>;
  /** One run with everything. */
  run(id: string, signal?: AbortSignal): Promise<BacktestRun>;
  cancel(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Begins to compute the signals of a run again on truncated data. */
  checkBias(id: string): Promise<BacktestRun>;
}

type Json = Readonly<Record<string, unknown>>;

const BIAS_SAMPLES = 100;

export function createBacktestApi(http: Client<paths>, ask: Ask): BacktestApi {
  const read = (signal: AbortSignal | undefined, run: Parameters<Ask>[1]) => ask<Json>(signal, run);
  const start = (order: RunOrder) => {
    const body = orderBody(order);
    const { grid } = order;
    if (Object.keys(grid).length > 0) {
      return read(undefined, (signal) => http.POST("/api/backtest/sweep", { body: { ...body, grid }, signal }));
    }
    const query = { wait: false, include: "full" };
    return read(undefined, (signal) => http.POST("/api/backtest/run", { params: { query }, body, signal }));
  };
  const of = (run_id: string) => ({ path: { run_id } });
  return {
    engines: async (signal) => {
      const body = await read(signal, (signal) => http.GET("/api/backtest/engines", { signal }));
      return list(body.engines).flatMap(offer);
    },
    strategies: async (engine, signal) => {
      const query = engine === "native" ? { engine } : {};
      return strategyList(
        await read(signal, (signal) => http.GET("/api/backtest/strategies", { params: { query }, signal })),
      );
    },
    pairTimeframes: async (engine, pair, venue, signal) => {
      const params = { query: { pair, ...(engine === "native" && { engine, ...venue }) } };
      const body = await read(signal, (signal) => http.GET("/api/backtest/pair_timeframes", { params, signal }));
      return {
        pair: text(body.pair),
        tradingMode: text(body.trading_mode),
        timeframes: texts(body.available_timeframes),
        trading: typeof body.trading === "object" && body.trading !== null ? trading(body.trading) : null,
      };
    },
    start: async (order) => {
      const body = await start(order);
      return typeof body.run_id === "string" ? { runId: body.run_id } : { answer: response(body) };
    },
    runs: async (page, signal) => {
      const params = { query: page };
      const body = await read(signal, (signal) => http.GET("/api/backtest/runs", { params, signal }));
      return list(body.runs).map(run);
    },
    standing: async (id, signal) => {
      const params = { ...of(id), query: { include: "summary" } };
      return run(await read(signal, (signal) => http.GET("/api/backtest/runs/{run_id}", { params, signal })));
    },
    run: async (id, signal) => {
      const params = { ...of(id), query: { include: "full" } };
      return run(await read(signal, (signal) => http.GET("/api/backtest/runs/{run_id}", { params, signal })));
    },
    cancel: async (id) => {
      const params = of(id);
      await read(undefined, (signal) => http.POST("/api/backtest/runs/{run_id}/cancel", { params, signal }));
    },
    remove: async (id) => {
      await read(undefined, (signal) => http.DELETE("/api/backtest/runs/{run_id}", { params: of(id), signal }));
    },
    checkBias: async (id) => {
      const asked = { params: of(id), body: { samples: BIAS_SAMPLES } };
      return run(
        await read(undefined, (signal) => http.POST("/api/backtest/runs/{run_id}/bias", { ...asked, signal })),
      );
    },
  };
}

function orderBody({ engine, strategy, pair, venue, timeframe, timerange, params, trading }: RunOrder) {
  return {
    engine,
    strategy_name: strategy,
    pair,
    ...(engine === "native" && venue),
    timeframe,
    timerange,
    ...(Object.keys(params).length > 0 && { params }),
    ...(Object.keys(trading).length > 0 && { trading }),
  };
}

/** Where candles were looked for, when a run was refused because there are none; else null. */
export function historyMissing(error: ApiError): HistoryMissing | null {
  if (error.code !== "backtest.history_missing") return null;
  const detail = parsed(error.detail);
  return {
    pair: text(detail.pair),
    timeframe: text(detail.timeframe),
    expectedPaths: texts(detail.expected_paths),
    timeframes: texts(detail.available_timeframes),
    command: text(detail.download_data_cmd),
  };
}

/** The queue of runs is full. */
export function isBusy(error: ApiError): boolean {
  return error.status === 429;
}

/** What refuses every run of an engine that nobody set up. */
const NOT_SET_UP: readonly unknown[] = ["backtest.strategy_path_missing", "backtest.config_missing"];

function offer(body: Json): EngineOffer[] {
  const name = ENGINES.find((engine) => engine === body.engine);
  if (name === undefined) return [];
  const problem = typeof body.problem === "object" && body.problem !== null ? (body.problem as Json) : null;
  return [
    {
      name,
      problem: problem && {
        isSetUp: !NOT_SET_UP.includes(problem.code),
        code: text(problem.code),
        message: text(problem.message),
      },
    },
  ];
}

function strategyList(body: Json): StrategyList {
  return { names: texts(body.strategies), specs: list(body.specs).map(spec) };
}

function spec(body: Json): StrategySpec {
  return {
    name: text(body.strategy_name),
    label: text(body.label),
    version: text(body.strategy_version),
    description: text(body.description),
    canLong: body.can_long !== false,
    canShort: body.can_short === true,
    factors: texts(body.factor_roots),
    params: params(body.params_schema),
  };
}

/** Parameters from a JSON schema of an object. */
function params(schema: unknown): readonly ParamSpec[] {
  const fields = object(object(schema).properties ?? schema);
  return Object.entries(fields).flatMap(([name, value]) => {
    const field = object(value);
    const kinds: Readonly<Record<string, ParamSpec["kind"]>> = {
      integer: "whole",
      number: "number",
      boolean: "switch",
    };
    const kind = kinds[text(field.type)];
    if (kind === undefined) return [];
    const [min, max] = kind === "switch" ? [0, 1] : [number(field.minimum, 0), number(field.maximum, 1)];
    const step = kind === "number" ? number(field.multipleOf ?? field.step, 0) : 1;
    const given = typeof field.default === "boolean" ? Number(field.default) : number(field.default, min);
    const label = text(field.title ?? field.label) || name;
    return [{ name, label, description: text(field.description), kind, default: given, min, max, step }];
  });
}

const STATES: readonly RunState[] = ["queued", "running", "done", "failed", "cancelled", "timed_out"];

function run(body: Json): BacktestRun {
  const kind = body.kind === "sweep" ? "sweep" : "run";
  const answer = body.response === null || body.response === undefined ? null : object(body.response);
  return {
    id: text(body.run_id),
    kind,
    engine: ENGINES.find((name) => name === body.engine) ?? "freqtrade",
    strategy: text(body.strategy_name),
    pair: text(body.pair),
    seriesId: text(body.series_id) || null,
    timeframe: text(body.timeframe),
    timerange: text(body.timerange) || null,
    params: numbers(body.params),
    trading: trading(body.trading),
    state: STATES.find((name) => name === body.state) ?? "failed",
    stage: text(body.stage) || null,
    percent: maybe(body.progress_pct),
    createdMs: number(body.created_at_ms, 0),
    startedMs: maybe(body.started_at_ms),
    finishedMs: maybe(body.finished_at_ms),
    response: answer && kind === "run" ? response(answer) : null,
    points: answer && kind === "sweep" ? list(answer.points).map(point) : null,
    bias: body.bias === null || body.bias === undefined ? null : bias(object(body.bias)),
    error: text(body.error) || null,
  };
}

/** Values of a form that this page can write again; others are left out. */
function trading(value: unknown): Trading {
  const entries = Object.entries(object(value)).map(([name, one]) => {
    const plain = typeof one === "string" || typeof one === "boolean" || maybe(one) !== null;
    const table = typeof one === "object" && one !== null && !Array.isArray(one);
    return [name, plain ? one : table ? numbers(one) : undefined] as const;
  });
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined)) as Trading;
}

function response(body: Json): RunResponse {
  const found = body.result;
  return {
    ok: body.ok === true,
    exitCode: number(body.exit_code, 0),
    durationMs: number(body.duration_ms, 0),
    command: texts(body.command),
    stdout: text(body.stdout),
    stderr: text(body.stderr),
    result: found === null || found === undefined ? null : result(object(found)),
    resultError: text(body.result_error) || null,
    warnings: texts(body.warnings),
  };
}

function result(body: Json): RunResult {
  const equity = (Array.isArray(body.equity) ? body.equity : []).filter(Array.isArray);
  const start = maybe(body.start_ts);
  const end = maybe(body.end_ts);
  return {
    totalTrades: number(body.total_trades, 0),
    start: start === null ? null : start / 1_000,
    end: end === null ? null : end / 1_000,
    startingBalance: maybe(body.starting_balance),
    finalBalance: maybe(body.final_balance),
    metrics: object(body.metrics),
    trades: list(body.trades).map(trade),
    equity: {
      times: equity.map(([time]) => number(time, 0) / 1_000),
      values: equity.map(([, value]) => number(value, 0)),
    },
    file: text(body.result_file) || null,
  };
}

function trade(body: Json, index: number): Trade {
  return {
    index,
    pair: text(body.pair),
    side: body.is_short === true ? "short" : "long",
    openTime: number(body.open_timestamp, 0) / 1_000,
    closeTime: number(body.close_timestamp, 0) / 1_000,
    openRate: number(body.open_rate, 0),
    closeRate: number(body.close_rate, 0),
    stake: number(body.stake_amount, 0),
    amount: number(body.amount, 0),
    leverage: number(body.leverage, 1),
    profit: number(body.profit_abs, 0),
    profitRatio: number(body.profit_ratio, 0),
    exitReason: text(body.exit_reason),
    enterTag: text(body.enter_tag),
    initialStop: price(body.initial_stop_loss_abs),
    stop: price(body.stop_loss_abs),
    low: price(body.min_rate),
    high: price(body.max_rate),
  };
}

function point(body: Json): SweepPoint {
  return { params: numbers(body.params), metrics: object(body.metrics) };
}

function bias(body: Json): Bias {
  return {
    checked: number(body.checked, 0),
    changed: number(body.changed, 0),
    rows: list(body.rows).map((row) => ({ time: number(row.candle_time, 0), column: text(row.column) })),
  };
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(object) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function number(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}

function maybe(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** A price of 0 is none. */
function price(value: unknown): number | null {
  const found = maybe(value);
  return found !== null && found > 0 ? found : null;
}

function numbers(value: unknown): Readonly<Record<string, number>> {
  const entries = Object.entries(object(value)).map(([name, one]) => [
    name,
    typeof one === "boolean" ? Number(one) : one,
  ]);
  return Object.fromEntries(entries.filter(([, one]) => typeof one === "number"));
}

function parsed(json: string): Json {
  try {
    return object(JSON.parse(json));
  } catch {
    return {};
  }
}
