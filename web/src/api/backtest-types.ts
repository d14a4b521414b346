/** Backtests as the page knows them. Times are Unix seconds unless a name ends in `Ms`; money is in the stake currency. */

/** The engines, in the order in which they are offered. */
export const ENGINES = ["native", "freqtrade", "mock"] as const;
export type EngineName = (typeof ENGINES)[number];

/** An engine of the server, whether it can be used or not. */
export interface EngineOffer {
  readonly name: EngineName;
  /** Null: it can be used. */
  readonly problem: {
    /** Somebody meant it to be there: what is missing is not all of it. */
    readonly isSetUp: boolean;
    /** As a run would be refused. */
    readonly code: string;
    readonly message: string;
  } | null;
}

export type RunState = "queued" | "running" | "done" | "failed" | "cancelled" | "timed_out";

/** A parameter of a strategy; values are numbers, of a switch 0 and 1. */
export interface ParamSpec {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly kind: "whole" | "number" | "switch";
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export interface StrategySpec {
  readonly name: string;
  /** A name in words; empty: the name says it all. */
  readonly label: string;
  readonly version: string;
  readonly description: string;
  readonly canLong: boolean;
  readonly canShort: boolean;
  /** Factors that it reads. */
  readonly factors: readonly string[];
  readonly params: readonly ParamSpec[];
}

export interface StrategyList {
  /** Ascending. */
  readonly names: readonly string[];
  /** Empty where the engine knows nothing beside the names. */
  readonly specs: readonly StrategySpec[];
}

export interface PairTimeframes {
  readonly pair: string;
  /** `spot`, `futures`, or `mock` when every route answers for itself. */
  readonly tradingMode: string;
  readonly timeframes: readonly string[];
  /** What a run trades with when it says nothing; null: the engine does not tell. */
  readonly trading: Trading | null;
}

/** Of `minimal_roi`: minutes since the entry, and the profit from then on. */
export type RoiTable = Readonly<Record<string, number>>;
/** What is traded with, under freqtrade's names. */
export type Trading = Readonly<Record<string, number | string | boolean | RoiTable>>;

/** Where a series is traded. */
export interface Venue {
  readonly exchange: string;
  readonly market: "spot" | "futures";
}

/** The values that a parameter takes in a sweep. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

export interface RunOrder {
  readonly engine: EngineName;
  readonly strategy: string;
  readonly pair: string;
  /** Whose candles a native run reads; null: those that the server is set up for. */
  readonly venue: Venue | null;
  readonly timeframe: string;
  /** `20260101-20260301` and the like; null: everything. */
  readonly timerange: string | null;
  readonly params: Readonly<Record<string, number>>;
  /** In place of what the configuration of the server says. */
  readonly trading: Trading;
  /** Parameters that vary; with any, the order is a sweep. */
  readonly grid: Readonly<Record<string, Span>>;
}

export interface Trade {
  /** Position in the order of closing, from 0. */
  readonly index: number;
  readonly pair: string;
  readonly side: "long" | "short";
  readonly openTime: number;
  readonly closeTime: number;
  readonly openRate: number;
  readonly closeRate: number;
  readonly stake: number;
  readonly amount: number;
  readonly leverage: number;
  readonly profit: number;
  /** Share of the stake. */
  readonly profitRatio: number;
  readonly exitReason: string;
  readonly enterTag: string;
  /** Stop at the entry and at the exit; null: there is none. */
  readonly initialStop: number | null;
  readonly stop: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** Money over time; both lists have the same length. */
export interface Equity {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

export interface RunResult {
  readonly totalTrades: number;
  readonly start: number | null;
  readonly end: number | null;
  readonly startingBalance: number | null;
  readonly finalBalance: number | null;
  /** Figures by their names, some of them in objects of their own. */
  readonly metrics: Readonly<Record<string, unknown>>;
  /** Empty in a summary. */
  readonly trades: readonly Trade[];
  readonly equity: Equity;
  readonly file: string | null;
}

/** What an engine answered. */
export interface RunResponse {
  readonly ok: boolean;
  readonly exitCode: number;
  readonly durationMs: number;
  readonly command: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  /** Null although the engine ended well: then `resultError` says why. */
  readonly result: RunResult | null;
  readonly resultError: string | null;
  readonly warnings: readonly string[];
}

/** One combination of a sweep. */
export interface SweepPoint {
  readonly params: Readonly<Record<string, number>>;
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** Signals computed again on truncated data. */
export interface Bias {
  /** Truncated histories that were looked at. */
  readonly checked: number;
  /** Those that told something else. */
  readonly changed: number;
  readonly rows: readonly { readonly time: number; readonly column: string }[];
}

export interface BacktestRun {
  readonly id: string;
  readonly kind: "run" | "sweep";
  readonly engine: EngineName;
  readonly strategy: string;
  readonly pair: string;
  /** The series that a native run read; null: it is not known. */
  readonly seriesId: string | null;
  readonly timeframe: string;
  readonly timerange: string | null;
  readonly params: Readonly<Record<string, number>>;
  /** What it was asked to trade with, in place of what the configuration says. */
  readonly trading: Trading;
  readonly state: RunState;
  /** What the engine is doing, in a word of its own. */
  readonly stage: string | null;
  readonly percent: number | null;
  readonly createdMs: number;
  readonly startedMs: number | null;
  readonly finishedMs: number | null;
  /** Null before the end, and for a sweep. */
  readonly response: RunResponse | null;
  /** Null before the end, and for a plain run. */
  readonly points: readonly SweepPoint[] | null;
  readonly bias: Bias | null;
  /** Why there is no answer. */
  readonly error: string | null;
}

/** What an order led to: a run to follow, or the answer of an engine that keeps nothing. */
export type Started = { readonly runId: string } | { readonly answer: RunResponse };

/** Where candles were looked for. */
export interface HistoryMissing {
  readonly pair: string;
  readonly timeframe: string;
  readonly expectedPaths: readonly string[];
  readonly timeframes: readonly string[];
  readonly command: string;
}
