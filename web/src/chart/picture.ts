/** Builds the coarse picture of the chart that the application sees. */
import type { ApiError } from "../api/error";
import type { ConnectionState } from "../api/link";
import { parseSeriesId } from "../api/series";
import type { SeriesId } from "../api/types";
import type { ChartSession } from "../feed/chart-session";
import { firstTime, lastTime } from "../feed/window";
import type { Bars } from "./bars";
import type { TimeFormat } from "./format/time";
import type { Navigation } from "./navigation";
import type { Structures } from "./structures";
import type {
  ChartFailure,
  ChartState,
  ChartStatus,
  ChartSummary,
  DrawingsState,
  HistoryState,
  ScaleChoice,
  Selected,
} from "./types";
import { barRow, extremes, legendValues, newestPens, newestStructure, newestValues } from "./values";

export interface PictureInput {
  readonly chartId: string;
  readonly session: ChartSession | null;
  /** Series whose candles were painted. */
  readonly painted: SeriesId | null;
  /** Something was opened and is not on screen yet. */
  readonly opens: boolean;
  /** A series id that is not one. */
  readonly refusedId: ChartFailure | null;
  readonly connection: ConnectionState;
  readonly nowMs: number;
  readonly bars: Bars;
  readonly structures: Structures;
  readonly navigation: Navigation;
  readonly hoverSlot: number | null;
  readonly selected: Selected | null;
  /** Newest closed time when the view left the newest bar; null while following. */
  readonly leftAt: number | null;
  readonly precision: number;
  readonly scale: ScaleChoice;
  readonly manualPrice: boolean;
  readonly timeZone: string;
  readonly time: TimeFormat;
}

/** A short interruption is not worth a word. */
const STALE_AFTER_MS = 1_000;

export function chartStatus(input: PictureInput): ChartStatus {
  const { session, connection, painted, nowMs } = input;
  if (input.refusedId) return "error";
  if (!session) return "loading";
  if (painted !== session.seriesId) return session.failure() ? "error" : "loading";
  if (connection.status === "offline") return "offline";
  const downMs = connection.downSinceMs === null ? 0 : nowMs - connection.downSinceMs;
  if (connection.status === "reconnecting" && downMs >= STALE_AFTER_MS) return "stale";
  return input.bars.newest() === null ? "empty" : "ready";
}

export function chartState(input: PictureInput): ChartState {
  const { session, bars, navigation, connection } = input;
  const window = bars.window();
  const slots = bars.slots();
  const hoverBar = input.hoverSlot === null ? null : slots.barAt(input.hoverSlot);
  return {
    chartId: input.chartId,
    series: input.painted,
    requested: session?.seriesId ?? input.painted,
    status: chartStatus(input),
    opens: input.opens,
    failure: input.refusedId ?? failureOf(session?.failure() ?? null, session?.retryAtMs() ?? null),
    last: newestValues(window),
    hover: hoverBar === null ? null : legendValues(window, hoverBar),
    selected: input.selected,
    follow: navigation.following() && window.atHead,
    newBars: newBars(input),
    features: input.structures.counts(),
    active: input.structures.state().active.length,
    connection,
    drawings: drawingsState(input),
    lastFrameMs: session?.lastFrameMs() ?? null,
    refusal: session?.refusal() ?? null,
    precision: input.precision,
    visible: visibleRange(input),
    barSpacing: navigation.view().spacing,
    history: historyState(session),
    candles: {
      count: window.candles.length,
      firstTime: firstTime(window),
      lastTime: lastTime(window),
      formingTime: window.forming?.candle_time ?? null,
    },
    gaps: { count: slots.gaps().length, bars: slots.missing() },
    scale: input.scale,
    manualPrice: input.manualPrice,
    timeZone: input.timeZone,
    zoneLabel: input.time.zone.label(bars.newest()?.candle_time ?? input.nowMs / 1000),
  };
}

export function chartSummary(input: PictureInput): ChartSummary {
  const { bars, navigation } = input;
  const range = navigation.visibleSlots();
  const rows = [];
  for (let slot = range?.from ?? 0; range && slot <= range.to; slot += 1) {
    const candle = bars.at(slot);
    if (candle) rows.push(barRow(candle, candle === bars.window().forming));
  }
  const slots = bars.slots();
  return {
    series: input.painted,
    status: chartStatus(input),
    timeZone: input.timeZone,
    precision: input.precision,
    ...extremes(rows),
    pens: newestPens(input.structures),
    structure: newestStructure(input.structures, bars.newest()?.close ?? 0),
    drawings: drawingsState(input),
    bars: rows,
    gaps: { count: slots.gaps().length, bars: slots.missing() },
  };
}

export function historyState(session: ChartSession | null): HistoryState {
  if (session?.window().atStart) return "start";
  return session?.loadingOlder() ? "loading" : "more";
}

/** A change of timeframe keeps the time at the right edge, unless the newest bar is followed. Null: show the newest. */
export function keptEdge(state: ChartState, next: SeriesId): number | null {
  const before = parseSeriesId(state.requested ?? "");
  const after = parseSeriesId(next);
  if (!before || !after || state.follow || state.visible === null) return null;
  const same = before.exchange === after.exchange && before.market === after.market && before.symbol === after.symbol;
  return same ? state.visible.to : null;
}

/** The failure of a series id that is not one: nothing is asked of the server. */
export function invalidSeries(seriesId: SeriesId): ChartFailure {
  const message = `${seriesId} is not a series id.`;
  const known = { status: 400, code: "series.invalid_id", detail: "invalid_series_id" };
  return { ...known, message, requestId: "", retryAtMs: null };
}

function newBars({ session, leftAt }: PictureInput): number {
  const newest = session?.newest() ?? null;
  if (!session || leftAt === null || newest === null) return 0;
  return Math.max(0, Math.round((newest - leftAt) / session.timeframe));
}

function visibleRange({ bars, navigation }: PictureInput): ChartState["visible"] {
  const range = navigation.visibleSlots();
  const from = range && bars.slots().timeAt(range.from);
  const to = range && bars.slots().timeAt(range.to);
  if (!range || from === undefined || to === undefined || from === null || to === null) return null;
  return { from, to, bars: range.to - range.from + 1 };
}

function drawingsState({ session, structures }: PictureInput): DrawingsState {
  const sync = session?.drawings();
  const drawn = structures.state();
  return {
    status: sync?.status() ?? "none",
    rebuilding: session?.rebuilding() ?? false,
    toTime: drawn.toTime,
    cursor: drawn.cursor,
    epoch: session?.epoch() ?? null,
    failure: failureOf(sync?.failure() ?? null, sync?.retryAtMs() ?? null),
  };
}

function failureOf(error: ApiError | null, retryAtMs: number | null): ChartFailure | null {
  if (!error) return null;
  const { status, code, detail, message, requestId } = error;
  return { status, code, detail, message, requestId, retryAtMs };
}
