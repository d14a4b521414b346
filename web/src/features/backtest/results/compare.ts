/** Two to four runs side by side. */
import type { BacktestRun, StrategySpec, Trade, Trading } from "../../../api/backtest-types";
import { tradingText } from "../form/trading";
import { FIGURES, type Figure, soundValue } from "./figures";

export const MOST_COMPARED = 4;

export interface ComparedFigure {
  readonly figure: Figure;
  /** One per run; null: it has none. */
  readonly values: readonly (number | null)[];
}

/** Figures that at least one of the runs has. */
export function comparedFigures(runs: readonly BacktestRun[]): readonly ComparedFigure[] {
  return FIGURES.flatMap((figure) => {
    const values = runs.map(({ response }) => soundValue(response?.result?.metrics ?? {}, figure.key));
    return values.some((value) => value !== null) ? [{ figure, values }] : [];
  });
}

export interface Difference {
  /** Name of a parameter, or of a part of the order. */
  readonly name: string;
  readonly isParam: boolean;
  readonly values: readonly string[];
}

const PARTS = ["engine", "strategy", "pair", "timeframe", "timerange"] as const;

/** What the runs were asked differently. A parameter that a run leaves out has the value that its strategy begins with. */
export function differences(runs: readonly BacktestRun[], specs: readonly StrategySpec[]): readonly Difference[] {
  const paramsOf = ({ engine, strategy, params }: BacktestRun) => {
    const spec = engine === "native" ? specs.find(({ name }) => name === strategy) : undefined;
    return { ...Object.fromEntries(spec?.params.map((param) => [param.name, param.default]) ?? []), ...params };
  };
  const parts = PARTS.map((name) => ({ name, isParam: false, values: runs.map((run) => run[name] ?? "") }));
  const asked = (of: (run: BacktestRun) => Trading) => {
    const names = [...new Set(runs.flatMap((run) => Object.keys(of(run))))].sort();
    return names.map((name) => ({ name, isParam: true, values: runs.map((run) => textOf(of(run)[name])) }));
  };
  return [...parts, ...asked(paramsOf), ...asked(({ trading }) => trading)].filter(
    ({ values }) => new Set(values).size > 1,
  );
}

function textOf(value: Trading[string] | undefined): string {
  return value === undefined ? "" : tradingText(value);
}

export interface TradeDifference {
  /** In both. */
  readonly shared: number;
  readonly onlyFirst: readonly Trade[];
  readonly onlyOther: readonly Trade[];
}

/** Trades are the same when they opened at the same time, on the same pair and side. */
export function tradeDifference(first: readonly Trade[], other: readonly Trade[]): TradeDifference {
  const key = ({ pair, side, openTime }: Trade) => `${pair} ${side} ${openTime}`;
  const [inFirst, inOther] = [new Set(first.map(key)), new Set(other.map(key))];
  const onlyFirst = first.filter((trade) => !inOther.has(key(trade)));
  return {
    shared: first.length - onlyFirst.length,
    onlyFirst,
    onlyOther: other.filter((trade) => !inFirst.has(key(trade))),
  };
}
