import { describe, expect, it } from "vitest";
import type { RunResult } from "../../../api/backtest-types";
import { metrics as en } from "../../../i18n/en/metrics";
import { metrics as zhCN } from "../../../i18n/zh-CN/metrics";
import { result, trade } from "../testing";
import { breakdown, totals } from "./breakdown";
import { explanationOf } from "./explanations";
import { decimal, FIGURES, figure, figureOf, figureText, GROUPS, KEY_FIGURES, whyNone } from "./figures";
import { monthsOf } from "./months";

const at = (text: string) => Date.parse(`${text}Z`) / 1_000;

describe("figures", () => {
  const metrics = {
    sharpe: -100,
    profit_factor: 0,
    losses: 0,
    total_trades: 3,
    wallet_stats: { sharpe: 1.5 },
    extra: { omega: null },
  };

  it("are found by their names, also in objects of their own", () => {
    expect(figureOf(metrics, "wallet_stats.sharpe")).toBe(1.5);
    expect(figureOf(metrics, "extra.omega")).toBeNull();
    expect(figureOf(metrics, "extra.kelly")).toBeUndefined();
    expect(figureOf(metrics, "wallet_stats")).toBeUndefined();
    expect(figureOf({ sharpe: Number.NaN }, "sharpe")).toBeNull();
  });

  it("a division by nothing is no value, and says why", () => {
    const why = (key: string, value: number | null, of: RunResult["metrics"] = metrics) =>
      whyNone(figure(key), value, of);
    expect(why("sharpe", -100)).toBe("undefined");
    expect(why("sharpe", 0.4)).toBeNull();
    expect(why("profit_factor", 0)).toBe("noLosers");
    expect(why("profit_factor", 0, { losses: 4, total_trades: 4 })).toBeNull();
    expect(why("sqn", -100, { total_trades: 0 })).toBe("noTrades");
    expect(why("extra.omega", null)).toBe("undefined");
  });

  it("are written with a real minus, and a sign where it says something", () => {
    expect(figureText(-0.1234, figure("profit_total"), "en")).toBe("−12.34%");
    expect(figureText(0.5, figure("profit_total"), "en")).toBe("+50.00%");
    expect(figureText(0.244, figure("max_drawdown_account"), "en")).toBe("24.40%");
    expect(figureText(12_345.678, figure("final_balance"), "en")).toBe("12,345.68");
    expect(figureText(-3, { unit: "count", signed: true }, "en")).toBe("−3");
    expect(figureText(7_380, figure("winner_holding_avg_s"), "en")).toBe("2 h 3 m");
    expect([decimal(-0.001, 2, true), decimal(0.001, 2, true), decimal(0, 2, true)]).toEqual([
      "−0.00",
      "+0.00",
      "0.00",
    ]);
    expect(decimal(-0.001, 2)).toBe("0.00");
  });

  it("have one place each, and the six at the top are among them", () => {
    const keys = FIGURES.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of KEY_FIGURES) expect(keys).toContain(key);
    for (const group of GROUPS) expect(FIGURES.some((one) => one.group === group)).toBe(true);
  });
});

describe("explanations", () => {
  it("are there for every figure and no other, in both languages", () => {
    const keys = FIGURES.map(({ key }) => key).sort();
    for (const catalogue of [en, zhCN]) {
      expect(Object.keys(catalogue).sort()).toEqual(keys);
      expect(
        Object.values(catalogue)
          .flat()
          .filter((text) => text.trim() === ""),
      ).toEqual([]);
    }
    for (const [key, texts] of Object.entries(zhCN)) {
      for (const text of texts) expect([key, /\p{Script=Han}/u.test(text)]).toEqual([key, true]);
    }
    expect(explanationOf("sharpe", "en").name).toBe("Sharpe");
  });
});

describe("figures in words", () => {
  it("show the sign of a difference, whatever their unit", () => {
    const text = (unit: "probability" | "ratio" | "percent") => figureText(0.25, { unit, signed: true }, "en");
    expect([text("probability"), text("ratio"), text("percent")]).toEqual(["+0.2500", "+0.25", "+25.00%"]);
    expect(whyNone(figure("sharpe"), undefined, {})).toBe("untold");
  });
});

describe("months", () => {
  it("are those that the engine tells", () => {
    const monthly_returns = [
      { year: 2025, month: 12, return: 0.1 },
      { year: 2026, month: 1, return: -0.05 },
      { year: 2026, month: 3, return: 0.02 },
    ];
    const { source, rows, most } = monthsOf(result({ metrics: { extra: { monthly_returns } } }));
    expect([source, most]).toEqual(["wallet", 0.1]);
    expect(rows.map(({ year }) => year)).toEqual([2025, 2026]);
    expect(rows[1]?.months.slice(0, 4)).toEqual([-0.05, null, 0.02, null]);
    expect(rows[1]?.total).toBeCloseTo(0.95 * 1.02 - 1, 12);
  });

  it("else what was closed in them by the money at their beginning, empty months included", () => {
    const trades = [
      trade({ closeTime: at("2026-01-31T23:59:00"), profit: 100 }),
      trade({ closeTime: at("2026-03-01T00:00:00"), profit: -110 }),
    ];
    const { source, rows } = monthsOf(
      result({ trades, startingBalance: 1_000, start: at("2025-12-30T00:00:00"), end: null }),
    );
    expect(source).toBe("closed");
    expect(rows[0]?.months[11]).toBe(0);
    expect(rows[1]?.months.slice(0, 4)).toEqual([0.1, 0, -0.1, null]);
    expect(monthsOf(result({ trades: [] })).rows).toEqual([]);
  });
});

describe("breakdowns", () => {
  const trades = [
    trade({ exitReason: "roi", profit: 10, profitRatio: 0.1, closeTime: at("2026-11-23T10:00:00") }),
    trade({ exitReason: "stop_loss", profit: -30, profitRatio: -0.3, closeTime: at("2026-11-22T10:00:00") }),
    trade({ exitReason: "roi", profit: -4, profitRatio: -0.04, closeTime: at("2026-11-23T11:00:00") }),
    trade({ exitReason: "roi", profit: 0, profitRatio: 0, closeTime: at("2026-11-24T11:00:00") }),
  ];

  it("lines go by falling profit and add up to the whole", () => {
    const lines = breakdown(trades, "exitReason");
    expect(lines.map(({ key, trades, profit }) => [key, trades, profit])).toEqual([
      ["roi", 3, 6],
      ["stop_loss", 1, -30],
    ]);
    expect(lines[0]).toMatchObject({ wins: 1, draws: 1, losses: 1, profitFactor: 2.5 });
    expect(totals(trades)).toMatchObject({ trades: 4, profit: -24, wins: 1, draws: 1, losses: 2 });
    expect(totals([]).mean).toBe(0);
  });

  it("weekdays keep their order, Monday first", () => {
    expect(breakdown(trades, "weekday").map(({ key, trades }) => [key, trades])).toEqual([
      ["0", 2],
      ["1", 1],
      ["6", 1],
    ]);
  });
});
