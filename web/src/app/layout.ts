import { oneOf, record, stored } from "../ui/storage/stored";
import { type Mode, PANELS, type PanelName, TABS, TABS_OF, type TabName, type View } from "./view";

export const DOCK = { least: 260, most: 480, wide: 320, narrow: 280 } as const;

/** Heights of the open bottom dock; `most` is a share of the window. */
export const BOTTOM = { least: 160, open: 280, most: 0.6 } as const;
/** Share of the window that backtests open with. */
export const BACKTEST_SHARE = 0.45;
/** What top bar and plot keep, whatever the bottom dock asks for. */
const KEPT_ABOVE = 40 + 180;

export interface Layout {
  /** Open panel of the right dock; null: folded. Undefined until chosen: then the width decides. */
  panel?: PanelName | null;
  /** Width of the right dock in pixels, once it was dragged. */
  dockWidth?: number;
  /** Open tab of the bottom dock; null or absent: folded. */
  tab?: TabName | null;
  /** Height of the open bottom dock in pixels, once it was dragged. */
  bottomHeight?: number;
  /** The same with backtests in it: they need another one. */
  backtestHeight?: number;
  /** The series of the last visit. */
  series?: string;
}

export const layout = stored<Layout>(
  "layout",
  () => ({}),
  (value) => {
    const given = record(value);
    if (!given) return undefined;
    const panel = given.panel === null ? null : oneOf(PANELS, given.panel);
    const tab = given.tab === null ? null : oneOf(TABS, given.tab);
    return {
      ...(tab !== undefined && { tab }),
      ...(typeof given.bottomHeight === "number" && { bottomHeight: Math.max(BOTTOM.least, given.bottomHeight) }),
      ...(typeof given.backtestHeight === "number" && {
        backtestHeight: Math.max(BOTTOM.least, given.backtestHeight),
      }),
      ...(panel !== undefined && { panel }),
      ...(typeof given.dockWidth === "number" && { dockWidth: clampDock(given.dockWidth) }),
      ...(typeof given.series === "string" && { series: given.series }),
    };
  },
);

export function clampDock(width: number): number {
  return Math.round(Math.min(DOCK.most, Math.max(DOCK.least, width)));
}

/** Height of the open bottom dock that a window of this height has room for. */
export function clampBottom(height: number, windowHeight: number): number {
  const most = Math.min(BOTTOM.most * windowHeight, windowHeight - KEPT_ABOVE);
  return Math.round(Math.max(Math.min(height, most), Math.min(BOTTOM.least, windowHeight * BOTTOM.most)));
}

export type Arrangement = "wide" | "docked" | "floating" | "phone";

/** How docks stand at a width in CSS pixels. */
export function arrangement(width: number): Arrangement {
  if (width >= 1600) return "wide";
  if (width >= 1100) return "docked";
  return width >= 600 ? "floating" : "phone";
}

/** Docks float over the chart, and so only one of them is open at a time. */
export function docksFloat(width: number): boolean {
  return width < 1100;
}

/** Timeframe favourites that fit into the top bar; 0: one button with a list. */
export function timeframeRoom(width: number): number {
  if (width >= 1100) return 6;
  return width >= 800 ? 4 : 0;
}

/** Whether the words of the health pill fit into the top bar, beside everything else. */
export function healthFits(width: number): boolean {
  return width >= 700;
}

/** How much of a replay's time the top bar has room for, beside the whole symbol. */
export function pillRoom(width: number): "full" | "short" | "word" | "none" {
  if (width >= 1100) return "full";
  if (width >= 940) return "short";
  return healthFits(width) ? "word" : "none";
}

/** The dock opens by itself only where it stands beside the chart. */
export function openPanel(state: Layout, width: number): PanelName | null {
  if (state.panel !== undefined) return state.panel;
  const beside = arrangement(width) === "wide" || arrangement(width) === "docked";
  return beside ? "factors" : null;
}

/**
 * The open tab of the bottom dock. A replay opens its own, where that covers nothing; backtests always do, they are nothing
 * without it; live keeps the one of the last visit.
 */
export function openTab(state: Layout, { d }: View, mode: Mode, width: number): TabName | null {
  if (d === "none") return null;
  const chosen = d ?? (mode === "live" ? state.tab : mode === "replay" && docksFloat(width) ? null : mode);
  return TABS_OF[mode].find((name) => name === chosen) ?? null;
}
