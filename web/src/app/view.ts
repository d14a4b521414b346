/** The view in the address: `/live?s=&t=&n=&p=&d=`, `/replay?s=&t=&c=`, `/backtest?…&run=&cmp=&trade=`. Times are Unix seconds. */
import { parseSeriesId, timeframeSeconds } from "../api/series";

export interface View {
  /** Series id. */
  s?: string;
  /** Time at the right edge; absent: follow the newest bar. In replay: the position; absent: to be picked. */
  t?: number;
  /** In replay: timeframe of the candle at `t` that passed last, and of a step; absent: not said. */
  c?: string;
  /** Bars in view. */
  n?: number;
  /** Right panel. */
  p?: PanelName | "none";
  /** Tab of the bottom dock. */
  d?: TabName | "none";
  /** Backtest run that is open. */
  run?: string;
  /** Runs it is compared with, commas between them. */
  cmp?: string;
  /** Trade of the run that is shown, by its place in the order of closing. */
  trade?: number;
}

export const PANELS = ["markets", "factors", "inspector", "data"] as const;
export type PanelName = (typeof PANELS)[number];

export const TABS = ["replay", "backtest", "orders", "log"] as const;
export type TabName = (typeof TABS)[number];

export const MODES = ["live", "replay", "backtest"] as const;
export type Mode = (typeof MODES)[number];

/** The tabs of the bottom dock in a mode. */
export const TABS_OF: Readonly<Record<Mode, readonly TabName[]>> = {
  live: ["log"],
  replay: ["replay", "orders", "log"],
  backtest: ["backtest", "log"],
};

export function modeOf(path: string): Mode {
  return MODES.find((mode) => path === `/${mode}`) ?? "live";
}

export interface BadValue {
  name: string;
  value: string;
}

const BARS = { least: 5, most: 50_000 };
const TIME_END = 2 ** 33;
const RUN = /^[\w.-]{1,80}$/;
/** Runs that one can be compared with. */
const MOST_COMPARED = 3;
const MOST_TRADES = 10_000_000;

/** Reads a query; what cannot be used is left out and named. */
export function readView(query: URLSearchParams): { view: View; bad: BadValue[] } {
  const view: View = {};
  const bad: BadValue[] = [];
  const take = <K extends keyof View>(name: K, read: (text: string) => View[K] | undefined) => {
    const text = query.get(name);
    if (text === null || text === "") return;
    const value = read(text);
    if (value === undefined) bad.push({ name, value: text.slice(0, 80) });
    else view[name] = value;
  };
  take("s", (text) => (parseSeriesId(text) ? text : undefined));
  take("t", (text) => whole(text, 1, TIME_END - 1));
  take("c", (text) => (timeframeSeconds(text) === null ? undefined : text));
  take("n", (text) => whole(text, BARS.least, BARS.most));
  take("p", (text) => [...PANELS, "none" as const].find((name) => name === text));
  take("d", (text) => [...TABS, "none" as const].find((name) => name === text));
  take("run", (text) => (RUN.test(text) ? text : undefined));
  take("cmp", (text) => {
    const ids = text.split(",");
    return ids.length <= MOST_COMPARED && ids.every((id) => RUN.test(id)) ? text : undefined;
  });
  take("trade", (text) => whole(text, 0, MOST_TRADES));
  return { view, bad };
}

function whole(text: string, least: number, most: number): number | undefined {
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

/** The query of a view; `:` and `/` stay readable, as the server accepts them raw. */
export function writeView(view: View): string {
  const query = new URLSearchParams();
  for (const name of ["s", "t", "c", "n", "p", "d", "run", "cmp", "trade"] as const) {
    const value = view[name];
    if (value !== undefined) query.set(name, String(value));
  }
  const text = query.toString().replaceAll("%3A", ":").replaceAll("%2F", "/").replaceAll("%2C", ",");
  return text === "" ? "" : `?${text}`;
}

/** The part of a view that says which docks are open: it outlives a change of the series. */
export function docksOf({ p, d }: View): View {
  return { ...(p && { p }), ...(d && { d }) };
}

/** The part of a view that says which backtest is open: it outlives a change of the series. */
export function runOf({ run, cmp, trade }: View): View {
  return { ...(run && { run }), ...(cmp && { cmp }), ...(trade !== undefined && { trade }) };
}

export function sameView(a: View, b: View): boolean {
  return writeView(a) === writeView(b);
}
