/** Curves of money and what lies below them, as points: pure layout. Lengths are CSS pixels, times seconds. */
import type { Equity, RunResult } from "../../../api/backtest-types";

export interface Line {
  /** Tells the draw which colour it takes. */
  readonly kind: string;
  readonly times: readonly number[];
  readonly values: readonly number[];
}

export interface CurvesInput {
  readonly lines: readonly Line[];
  /** Falls below the peak, shares of one, zero or less; null: no pane for them. */
  readonly drawdown: Line | null;
  readonly width: number;
  readonly height: number;
  readonly log: boolean;
}

export interface LaidLine {
  readonly kind: string;
  /** x and y in turn. */
  readonly points: Float64Array;
}

export interface Tick {
  readonly at: number;
  readonly value: number;
}

export interface LaidPane {
  readonly top: number;
  readonly height: number;
  readonly lines: readonly LaidLine[];
  readonly ticks: readonly Tick[];
  /** Distance of the ticks. */
  readonly step: number;
}

export interface LaidCurves {
  /** Right edge of the plot; the axis is right of it. */
  readonly right: number;
  readonly from: number;
  readonly to: number;
  readonly value: LaidPane;
  readonly drawdown: LaidPane | null;
  readonly times: readonly Tick[];
}

/** Room for the numbers at the right and the dates below. */
export const AXIS = { width: 64, height: 18 } as const;
const GAP = 6;
const DRAWDOWN_SHARE = 0.28;
const TICK_PX = { value: 34, drawdown: 22, time: 84 } as const;

/** Null where there is nothing to draw, or no room. */
export function layoutCurves({ lines, drawdown, width, height, log }: CurvesInput): LaidCurves | null {
  const drawn = lines.filter(({ times }) => times.length > 0);
  const right = width - AXIS.width;
  const below = height - AXIS.height;
  if (drawn.length === 0 || right < 40 || below < 40) return null;
  const [from, to] = bounds(drawn.map(({ times }) => times));
  const x = (time: number) => (to === from ? right / 2 : ((time - from) / (to - from)) * right);
  const low = drawdown && drawdown.times.length > 0 ? Math.round((below - GAP) * DRAWDOWN_SHARE) : 0;
  const top = below - (low > 0 ? low + GAP : 0);
  return {
    ...{ right, from, to },
    value: valuePane(drawn, { top: 0, height: top }, x, log),
    drawdown: drawdown && low > 0 ? drawdownPane(drawdown, { top: top + GAP, height: low }, x) : null,
    times: timeTicks(from, to, Math.max(2, Math.floor(right / TICK_PX.time))).map((value) => ({ at: x(value), value })),
  };
}

interface Place {
  readonly top: number;
  readonly height: number;
}

function valuePane(lines: readonly Line[], place: Place, x: (time: number) => number, log: boolean): LaidPane {
  let [low, high] = bounds(lines.map(({ values }) => values));
  const logs = log && low > 0;
  if (low === high) [low, high] = [low - (Math.abs(low) || 1) * 0.01, high + (Math.abs(high) || 1) * 0.01];
  const scaled = (value: number) => (logs ? Math.log(value) : value);
  const pad = 4;
  const y = (value: number) =>
    place.top + pad + (1 - (scaled(value) - scaled(low)) / (scaled(high) - scaled(low))) * (place.height - 2 * pad);
  return pane(lines, place, x, y, ticksOf(low, high, place.height / TICK_PX.value));
}

function drawdownPane(line: Line, place: Place, x: (time: number) => number): LaidPane {
  const [deepest] = bounds([line.values]);
  const low = deepest < 0 ? deepest : -0.01;
  const y = (value: number) => place.top + (value / low) * (place.height - 3);
  return pane([line], place, x, y, ticksOf(low, 0, place.height / TICK_PX.drawdown));
}

