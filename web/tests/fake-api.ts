import type {
  ApiClient,
  CandleQuery,
  DrawQuery,
  FrameQuery,
  GapQuery,
  PastFrameQuery,
  PollQuery,
  SliceQuery,
} from "../src/api/client";
import { ApiError } from "../src/api/error";
import type {
  Candle,
  CandlesResponse,
  DrawDelta,
  FactorSlice,
  FactorSlices,
  Gap,
  GapsResponse,
  PatchItem,
  WorldDeltaPoll,
  WorldState,
} from "../src/api/types";

type Routes = "candles" | "drawDelta" | "frameLive" | "frameAt" | "deltaPoll" | "factorSlices";

/** History and head of one factor, as a test writes them. */
export type FakeSlice = Partial<Pick<FactorSlice, "history" | "head">>;

/** The read routes over candles, drawings and slices that the test sets. */
export class FakeApi implements Pick<ApiClient, Routes> {
  candlesStored: Candle[] = [];
  drawing: PatchItem[] = [];
  /** By factor name. */
  slices: Readonly<Record<string, FakeSlice>> = {};
  epoch = 0;
  readonly candleQueries: CandleQuery[] = [];
  /** Cursors of every read of a drawing, whatever its route: 0 for a frame. */
  readonly drawCursors: number[] = [];
  readonly drawRoutes: ("frame" | "delta" | "poll")[] = [];
  readonly sliceQueries: SliceQuery[] = [];
  /** Thrown by the next reads, oldest first. */
  readonly candleFailures: unknown[] = [];
  readonly drawFailures: unknown[] = [];
  readonly sliceFailures: unknown[] = [];
  /** The ledger of holes; null: the server keeps none. */
  gapLedger: readonly Gap[] | null = null;
  readonly gapQueries: GapQuery[] = [];
  /** A server without frames and polls. */
  deltasOnly = false;

  async candles(query: CandleQuery): Promise<CandlesResponse> {
    this.candleQueries.push(query);
    if (this.candleFailures.length > 0) throw this.candleFailures.shift();
    const limit = query.limit ?? 500;
    const { since } = query;
    const candles =
      since === undefined
        ? this.candlesStored.slice(-limit)
        : this.candlesStored.filter((candle) => candle.candle_time > since).slice(0, limit);
    const head = this.candlesStored.at(-1)?.candle_time ?? null;
    return { series_id: query.series_id, server_head_time: head, candles };
  }

  async drawDelta({ series_id, cursor_version_id: cursor = 0 }: DrawQuery): Promise<DrawDelta> {
    this.asked("delta", cursor);
    return this.delta(series_id, cursor);
  }

  async frameLive({ series_id, part = "all" }: FrameQuery): Promise<WorldState> {
    if (this.deltasOnly) throw notFound("Not Found");
    this.asked("frame", 0);
    const to = this.candlesStored.at(-1)?.candle_time;
    if (to === undefined) throw notFound("no_data");
    return {
      schema_version: 1,
      series_id,
      time: { at_time: to, aligned_time: to, candle_id: `${series_id}:${to}` },
      factor_slices: this.slicesAt(series_id, to, part),
      draw_state: this.delta(series_id, 0),
    };
  }

  /** Items are there from their versions on. */
  async frameAt({ series_id, at_time, part = "all" }: PastFrameQuery): Promise<WorldState> {
    const to = this.candlesStored.filter(({ candle_time }) => candle_time <= at_time).at(-1)?.candle_time;
    if (to === undefined) throw notFound("no_data");
    const known = this.drawing.filter(({ version_id }) => version_id <= to);
    return {
      schema_version: 1,
      series_id,
      time: { at_time, aligned_time: to, candle_id: `${series_id}:${to}` },
      factor_slices: this.slicesAt(series_id, to, part),
      draw_state: {
        ...this.delta(series_id, 0),
        to_candle_id: `${series_id}:${to}`,
        to_candle_time: to,
        active_ids: known.map((item) => item.instruction_id).sort(),
        instruction_catalog_patch: known,
        next_cursor: { version_id: to, point_time: null },
      },
    };
  }

