import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { result } from "../testing";
import {
  AXIS,
  decimalsOfStep,
  endedEquity,
  fallsOf,
  layoutCurves,
  pointAt,
  rebased,
  timeAt,
  timeTicks,
  valueTicks,
  xOf,
} from "./curves";
import { decimal } from "./figures";

const DAY = 86_400;
const line = (values: readonly number[], kind = "equity") => ({ kind, times: values.map((_, at) => at * DAY), values });
const input = {
  lines: [line([100, 120, 90])],
  drawdown: null,
  width: 300 + AXIS.width,
  height: 200 + AXIS.height,
  log: false,
};

describe("curves", () => {
  it("reach from edge to edge, the highest value at the top", () => {
    const laid = layoutCurves(input);
    const points = laid?.value.lines[0]?.points ?? [];
    expect([points[0], points[2], points[4]]).toEqual([0, 150, 300]);
    expect(points[3]).toBeLessThan(points[1] ?? 0);
    expect(points[5]).toBeGreaterThan(points[1] ?? 0);
    expect(laid?.drawdown).toBeNull();
  });

  it("what lies below has a pane of its own, its zero at the top", () => {
    const drawdown = line(fallsOf([100, 120, 90]), "drawdown");
    const laid = layoutCurves({ ...input, drawdown });
    if (!laid?.drawdown) throw new Error("no pane");
    const { top, height, lines } = laid.drawdown;
    expect(top + height).toBe(200);
    expect(laid.value.height).toBeLessThan(top);
    expect(lines[0]?.points[1]).toBe(top);
    expect(lines[0]?.points[5]).toBeGreaterThan(top + height * 0.8);
  });

  it("a logarithmic scale gives equal growth equal heights, and needs values above zero", () => {
    const heights = (values: number[]) => {
      const points = layoutCurves({ ...input, lines: [line(values)], log: true })?.value.lines[0]?.points ?? [];
      return [(points[1] ?? 0) - (points[3] ?? 0), (points[3] ?? 0) - (points[5] ?? 0)] as const;
    };
    const [first, second] = heights([10, 100, 1_000]);
    expect(first).toBeCloseTo(second, 9);
    expect(heights([0, 100, 200]).every(Number.isFinite)).toBe(true);
  });

  it("nothing without values or room; one value and a flat line are no trouble", () => {
    expect(layoutCurves({ ...input, lines: [line([])] })).toBeNull();
    expect(layoutCurves({ ...input, width: 80 })).toBeNull();
    for (const values of [[100], [100, 100]]) {
      const points =
        layoutCurves({ ...input, lines: [line(values)] })?.value.lines[0]?.points ?? new Float64Array([NaN]);
      expect([...points].every(Number.isFinite)).toBe(true);
    }
  });

  it("a place leads to its time and back", () => {
    const laid = layoutCurves(input);
    if (!laid) throw new Error("nothing");
    expect(timeAt(laid, 150)).toBe(DAY);
    expect(timeAt(laid, -20)).toBe(0);
    expect(xOf(laid, DAY)).toBe(150);
    expect(xOf(laid, 3 * DAY)).toBeNull();
  });
});

describe("values", () => {
  it("falls are told from the peak before", () => {
    expect(fallsOf([100, 120, 90, 150])).toEqual([0, 0, -0.25, 0]);
    expect(rebased([50, 75], 100)).toEqual([100, 150]);
  });

  it("the point of a time is the one before it", () => {
    expect([-1, 0, 5, 10, 99].map((time) => pointAt([0, 10, 20], time))).toEqual([-1, 0, 0, 1, 2]);
  });

  it("ticks are round, inside and not more than asked for", () => {
    expect(valueTicks(0, 100, 5)).toEqual({ step: 20, values: [0, 20, 40, 60, 80, 100] });
    expect(valueTicks(-0.25, 0, 3)).toEqual({ step: 0.1, values: [-0.2, -0.1, 0] });
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        (low, span) => {
          const { values: ticks } = valueTicks(low, low + span, 6);
          expect(ticks.length).toBeLessThanOrEqual(8);
          for (const tick of ticks) expect(tick >= low - span * 1e-6 && tick <= low + span * (1 + 1e-6)).toBe(true);
        },
      ),
    );
  });

  it("are written with the decimals of their distance: no two of them read the same", () => {
    expect([20, 1, 0.5, 0.2, 0.05, 0.001].map(decimalsOfStep)).toEqual([0, 0, 1, 1, 2, 3]);
    fc.assert(
      fc.property(
        fc.double({ min: -1e3, max: 1e3, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (low, span) => {
          const { values, step } = valueTicks(low, low + span, 6);
          const texts = values.map((value) => decimal(value, decimalsOfStep(step)));
          expect(new Set(texts).size).toBe(texts.length);
        },
      ),
    );
    const small = layoutCurves({ ...input, drawdown: { kind: "drawdown", times: [0, DAY], values: [0, -0.007] } });
    expect(small?.drawdown && decimalsOfStep(small.drawdown.step * 100)).toBe(1);
  });

  it("the money ends with what the last closing left", () => {
    const equity = { times: [600, 1_200], values: [1_000, 999.27] };
    expect(endedEquity(result({ equity, end: 1_800, finalBalance: 995.04 }))).toEqual({
      times: [600, 1_200, 1_800],
      values: [1_000, 999.27, 995.04],
    });
    expect(endedEquity(result({ equity, end: null, finalBalance: 995.04 })).times).toEqual([600, 1_200, 1_200]);
    expect(endedEquity(result({ equity, finalBalance: 999.27 }))).toEqual(equity);
    expect(endedEquity(result({ equity, finalBalance: null }))).toEqual(equity);
    expect(endedEquity(result({ finalBalance: 995.04 })).times).toEqual([]);
  });

  it("times stand at round days, months and years", () => {
    const at = (text: string) => Date.parse(`${text}T00:00:00Z`) / 1_000;
    expect(timeTicks(at("2026-01-01"), at("2026-01-04"), 4)).toEqual(
      [0, 1, 2, 3].map((day) => at("2026-01-01") + day * DAY),
    );
    expect(timeTicks(at("2025-12-15"), at("2026-12-15"), 5)).toEqual([
      at("2026-01-01"),
      at("2026-04-01"),
      at("2026-07-01"),
      at("2026-10-01"),
    ]);
    expect(timeTicks(at("2018-05-01"), at("2026-05-01"), 5)[0]).toBe(at("2020-01-01"));
  });
});
