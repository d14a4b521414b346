import { describe, expect, it } from "vitest";
import { clampBottom, openTab } from "./layout";

describe("clampBottom", () => {
  it("keeps the dock between 160 px and 60 % of the window", () => {
    expect(clampBottom(280, 900)).toBe(280);
    expect(clampBottom(20, 900)).toBe(160);
    expect(clampBottom(2_000, 900)).toBe(540);
  });

  it("gives way to the plot in a low window", () => {
    expect(clampBottom(280, 450)).toBe(230);
    expect(clampBottom(280, 240)).toBe(144);
  });
});

describe("openTab", () => {
  it("backtests open theirs at every width, a replay where it covers nothing, live what was left open", () => {
    expect([390, 820, 1_600].map((width) => openTab({}, {}, "backtest", width))).toEqual(Array(3).fill("backtest"));
    expect([820, 1_600].map((width) => openTab({}, {}, "replay", width))).toEqual([null, "replay"]);
    expect(openTab({ tab: "log" }, {}, "live", 820)).toBe("log");
  });

  it("what the address says goes first, unless the mode has no such tab", () => {
    expect(openTab({}, { d: "none" }, "backtest", 1_600)).toBeNull();
    expect(openTab({}, { d: "log" }, "backtest", 1_600)).toBe("log");
    expect(openTab({}, { d: "orders" }, "backtest", 1_600)).toBeNull();
  });
});
