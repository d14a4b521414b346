import { describe, expect, it } from "vitest";
import { amountsOf, quantityText } from "./amounts";

describe("money", () => {
  it("has as many decimals as an account of its size needs", () => {
    expect(amountsOf(10_000).money(9_950.2)).toBe("9,950.20");
    expect(amountsOf(1_000).money(1)).toBe("1.00");
    expect(amountsOf(1).money(0.123456)).toBe("0.12346");
    expect(amountsOf(0.0001).money(0.00012345)).toBe("0.00012345");
  });

  it("results carry their sign, a true minus, and none when they print as zero", () => {
    const { money, result } = amountsOf(10_000);
    expect([12.5, -1_234.5, 0, 0.001, -0.001].map(result)).toEqual(["+12.50", "−1,234.50", "0.00", "0.00", "0.00"]);
    expect([-3, -0.001].map(money)).toEqual(["−3.00", "0.00"]);
  });
});

describe("quantities", () => {
  it("keep their decimals, and share those of the longest in a column", () => {
    expect([0.00000001, 0.5, 12, 1_234.25].map((value) => quantityText(value))).toEqual([
      "0.00000001",
      "0.5",
      "12",
      "1,234.25",
    ]);
    expect([0.5, 12].map((value) => quantityText(value, [0.5, 12, 0.125]))).toEqual(["0.500", "12.000"]);
  });
});
