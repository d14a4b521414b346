/** Moves between views. Everything that changes the address goes through here. */
import { formatSeriesId, parseSeriesId } from "../api/series";
import { choices, rememberListing } from "../features/market/choices";
import { listingKey } from "../features/market/universe";
import { layout, openPanel } from "./layout";
import type { Services } from "./services";
import { type PanelName, readView, sameView, type View, writeView } from "./view";

/** The part of the router's history that is needed; a test brings its own. */
export interface Address {
  search: () => string;
  push: (href: string) => void;
  replace: (href: string) => void;
}

export interface Control {
  view: () => View;
  /** Another entry in the history, so that Back works. */
  push: (view: View) => void;
  /** The same entry, for panning and zooming. */
  replace: (view: View) => void;
  openSeries: (seriesId: string) => void;
  /** Keeps the right edge and the follow state; zoom returns to the default. */
  openTimeframe: (timeframe: string) => void;
  panel: () => PanelName | null;
  setPanel: (panel: PanelName | null) => void;
  /** The panel that an opened dock shows: the one before it was folded. */
  lastPanel: () => PanelName;
}

export function createControl(address: Address, services: Pick<Services, "chart" | "host">): Control {
  const view = () => readView(new URLSearchParams(address.search())).view;
  let lastPanel: PanelName = "factors";
  const href = (next: View) => `/live${writeView(next)}`;
  const control: Control = {
    view,
    push: (next) => {
      if (!sameView(next, view())) address.push(href(next));
    },
    replace: (next) => {
      if (!sameView(next, view())) address.replace(href(next));
    },
    openSeries: (seriesId) => {
      rememberListing(listingKey(seriesId));
      const { p } = view();
      control.push({ s: seriesId, ...(p && { p }) });
    },
    openTimeframe: (timeframe) => {
      const { s, p } = view();
      const parts = s === undefined ? null : parseSeriesId(s);
      if (!parts || parts.timeframe === timeframe) return;
      // The mirrored state follows a drag with a delay.
      const state = services.host.getState().current?.state() ?? services.chart.getState();
      const edge = state && !state.follow ? state.visible?.to : undefined;
      control.push({
        s: formatSeriesId({ ...parts, timeframe }),
        ...(edge !== undefined && { t: Math.round(edge) }),
        ...(p && { p }),
      });
    },
    panel: () => {
      const { p } = view();
      return p === undefined ? openPanel(layout.getState(), innerWidth) : p === "none" ? null : p;
    },
    lastPanel: () => lastPanel,
    setPanel: (panel) => {
      lastPanel = panel ?? control.panel() ?? lastPanel;
      layout.setState({ panel });
      control.replace({ ...view(), p: panel ?? "none" });
    },
  };
  return control;
}

/** The timeframe a new symbol opens in: the one on screen, else the first favourite. */
export function currentTimeframe(view: View): string {
  const parts = view.s === undefined ? null : parseSeriesId(view.s);
  return parts?.timeframe ?? choices.getState().favourites[0] ?? "1m";
}
