/** What the form holds, and the order it comes to or what is wrong with it. */
import type { EngineName, ParamSpec, RunOrder, Span, StrategySpec, Trading, Venue } from "../../../api/backtest-types";
import { ENGINES } from "../../../api/backtest-types";
import { oneOf, record, stored } from "../../../ui/storage/stored";
import { checkRange, RANGES, type RangeChoice, type RangeContext, type RangeProblem } from "./range";
import { checkTrading, numberOf, readTradingTexts, type TradingProblem, type TradingTexts } from "./trading";

/** A parameter as it was typed: one value, or in a sweep those from one to another. */
export interface ParamText {
  readonly value?: string;
  readonly from?: string;
  readonly to?: string;
  readonly step?: string;
  readonly varies?: boolean;
}

export interface FormState {
  /** Null: the first available one. */
  readonly engine: EngineName | null;
  readonly strategy: string;
  /** Null: the one on the chart. */
  readonly pair: string | null;
  /** Of the pair; null: that of the chart. */
  readonly venue: Venue | null;
  readonly timeframe: string | null;
  readonly range: RangeChoice;
  /** Days, `2026-01-31`, of the range between two dates. */
  readonly from: string;
  readonly to: string;
  /** The range of a run that is asked for again, where no other choice means the same; else empty. */
  readonly written: string;
  /** By strategy and parameter. */
  readonly params: Readonly<Record<string, Readonly<Record<string, ParamText>>>>;
  /** What is traded with, as it was typed; what is absent is as the server has it. */
  readonly trading: TradingTexts;
}

const MARKETS = ["spot", "futures"] as const;

const EMPTY: FormState = {
  ...{ engine: null, strategy: "", pair: null, venue: null, timeframe: null },
  ...{ range: "year", from: "", to: "", written: "", params: {}, trading: {} },
};

/** The form as it was left on this device. */
export const backtestForm = stored<FormState>("backtest-form", () => EMPTY, readForm);

/** A kept form; what is not ours in it is left out. */
export function readForm(value: unknown): FormState | undefined {
  const given = record(value);
  if (!given) return undefined;
  const text = (name: string) => (typeof given[name] === "string" ? given[name] : "");
  return {
    engine: oneOf(ENGINES, given.engine) ?? null,
    strategy: text("strategy"),
    pair: text("pair") || null,
    venue: readVenue(given.venue),
    timeframe: text("timeframe") || null,
    range: oneOf([...RANGES, "run" as const], given.range) ?? EMPTY.range,
    from: text("from"),
    to: text("to"),
    written: text("written"),
    params: readParams(given.params),
    trading: readTradingTexts(given.trading),
  };
}

function readVenue(value: unknown): Venue | null {
  const given = record(value) ?? {};
  const market = oneOf(MARKETS, given.market);
  return typeof given.exchange === "string" && market ? { exchange: given.exchange, market } : null;
}

function readParams(value: unknown): FormState["params"] {
  const strategies = Object.entries(record(value) ?? {}).map(([strategy, fields]) => {
    const texts = Object.entries(record(fields) ?? {}).map(([name, field]) => [name, readParam(field)] as const);
    return [strategy, Object.fromEntries(texts)] as const;
  });
  return Object.fromEntries(strategies);
}

function readParam(value: unknown): ParamText {
  const given = record(value) ?? {};
  const texts = (["value", "from", "to", "step"] as const).filter((name) => typeof given[name] === "string");
  return {
    ...Object.fromEntries(texts.map((name) => [name, given[name]])),
    ...(given.varies === true && { varies: true }),
  };
}

/** Why a field cannot be used. */
export type Problem =
  | { readonly kind: "required" | "strategy.unknown" | "pair.form" | "timeframe.form" }
  | RangeProblem
  | { readonly kind: "param.number" | "param.whole" | "param.step" | "param.order" }
  | { readonly kind: "param.range"; readonly min: number; readonly max: number }
  | { readonly kind: "grid.size"; readonly cells: number; readonly most: number }
  | TradingProblem;

/** Everything that a form is checked against. */
export interface FormContext extends RangeContext {
  readonly engine: EngineName | null;
  readonly strategies: readonly string[];
  readonly spec: StrategySpec | null;
  /** What a run trades with when nothing is typed; null: the engine does not tell. */
  readonly defaults: Trading | null;
  /** What is on the chart. */
  readonly chart: { readonly pair: string; readonly timeframe: string; readonly venue: Venue | null } | null;
}

export interface Checked {
  /** Null while something is wrong. */
  readonly order: RunOrder | null;
  /** By field; parameters as `param.<name>`, what is traded with as `trading.<name>`. */
  readonly problems: ReadonlyMap<string, Problem>;
  /** What was typed to be traded with, as far as it can be used. */
  readonly trading: Trading;
  /** Combinations of the sweep; 1: a plain run. */
  readonly cells: number;
}

export const MOST_CELLS = 10_000;
const PAIR = /^[A-Z0-9]{1,20}\/[A-Z0-9]{1,20}(:[A-Z0-9]{1,20})?$/;

