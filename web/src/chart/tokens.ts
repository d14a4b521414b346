import type { ChartTokens } from "./types";

/** Features the client draws in its own way; their colours come from the style sheet. */
export const KNOWN_FEATURES = [
  "pen.confirmed",
  "pen.extending",
  "pen.candidate",
  "pivot.major",
  "pivot.minor",
  "zhongshu.alive",
  "zhongshu.dead",
  "anchor.current",
  "anchor.history",
  "anchor.switch",
  "sr.active",
  "sr.broken",
] as const;

const SPARE_HUES = 8;

/**
 * Reads the colours once from the style sheet that applies to `root`. `features` are further keys to look up,
 * for instance those of the factor catalogue.
 */
export function readChartTokens(root: Element, features: readonly string[] = []): ChartTokens {
  const style = getComputedStyle(root);
  const read = (name: string) => style.getPropertyValue(name).trim();
  const own: Record<string, string> = {};
  for (const key of [...KNOWN_FEATURES, ...features]) {
    const value = read(featureVariable(key));
    if (value !== "") own[key] = value;
  }
  return {
    bg: read("--bg-1"),
    bgRaised: read("--bg-2"),
    grid: read("--grid"),
    line: read("--line"),
    lineStrong: read("--line-strong"),
    text1: read("--text-1"),
    text2: read("--text-2"),
    text3: read("--text-3"),
    accent: read("--accent"),
    onAccent: read("--on-accent"),
    up: read("--up"),
    down: read("--down"),
    pen: read("--pen"),
    pivotHigh: read("--pivot-high"),
    pivotLow: read("--pivot-low"),
    zoneUp: read("--zone-up"),
    zoneDown: read("--zone-down"),
    zoneUpDead: read("--zone-up-dead"),
    zoneDownDead: read("--zone-down-dead"),
    anchor: read("--anchor"),
    anchorHistory: read("--anchor-history"),
    resistance: read("--resistance"),
    support: read("--support"),
    srBroken: read("--sr-broken"),
    gap: read("--gap"),
    ok: read("--ok"),
    halo: read("--halo"),
    replay: read("--replay"),
    onReplay: read("--on-replay"),
    series: Array.from({ length: SPARE_HUES }, (_, at) => read(`--series-${at + 1}`)),
    features: own,
    fontFamily: getComputedStyle(root.ownerDocument.body).fontFamily || "system-ui, sans-serif",
  };
}

/** `--feature-pen-confirmed` for `pen.confirmed`. */
export function featureVariable(key: string): string {
  return `--feature-${key.replaceAll(".", "-")}`;
}

/** A token colour with another opacity; hex, `rgb()` and named colours alike. */
export function withAlpha(color: string, alpha: number): string {
  const hex = /^#([0-9a-f]{6})$/i.exec(color)?.[1];
  if (hex) {
    const value = Number.parseInt(hex, 16);
    return `rgba(${value >> 16}, ${(value >> 8) & 255}, ${value & 255}, ${alpha})`;
  }
  const channels = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(color);
  if (channels) return `rgba(${channels[1]}, ${channels[2]}, ${channels[3]}, ${alpha})`;
  return color;
}
