import type { ApiClient, CandleQuery, DrawQuery } from "../src/api/client";
import type { Candle, CandlesResponse, DrawDelta, PatchItem } from "../src/api/types";

/** The read routes over candles and drawings that the test sets. */
export class FakeApi implements Pick<ApiClient, "candles" | "drawDelta"> {
  candlesStored: Candle[] = [];
  drawing: PatchItem[] = [];
  readonly candleQueries: CandleQuery[] = [];
  readonly drawQueries: DrawQuery[] = [];
  /** Thrown by the next reads, oldest first. */
  readonly candleFailures: unknown[] = [];
  readonly drawFailures: unknown[] = [];

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

  async drawDelta(query: DrawQuery): Promise<DrawDelta> {
    this.drawQueries.push(query);
    if (this.drawFailures.length > 0) throw this.drawFailures.shift();
    const to = this.candlesStored.at(-1)?.candle_time ?? null;
    const cursor = query.cursor_version_id ?? 0;
    return {
      schema_version: 1,
      series_id: query.series_id,
      to_candle_id: to === null ? null : `${query.series_id}:${to}`,
      to_candle_time: to,
      active_ids: this.drawing.map((item) => item.instruction_id).sort(),
      instruction_catalog_patch: this.drawing.filter((item) => item.version_id > cursor),
      series_points: {},
      next_cursor: { version_id: to ?? 0, point_time: null },
    };
  }

  /** As the whole client; the routes that no test of the chart needs reject. */
  asClient(): ApiClient {
    const missing = () => Promise.reject(new Error("not part of this fake"));
    return {
      candles: (query) => this.candles(query),
      drawDelta: (query) => this.drawDelta(query),
      series: missing,
      whitelist: missing,
      factorCatalog: missing,
      factorHealth: missing,
      live: missing,
    };
  }
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
