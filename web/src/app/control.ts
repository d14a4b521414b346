/** Moves between views. Everything that changes the address goes through here. */
import { formatSeriesId, listingKey, parseSeriesId } from "../api/series";
import { choices, rememberListing } from "../features/market/choices";
import { readPassed, samePlace, writePassed } from "../features/replay/passed";
import { openDialog } from "./dialogs";
import { docksFloat, layout, openPanel, openTab } from "./layout";
import type { Services } from "./services";
import {
  docksOf,
  type Mode,
  modeOf,
  type PanelName,
  readView,
  runOf,
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
  /** Live again, at the newest bar, or to another mode. An open paper position is asked about first, unless it was. */
  leaveReplay: (how?: { asked?: boolean; to?: Mode }) => void;
  /** Backtests with the run that was open there, and with the chart as it is; after a replay at the place of before. */
  openBacktest: () => void;
  /** Live again, with the chart as it is. */
  leaveBacktest: () => void;
  /** Opens a backtest run and those it is compared with; null: none. */
  openRun: (run: string | null, compared?: readonly string[]) => void;
  /** Shows a trade of the open run, in a view of the series that it is in. */
  openTrade: (index: number, place: { series: string; at: number; bars: number } | null) => void;
  /** Brings the chart to the trade that is open already. */
  placeTrade: (place: { at: number; bars: number }) => void;
  /** Another market ends a paper session: an open position of it is asked about first, unless it was. */
  openSeries: (seriesId: string, how?: { asked?: boolean }) => void;
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

export function createControl(
  address: Address,
  services: Pick<Services, "chart" | "host" | "replay" | "backtest">,
): Control {
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
    leaveReplay: ({ asked = false, to = "live" } = {}) => {
      if (!asked && services.replay.getState().paper?.state().position) {
        openDialog({ name: "leave", ...(to !== "live" && { to }) });
        return;
      }
      keepPosition();
      const { s, p } = view();
      control.push({ ...(s && { s }), ...(p && { p }), ...(to === "backtest" && leftAt(s)) }, to);
    },
    openBacktest: () => {
      if (mode() === "replay") control.leaveReplay({ to: "backtest" });
      else control.push({ ...placeOf(view()), ...runOf(services.backtest.getState().left) }, "backtest");
    },
    leaveBacktest: () => control.push(placeOf(view()), "live"),
    openRun: (run, compared = []) => {
      const { cmp: _cmp, trade: _trade, run: before, ...rest } = view();
      const same = run !== null && run === before && compared.length === 0 ? runOf({ ...view(), cmp: "" }) : {};
      control.push({ ...rest, ...same, ...(run && { run }), ...(compared.length > 0 && { cmp: compared.join(",") }) });
    },
    openTrade: (index, place) => {
      const next: View = { ...view(), trade: index };
      control.push(place ? { ...next, s: place.series, t: place.at, n: place.bars } : next);
    },
    placeTrade: ({ at, bars }) => control.replace({ ...view(), t: at, n: bars }),
    openSeries: (seriesId, { asked = false } = {}) => {
      const { paper } = services.replay.getState();
      if (!asked && paper?.market !== listingKey(seriesId) && paper?.state().position) {
        openDialog({ name: "leave", series: seriesId });
        return;
      }
      rememberListing(listingKey(seriesId));
      keepPosition();
      control.push({ s: seriesId, ...positionOf(view()), ...keptOf(view()) });
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
        ...keptOf(view()),
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
  /** What outlives a change of the series: docks, and the open backtest. */
  function keptOf(now: View): View {
    return { ...docksOf(now), ...(mode() === "backtest" && runOf(now)) };
  }
  /** What was open in backtests, and the place on the chart if it shows the same series. */
  function leftAt(series: string | undefined): View {
    const { left } = services.backtest.getState();
    const { t, n } = left.s === series ? left : {};
    return { ...(t !== undefined && { t }), ...(n !== undefined && { n }), ...runOf(left) };
  }
  /** Series, place and right panel: what both modes have. */
  function placeOf({ s, t, n, p }: View): View {
    return { ...(s && { s }), ...(t !== undefined && { t }), ...(n !== undefined && { n }), ...(p && { p }) };
  }
  /** The address is behind a replay that moves; the entry that is left says where it stood, so that Back comes there. */
  function keepPosition(): void {
    const { controller } = services.replay.getState();
    const { s, t, c, ...rest } = view();
    if (mode() !== "replay" || controller === null || t === undefined || s !== controller.seriesId) return;
    const standing = controller.standing();
    if (!samePlace(readPassed(s, { t, c }), standing)) control.replace({ ...rest, s, ...writePassed(standing) });
  }
  /** Another series is replayed up to what this one knows. */
  function positionOf({ s, t, c }: View): Pick<View, "t" | "c"> {
    if (mode() !== "replay" || s === undefined || t === undefined) return {};
    return writePassed(readPassed(s, { t, c }));
  }
  return control;
}

/** The timeframe a new symbol opens in: the one on screen, else the first favourite. */
export function currentTimeframe(view: View): string {
  const parts = view.s === undefined ? null : parseSeriesId(view.s);
  return parts?.timeframe ?? choices.getState().favourites[0] ?? "1m";
}
