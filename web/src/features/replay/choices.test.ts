import { describe, expect, it } from "vitest";
import { nextSpeed, SPEEDS } from "./choices";
import { PlayedRate } from "./rate";

describe("speed", () => {
  it("goes from stop to stop and stays at the ends", () => {
    const faster = [...SPEEDS.slice(1), SPEEDS.at(-1)];
    expect(SPEEDS.map((speed) => nextSpeed(speed, 1))).toEqual(faster);
    expect([nextSpeed(1, -1), nextSpeed(1_000, -1), nextSpeed(2_000, -1)]).toEqual([1, 500, 500]);
  });

  it("what came of it is known after a second, and is that of the last second", () => {
    const rate = new PlayedRate();
    expect(rate.perSecond(0)).toBeNull();
    for (let at = 0; at < 1_000; at += 100) rate.played(5, at);
    expect(rate.perSecond(900)).toBeNull();
    rate.played(5, 1_000);
    expect(rate.perSecond(1_000)).toBe(50);
    expect(rate.perSecond(1_999)).toBe(5);
    expect(rate.perSecond(2_000)).toBe(0);
    rate.restart();
    expect(rate.perSecond(9_000)).toBeNull();
  });
});