  async deltaPoll({ series_id, after_id }: PollQuery): Promise<WorldDeltaPoll> {
    if (this.deltasOnly) throw notFound("Not Found");
    this.asked("poll", after_id);
    const to = this.candlesStored.at(-1)?.candle_time ?? 0;
    if (to <= after_id) return { schema_version: 1, series_id, records: [], next_cursor: { id: after_id } };
    const record = {
      id: to,
      series_id,
      to_candle_id: `${series_id}:${to}`,
      to_candle_time: to,
      draw_delta: this.delta(series_id, after_id),
      factor_slices: this.slicesAt(series_id, to, "all"),
    };
    return { schema_version: 1, series_id, records: [record], next_cursor: { id: to } };
  }

  async factorSlices(query: SliceQuery): Promise<FactorSlices> {
    this.sliceQueries.push(query);
    if (this.sliceFailures.length > 0) throw this.sliceFailures.shift();
    return this.slicesAt(query.series_id, query.at_time, query.part ?? "all");
  }

  private asked(route: "frame" | "delta" | "poll", cursor: number): void {
    this.drawCursors.push(cursor);
    this.drawRoutes.push(route);
    if (this.drawFailures.length > 0) throw this.drawFailures.shift();
  }

  private delta(series_id: string, cursor: number): DrawDelta {
    const to = this.candlesStored.at(-1)?.candle_time ?? null;
    return {
      schema_version: 1,
      series_id,
      to_candle_id: to === null ? null : `${series_id}:${to}`,
      to_candle_time: to,
      active_ids: this.drawing.map((item) => item.instruction_id).sort(),
      instruction_catalog_patch: this.drawing.filter((item) => item.version_id > cursor),
      series_points: {},
      next_cursor: { version_id: to ?? 0, point_time: null },
    };
  }

  private slicesAt(series_id: string, at_time: number, part: "all" | "head" | "history"): FactorSlices {
    const candle_id = `${series_id}:${at_time}`;
    const sliceOf = ([factor_name, { history = {}, head = {} }]: [string, FakeSlice]): [string, FactorSlice] => [
      factor_name,
      {
        schema_version: 1,
        history: part === "head" ? {} : history,
        head: part === "history" ? {} : head,
        meta: { series_id, epoch: this.epoch, at_time, candle_id, factor_name },
      },
    ];
    const snapshots = Object.fromEntries(Object.entries(this.slices).map(sliceOf));
    return { schema_version: 1, series_id, at_time, candle_id, factors: Object.keys(snapshots), snapshots };
  }

  async gaps(query: GapQuery): Promise<GapsResponse> {
    this.gapQueries.push(query);
    if (this.gapLedger === null) throw notFound("not_found");
    const open = this.gapLedger.filter(({ state }) => state !== "healed");
    return {
      series_id: query.series_id,
      timeframe_seconds: 60,
      open_count: open.length,
      open_missing_candles: open.reduce((sum, gap) => sum + gap.missing_candles, 0),
      gaps: this.gapLedger.filter(({ to_time }) => to_time >= (query.from_time ?? 0)),
    };
  }

  /** As the whole client; the routes that no test of the chart needs reject. */
  asClient(): ApiClient {
    const missing = () => Promise.reject(new Error("not part of this fake"));
    return {
      candles: (query) => this.candles(query),
      drawDelta: (query) => this.drawDelta(query),
      frameLive: (query) => this.frameLive(query),
      frameAt: (query) => this.frameAt(query),
      deltaPoll: (query) => this.deltaPoll(query),
      factorSlices: (query) => this.factorSlices(query),
      gaps: (query) => this.gaps(query),
      topMarkets: missing,
      marketHealth: missing,
      epochs: missing,
      seriesHealth: missing,
      canRepair: missing,
      repairDrawings: missing,
      series: missing,
      whitelist: missing,
      factorCatalog: missing,
      factorHealth: missing,
      live: missing,
      replay: {
        outline: missing,
        events: missing,
        packageOutlook: missing,
        buildPackage: missing,
        packageStatus: missing,
        importPackage: missing,
        prepare: missing,
        ensureCoverage: missing,
        coverageStatus: missing,
      },
      backtest: {
        engines: missing,
        strategies: missing,
        pairTimeframes: missing,
        start: missing,
        runs: missing,
        standing: missing,
        run: missing,
        cancel: missing,
        remove: missing,
        checkBias: missing,
      },
    };
  }
}

