import { describe, expect, it } from "vitest";
import type { StrategySpec } from "../../../api/backtest-types";
import { run } from "../testing";
import { checkForm, countOf, defaultSpan, type FormContext, type FormState, readForm, venueOf } from "./form";
import { checkRange, rangeEnds } from "./range";
import { followed, refilled } from "./refill";

const SPEC: StrategySpec = {
  ...{
    name: "PenDirection",
    label: "Pen direction",
    version: "1",
    description: "",
    canLong: true,
    canShort: true,
    factors: ["pen"],
  },
  params: [
    {
      name: "min_length",
      label: "Shortest pen",
      description: "",
      kind: "number",
      default: 0,
      min: 0,
      max: 0.1,
      step: 0.001,
    },
    {
      name: "max_candles",
      label: "Longest pen",
      description: "",
      kind: "whole",
      default: 0,
      min: 0,
      max: 500,
      step: 1,
    },
    { name: "fade", label: "Fade", description: "", kind: "switch", default: 1, min: 0, max: 1, step: 1 },
  ],
};

const CONTEXT: FormContext = {
  engine: "native",
  strategies: ["PenDirection"],
  spec: SPEC,
  defaults: null,
  chart: { pair: "BTC/USDT", timeframe: "5m", venue: { exchange: "binance", market: "spot" } },
  newest: Date.UTC(2026, 2, 31, 12) / 1_000,
  visible: { from: 1_760_000_000, to: 1_760_003_600.4 },
};

const FORM: FormState = {
  ...{
    engine: null,
    strategy: "PenDirection",
    pair: null,
    venue: null,
    timeframe: null,
    range: "all",
    from: "",
    to: "",
    written: "",
    params: {},
    trading: {},
  },
};

const typed = (params: FormState["params"][string]): FormState => ({ ...FORM, params: { PenDirection: params } });
const problem = (form: FormState, field: string, context = CONTEXT) =>
  checkForm(form, context).problems.get(field)?.kind;

describe("a form", () => {
  it("takes pair and timeframe from the chart and parameters from the strategy", () => {
    expect(checkForm(FORM, CONTEXT).order).toEqual({
      engine: "native",
      strategy: "PenDirection",
      pair: "BTC/USDT",
      venue: { exchange: "binance", market: "spot" },
      timeframe: "5m",
      timerange: null,
      params: { min_length: 0, max_candles: 0, fade: 1 },
      trading: {},
      grid: {},
    });
  });

  it("means the market of the chart, unless its pair or the run it came from is of another one", () => {
    const market = (given: Partial<FormState>) => checkForm({ ...FORM, ...given }, CONTEXT).order?.venue;
    const okx = { exchange: "okx", market: "futures" } as const;
    expect(market({ pair: "ETH/USDT" })).toEqual({ exchange: "binance", market: "spot" });
    expect(market({ pair: "ETH/USDT:USDT" })).toEqual({ exchange: "binance", market: "futures" });
    expect(market({ pair: "ETH/USDT", venue: okx })).toEqual(okx);
    expect(market({ venue: okx })).toEqual({ exchange: "binance", market: "spot" });
    expect(venueOf({ exchange: "binance", market: "options" })).toBeNull();
  });

  it("says what is wrong with each field and makes no order", () => {
    expect(problem({ ...FORM, strategy: "" }, "strategy")).toBe("required");
    expect(problem({ ...FORM, strategy: "Other" }, "strategy")).toBe("strategy.unknown");
    expect(problem({ ...FORM, pair: "btc/usdt" }, "pair")).toBe("pair.form");
    expect(problem({ ...FORM, pair: "../../etc" }, "pair")).toBe("pair.form");
    expect(problem({ ...FORM, timeframe: "5 m" }, "timeframe")).toBe("timeframe.form");
    expect(problem(FORM, "pair", { ...CONTEXT, chart: null })).toBe("required");
    expect(checkForm({ ...FORM, pair: "x" }, CONTEXT).order).toBeNull();
    expect(checkForm(FORM, { ...CONTEXT, engine: null }).order).toBeNull();
  });

  it("trades with what is typed where the engine tells what it has", () => {
    const form: FormState = { ...FORM, trading: { leverage: "3", stoploss: "0.1" } };
    expect(checkForm(form, CONTEXT).order?.trading).toEqual({});
    const futures = { ...CONTEXT, defaults: { leverage: 1, stoploss: -0.1 } };
    expect(problem(form, "trading.stoploss", futures)).toBe("trading");
    expect(checkForm(form, futures)).toMatchObject({ order: null, trading: { leverage: 3 } });
    const whole = { ...form, trading: { leverage: "3" } };
    expect(checkForm(whole, futures).order?.trading).toEqual({ leverage: 3 });
  });

  it("keeps values inside of their ranges", () => {
    expect(problem(typed({ min_length: { value: "0,1" } }), "param.min_length")).toBe("param.number");
    expect(problem(typed({ min_length: { value: "0.2" } }), "param.min_length")).toBe("param.range");
    expect(problem(typed({ max_candles: { value: "2.5" } }), "param.max_candles")).toBe("param.whole");
    expect(checkForm(typed({ min_length: { value: " 1e-3 " } }), CONTEXT).order?.params.min_length).toBe(0.001);
  });
});

