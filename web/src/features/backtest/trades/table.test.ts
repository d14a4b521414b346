import { describe, expect, it } from "vitest";
import { trade } from "../testing";
import { barsOf, FIRST_ORDER, fileName, listed, NO_FILTER, orderBy, tradesCsv } from "./table";

const trades = [
  trade({ index: 0, profit: 5, exitReason: "roi", enterTag: "pen_up" }),
  trade({ index: 1, profit: -5, exitReason: "stop_loss", side: "short" }),
  trade({ index: 2, profit: 5, exitReason: "roi", enterTag: "pen_down", side: "short" }),
];
const indexes = (...args: Parameters<typeof listed>) => listed(...args).map(({ index }) => index);

describe("the list", () => {
  it("is sorted by any column, equal rows as they were closed", () => {
    expect(indexes(trades, NO_FILTER, { column: "profit", falling: true })).toEqual([0, 2, 1]);
    expect(indexes(trades, NO_FILTER, { column: "profit", falling: false })).toEqual([1, 0, 2]);
    expect(indexes(trades, NO_FILTER, { column: "tag", falling: false })).toEqual([1, 2, 0]);
    expect(orderBy(FIRST_ORDER, "profit")).toEqual({ column: "profit", falling: true });
    expect(orderBy({ column: "profit", falling: true }, "profit")).toEqual({ column: "profit", falling: false });
  });

  it("is filtered by side, result and words, and leaves what it was given alone", () => {
    expect(indexes(trades, { ...NO_FILTER, side: "short" }, FIRST_ORDER)).toEqual([1, 2]);
    expect(indexes(trades, { ...NO_FILTER, result: "lost" }, FIRST_ORDER)).toEqual([1]);
    expect(indexes(trades, { ...NO_FILTER, text: " PEN_" }, FIRST_ORDER)).toEqual([0, 2]);
    expect(trades.map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  it("counts bars of the run", () => {
    expect(barsOf({ openTime: 600, closeTime: 1_500 }, 300)).toBe(3);
    expect(barsOf({ openTime: 600, closeTime: 600 }, 300)).toBe(0);
  });
});

describe("files", () => {
  it("hold exact numbers, UTC times and harmless texts", () => {
    const csv = tradesCsv([
      trade({
        index: 0,
        openTime: 60,
        closeTime: 120,
        profit: 0.1 + 0.2,
        enterTag: '=cmd,"x"',
        stop: null,
        pair: "BTC/USDT",
      }),
    ]);
    const [header, row, end] = csv.split("\r\n");
    expect(header?.split(",").slice(0, 5)).toEqual(["index", "pair", "side", "open_time", "close_time"]);
    expect(row).toContain("1,BTC/USDT,long,1970-01-01T00:01:00Z,1970-01-01T00:02:00Z");
    expect(row).toContain("0.30000000000000004");
    expect(row).toContain(`"'=cmd,""x"""`);
    expect(end).toBe("");
  });

  it("are named after their run", () => {
    const run = { id: "r/1", strategy: "Pen", pair: "BTC/USDT:USDT", timeframe: "5m" };
    expect(fileName(run, "csv")).toBe("backtest_Pen_BTC-USDT-USDT_5m_r_1.csv");
  });
});
