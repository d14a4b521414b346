import { describe, expect, test } from "vitest";
import { formatSeriesId, parseSeriesId, timeframeSeconds } from "./series";

describe("timeframes", () => {
  test.each([
    ["1m", 60],
    ["7m", 420],
    ["4h", 14_400],
    ["1d", 86_400],
  ])("%s is %i seconds", (text, seconds) => {
    expect(timeframeSeconds(text)).toBe(seconds);
  });

  test.each(["1M", "1H", "1w", "0m", "05m", "m", "1.5h", " 1m", "-5m", "60"])("%s is malformed", (text) => {
    expect(timeframeSeconds(text)).toBeNull();
  });
});

describe("series ids", () => {
  test("a symbol may contain colons", () => {
    const parts = { exchange: "binance", market: "futures", symbol: "BTC/USDT:USDT", timeframe: "1h" };
    expect(parseSeriesId("binance:futures:BTC/USDT:USDT:1h")).toEqual(parts);
    expect(formatSeriesId(parts)).toBe("binance:futures:BTC/USDT:USDT:1h");
  });

  test.each([
    "",
    "a:b:1m",
    "Binance:futures:BTC:1m",
    "binance:futures:BTC USDT:1m",
    "binance:futures::X:1m",
    "binance:futures:BTC:1M",
  ])("%s is malformed", (text) => {
    expect(parseSeriesId(text)).toBeNull();
  });
});
