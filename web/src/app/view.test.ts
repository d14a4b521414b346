import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readView, type View, writeView } from "./view";

const read = (text: string) => readView(new URLSearchParams(text));

describe("view in the address", () => {
  it("keeps series ids readable", () => {
    expect(writeView({ s: "binance:futures:BTC/USDT:5m", t: 1_700_000_000, n: 150, p: "factors", d: "log" })).toBe(
      "?s=binance:futures:BTC/USDT:5m&t=1700000000&n=150&p=factors&d=log",
    );
    expect(writeView({})).toBe("");
  });

  it("leaves out what cannot be used and names it", () => {
    expect(read("s=BTC&t=-5&n=two&p=history&d=trades&x=1")).toEqual({
      view: {},
      bad: [
        { name: "s", value: "BTC" },
        { name: "t", value: "-5" },
        { name: "n", value: "two" },
        { name: "p", value: "history" },
        { name: "d", value: "trades" },
      ],
    });
    expect(read("run=a/b&cmp=a,b,c,d&trade=-1").bad.map(({ name }) => name)).toEqual(["run", "cmp", "trade"]);
    expect(read("s=&t=1e9").bad).toEqual([{ name: "t", value: "1e9" }]);
  });

  it("comes back as it was written", () => {
    const views: fc.Arbitrary<View> = fc.record(
      {
        s: fc.constantFrom("binance:spot:ETH/USDT:1h", "binance:futures:BTC/USDT:USDT:7m"),
        t: fc.integer({ min: 1, max: 2 ** 33 - 1 }),
        n: fc.integer({ min: 5, max: 50_000 }),
        p: fc.constantFrom("factors" as const, "none" as const),
        d: fc.constantFrom("log" as const, "orders" as const, "none" as const),
        run: fc.constantFrom("20260101T000000-1", "r_2"),
        cmp: fc.constantFrom("a", "a,b,c"),
        trade: fc.integer({ min: 0, max: 100_000 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(views, (view) => {
        expect(read(writeView(view))).toEqual({ view, bad: [] });
      }),
    );
  });
});
