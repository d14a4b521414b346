/** The surface of a sweep: two parameters across and down, the others held. */
import type { SweepPoint } from "../../../api/backtest-types";
import { figureOf, soundValue } from "./figures";

export interface Axis {
  readonly name: string;
  /** Ascending. */
  readonly values: readonly number[];
}

/** Parameters that take more than one value. */
export function axesOf(points: readonly SweepPoint[]): readonly Axis[] {
  const found = new Map<string, Set<number>>();
  for (const { params } of points) {
    for (const [name, value] of Object.entries(params)) {
      const values = found.get(name) ?? new Set();
      values.add(value);
      found.set(name, values);
    }
  }
  const axes = [...found].map(([name, values]) => ({ name, values: [...values].sort((a, b) => a - b) }));
  return axes.filter(({ values }) => values.length > 1);
}

export interface Cell {
  readonly point: SweepPoint;
  readonly value: number | null;
}

export interface Surface {
  readonly across: Axis | null;
  readonly down: Axis | null;
  /** Rows of `down`, columns of `across`; null: no point is there. */
  readonly rows: readonly (readonly (Cell | null)[])[];
  readonly least: number;
  readonly most: number;
}

/** `held`: values of the axes that are neither across nor down. */
export function surfaceOf(
  points: readonly SweepPoint[],
  key: string,
  across: Axis | null,
  down: Axis | null,
  held: Readonly<Record<string, number>>,
): Surface {
  const columns = across?.values ?? [Number.NaN];
  const lines = down?.values ?? [Number.NaN];
  const rows: (Cell | null)[][] = lines.map(() => columns.map(() => null));
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const point of points) {
    if (Object.entries(held).some(([name, value]) => point.params[name] !== value)) continue;
    const row = down ? lines.indexOf(point.params[down.name] ?? Number.NaN) : 0;
    const column = across ? columns.indexOf(point.params[across.name] ?? Number.NaN) : 0;
    const line = rows[row];
    if (!line || column < 0) continue;
    const value = soundValue(point.metrics, key);
    line[column] = { point, value };
    if (value === null) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { across, down, rows, least: least > most ? 0 : least, most: least > most ? 0 : most };
}

/** How strong the colour of a value is, -1 to 1: about 0 where the figure has a sign, else from least to most. */
export function strength(value: number, { least, most }: Pick<Surface, "least" | "most">, signed: boolean): number {
  if (signed) {
    const widest = Math.max(Math.abs(least), Math.abs(most));
    return widest === 0 ? 0 : value / widest;
  }
  return most === least ? 0 : (value - least) / (most - least);
}

/** All points, the best first; those without a value last. */
export function ranked(points: readonly SweepPoint[], key: string, lessIsBetter: boolean): readonly SweepPoint[] {
  const way = lessIsBetter ? 1 : -1;
  const value = (point: SweepPoint) => soundValue(point.metrics, key);
  return [...points].sort((a, b) => {
    const [first, second] = [value(a), value(b)];
    if (first === null || second === null) return Number(first === null) - Number(second === null);
    return way * (first - second);
  });
}

/** Figures that every cell of a surface has; the choice is made among those that it really tells. */
export const SURFACE_FIGURES = [
  "profit_total",
  "max_drawdown_account",
  "sharpe",
  "sortino",
  "calmar",
  "profit_factor",
  "winrate",
  "expectancy",
  "sqn",
  "total_trades",
] as const;

export function figuresOf(points: readonly SweepPoint[]): readonly string[] {
  return SURFACE_FIGURES.filter((key) => points.some(({ metrics }) => typeof figureOf(metrics, key) === "number"));
}
