/** The figures of a run: where they are found, how they are written, and which of them mean nothing. */
import type { RunResult } from "../../../api/backtest-types";
import { formatDuration } from "../../../chart/format/duration";

export type FigureUnit = "percent" | "money" | "ratio" | "count" | "duration" | "days" | "probability";
export const GROUPS = ["return", "risk", "trades", "time", "costs"] as const;
export type FigureGroup = (typeof GROUPS)[number];

export interface Figure {
  /** The name of the value in a result; with a point it lies in an object of its own. */
  readonly key: string;
  readonly group: FigureGroup;
  readonly unit: FigureUnit;
  readonly formula: string;
  /** The sign is shown, and coloured: more is better, or less is. */
  readonly signed?: boolean;
  /** Taken over closed trades, not over the wallet. */
  readonly closed?: boolean;
  /** A value that stands for a division by nothing. */
  readonly none?: number;
}

const ratio = (key: string, formula: string, more: Partial<Figure> = {}): Figure => ({
  ...{ key, formula, group: "risk", unit: "ratio" },
  ...more,
});

const NO_RATIO = -100;

export const FIGURES: readonly Figure[] = [
  { key: "profit_total", group: "return", unit: "percent", formula: "Σp / S", signed: true },
  { key: "profit_total_abs", group: "return", unit: "money", formula: "Σp", signed: true },
  { key: "final_balance", group: "return", unit: "money", formula: "S + Σp" },
  { key: "market_change", group: "return", unit: "percent", formula: "C₁ / C₀ − 1", signed: true },
  { key: "cagr", group: "return", unit: "percent", formula: "(final / S)^(365 / D) − 1", signed: true },
  { key: "profit_mean", group: "return", unit: "percent", formula: "Σr / n", signed: true },
  { key: "profit_median", group: "return", unit: "percent", formula: "median(r)", signed: true },
  { key: "profit_total_long_abs", group: "return", unit: "money", formula: "Σp (long)", signed: true },
  { key: "profit_total_short_abs", group: "return", unit: "money", formula: "Σp (short)", signed: true },
  { key: "expectancy", group: "return", unit: "money", formula: "w · avg⁺ − l · |avg⁻|", signed: true },
  {
    ...{ key: "expectancy_ratio", group: "return", unit: "ratio", signed: true, none: 100 },
    formula: "(1 + avg⁺ / |avg⁻|) · w − 1",
  },
  { key: "backtest_best_day_abs", group: "return", unit: "money", formula: "max Σp (UTC)", signed: true },
  { key: "backtest_worst_day_abs", group: "return", unit: "money", formula: "min Σp (UTC)", signed: true },
  { key: "extra.best_trade", group: "return", unit: "percent", formula: "max r", signed: true },
  { key: "extra.worst_trade", group: "return", unit: "percent", formula: "min r", signed: true },

  { key: "max_drawdown_account", group: "risk", unit: "percent", formula: "(peak − c) / (S + peak)", closed: true },
  { key: "max_drawdown_abs", group: "risk", unit: "money", formula: "max (peak − c)", closed: true },
  {
    ...{ key: "max_relative_drawdown", group: "risk", unit: "percent", closed: true },
    formula: "max ((peak − c) / (S + peak))",
  },
  { key: "drawdown_duration_s", group: "risk", unit: "duration", formula: "t(low) − t(peak)", closed: true },
  { key: "wallet_stats.max_drawdown_account", group: "risk", unit: "percent", formula: "(peak − e) / peak" },
  { key: "extra.max_drawdown_duration_s", group: "risk", unit: "duration", formula: "max (t : e < peak)" },
  ratio("wallet_stats.sharpe", "mean(q) / σ(q) · √365", { none: NO_RATIO, signed: true }),
  ratio("wallet_stats.sortino", "mean(q) / σ(q < 0) · √365", { none: NO_RATIO, signed: true }),
  ratio("wallet_stats.calmar", "return / D · 100 / drawdown", { none: NO_RATIO, signed: true }),
  ratio("sharpe", "(Σr / D) / σ(r) · √365", { closed: true, none: NO_RATIO, signed: true }),
  ratio("sortino", "(Σr / D) / σ(r < 0) · √365", { closed: true, none: NO_RATIO, signed: true }),
  ratio("calmar", "(Σr / D · 100) / drawdown · √365", { closed: true, none: NO_RATIO, signed: true }),
  ratio("sqn", "√n · mean(r) / s(r)", { closed: true, none: NO_RATIO, signed: true }),
  ratio("p_value", "t-test, H₀: mean(r) = 0", { unit: "probability", closed: true }),
  ratio("extra.volatility_ann", "σ(q) · √365", { unit: "percent" }),
  ratio("extra.ulcer_index", "√ mean(d²)"),
  ratio("extra.var_95", "5 % quantile(q)", { unit: "percent", signed: true }),
  ratio("extra.cvar_95", "mean(q ≤ VaR)", { unit: "percent", signed: true }),
  ratio("extra.omega", "Σq⁺ / |Σq⁻|"),
  ratio("extra.tail_ratio", "|q₉₅| / |q₅|"),
  ratio("extra.recovery_factor", "Σp / drawdown", { signed: true }),
  ratio("extra.kelly", "w − l / payoff", { unit: "percent", signed: true }),
  ratio("extra.skew", "m₃ / σ³", { signed: true }),
  ratio("extra.kurtosis", "m₄ / σ⁴ − 3", { signed: true }),

  { key: "total_trades", group: "trades", unit: "count", formula: "n" },
  { key: "winrate", group: "trades", unit: "percent", formula: "w = wins / n" },
  { key: "wins", group: "trades", unit: "count", formula: "p > 0" },
  { key: "draws", group: "trades", unit: "count", formula: "p = 0" },
  { key: "losses", group: "trades", unit: "count", formula: "p < 0" },
  { key: "profit_factor", group: "trades", unit: "ratio", formula: "Σp⁺ / |Σp⁻|", none: 0 },
  { key: "extra.payoff_ratio", group: "trades", unit: "ratio", formula: "avg⁺ / |avg⁻|" },
  { key: "trade_count_long", group: "trades", unit: "count", formula: "n (long)" },
  { key: "trade_count_short", group: "trades", unit: "count", formula: "n (short)" },
  { key: "trades_per_day", group: "trades", unit: "ratio", formula: "n / D" },
  { key: "max_consecutive_wins", group: "trades", unit: "count", formula: "r > 0 …" },
  { key: "max_consecutive_losses", group: "trades", unit: "count", formula: "r ≤ 0 …" },
  { key: "leverage", group: "trades", unit: "ratio", formula: "position / stake" },
  { key: "avg_stake_amount", group: "trades", unit: "money", formula: "mean(stake)" },
  { key: "rejected_signals", group: "trades", unit: "count", formula: "signals − trades" },

  { key: "backtest_days", group: "time", unit: "days", formula: "D" },
  { key: "extra.exposure", group: "time", unit: "percent", formula: "candles (open) / candles" },
  { key: "holding_avg_s", group: "time", unit: "duration", formula: "mean(close − open)" },
  { key: "winner_holding_avg_s", group: "time", unit: "duration", formula: "mean (p > 0)" },
  { key: "loser_holding_avg_s", group: "time", unit: "duration", formula: "mean (p < 0)" },
  { key: "winning_days", group: "time", unit: "count", formula: "Σp > 0 (UTC)" },
  { key: "draw_days", group: "time", unit: "count", formula: "Σp = 0 (UTC)" },
  { key: "losing_days", group: "time", unit: "count", formula: "Σp < 0 (UTC)" },

  { key: "extra.fees_paid", group: "costs", unit: "money", formula: "Σ fee · cost" },
  { key: "extra.funding_paid", group: "costs", unit: "money", formula: "−Σ funding" },
  { key: "total_volume", group: "costs", unit: "money", formula: "Σ cost" },
];

