/** Moves between views. Everything that changes the address goes through here. */
import { formatSeriesId, parseSeriesId } from "../api/series";
import { choices, rememberListing } from "../features/market/choices";
import { listingKey } from "../features/market/universe";
import { openDialog } from "./dialogs";
import { docksFloat, layout, openPanel, openTab } from "./layout";
import type { Services } from "./services";
import {
  docksOf,
  type Mode,
  modeOf,
  type PanelName,
  readView,
  sameView,
  type TabName,
  type View,
  writeView,
} from "./view";

/** The part of the router's history that is needed; a test brings its own. */
export interface Address {
  path: () => string;
  search: () => string;
  push: (href: string) => void;
  replace: (href: string) => void;
}

interface Docks {
  panel: PanelName | null;
  tab: TabName | null;
}

export interface Control {
  mode: () => Mode;
  view: () => View;
  /** Another entry in the history, so that Back works. */
  push: (view: View, mode?: Mode) => void;
  /** The same entry, for panning and zooming. */
  replace: (view: View, mode?: Mode) => void;
  /** The first bar of a replay is to be chosen. */
  pickReplay: () => void;
  /** Replays a series from a time, seconds. */
  startReplay: (seriesId: string, at: number) => void;
  /** Live again, at the newest bar. An open paper position is asked about first, unless it was. */
  leaveReplay: (how?: { asked?: boolean }) => void;
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

export function createControl(address: Address, services: Pick<Services, "chart" | "host" | "replay">): Control {
  const view = () => readView(new URLSearchParams(address.search())).view;
  let lastPanel: PanelName = "factors";
  let folded: Docks | null = null;
  const mode = () => modeOf(address.path());
  const href = (next: View, mode: Mode) => `/${mode}${writeView(next)}`;
  const differs = (next: View, to: Mode) => to !== mode() || !sameView(next, view());
  const show = ({ panel, tab }: Docks) => {
    const before = { panel: control.panel(), tab: control.tab() };
    lastPanel = panel ?? before.panel ?? lastPanel;
    const kept = tab !== before.tab && mode() === "live";
    layout.setState({ ...(panel !== before.panel && { panel }), ...(kept && { tab }) });
    // Only what was chosen goes into the address; the rest follows the width of the window.
    control.replace({
      ...view(),
      ...(panel !== before.panel && { p: panel ?? "none" }),
      ...(tab !== before.tab && { d: tab ?? "none" }),
    });
  };
  const control: Control = {
    mode,
    view,
    push: (next, to = mode()) => {
      if (differs(next, to)) address.push(href(next, to));
    },
    replace: (next, to = mode()) => {
      if (differs(next, to)) address.replace(href(next, to));
    },
    pickReplay: () => {
      const { s, p } = view();
      control.push({ ...(s && { s }), ...(p && { p }) }, "replay");
    },
    startReplay: (s, t) => {
      const { p, d } = view();
      control.push({ s, t, ...(p && { p }), ...(d && mode() === "replay" && { d }) }, "replay");
    },
    leaveReplay: ({ asked = false } = {}) => {
      if (!asked && services.replay.getState().paper?.state().position) {
        openDialog({ name: "leave" });
        return;
      }
      const { s, p } = view();
      control.push({ ...(s && { s }), ...(p && { p }) }, "live");
    },
    openSeries: (seriesId) => {
      rememberListing(listingKey(seriesId));
      control.push({ s: seriesId, ...positionOf(view()), ...docksOf(view()) });
    },
    openTimeframe: (timeframe) => {
      const { s } = view();
      const parts = s === undefined ? null : parseSeriesId(s);
      if (!parts || parts.timeframe === timeframe) return;
      if (mode() === "replay") {
        control.openSeries(formatSeriesId({ ...parts, timeframe }));
        return;
      }
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
    tab: () => openTab(layout.getState(), view(), mode(), innerWidth),
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
  /** Another series is replayed from where this one stands. */
  function positionOf({ t }: View): Pick<View, "t"> {
    return mode() === "replay" && t !== undefined ? { t } : {};
  }
  return control;
}

/** The timeframe a new symbol opens in: the one on screen, else the first favourite. */
export function currentTimeframe(view: View): string {
  const parts = view.s === undefined ? null : parseSeriesId(view.s);
  return parts?.timeframe ?? choices.getState().favourites[0] ?? "1m";
}
