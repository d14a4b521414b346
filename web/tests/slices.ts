import type { FactorSlice, FactorSlices } from "../src/api/types";
import type { FakeSlice } from "./fake-api";

const level = (side: string, price: number, first: number, change: Readonly<Record<string, unknown>> = {}) => ({
  price,
  type: side,
  level_type: side,
  status: "active",
  first_time: first,
  second_time: first + 300,
  last_time: first + 300,
  count: 4,
  flip_dir: null,
  touch_times: [first, first + 300],
  band_low: price - 1,
  band_high: price + 1,
  death_time: null,
  ...change,
});

const first = level("resistance", 120, 600);
const second = level("support", 90, 1_800, { status: "broken", death_time: 2_700, count: 2 });
const ref = { kind: "confirmed", start_time: 600, end_time: 1_200, direction: 1 };

/** One fact of every kind, as the built-in factors write them. */
export const sampleSlices: Readonly<Record<string, Required<FakeSlice>>> = {
  pivot: {
    history: {
      major: [{ pivot_time: 1_200, pivot_price: 120, direction: "resistance", visible_time: 1_500, window: 5 }],
      minor: [{ pivot_time: 1_320, pivot_price: 98, direction: "support", visible_time: 1_440, window: 2 }],
    },
    head: {},
  },
  pen: {
    history: {
      confirmed: [
        { start_time: 600, end_time: 1_200, start_price: 100, end_price: 120, direction: 1, visible_time: 1_500 },
      ],
    },
    head: {
      extending: { start_time: 1_200, end_time: 5_400, start_price: 120, end_price: 95, direction: -1 },
      candidate: { start_time: 5_400, end_time: 6_000, start_price: 95, end_price: 104, direction: 1 },
    },
  },
  zhongshu: {
    history: {
      dead: [
        {
          ...{ start_time: 300, end_time: 840, zg: 99, zd: 95, entry_direction: -1, formed_time: 480 },
          ...{ death_time: 900, visible_time: 900, formed_reason: "price_cross" },
        },
      ],
    },
    head: {
      alive: [
        {
          ...{ start_time: 600, end_time: 6_000, zg: 109, zd: 101, entry_direction: 1, formed_time: 2_400 },
          ...{ death_time: null, visible_time: 6_000, formed_reason: "pen_confirmed" },
        },
      ],
    },
  },
  anchor: {
    history: {
      anchors: [ref],
      switches: [{ switch_time: 1_500, reason: "strong_pen", old_anchor: null, new_anchor: ref, visible_time: 1_500 }],
    },
    head: { current_anchor_ref: ref },
  },
  sr: {
    history: {
      snapshots: [
        { visible_time: 1_500, algorithm: "pivot_wick_overlap", levels: [first], pivots: [] },
        { visible_time: 3_000, algorithm: "pivot_wick_overlap", levels: [first, second], pivots: [] },
      ],
    },
    head: { algorithm: "pivot_wick_overlap", levels: [first, second], pivots: [] },
  },
};

/** An answer of the slices route; `part` empties the other half, factors that are given replace those of the sample. */
export function slices(
  change: { readonly part?: "head" } & Readonly<Record<string, FakeSlice | "head" | undefined>> = {},
): FactorSlices {
  const { part, ...given } = change;
  const series_id = "binance:futures:BTC/USDT:1m";
  const meta = { series_id, epoch: 0, at_time: 6_000, candle_id: `${series_id}:6000` };
  const contents = { ...sampleSlices, ...(given as Readonly<Record<string, FakeSlice>>) };
  const snapshots: Record<string, FactorSlice> = {};
  for (const [factor_name, { history = {}, head = {} }] of Object.entries(contents)) {
    const kept = part === "head" ? {} : history;
    snapshots[factor_name] = { schema_version: 1, history: kept, head, meta: { ...meta, factor_name } };
  }
  return {
    schema_version: 1,
    series_id,
    at_time: 6_000,
    candle_id: meta.candle_id,
    factors: Object.keys(snapshots),
    snapshots,
  };
}
