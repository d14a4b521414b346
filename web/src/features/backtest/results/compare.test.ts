import { describe, expect, it } from "vitest";
import { response, result, run, trade } from "../testing";
import { comparedFigures, differences, tradeDifference } from "./compare";
import { axesOf, figuresOf, ranked, strength, surfaceOf } from "./surface";

describe("runs side by side", () => {
  const of = (metrics: Record<string, unknown>) => run({ response: response({ result: result({ metrics }) }) });

  it("figures are those that one of them has; placeholders are none", () => {
    const rows = comparedFigures([of({ profit_total: 0.1, sharpe: -100 }), of({ profit_total: 0.2, sharpe: 1 })]);
    expect(rows.map(({ figure, values }) => [figure.key, values])).toEqual([
      ["profit_total", [0.1, 0.2]],
      ["sharpe", [null, 1]],
    ]);
  });

  it("a profit factor of nothing won is a value, and one without losers is none", () => {
    const rows = comparedFigures([
      of({ profit_factor: 0, losses: 3, total_trades: 3 }),
      of({ profit_factor: 0, losses: 0, wins: 2, total_trades: 2 }),
    ]);
    expect(rows.find(({ figure }) => figure.key === "profit_factor")?.values).toEqual([0, null]);
  });

  it("tells what was asked differently, and nothing else", () => {
    const found = differences(
      [
        run({ params: { a: 1, b: 2 }, trading: { fee: 0, leverage: 3, minimal_roi: {} } }),
        run({ params: { a: 1, b: 3 }, trading: { fee: 0, minimal_roi: { "0": 0.05 } }, timerange: "20260101-" }),
      ],
      [],
    );
    expect(found).toEqual([
      { name: "timerange", isParam: false, values: ["", "20260101-"] },
      { name: "b", isParam: true, values: ["2", "3"] },
      { name: "leverage", isParam: true, values: ["3", ""] },
      { name: "minimal_roi", isParam: true, values: ["none", "0: 0.05"] },
    ]);
  });

  it("a run without parameters was asked what its strategy begins with", () => {
    const param = {
      name: "a",
      label: "",
      description: "",
      kind: "whole",
      default: 5,
      min: 0,
      max: 9,
      step: 1,
    } as const;
    const about = { label: "", version: "1", description: "", canLong: true, canShort: true, factors: [] };
    const specs = [{ name: "PenDirection", ...about, params: [param] }];
    const names = (a: number) => differences([run({ params: { a } }), run({ params: {} })], specs);
    expect(names(5)).toEqual([]);
    expect(names(6)).toEqual([{ name: "a", isParam: true, values: ["6", "5"] }]);
  });

  it("trades are the same by opening, pair and side", () => {
    const first = [trade({ openTime: 60 }), trade({ openTime: 120, profit: 1 })];
    const other = [trade({ openTime: 120, profit: 9 }), trade({ openTime: 60, side: "short" })];
    const { shared, onlyFirst, onlyOther } = tradeDifference(first, other);
    expect([shared, onlyFirst, onlyOther]).toEqual([1, [first[0]], [other[1]]]);
  });
});

describe("the surface of a sweep", () => {
  const points = [1, 2].flatMap((a) =>
    [10, 20, 30].map((b) => ({ params: { a, b, fixed: 5 }, metrics: { profit_total: b === 30 ? null : a * b - 25 } })),
  );

  it("has an axis for everything that varies", () => {
    expect(axesOf(points)).toEqual([
      { name: "a", values: [1, 2] },
      { name: "b", values: [10, 20, 30] },
    ]);
    expect(figuresOf(points)).toEqual(["profit_total"]);
  });

  it("every point is in its cell, with its ends known", () => {
    const [a = null, b = null] = axesOf(points);
    const { rows, least, most } = surfaceOf(points, "profit_total", b, a, {});
    expect(rows.map((row) => row.map((cell) => cell?.value))).toEqual([
      [-15, -5, null],
      [-5, 15, null],
    ]);
    expect([least, most]).toEqual([-15, 15]);
    expect(surfaceOf(points, "profit_total", b, null, { a: 2 }).rows).toHaveLength(1);
  });

  it("colours are symmetric about zero where there is a sign", () => {
    expect([-15, 0, 7.5].map((value) => strength(value, { least: -15, most: 5 }, true))).toEqual([-1, 0, 0.5]);
    expect([10, 20].map((value) => strength(value, { least: 10, most: 20 }, false))).toEqual([0, 1]);
    expect(strength(3, { least: 3, most: 3 }, false)).toBe(0);
  });

  it("has no value where a figure stands for a division by nothing", () => {
    const sharpe = [-100, 3, 1].map((sharpe, a) => ({ params: { a }, metrics: { sharpe, total_trades: 5 } }));
    const [across] = axesOf(sharpe);
    const { rows, least, most } = surfaceOf(sharpe, "sharpe", across ?? null, null, {});
    expect(rows[0]?.map((cell) => cell?.value)).toEqual([null, 3, 1]);
    expect([least, most]).toEqual([1, 3]);
    expect(ranked(sharpe, "sharpe", false).map(({ params }) => params.a)).toEqual([1, 2, 0]);
  });

  it("is ranked whole, points without a value last", () => {
    const order = ranked(points, "profit_total", false).map(({ metrics }) => metrics.profit_total);
    expect(order).toEqual([15, -5, -5, -15, null, null]);
    expect(ranked(points, "profit_total", true)[0]?.metrics.profit_total).toBe(-15);
  });
});
