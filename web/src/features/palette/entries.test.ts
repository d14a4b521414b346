import { describe, expect, it } from "vitest";
import { type Entry, sections } from "./entries";

const entry = (id: string, kind: Entry["kind"], title: string): Entry => ({ id, kind, title, run: () => {} });
const ALL = [
  entry("zoom", "commands", "Zoom in"),
  entry("log", "commands", "Logarithmic scale"),
  entry("sol", "symbols", "SOL/USDT"),
  entry("btc", "symbols", "BTC/USDT"),
  entry("15m", "timeframes", "15m"),
  entry("pen", "factors", "Show pens"),
];
const ids = (typed: string, recent: string[] = []) =>
  sections(ALL, typed, recent).map((section) => [section.kind, section.entries.map((found) => found.id)]);

describe("palette", () => {
  it("offers recent ones first, then every command", () => {
    expect(ids("", ["btc", "log", "gone"])).toEqual([
      ["recent", ["btc", "log"]],
      ["commands", ["zoom"]],
    ]);
    expect(ids("")).toEqual([["commands", ["zoom", "log"]]]);
  });

  it("narrows with @ and #", () => {
    expect(ids("@")).toEqual([["symbols", ["sol", "btc"]]]);
    expect(ids("@bt")).toEqual([["symbols", ["btc"]]]);
    expect(ids("#15")).toEqual([["timeframes", ["15m"]]]);
  });

  it("puts the group with the best hit first", () => {
    expect(ids("sol")[0]?.[0]).toBe("symbols");
    expect(ids("nothing at all")).toEqual([]);
  });
});
