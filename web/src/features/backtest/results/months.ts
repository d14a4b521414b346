/** Returns of months: years down, months across. */
import type { RunResult } from "../../../api/backtest-types";

export interface YearRow {
  readonly year: number;
  /** January first; null: the run does not touch it. Shares of one. */
  readonly months: readonly (number | null)[];
  /** The months of the year one after the other. */
  readonly total: number;
}

export interface Months {
  /** Of the wallet, or of the trades that were closed in the month. */
  readonly source: "wallet" | "closed";
  readonly rows: readonly YearRow[];
  /** Largest distance from 0: the ends of the colour scale. */
  readonly most: number;
}

/** As the engine tells them; else what the closed trades brought, by the money at the beginning of the month. */
export function monthsOf({ metrics, trades, startingBalance, start, end }: RunResult): Months {
  const told = toldBy(metrics);
  if (told.length > 0) return table("wallet", told);
  const balance = startingBalance ?? 0;
  if (trades.length === 0 || balance <= 0) return { source: "closed", rows: [], most: 0 };
  const profits = new Map<number, number>();
  for (const { closeTime, profit } of trades) {
    const month = monthOf(closeTime);
    profits.set(month, (profits.get(month) ?? 0) + profit);
  }
  const times = trades.map(({ closeTime }) => monthOf(closeTime));
  const first = Math.min(
    ...(start === null ? [] : [monthOf(start)]),
    times.reduce((a, b) => Math.min(a, b)),
  );
  const last = Math.max(
    ...(end === null ? [] : [monthOf(end)]),
    times.reduce((a, b) => Math.max(a, b)),
  );
  let money = balance;
  const found: Return[] = [];
  for (let month = first; month <= last; month += 1) {
    const profit = profits.get(month) ?? 0;
    found.push({ month, change: money > 0 ? profit / money : 0 });
    money += profit;
  }
  return table("closed", found);
}

interface Return {
  /** Months since year 0. */
  readonly month: number;
  readonly change: number;
}

function toldBy(metrics: RunResult["metrics"]): Return[] {
  const extra = metrics.extra;
  const list = typeof extra === "object" && extra !== null && "monthly_returns" in extra ? extra.monthly_returns : null;
  return (Array.isArray(list) ? list : []).flatMap((one: Record<string, unknown>) => {
    const { year, month, return: change } = one;
    if (typeof year !== "number" || typeof month !== "number" || typeof change !== "number") return [];
    return [{ month: year * 12 + month - 1, change }];
  });
}

function table(source: Months["source"], returns: readonly Return[]): Months {
  const rows = new Map<number, (number | null)[]>();
  for (const { month, change } of returns) {
    const year = Math.floor(month / 12);
    const months = rows.get(year) ?? Array.from({ length: 12 }, () => null);
    months[month % 12] = change;
    rows.set(year, months);
  }
  const years = [...rows].sort(([a], [b]) => a - b);
  return {
    source,
    rows: years.map(([year, months]) => ({ year, months, total: months.reduce<number>(compound, 1) - 1 })),
    most: returns.reduce((most, { change }) => Math.max(most, Math.abs(change)), 0),
  };
}

function compound(grown: number, change: number | null): number {
  return grown * (1 + (change ?? 0));
}

function monthOf(time: number): number {
  const date = new Date(time * 1_000);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
