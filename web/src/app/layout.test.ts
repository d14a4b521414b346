import { describe, expect, it } from "vitest";
import { clampBottom } from "./layout";

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
