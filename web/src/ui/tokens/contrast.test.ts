import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** Token values of one theme and palette, `var()` resolved, as the browser would. */
function tokens(theme: string, palette: string, direction: string): Map<string, string> {
  const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
  const values = new Map<string, string>();
  for (const [, selectors = "", body = ""] of css.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    if (!selectors.split(",").some((selector) => applies(selector.trim(), { theme, palette, direction }))) continue;
    for (const [, name = "", value = ""] of body.matchAll(/(--[\w-]+):\s*([^;]+);/g)) values.set(name, value.trim());
  }
  const resolve = (value: string): string =>
    value.replaceAll(/var\((--[\w-]+)\)/g, (_, name: string) => resolve(values.get(name) ?? `missing ${name}`));
  return new Map([...values].map(([name, value]) => [name, resolve(value)]));
}

function applies(selector: string, root: Record<string, string>): boolean {
  if (selector === ":root") return true;
  return [...selector.matchAll(/\[data-(\w+)="([^"]+)"\]/g)].every(([, name = "", value]) => root[name] === value);
}

function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const SURFACES = ["--bg-0", "--bg-1", "--bg-2", "--bg-3"];
const TEXT = ["--text-1", "--text-2", "--text-3"];
const STATES = ["--accent", "--ok", "--warn", "--danger", "--replay"];
/** Lines that carry meaning; `--sr-broken` and zone borders are the two documented exceptions. */
const LINES = [
  ...["--up", "--down", "--pen", "--anchor", "--anchor-history", "--resistance", "--support"],
  ...["--pivot-high", "--pivot-low", "--gap", "--line-strong", "--accent"],
];

describe.each([
  ["dark", "standard", "green-up"],
  ["dark", "standard", "red-up"],
  ["dark", "colour-blind", "green-up"],
  ["dark", "colour-blind", "red-up"],
  ["light", "standard", "green-up"],
  ["light", "standard", "red-up"],
  ["light", "colour-blind", "green-up"],
  ["light", "colour-blind", "red-up"],
])("contrast of %s, %s, %s", (theme, palette, direction) => {
  const values = tokens(theme, palette, direction);
  const ratio = (front: string, back: string) => contrast(values.get(front) ?? "", values.get(back) ?? "");

  it("resolves every token", () => {
    expect([...values.values()].filter((value) => value.includes("missing"))).toEqual([]);
  });

  it("text reaches 4.5:1 on all four backgrounds", () => {
    const poor = TEXT.flatMap((text) => SURFACES.map((surface) => [text, surface, ratio(text, surface)] as const));
    expect(poor.filter(([, , value]) => value < 4.5)).toEqual([]);
  });

  it("state words reach 4.5:1 on panels", () => {
    const poor = STATES.flatMap((text) => ["--bg-1", "--bg-2"].map((back) => [text, back, ratio(text, back)] as const));
    expect(poor.filter(([, , value]) => value < 4.5)).toEqual([]);
    expect(ratio("--on-accent", "--accent")).toBeGreaterThanOrEqual(4.5);
    expect(ratio("--on-replay", "--replay")).toBeGreaterThanOrEqual(4.5);
  });

  it("meaningful lines and outlines reach 3:1 on the chart", () => {
    const series = Array.from({ length: 8 }, (_, index) => `--series-${index + 1}`);
    expect([...LINES, ...series].filter((line) => !(ratio(line, "--bg-1") >= 3))).toEqual([]);
  });

  it("direction swaps both ways and never the states", () => {
    const other = tokens(theme, palette, direction === "red-up" ? "green-up" : "red-up");
    expect(other.get("--up")).toBe(values.get("--down"));
    expect(other.get("--zone-up")).toBe(values.get("--zone-down"));
    expect(other.get("--resistance")).toBe(values.get("--support"));
    for (const state of STATES) expect(other.get(state)).toBe(values.get(state));
  });
});