function notFound(detail: string): ApiError {
  return new ApiError("nothing here", { status: 404, code: "c", detail, requestId: "r" });
}

export function pivotItem(time: number, version: number, feature = "pivot.major"): PatchItem {
  return {
    version_id: version,
    instruction_id: `${feature}:${time}:resistance:5`,
    kind: "marker",
    visible_time: version,
    definition: {
      type: "marker",
      feature,
      time,
      position: "aboveBar",
      color: "#ef4444",
      shape: "circle",
      text: "",
      size: 1,
    },
  };
}

export function penItem(
  points: readonly (readonly [number, number])[],
  version: number,
  feature = "pen.confirmed",
): PatchItem {
  return {
    version_id: version,
    instruction_id: feature,
    kind: "polyline",
    visible_time: version,
    definition: {
      type: "polyline",
      feature,
      points: points.map(([time, value]) => ({ time, value })),
      color: "#ffffff",
      lineWidth: 2,
    },
  };
}

/** A support or resistance level as the server draws it. */
export function srItem(
  status: "active" | "broken",
  side: "resistance" | "support",
  price: number,
  start: number,
  end: number,
): PatchItem {
  const line = polylineItem(`sr.${status}`, [
    [start, price],
    [end, price],
  ]);
  return { ...line, instruction_id: `sr.${status}:${side}:${price.toFixed(8)}:${start}` };
}

/** Both edges of a zone. */
export function zoneItems(
  state: "alive" | "dead",
  [start, end]: readonly [number, number],
  [low, high]: readonly [number, number],
  entryDirection = 1,
): PatchItem[] {
  const stem =
    state === "alive" ? "zhongshu.alive" : `zhongshu.dead:${start}:${end}:${high.toFixed(6)}:${low.toFixed(6)}`;
  return (["top", "bottom"] as const).map((edge) => {
    const value = edge === "top" ? high : low;
    const line = polylineItem(`zhongshu.${state}`, [
      [start, value],
      [end, value],
    ]);
    return {
      ...line,
      instruction_id: `${stem}:${edge}`,
      definition: { ...line.definition, entryDirection } as PatchItem["definition"],
    };
  });
}

/** The current anchor, or with a switch time one of its predecessors. */
export function anchorItem(
  points: readonly (readonly [number, number])[],
  { switchTime, dashed = false }: { readonly switchTime?: number; readonly dashed?: boolean } = {},
): PatchItem {
  const feature = switchTime === undefined ? "anchor.current" : "anchor.history";
  const line = polylineItem(feature, points);
  const from = points[0]?.[0] ?? 0;
  const to = points.at(-1)?.[0] ?? 0;
  return {
    ...line,
    instruction_id: switchTime === undefined ? feature : `${feature}:${switchTime}:${from}:${to}:1`,
    definition: { ...line.definition, ...(dashed && { lineStyle: "dashed" }) } as PatchItem["definition"],
  };
}

export function switchItem(time: number, direction: 1 | -1 = 1, reason = "strong_pen"): PatchItem {
  const item = pivotItem(time, time, "anchor.switch");
  return {
    ...item,
    instruction_id: `anchor.switch:${time}:${direction}:${reason}`,
    definition: {
      ...item.definition,
      position: direction > 0 ? "belowBar" : "aboveBar",
      shape: direction > 0 ? "arrowUp" : "arrowDown",
      color: "#f59e0b",
      text: "A",
    } as PatchItem["definition"],
  };
}

function polylineItem(feature: string, points: readonly (readonly [number, number])[]): PatchItem {
  return penItem(points, points.at(-1)?.[0] ?? 0, feature);
}