export function isPair(text: string): boolean {
  return PAIR.test(text);
}

const TIMEFRAME = /^[1-9][0-9]{0,2}(m|h|d|w|M)$/;

/** What a form means where it leaves the choice to the chart. */
export function chosenOf(form: FormState, chart: FormContext["chart"]) {
  const pair = form.pair ?? chart?.pair ?? "";
  const venue = (form.pair === null ? null : form.venue) ?? chart?.venue ?? null;
  return {
    pair,
    // A pair that says what it is settled in is one of futures.
    venue: venue && pair.includes(":") ? { ...venue, market: "futures" as const } : venue,
    timeframe: form.timeframe ?? chart?.timeframe ?? "",
  };
}

/** The venue of a series; null where backtests know no such market. */
export function venueOf({ exchange, market }: { exchange: string; market: string }): Venue | null {
  const known = oneOf(MARKETS, market);
  return known === undefined ? null : { exchange, market: known };
}

/** The order of a form, or what stands in its way. */
export function checkForm(form: FormState, context: FormContext): Checked {
  const problems = new Map<string, Problem>();
  const { pair, venue, timeframe } = chosenOf(form, context.chart);
  const refuse = (field: string, problem: Problem | null) => {
    if (problem) problems.set(field, problem);
  };
  if (form.strategy === "") refuse("strategy", { kind: "required" });
  else if (!context.strategies.includes(form.strategy)) refuse("strategy", { kind: "strategy.unknown" });
  refuse("pair", pair === "" ? { kind: "required" } : PAIR.test(pair) ? null : { kind: "pair.form" });
  refuse(
    "timeframe",
    timeframe === "" ? { kind: "required" } : TIMEFRAME.test(timeframe) ? null : { kind: "timeframe.form" },
  );
  const range = checkRange(form, context);
  if ("problem" in range) refuse("range", range.problem);
  const { params, grid, cells } = checkParams(form, context.spec, refuse);
  const { defaults } = context;
  const { trading, problems: wrong } = checkTrading(defaults ? form.trading : {}, defaults ?? {});
  for (const [name, problem] of wrong) refuse(`trading.${name}`, problem);
  if (problems.size > 0 || context.engine === null || "problem" in range)
    return { order: null, problems, trading, cells };
  const { timerange } = range;
  const order = {
    engine: context.engine,
    strategy: form.strategy,
    pair,
    venue,
    timeframe,
    timerange,
    params,
    trading,
    grid,
  };
  return { order, problems, trading, cells };
}

function checkParams(
  form: FormState,
  spec: StrategySpec | null,
  refuse: (field: string, problem: Problem | null) => void,
) {
  const params: Record<string, number> = {};
  const grid: Record<string, Span> = {};
  let cells = 1;
  for (const param of spec?.params ?? []) {
    const typed = form.params[form.strategy]?.[param.name] ?? {};
    const field = `param.${param.name}`;
    if (typed.varies) {
      const span = readSpan(typed, param);
      if ("kind" in span) {
        refuse(field, span);
        continue;
      }
      grid[param.name] = span;
      cells *= countOf(span);
    } else {
      const value = readValue(typed.value ?? String(param.default), param);
      if (typeof value !== "number") refuse(field, value);
      else params[param.name] = value;
    }
  }
  if (cells > MOST_CELLS) refuse("grid", { kind: "grid.size", cells, most: MOST_CELLS });
  return { params, grid, cells };
}

/** Values of a span, both ends included where the steps meet them. */
export function countOf({ from, to, step }: Span): number {
  return Math.floor((to - from) / step + 1e-9) + 1;
}

/** What a sweep of a parameter starts from: its whole range in ten steps at most. */
export function defaultSpan({ min, max, step, kind }: ParamSpec): Required<Pick<ParamText, "from" | "to" | "step">> {
  const least = step > 0 ? step : (max - min) / 10;
  const wanted = (max - min) / 10;
  const times = Math.max(1, Math.ceil(wanted / least - 1e-9));
  const chosen = kind === "number" ? Number((least * times).toPrecision(12)) : Math.max(1, Math.round(least * times));
  return { from: String(min), to: String(max), step: String(chosen) };
}

function readSpan(typed: ParamText, param: ParamSpec): Span | Problem {
  const preset = defaultSpan(param);
  const from = readValue(typed.from ?? preset.from, param);
  const to = readValue(typed.to ?? preset.to, param);
  if (typeof from !== "number") return from;
  if (typeof to !== "number") return to;
  const step = numberOf(typed.step ?? preset.step);
  if (step === null) return { kind: "param.number" };
  if (step <= 0 || (param.kind !== "number" && !Number.isInteger(step))) return { kind: "param.step" };
  if (from > to) return { kind: "param.order" };
  return { from, to, step };
}

function readValue(text: string, { kind, min, max }: ParamSpec): number | Problem {
  const value = numberOf(text);
  if (value === null) return { kind: "param.number" };
  if (kind !== "number" && !Number.isInteger(value)) return { kind: "param.whole" };
  return value < min || value > max ? { kind: "param.range", min, max } : value;
}
