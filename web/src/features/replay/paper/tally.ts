/** Figures of a session, kept up to date trade by trade and close by close. */
import type { LossRun, PaperStatistics, PaperTrade } from "./model";

export interface Tally {
  readonly trades: number;
  readonly wins: number;
  readonly sum: number;
  readonly run: LossRun;
  readonly worstRun: LossRun;
}

const NO_RUN: LossRun = { trades: 0, sum: 0 };
export const NO_TRADES: Tally = { trades: 0, wins: 0, sum: 0, run: NO_RUN, worstRun: NO_RUN };

export function withTrade(tally: Tally, { result }: PaperTrade): Tally {
  const run = result < 0 ? { trades: tally.run.trades + 1, sum: tally.run.sum + result } : NO_RUN;
  return {
    trades: tally.trades + 1,
    wins: tally.wins + (result > 0 ? 1 : 0),
    sum: tally.sum + result,
    run,
    worstRun: run.sum < tally.worstRun.sum ? run : tally.worstRun,
  };
}

/** Deepest falls of the equity so far. */
export interface Drawdown {
  readonly peak: number;
  readonly amount: number;
  readonly percent: number;
}

export function noDrawdown(equity: number): Drawdown {
  return { peak: equity, amount: 0, percent: 0 };
}

export function withEquity(drawdown: Drawdown, equity: number): Drawdown {
  const { peak, amount, percent } = drawdown;
  if (equity === peak) return drawdown;
  if (equity > peak) return { peak: equity, amount, percent };
  const fall = peak - equity;
  const share = peak > 0 ? (fall / peak) * 100 : 0;
  if (fall <= amount && share <= percent) return drawdown;
  return { peak, amount: Math.max(amount, fall), percent: Math.max(percent, share) };
}

export function statistics(tally: Tally, drawdown: Drawdown): PaperStatistics {
  return {
    trades: tally.trades,
    wins: tally.wins,
    winRate: tally.trades === 0 ? null : (tally.wins / tally.trades) * 100,
    sum: tally.sum,
    worstRun: tally.worstRun,
    maxDrawdown: drawdown.amount,
    maxDrawdownPercent: drawdown.percent,
  };
}
