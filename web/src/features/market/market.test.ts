import { describe, expect, it } from "vitest";
import type { SeriesRow, TopMarket } from "../../api/types";
import { parseQuery, parseTimeframe, type Standing, searchListings } from "./search";
import { firstSeries, listings, withTraded, withWhitelist } from "./universe";

const row = (series_id: string, rest: Partial<SeriesRow> = {}): SeriesRow => ({
  series_id,
  first_time: 100,
  head_time: 200,
  epoch: 0,
  whitelisted: false,
  live: false,
  ...rest,
});

const ROWS = [
  row("binance:futures:BTC/USDT:15m", { first_time: 50, live: true }),
  row("binance:futures:BTC/USDT:1m", { head_time: 900 }),
  row("binance:futures:ETH/BTC:1m"),
  row("binance:spot:BTC/USDT:1h"),
  row("binance:futures:WBTC/USDT:1m"),
  row("broken"),
];

describe("universe", () => {
  it("groups series by symbol and market", () => {
    const [first] = listings(ROWS);
    expect(first).toMatchObject({
      key: "binance:futures:BTC/USDT",
      timeframes: ["1m", "15m"],
      firstTime: 50,
      headTime: 900,
      live: true,
    });
    expect(listings(ROWS)).toHaveLength(4);
  });

  it("keeps colons inside symbols", () => {
    expect(listings([row("binance:futures:BTC/USDT:USDT:1h")])[0]?.symbol).toBe("BTC/USDT:USDT");
  });

  it("adds whitelisted series that are not stored", () => {
    const rows = withWhitelist(ROWS, ["binance:futures:BTC/USDT:1m", "binance:futures:SOL/USDT:1m"]);
    expect(rows).toHaveLength(ROWS.length + 1);
    expect(rows.at(-1)).toMatchObject({ head_time: null, whitelisted: true });
  });

  it("opens what is live, then what is stored, then what is named", () => {
    expect(firstSeries(ROWS)).toBe("binance:futures:BTC/USDT:15m");
    expect(firstSeries(withWhitelist([], ["a:b:C:1m"]))).toBe("a:b:C:1m");
    expect(firstSeries([row("broken")])).toBeNull();
  });
});

describe("search", () => {
  const keys = (query: string, tab: "all" | "spot" | "futures" = "all", recent: string[] = []) =>
    searchListings(listings(ROWS), query, tab, { recent }).map((hit) => hit.listing.key);

  it("orders exact, recent, prefix, contains", () => {
    expect(keys("btc", "futures", ["binance:futures:WBTC/USDT"])).toEqual([
      "binance:futures:BTC/USDT",
      "binance:futures:WBTC/USDT",
      "binance:futures:ETH/BTC",
    ]);
    expect(keys("btcusdt")[0]).toBe("binance:futures:BTC/USDT");
  });

  it("puts favourites before what was opened, and the rest by volume", () => {
    const hits = (query: string, standing: Standing) =>
      searchListings(listings(ROWS), query, "all", standing).map((hit) => hit.listing.key);
    const volumes = new Map([["binance:futures:ETH/BTC", 9]]);
    expect(hits("t", { recent: [], volumes })[0]).toBe("binance:futures:ETH/BTC");
    expect(
      hits("b", { recent: ["binance:futures:WBTC/USDT"], favourites: ["binance:spot:BTC/USDT"], volumes }).slice(0, 2),
    ).toEqual(["binance:spot:BTC/USDT", "binance:futures:WBTC/USDT"]);
  });

  it("also finds what is traded and not stored", () => {
    const traded = { exchange: "binance", market: "spot", symbol: "SOL/USDT" } as TopMarket;
    const again = { exchange: "binance", market: "spot", symbol: "BTC/USDT" } as TopMarket;
    const all = withTraded(listings(ROWS), [traded, again, traded]);
    expect(all.length).toBe(listings(ROWS).length + 1);
    expect(all.at(-1)).toMatchObject({ key: "binance:spot:SOL/USDT", headTime: null, timeframes: [] });
  });

  it("finds by Chinese name, pinyin and market", () => {
    expect(keys("比特", "spot")).toEqual(["binance:spot:BTC/USDT"]);
    expect(keys("yitai")).toEqual(["binance:futures:ETH/BTC"]);
    expect(keys("btc spot")[0]).toBe("binance:spot:BTC/USDT");
    expect(keys("zzz")).toEqual([]);
  });

  it("takes a timeframe after the symbol", () => {
    expect(parseQuery("btc 15m")).toEqual({ text: "btc", timeframe: "15m" });
    expect(parseQuery("btc 15")).toEqual({ text: "btc", timeframe: "15m" });
    expect(parseQuery("btc 4H")).toEqual({ text: "btc", timeframe: "4h" });
    expect(parseQuery("4h")).toEqual({ text: "", timeframe: "4h" });
    expect(parseQuery("btc spot")).toEqual({ text: "btc spot", timeframe: null });
    expect(parseQuery("")).toEqual({ text: "", timeframe: null });
  });

  it.each([
    ["7m", "7m"],
    ["15", "15m"],
    ["1D", "1d"],
    ["0m", null],
    ["1w", null],
    ["1.5h", null],
    ["", null],
  ])("reads the timeframe %s as %s", (typed, expected) => {
    expect(parseTimeframe(typed)).toBe(expected);
  });
});
