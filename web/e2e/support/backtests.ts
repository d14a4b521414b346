/** Backtest routes that answer as a server with a native engine does, with results made from the candles of a story. */
import type { Page, Route } from "@playwright/test";
import type { Candle } from "./market";

const PAIR = "TEST/USDT";
const FIRST = 300;
const EVERY = 20;
const HELD = 8;
const START = 1_000;

type Json = Readonly<Record<string, unknown>>;

/** Where the trade of an index was opened and closed. */
export function spanOf(candles: readonly Candle[], index: number): { open: Candle; close: Candle } {
  const at = FIRST + index * EVERY;
  return { open: candles[at] as Candle, close: candles[at + HELD] as Candle };
}

export const TRADES = 40;

function resultOf(candles: readonly Candle[], factor: number): Json {
  let money = START;
  const equity: [number, number][] = [];
  const trades = Array.from({ length: TRADES }, (_, index) => {
    const { open, close } = spanOf(candles, index);
    const short = index % 2 === 1;
    const ratio = (short ? -1 : 1) * (close.open / open.open - 1);
    const profit = 300 * ratio * factor;
    money += profit;
    equity.push([close.candle_time * 1_000, money]);
    return {
      ...{ pair: `${PAIR}:USDT`, is_short: short, leverage: 1, stake_amount: 300, amount: 300 / open.open },
      ...{ open_rate: open.open, close_rate: close.open, profit_abs: profit, profit_ratio: ratio },
      ...{ open_timestamp: open.candle_time * 1_000, close_timestamp: close.candle_time * 1_000 },
      ...{ exit_reason: profit > 0 ? "roi" : "stop_loss", enter_tag: short ? "pen_down" : "pen_up" },
      ...{ initial_stop_loss_abs: open.open * (short ? 1.04 : 0.96), stop_loss_abs: open.open * (short ? 1.04 : 0.96) },
    };
  });
  const wins = trades.filter(({ profit_abs }) => profit_abs > 0).length;
  const metrics = {
    ...{ profit_total: money / START - 1, profit_total_abs: money - START, final_balance: money, market_change: 0.01 },
    ...{ max_drawdown_account: 0.02, sharpe: -100, profit_factor: 1.1, winrate: wins / TRADES, total_trades: TRADES },
  };
  return {
    ...{
      total_trades: TRADES,
      starting_balance: START,
      final_balance: money,
      metrics,
      trades,
      equity,
      result_file: null,
    },
    ...{ start_ts: (candles[0] as Candle).candle_time * 1_000, end_ts: (candles.at(-1) as Candle).candle_time * 1_000 },
  };
}

const PROPERTIES = {
  max_candles: { type: "integer", title: "Longest pen", minimum: 0, maximum: 500, default: 0 },
  fade: { type: "boolean", title: "Trade against it", default: false },
};
const SPEC = { strategy_name: "PenDirection", strategy_version: "1", can_short: true };

/** A server's memory of runs. */
export class Backtests {
  readonly runs = new Map<string, Json>();
  private readonly candles: readonly Candle[];

  constructor(candles: readonly Candle[]) {
    this.candles = candles;
  }

  /** Keeps a run that is over. */
  keep(id: string, params: Json = {}): void {
    const answer = { ok: true, exit_code: 0, duration_ms: 12, command: ["native"], stdout: "summary", stderr: "" };
    const result = resultOf(this.candles, params.fade === 1 ? -1 : 1);
    const response = { ...answer, result, result_error: null, warnings: ["funding_data_missing"] };
    this.put(id, { params, state: "done", finished_at_ms: 2_000, response });
  }

  private put(id: string, more: Json): void {
    this.runs.set(id, {
      ...{ run_id: id, kind: "run", engine: "native", strategy_name: "PenDirection", pair: PAIR, timeframe: "1m" },
      ...{ timerange: null, params: {}, stage: null, progress_pct: null, created_at_ms: 1_000, started_at_ms: 1_000 },
      ...{ finished_at_ms: null, response: null, bias: null, error: null },
      ...more,
    });
  }

  async serve(page: Page): Promise<void> {
    await page.route("**/api/backtest/**", (route) => this.answer(route));
  }

  private answer(route: Route): Promise<void> {
    const request = route.request();
    const { pathname } = new URL(request.url());
    const json = (body: Json, status = 200) => route.fulfill({ status, json: body });
    const path = pathname.replace("/api/backtest/", "");
    if (path === "engines") return json({ engines: [{ engine: "native", problem: null }] });
    if (path === "strategies")
      return json({ strategies: ["PenDirection"], specs: [{ ...SPEC, params_schema: { properties: PROPERTIES } }] });
    if (path === "pair_timeframes") {
      return json({ pair: PAIR, trading_mode: "futures", datadir: "", available_timeframes: ["1m"] });
    }
    if (path === "run") {
      const { params } = request.postDataJSON() as { params: Json };
      this.put("new", { params, state: "running", stage: "simulating", progress_pct: 40 });
      return json({ run_id: "new", state: "queued" }, 202);
    }
    if (path === "runs") return json({ runs: [...this.runs.values()].reverse() });
    const id = path.replace("runs/", "");
    if (request.method() === "DELETE") this.runs.delete(id);
    return json(this.runs.get(id) ?? { ok: true });
  }
}
