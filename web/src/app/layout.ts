import { oneOf, record, stored } from "../ui/storage/stored";
import { PANELS, type PanelName } from "./view";

export const DOCK = { least: 260, most: 480, wide: 320, narrow: 280 } as const;

export interface Layout {
  /** Open panel of the right dock; null: folded. Undefined until chosen: then the width decides. */
  panel?: PanelName | null;
  /** Width of the right dock in pixels, once it was dragged. */
  dockWidth?: number;
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
    return {
      ...(panel !== undefined && { panel }),
      ...(typeof given.dockWidth === "number" && { dockWidth: clampDock(given.dockWidth) }),
      ...(typeof given.series === "string" && { series: given.series }),
    };
  },
);

export function clampDock(width: number): number {
  return Math.round(Math.min(DOCK.most, Math.max(DOCK.least, width)));
}

export type Arrangement = "wide" | "docked" | "floating" | "phone";

/** How docks stand at a width in CSS pixels. */
export function arrangement(width: number): Arrangement {
  if (width >= 1600) return "wide";
  if (width >= 1100) return "docked";
  return width >= 600 ? "floating" : "phone";
}

/** Timeframe favourites that fit into the top bar; 0: one button with a list. */
export function timeframeRoom(width: number): number {
  if (width >= 1100) return 6;
  return width >= 600 ? 4 : 0;
}

/** The dock opens by itself only where it stands beside the chart. */
export function openPanel(state: Layout, width: number): PanelName | null {
  if (state.panel !== undefined) return state.panel;
  const beside = arrangement(width) === "wide" || arrangement(width) === "docked";
  return beside ? "factors" : null;
}
