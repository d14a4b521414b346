import { describe, expect, it } from "vitest";
import { Digits, favourites, heldOrder, matching, type Quote, RowOrder, sorted } from "./quotes";

const quote = (symbol: string, change: Partial<Quote> = {}): Quote => ({
  key: `binance:futures:${symbol}`,
  symbol,
  market: "futures",
  last: 1,
  changePercent: 0,
  volume: 1,
  ...change,
});

const names = (quotes: readonly Quote[]) => quotes.map(({ symbol }) => symbol);

describe("order of the market list", () => {
  const rows = [
    quote("BTC/USDT", { last: 100, changePercent: -1, volume: 50 }),
    quote("ETH/USDT", { last: 10, changePercent: 2, volume: null }),
    quote("ADA/USDT", { last: 1, changePercent: 2, volume: 90 }),
  ];

  it("follows the column; what is unknown stands last in both directions, ties by name", () => {
    expect(names(sorted(rows, { by: "volume", descending: true }))).toEqual(["ADA/USDT", "BTC/USDT", "ETH/USDT"]);
    expect(names(sorted(rows, { by: "volume", descending: false }))).toEqual(["BTC/USDT", "ADA/USDT", "ETH/USDT"]);
    expect(names(sorted(rows, { by: "change", descending: true }))).toEqual(["ADA/USDT", "ETH/USDT", "BTC/USDT"]);
    expect(names(sorted(rows, { by: "symbol", descending: false }))).toEqual(["ADA/USDT", "BTC/USDT", "ETH/USDT"]);
  });

  it("is held: rows stay, new ones go to the end, absent ones go", () => {
    const wanted = [quote("NEW/USDT"), quote("ETH/USDT"), quote("BTC/USDT")];
    const before = ["BTC/USDT", "ADA/USDT", "ETH/USDT"].map((symbol) => `binance:futures:${symbol}`);
    expect(names(heldOrder(before, wanted))).toEqual(["BTC/USDT", "ETH/USDT", "NEW/USDT"]);
  });

  it("changes only while nobody points at it, but another question is answered at once", () => {
    const order = new RowOrder();
    const [btc, eth] = [quote("BTC/USDT"), quote("ETH/USDT")];
    expect(names(order.arrange([btc, eth], true, "volume"))).toEqual(["BTC/USDT", "ETH/USDT"]);
    expect(names(order.arrange([eth, btc], true, "volume"))).toEqual(["BTC/USDT", "ETH/USDT"]);
    expect(names(order.arrange([eth, btc], false, "volume"))).toEqual(["ETH/USDT", "BTC/USDT"]);
    expect(names(order.arrange([btc, eth], true, "change"))).toEqual(["BTC/USDT", "ETH/USDT"]);
  });
});

describe("rows", () => {
  it("are found by symbol, with or without the slash, and by name", () => {
    const rows = [quote("BTC/USDT"), quote("WBTC/USDT"), quote("ETH/USDT")];
    expect(names(matching(rows, " btc "))).toEqual(["BTC/USDT", "WBTC/USDT"]);
    expect(names(matching(rows, "ethusdt"))).toEqual(["ETH/USDT"]);
    expect(names(matching(rows, "比特"))).toEqual(["BTC/USDT"]);
    expect(matching(rows, "")).toBe(rows);
  });

  it("of favourites are there without a price, too", () => {
    const found = favourites(["binance:spot:SOL/USDT", "binance:futures:BTC/USDT"], [quote("BTC/USDT", { last: 7 })]);
    expect(found.map(({ symbol, market, last }) => [symbol, market, last])).toEqual([
      ["SOL/USDT", "spot", null],
      ["BTC/USDT", "futures", 7],
    ]);
  });

  it("never lose digits", () => {
    const digits = new Digits();
    const seen = [1.25, 1.3, 2, null].map((last) => digits.of(quote("X/USDT", { last })));
    expect(seen).toEqual([2, 2, 2, 2]);
    expect(digits.of(quote("Y/USDT", { last: 0.000_01 }))).toBe(5);
  });
});
