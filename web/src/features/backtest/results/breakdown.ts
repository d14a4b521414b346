/** Trades by what they have in common. */
import type { Trade } from "../../../api/backtest-types";

export const BREAKDOWNS = ["pair", "enterTag", "exitReason", "weekday"] as const;
export type BreakdownKind = (typeof BREAKDOWNS)[number];

export interface BreakdownLine {
  /** Name of the group; a weekday as its number, 0 is Monday; empty: no tag. */
  readonly key: string;
  readonly trades: number;
  readonly wins: number;
  readonly draws: number;
  readonly losses: number;
  readonly profit: number;
  /** Of the profit ratios. */
  readonly mean: number;
  /** Gains by losses; null without losses. */
  readonly profitFactor: number | null;
}

const KEYS: Readonly<Record<BreakdownKind, (trade: Trade) => string>> = {
  pair: ({ pair }) => pair,
  enterTag: ({ enterTag }) => enterTag,
  exitReason: ({ exitReason }) => exitReason,
  weekday: ({ closeTime }) => String((new Date(closeTime * 1_000).getUTCDay() + 6) % 7),
};

/** Lines by falling profit; weekdays in their order. */
export function breakdown(trades: readonly Trade[], kind: BreakdownKind): readonly BreakdownLine[] {
  const groups = new Map<string, Trade[]>();
  for (const trade of trades) {
    const key = KEYS[kind](trade);
    const group = groups.get(key);
    if (group) group.push(trade);
    else groups.set(key, [trade]);
  }
  const lines = [...groups].map(([key, group]) => ({ key, ...totals(group) }));
  return lines.sort((a, b) => (kind === "weekday" ? a.key.localeCompare(b.key) : b.profit - a.profit));
}

export type Totals = Omit<BreakdownLine, "key">;

export function totals(trades: readonly Trade[]): Totals {
  let [wins, draws, profit, gained, lost, ratios] = [0, 0, 0, 0, 0, 0];
  for (const trade of trades) {
    profit += trade.profit;
    ratios += trade.profitRatio;
    if (trade.profit > 0) {
      wins += 1;
      gained += trade.profit;
    } else if (trade.profit === 0) draws += 1;
    else lost -= trade.profit;
  }
  const count = trades.length;
  return {
    trades: count,
    ...{ wins, draws, losses: count - wins - draws, profit },
    mean: count === 0 ? 0 : ratios / count,
    profitFactor: lost > 0 ? gained / lost : null,
  };
}
