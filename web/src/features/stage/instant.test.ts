import { describe, expect, it } from "vitest";
import { instantOf } from "./instant";

const utc = (text: string) => Date.parse(text) / 1_000;

describe("instantOf", () => {
  it("reads dates and times in a zone", () => {
    expect(instantOf("2026-11-21", "UTC")).toBe(utc("2026-11-21T00:00:00Z"));
    expect(instantOf("2026-11-21 14:05", "Asia/Shanghai")).toBe(utc("2026-11-21T06:05:00Z"));
    expect(instantOf("2026-7-1 00:30", "Europe/Berlin")).toBe(utc("2026-06-30T22:30:00Z"));
  });

  it("is right on both sides of a clock change", () => {
    expect(instantOf("2026-03-29 01:30", "Europe/Berlin")).toBe(utc("2026-03-29T00:30:00Z"));
    expect(instantOf("2026-03-29 03:30", "Europe/Berlin")).toBe(utc("2026-03-29T01:30:00Z"));
  });

  it.each(["", "yesterday", "2026-13-01", "2026-02-30", "2026-01-01 24:00", "14:05"])("refuses %s", (text) => {
    expect(instantOf(text, "UTC")).toBeNull();
  });
});