function pane(
  lines: readonly Line[],
  { top, height }: Place,
  x: (time: number) => number,
  y: (value: number) => number,
  { step, values }: Ticks,
): LaidPane {
  const laid = lines.map(({ kind, times, values }) => {
    const points = new Float64Array(times.length * 2);
    for (let at = 0; at < times.length; at += 1) {
      points[2 * at] = x(times[at] ?? 0);
      points[2 * at + 1] = y(values[at] ?? 0);
    }
    return { kind, points };
  });
  return { top, height, lines: laid, ticks: values.map((value) => ({ at: y(value), value })), step };
}

function bounds(lists: readonly (readonly number[])[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const list of lists) {
    for (const value of list) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

interface Ticks {
  readonly step: number;
  readonly values: readonly number[];
}

function ticksOf(low: number, high: number, room: number): Ticks {
  return valueTicks(low, high, Math.max(2, Math.floor(room)));
}

/** Round values inside of a range: 1, 2 or 5 times a power of ten apart. */
export function valueTicks(low: number, high: number, most: number): Ticks {
  const raw = (high - low) / Math.max(1, most);
  if (!(raw > 0) || !Number.isFinite(raw)) return { step: 1, values: [] };
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((times) => times * power >= raw * 0.999) ?? 10) * power;
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at += 1) {
    // One digit less than the step is not worth writing.
    ticks.push(Number((at * step).toPrecision(12)));
  }
  return { step, values: ticks };
}

/** Decimals in which values that are so far apart differ. */
export function decimalsOfStep(step: number): number {
  return Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
}

const HOUR = 3_600;
const DAY = 86_400;
const STEPS = [HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 5 * DAY, 10 * DAY];
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120];

/** Round instants, UTC, at most so many. */
export function timeTicks(from: number, to: number, most: number): readonly number[] {
  const step = STEPS.find((one) => (to - from) / one <= most);
  if (step !== undefined) {
    const first = Math.ceil(from / step) * step;
    return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, at) => first + at * step);
  }
  const months = (time: number) => {
    const date = new Date(time * 1_000);
    return date.getUTCFullYear() * 12 + date.getUTCMonth();
  };
  const [start, end] = [months(from), months(to)];
  const by = MONTH_STEPS.find((one) => (end - start) / one <= most) ?? 120;
  const ticks: number[] = [];
  for (let month = Math.ceil(start / by) * by; month <= end; month += by) {
    const time = Date.UTC(Math.floor(month / 12), month % 12, 1) / 1_000;
    if (time >= from && time <= to) ticks.push(time);
  }
  return ticks;
}

/** The time under a place of the plot. */
export function timeAt({ right, from, to }: LaidCurves, x: number): number {
  return from + (Math.min(Math.max(x, 0), right) / right) * (to - from);
}

export function xOf({ right, from, to }: LaidCurves, time: number): number | null {
  if (time < from || time > to) return null;
  return to === from ? right / 2 : ((time - from) / (to - from)) * right;
}

/** Position of the newest point at or before a time; -1 before the first. */
export function pointAt(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** How far each value lies below the highest one before it, shares of one. */
export function fallsOf(values: readonly number[]): readonly number[] {
  let peak = Number.NEGATIVE_INFINITY;
  return values.map((value) => {
    peak = Math.max(peak, value);
    return peak > 0 ? value / peak - 1 : 0;
  });
}

/** The money to its end: engines note it before each bar, so what the last closing made of it is the last point. */
export function endedEquity({ equity, end, finalBalance }: RunResult): Equity {
  const [at, noted] = [equity.times.at(-1), equity.values.at(-1)];
  if (at === undefined || finalBalance === null || finalBalance === noted) return equity;
  return { times: [...equity.times, Math.max(at, end ?? at)], values: [...equity.values, finalBalance] };
}

/** The same curve from another beginning. */
export function rebased(values: readonly number[], start: number): readonly number[] {
  const first = values[0] ?? 0;
  return first === 0 ? values : values.map((value) => (value / first) * start);
}
