/** Moves between views. Everything that changes the address goes through here. */
import { formatSeriesId, parseSeriesId } from "../api/series";
import { choices, rememberListing } from "../features/market/choices";
import { listingKey } from "../features/market/universe";
import { docksFloat, layout, openPanel } from "./layout";
import type { Services } from "./services";
import { docksOf, type PanelName, readView, sameView, type TabName, type View, writeView } from "./view";

/** The part of the router's history that is needed; a test brings its own. */
export interface Address {
  search: () => string;
  push: (href: string) => void;
  replace: (href: string) => void;
}

interface Docks {
  panel: PanelName | null;
  tab: TabName | null;
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
  /** Open tab of the bottom dock; null: folded. */
  tab: () => TabName | null;
  setTab: (tab: TabName | null) => void;
  /** Folds both docks, and the next time brings back what was open. */
  foldAll: () => void;
}

export function createControl(address: Address, services: Pick<Services, "chart" | "host">): Control {
  const view = () => readView(new URLSearchParams(address.search())).view;
  let lastPanel: PanelName = "factors";
  let folded: Docks | null = null;
  const href = (next: View) => `/live${writeView(next)}`;
  const show = ({ panel, tab }: Docks) => {
    const before = { panel: control.panel(), tab: control.tab() };
    lastPanel = panel ?? before.panel ?? lastPanel;
    layout.setState({ ...(panel !== before.panel && { panel }), ...(tab !== before.tab && { tab }) });
    // Only what was chosen goes into the address; the rest follows the width of the window.
    control.replace({
      ...view(),
      ...(panel !== before.panel && { p: panel ?? "none" }),
      ...(tab !== before.tab && { d: tab ?? "none" }),
    });
  };
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
      control.push({ s: seriesId, ...docksOf(view()) });
    },
    openTimeframe: (timeframe) => {
      const { s } = view();
      const parts = s === undefined ? null : parseSeriesId(s);
      if (!parts || parts.timeframe === timeframe) return;
      // The mirrored state follows a drag with a delay.
      const state = services.host.getState().current?.state() ?? services.chart.getState();
      const edge = state && !state.follow ? state.visible?.to : undefined;
      control.push({
        s: formatSeriesId({ ...parts, timeframe }),
        ...(edge !== undefined && { t: Math.round(edge) }),
        ...docksOf(view()),
      });
    },
    panel: () => {
      const { p } = view();
      return p === undefined ? openPanel(layout.getState(), innerWidth) : p === "none" ? null : p;
    },
    lastPanel: () => lastPanel,
    setPanel: (panel) => {
      show({ panel, tab: panel !== null && docksFloat(innerWidth) ? null : control.tab() });
    },
    tab: () => {
      const { d } = view();
      return d === undefined ? (layout.getState().tab ?? null) : d === "none" ? null : d;
    },
    setTab: (tab) => {
      show({ tab, panel: tab !== null && docksFloat(innerWidth) ? null : control.panel() });
    },
    foldAll: () => {
      const open: Docks = { panel: control.panel(), tab: control.tab() };
      const back = folded ?? { panel: lastPanel, tab: null };
      const any = open.panel !== null || open.tab !== null;
      show(any ? { panel: null, tab: null } : back);
      folded = any ? open : null;
    },
  };
  return control;
}

/** The timeframe a new symbol opens in: the one on screen, else the first favourite. */
export function currentTimeframe(view: View): string {
  const parts = view.s === undefined ? null : parseSeriesId(view.s);
  return parts?.timeframe ?? choices.getState().favourites[0] ?? "1m";
}