/** The six that stand at the top. */
export const KEY_FIGURES = [
  "profit_total",
  "max_drawdown_account",
  "sharpe",
  "profit_factor",
  "winrate",
  "total_trades",
] as const;

export function figure(key: string): Figure {
  const found = FIGURES.find((one) => one.key === key);
  if (!found) throw new Error(`no figure ${key}`);
  return found;
}

/** A value of a result; undefined: the engine does not tell it, null: it is not defined. */
export function figureOf(metrics: RunResult["metrics"], key: string): number | null | undefined {
  let found: unknown = metrics;
  for (const name of key.split(".")) {
    if (typeof found !== "object" || found === null || !(name in found)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  if (typeof found === "number") return Number.isFinite(found) ? found : null;
  return found === null ? null : undefined;
}

/** Why a figure has no value; null: it has one. */
export function whyNone(
  { key, none }: Figure,
  value: number | null | undefined,
  metrics: RunResult["metrics"],
): "untold" | "undefined" | "noLosers" | "noTrades" | null {
  if (value === undefined) return "untold";
  if (value === null) return "undefined";
  if (none === undefined || value !== none) return null;
  if (figureOf(metrics, "total_trades") === 0) return "noTrades";
  // A profit factor of 0 can also mean that nothing was won.
  if (none !== NO_RATIO) {
    const lossless = figureOf(metrics, "losses") === 0 || figureOf(metrics, "winrate") === 1;
    return lossless || key === "expectancy_ratio" ? "noLosers" : null;
  }
  return "undefined";
}

/** A figure that means something; null where it stands for a division by nothing, or is not told. */
export function soundValue(metrics: RunResult["metrics"], key: string): number | null {
  const value = figureOf(metrics, key) ?? null;
  return whyNone(figure(key), value, metrics) === null ? value : null;
}

const MINUS = "−";

/** Writes figures; `n/a` and its reason are the caller's. */
export function figureText(value: number, { unit, signed }: Pick<Figure, "unit" | "signed">, locale: string): string {
  switch (unit) {
    case "percent":
      return `${decimal(value * 100, 2, signed)}%`;
    case "money":
      return decimal(value, 2, signed);
    case "ratio":
      return decimal(value, 2, signed);
    case "probability":
      return decimal(value, 4, signed);
    case "duration":
      return formatDuration(value, locale);
    default:
      return decimal(value, 0, signed);
  }
}

/** Grouped, with a real minus, and a plus where signs are always shown: also of what is too small for its digits. */
export function decimal(value: number, digits: number, signed = false): string {
  const text = Math.abs(value).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  if (value === 0 || (!signed && !/[1-9]/.test(text))) return text;
  return value < 0 ? `${MINUS}${text}` : signed ? `+${text}` : text;
}

/** Colour of a result; its sign says the same. */
export function toneOf(value: number): string {
  return value === 0 ? "" : value > 0 ? "text-up" : "text-down";
}
