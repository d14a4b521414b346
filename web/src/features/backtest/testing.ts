/** Trades, results and runs for tests: what a test does not care about. */
import type { BacktestRun, RunResponse, RunResult, Trade } from "../../api/backtest-types";

export function trade(given: Partial<Trade> = {}): Trade {
  return {
    ...{ index: 0, pair: "BTC/USDT", side: "long", openTime: 600, closeTime: 1_200, openRate: 100, closeRate: 110 },
    ...{ stake: 100, amount: 1, leverage: 1, profit: 10, profitRatio: 0.1, exitReason: "roi", enterTag: "" },
    ...{ initialStop: 90, stop: 95, low: 99, high: 111 },
    ...given,
  };
}

export function result(given: Partial<RunResult> = {}): RunResult {
  return {
    ...{ totalTrades: given.trades?.length ?? 0, start: 600, end: 6_000, startingBalance: 1_000, finalBalance: 1_010 },
    ...{ metrics: {}, trades: [], equity: { times: [], values: [] }, file: null },
    ...given,
  };
}

export function response(given: Partial<RunResponse> = {}): RunResponse {
  return {
    ...{ ok: true, exitCode: 0, durationMs: 1_500, command: ["freqtrade", "backtesting"], stdout: "", stderr: "" },
    ...{ result: null, resultError: null, warnings: [] },
    ...given,
  };
}

export function run(given: Partial<BacktestRun> = {}): BacktestRun {
  return {
    ...{ id: "r1", kind: "run", engine: "native", strategy: "PenDirection", pair: "BTC/USDT", timeframe: "5m" },
    ...{
      seriesId: null,
      timerange: null,
      params: {},
      trading: {},
      state: "done",
      stage: null,
      percent: null,
      createdMs: 0,
      startedMs: 0,
    },
    ...{ finishedMs: 1_500, response: null, points: null, bias: null, error: null },
    ...given,
  };
}
