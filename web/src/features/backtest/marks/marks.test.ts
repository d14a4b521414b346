import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { run as ran, trade } from "../testing";
import { TradeMarks } from "./overlay";
import { inView, isSameMarket, seriesOf, sortedByOpening, tradeAt, viewOf } from "./view";

const of = (...spans: readonly (readonly [number, number])[]) =>
  spans.map(([openTime, closeTime], index) => trade({ index, openTime, closeTime }));

describe("trades in view", () => {
  it("are those that were open at any time of it, also when they began long before", () => {
    const sorted = sortedByOpening(of([300, 400], [0, 1_000], [100, 200], [900, 950]));
    expect(inView(sorted, 390, 500).map(({ index }) => index)).toEqual([1, 0]);
    expect(inView(sorted, 1_000, 2_000).map(({ index }) => index)).toEqual([1]);
    expect(inView(sorted, 1_001, 2_000)).toEqual([]);
  });

  it("are the same as by looking at each", () => {
    const spans = fc.array(fc.tuple(fc.nat(1_000), fc.nat(300)).map(([from, held]) => [from, from + held] as const));
    fc.assert(
      fc.property(spans, fc.nat(1_000), fc.nat(300), (spans, from, width) => {
        const trades = of(...spans);
        const plain = trades.filter((one) => one.openTime <= from + width && one.closeTime >= from);
        expect(new Set(inView(sortedByOpening(trades), from, from + width))).toEqual(new Set(plain));
      }),
    );
  });

  it("a bar leads to the trade that was opened there, else to one that was closed", () => {
    const sorted = sortedByOpening(of([0, 60], [60, 120]));
    expect([0, 60, 120, 30].map((time) => tradeAt(sorted, time)?.index ?? null)).toEqual([0, 1, 1, null]);
  });
});

describe("the view of a trade", () => {
  it("leaves a fifth on both sides", () => {
    const { at, bars } = viewOf(trade({ openTime: 0, closeTime: 59_940 }), 60);
    expect(bars).toBe(Math.ceil(1_000 / 0.6));
    expect(at).toBe(59_940 + Math.round((bars - 1_000) / 2) * 60);
  });

  it("is never narrower than a person needs, nor wider than is loaded", () => {
    expect(viewOf(trade({ openTime: 0, closeTime: 60 }), 60).bars).toBe(60);
    expect(viewOf(trade({ openTime: 0, closeTime: 6_000_000 }), 60).bars).toBe(2_000);
  });
});

describe("the series of a run", () => {
  const row = (series_id: string, head_time: number | null = 1) => ({
    ...{ series_id, first_time: 0, head_time, epoch: 0, whitelisted: true, live: false },
  });

  it("lies beside the one on screen", () => {
    const run = ran({ pair: "BTC/USDT:USDT", timeframe: "1h" });
    expect(seriesOf(run, null, "binance:futures:BTC/USDT:5m", [])).toBe("binance:futures:BTC/USDT:1h");
  });

  it("is the one that it read, whatever is on screen", () => {
    const seriesId = "binance:futures:BTC/USDT:1h";
    const run = ran({ timeframe: "1h", seriesId });
    expect(seriesOf(run, "BTC/USDT:USDT", "binance:spot:BTC/USDT:5m", [row("binance:spot:BTC/USDT:1h")])).toBe(
      seriesId,
    );
    expect(seriesOf(run, "ETH/USDT", "binance:spot:ETH/USDT:5m", [])).toBe("binance:spot:ETH/USDT:1h");
  });

  it("which is not known is a stored one, on screen first and then elsewhere", () => {
    const rows = [row("okx:spot:BTC/USDT:1h"), row("binance:futures:BTC/USDT:1h"), row("okx:futures:BTC/USDT:1h")];
    const of = (pair: string, current: string) => seriesOf(ran({ pair, timeframe: "1h" }), null, current, rows);
    expect(of("BTC/USDT", "okx:futures:BTC/USDT:5m")).toBe("okx:futures:BTC/USDT:1h");
    expect(of("BTC/USDT", "binance:spot:BTC/USDT:5m")).toBe("okx:spot:BTC/USDT:1h");
    expect(of("BTC/USDT:USDT", "okx:spot:BTC/USDT:1h")).toBe("binance:futures:BTC/USDT:1h");
  });

  it("shares its trades with other timeframes of its market alone", () => {
    const own = "binance:futures:BTC/USDT:1h";
    const others = ["binance:futures:BTC/USDT:5m", "binance:spot:BTC/USDT:1h", "okx:futures:BTC/USDT:1h"];
    expect(others.map((other) => isSameMarket(own, other))).toEqual([true, false, false]);
    expect(isSameMarket(null, null)).toBe(false);
  });

  it("else is a stored one of the market that the pair names", () => {
    const rows = [
      row("binance:spot:ETH/USDT:1h"),
      row("binance:futures:ETH/USDT:5m"),
      row("binance:futures:ETH/USDT:1h", null),
    ];
    expect(seriesOf(ran({ pair: "ETH/USDT:USDT", timeframe: "1h" }), null, "binance:spot:BTC/USDT:1h", rows)).toBe(
      "binance:futures:ETH/USDT:1h",
    );
    expect(seriesOf(ran({ pair: "ETH/USDT", timeframe: "4h" }), null, null, rows)).toBe("binance:spot:ETH/USDT:4h");
    expect(seriesOf(ran({ pair: "XRP/USDT", timeframe: "4h" }), null, null, rows)).toBeNull();
    expect(seriesOf(ran({ pair: "ETH/USDT", timeframe: "1w" }), null, null, rows)).toBeNull();
  });
});

describe("marks", () => {
  it("tell what is on the chart and take clicks on their bars alone", () => {
    const picked = vi.fn();
    const trades = of([0, 60], [120, 180]);
    const marks = new TradeMarks(trades, picked, (price) => `Stop ${price}`);
    expect(marks.facts()).toMatchObject({ "data-mode": "backtest", "data-trades": 2, "data-trade": "" });
    expect(marks.set(trades[1] ?? null, null)).toBe(true);
    expect(marks.set(trades[1] ?? null, null)).toBe(false);
    expect(marks.facts()["data-trade"]).toBe(1);
    expect(marks.prices()).toEqual({ low: 90, high: 110 });
    expect([marks.click(120), marks.click(90)]).toEqual([true, false]);
    expect(picked).toHaveBeenCalledExactlyOnceWith(trades[1]);
  });
});
