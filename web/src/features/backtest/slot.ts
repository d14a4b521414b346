/** Where the page keeps what is going on with backtests: it outlives a folded dock and another mode. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { RunOrder, RunResponse } from "../../api/backtest-types";
import type { ApiError } from "../../api/error";

/** What can be done with what is open; those that are possible now are in the slot. */
export const OFFERS = ["replay", "compare", "checkBias", "exportCsv", "exportJson"] as const;
export type Offer = (typeof OFFERS)[number];

/** The address of the workspace, as far as another mode has to bring it back. Times are Unix seconds. */
export interface LeftAt {
  /** Series, right edge and number of bars of the chart. */
  readonly s?: string;
  readonly t?: number;
  readonly n?: number;
  /** The open run, those it is compared with, and its chosen trade. */
  readonly run?: string;
  readonly cmp?: string;
  readonly trade?: number;
}

export interface BacktestSlot {
  /** Whether the server offers backtests; null: not known yet. */
  available: boolean | null;
  /** Where the workspace is, and was when it was left. */
  left: LeftAt;
  /** Runs what the form says; null while that is not possible. */
  run: (() => void) | null;
  /** To the next or previous trade of the list; null while there is none. */
  step: ((direction: 1 | -1) => void) | null;
  readonly offers: Partial<Readonly<Record<Offer, () => void>>>;
  /** An order on its way to the server. */
  starting: { readonly order: RunOrder; readonly sinceMs: number } | null;
  /** The order that was refused last. */
  refused: { readonly order: RunOrder; readonly failure: ApiError } | null;
  /** The answer of an engine that keeps nothing. */
  answer: { readonly order: RunOrder; readonly response: RunResponse } | null;
  /** Runs that are not shown any more, and deleted once that cannot be undone. */
  deleted: readonly string[];
  /** Ticked to be compared, in the order of ticking. */
  ticked: readonly string[];
  /** The chart shows the structures as they were known at the entry of the chosen trade, not those of now. */
  asKnown: boolean;
  /** The series on the chart that has no candles before the entry of the chosen trade; null: it has them, as far as is known. */
  unstored: string | null;
  /** The time that is pointed at in the curves, seconds. */
  pointed: number | null;
}

export type BacktestStore = StoreApi<BacktestSlot>;

export function createBacktestSlot(): BacktestStore {
  return createStore<BacktestSlot>(() => ({
    ...{ available: null, left: {}, run: null, step: null, offers: {}, starting: null, refused: null, answer: null },
    ...{ deleted: [], ticked: [], asKnown: true, unstored: null, pointed: null },
  }));
}