describe("a sweep", () => {
  it("varies what is marked and fixes the rest", () => {
    const form = typed({
      min_length: { varies: true, from: "0", to: "0.01", step: "0.002" },
      max_candles: { varies: true },
    });
    const { order, cells } = checkForm(form, CONTEXT);
    expect(order?.grid).toEqual({
      min_length: { from: 0, to: 0.01, step: 0.002 },
      max_candles: { from: 0, to: 500, step: 50 },
    });
    expect(order?.params).toEqual({ fade: 1 });
    expect(cells).toBe(6 * 11);
  });

  it("refuses steps that lead nowhere, ends in the wrong order and grids beyond the limit", () => {
    const span = (from: string, to: string, step: string) => typed({ max_candles: { varies: true, from, to, step } });
    expect(problem(span("0", "10", "0"), "param.max_candles")).toBe("param.step");
    expect(problem(span("0", "10", "0.5"), "param.max_candles")).toBe("param.step");
    expect(problem(span("10", "0", "1"), "param.max_candles")).toBe("param.order");
    expect(problem(span("0", "501", "1"), "param.max_candles")).toBe("param.range");
    const wide = typed({ max_candles: { varies: true, step: "1" }, min_length: { varies: true, step: "0.001" } });
    expect(checkForm(wide, CONTEXT).problems.get("grid")).toEqual({
      kind: "grid.size",
      cells: 501 * 101,
      most: 10_000,
    });
  });

  it("counts both ends in spite of rounding", () => {
    expect(countOf({ from: 0, to: 0.3, step: 0.1 })).toBe(4);
    expect(countOf({ from: 1, to: 1, step: 5 })).toBe(1);
    for (const param of SPEC.params) {
      const { from, to, step } = defaultSpan(param);
      expect(countOf({ from: Number(from), to: Number(to), step: Number(step) })).toBeLessThanOrEqual(11);
    }
  });
});

describe("a range", () => {
  const range = (form: Partial<FormState>) => checkRange({ ...FORM, ...form }, CONTEXT);

  it("presets count back from the newest candle, to the last day of shorter months", () => {
    expect(range({ range: "month" })).toEqual({ timerange: "20260228-" });
    expect(range({ range: "quarter" })).toEqual({ timerange: "20251231-" });
    expect(range({ range: "year" })).toEqual({ timerange: "20250331-" });
  });

  it("dates may be open at one end, and must be days in their order", () => {
    expect(range({ range: "dates", from: "2026-01-01" })).toEqual({ timerange: "20260101-" });
    expect(range({ range: "dates", to: "2026-01-01" })).toEqual({ timerange: "-20260101" });
    expect(range({ range: "dates" })).toEqual({ problem: { kind: "range.none" } });
    expect(range({ range: "dates", from: "2026-02-30" })).toEqual({ problem: { kind: "range.date" } });
    expect(range({ range: "dates", from: "2026-02-02", to: "2026-02-02" })).toEqual({
      problem: { kind: "range.order" },
    });
  });

  it("the view of the chart is told in seconds", () => {
    expect(range({ range: "visible" })).toEqual({ timerange: "1760000000-1760003600" });
    expect(checkRange({ ...FORM, range: "visible" }, { ...CONTEXT, visible: null })).toEqual({
      problem: { kind: "range.view" },
    });
  });

  it("is read back for people", () => {
    expect(rangeEnds(null)).toBeNull();
    expect(rangeEnds("20260101-")).toEqual({ from: "2026-01-01", to: "" });
    expect(rangeEnds("1760000000-20260101T1230")).toEqual({ from: "2025-10-09 08:53", to: "2026-01-01 12:30" });
  });
});

describe("a run that is asked for again", () => {
  const again = (timerange: string | null, more = {}) =>
    checkForm({ ...FORM, ...refilled(FORM, run({ timerange, ...more }), {}, CONTEXT.chart) }, CONTEXT).order;

  it("has the same range, in whatever form it was written", () => {
    for (const timerange of [null, "20250331-", "-20260101", "20260101-20260201", "1760000000-1760003600"])
      expect(again(timerange)?.timerange).toBe(timerange);
  });

  it("has its parameters and else those of the strategy, not those that were typed last", () => {
    const form = typed({ max_candles: { value: "9", varies: true }, min_length: { value: "0.05" } });
    const filled = { ...form, ...refilled(form, run({ params: { fade: 0 } }), { max_candles: 40 }, CONTEXT.chart) };
    expect(checkForm(filled, CONTEXT).order).toMatchObject({
      params: { fade: 0, max_candles: 40, min_length: 0 },
      grid: {},
    });
  });

  it("goes on following the chart where that shows the same", () => {
    expect(refilled(FORM, run(), {}, CONTEXT.chart)).toMatchObject({ pair: null, timeframe: null });
    expect(refilled(FORM, run({ timeframe: "1h" }), {}, CONTEXT.chart)).toMatchObject({ pair: null, timeframe: "1h" });
    const elsewhere = refilled(FORM, run({ seriesId: "binance:futures:BTC/USDT:5m" }), {}, CONTEXT.chart);
    expect(elsewhere).toMatchObject({ pair: "BTC/USDT", venue: { exchange: "binance", market: "futures" } });
    expect(refilled(FORM, run({ seriesId: "binance:spot:BTC/USDT:5m" }), {}, CONTEXT.chart).pair).toBeNull();
    expect(followed({ pair: "ETH/USDT" }, CONTEXT.chart)).toEqual({ pair: "ETH/USDT" });
    expect(followed({ pair: "" }, CONTEXT.chart)).toEqual({ pair: null });
  });
});

describe("what is kept", () => {
  it("drops what is not ours", () => {
    const params = { A: { b: { value: 1, from: "2", varies: true } } };
    expect(readForm({ engine: "other", range: "dates", pair: "", strategy: 5, params })).toEqual({
      ...{
        engine: null,
        strategy: "",
        pair: null,
        venue: null,
        timeframe: null,
        range: "dates",
        from: "",
        to: "",
        written: "",
      },
      params: { A: { b: { from: "2", varies: true } } },
      trading: {},
    });
    expect(readForm([])).toBeUndefined();
    expect(readForm(JSON.parse(JSON.stringify(FORM)))).toEqual(FORM);
  });
});
