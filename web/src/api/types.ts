/** Wire types of the HTTP and WebSocket contracts. Times are Unix seconds (candle open time) unless a name ends in `_ms`. */

export type SeriesId = string;

export interface Candle {
  readonly candle_time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export interface CandlesResponse {
  readonly series_id: SeriesId;
  readonly server_head_time: number | null;
  readonly candles: readonly Candle[];
}

export interface WhitelistResponse {
  readonly series_ids: readonly SeriesId[];
}

export interface SeriesRow {
  readonly series_id: SeriesId;
  readonly first_time: number | null;
  readonly head_time: number | null;
  readonly epoch: number;
  readonly whitelisted: boolean;
  readonly live: boolean;
}

export interface SeriesListResponse {
  readonly series: readonly SeriesRow[];
}

export interface SubFeature {
  readonly key: string;
  readonly label: string;
  readonly default_visible: boolean;
}

export interface FactorEntry {
  readonly key: string;
  readonly label: string;
  readonly default_visible: boolean;
  readonly sub_features: readonly SubFeature[];
}

export interface FactorCatalog {
  readonly schema_version: number;
  readonly factors: readonly FactorEntry[];
}

export interface FactorHealth {
  readonly series_id: SeriesId;
  readonly timeframe_seconds: number;
  readonly store_head_time: number | null;
  readonly factor_head_time: number | null;
  readonly overlay_head_time: number | null;
  readonly factor_delay_seconds: number | null;
  readonly factor_delay_candles: number | null;
  readonly overlay_delay_seconds: number | null;
  readonly overlay_delay_candles: number | null;
  readonly max_delay_seconds: number | null;
  readonly max_delay_candles: number | null;
  readonly status: HealthStatus;
  readonly status_reason: string;
}

export type HealthStatus = "green" | "yellow" | "red" | "gray";

/** How far a backfill of the newest candles is. */
export interface BackfillProgress {
  readonly state: "idle" | "running" | "succeeded" | "failed";
  /** 0 to 100. */
  readonly progress_pct: number | null;
  readonly started_at: number | null;
  readonly updated_at: number | null;
  readonly reason: string | null;
  readonly note: string | null;
  readonly error: string | null;
  /** It moved a short time ago. */
  readonly recent: boolean;
  readonly start_missing_seconds: number;
  readonly start_missing_candles: number;
  readonly current_missing_seconds: number;
  readonly current_missing_candles: number;
}

/** Whether the stored candles keep up with the market clock. */
export interface MarketHealth {
  readonly series_id: SeriesId;
  readonly timeframe_seconds: number;
  readonly now_time: number;
  readonly expected_latest_closed_time: number;
  readonly head_time: number | null;
  readonly lag_seconds: number | null;
  readonly missing_seconds: number | null;
  readonly missing_candles: number | null;
  readonly status: HealthStatus;
  readonly status_reason: string;
  readonly backfill: BackfillProgress;
}

export type GapState = "open" | "filling" | "healed" | "absent";

/** A hole in the stored candles, as the server's ledger has it. */
export interface Gap {
  /** First and last missing open time. */
  readonly from_time: number;
  readonly to_time: number;
  readonly missing_candles: number;
  readonly cause: string;
  readonly state: GapState;
  readonly detected_at_ms: number;
  readonly attempts: number;
  readonly last_attempt_at_ms: number | null;
  /** When the server tries next; null while it tries, when it is healed, and when nobody fills gaps of the series. */
  readonly next_attempt_at_ms: number | null;
  readonly last_error: string | null;
  readonly healed_at_ms: number | null;
  readonly healed_from: string | null;
}

export interface GapsResponse {
  readonly series_id: SeriesId;
  readonly timeframe_seconds: number;
  /** Of the whole series: what is not healed. */
  readonly open_count: number;
  readonly open_missing_candles: number;
  /** Newest first. */
  readonly gaps: readonly Gap[];
}

export interface EpochRebuild {
  readonly epoch: number;
  readonly at_ms: number;
  readonly reason: string;
  /** First candle folded again; null: all of them. */
  readonly from_time: number | null;
  readonly candles: number;
}

export interface EpochsResponse {
  readonly series_id: SeriesId;
  readonly epoch: number;
  /** Newest first. */
  readonly rebuilds: readonly EpochRebuild[];
}

export interface BaseBucket {
  readonly bucket_open_time: number;
  readonly expected_minutes: number;
  readonly actual_minutes: number;
  readonly missing_minutes: number;
}

export interface SeriesGap {
  readonly prev_time: number;
  readonly next_time: number;
  readonly delta_seconds: number;
  readonly missing_candles: number;
}

/** How regular the stored candles are, counted from the candles themselves. */
export interface SeriesHealth {
  readonly series_id: SeriesId;
  readonly timeframe_seconds: number;
  readonly now_time: number;
  readonly first_time: number | null;
  readonly head_time: number | null;
  readonly lag_seconds: number | null;
  readonly candle_count: number;
  readonly gap_count: number;
  readonly max_gap_seconds: number | null;
  readonly recent_gaps: readonly SeriesGap[];
  readonly base_series_id: SeriesId;
  readonly base_bucket_completeness: readonly BaseBucket[];
  /** Absent: every candle is on the grid. */
  readonly off_grid_count?: number;
}

export interface TopMarket {
  readonly exchange: string;
  readonly market: string;
  /** `BTC/USDT`. */
  readonly symbol: string;
  readonly symbol_id: string;
  readonly base_asset: string;
  readonly quote_asset: string;
  readonly last_price: number | null;
  /** Of the last 24 hours, in the quote asset. */
  readonly quote_volume: number | null;
  /** Of the last 24 hours. */
  readonly price_change_percent: number | null;
}

export interface TopMarketsResponse {
  readonly exchange: string;
  readonly market: string;
  readonly quote_asset: string;
  readonly limit: number;
  readonly generated_at_ms: number;
  readonly cached: boolean;
  /** By volume, largest first. */
  readonly items: readonly TopMarket[];
  /** Only when the exchange does not answer: what is kept, and how old it is. */
  readonly stale?: true;
  readonly age_ms?: number;
}

export interface MarkerDefinition {
  readonly type: "marker";
  readonly feature: string;
  readonly time: number;
  readonly position: "aboveBar" | "belowBar";
  readonly color: string;
  readonly shape: "circle" | "arrowUp" | "arrowDown";
  readonly text: string;
  readonly size: number;
}

export interface LinePoint {
  readonly time: number;
  readonly value: number;
}

export interface PolylineDefinition {
  readonly type: "polyline";
  readonly feature: string;
  readonly points: readonly LinePoint[];
  readonly color: string;
  readonly lineWidth: number;
  readonly lineStyle?: string;
  readonly entryDirection?: number;
}

export type InstructionDefinition = MarkerDefinition | PolylineDefinition;

export interface PatchItem {
  readonly version_id: number;
  readonly instruction_id: string;
  readonly kind: "marker" | "polyline";
  readonly visible_time: number;
  readonly definition: InstructionDefinition;
}

export interface DrawDelta {
  readonly schema_version: number;
  readonly series_id: SeriesId;
  readonly to_candle_id: string | null;
  readonly to_candle_time: number | null;
  readonly active_ids: readonly string[];
  readonly instruction_catalog_patch: readonly PatchItem[];
  readonly series_points: Readonly<Record<string, unknown>>;
  readonly next_cursor: { readonly version_id: number; readonly point_time: number | null };
}

export interface FactorMeta {
  readonly series_id: SeriesId;
  readonly epoch: number;
  readonly at_time: number;
  readonly candle_id: string;
  readonly factor_name: string;
}

/** Lists of events per bucket, and the state as of the candle. What they hold is the factor's own business. */
export interface FactorSlice {
  readonly schema_version: number;
  readonly history: Readonly<Record<string, unknown>>;
  readonly head: Readonly<Record<string, unknown>>;
  readonly meta: FactorMeta;
}

export interface FactorSlices {
  readonly schema_version: number;
  readonly series_id: SeriesId;
  readonly at_time: number;
  /** Null when no candle is stored at or before `at_time`. */
  readonly candle_id: string | null;
  readonly factors: readonly string[];
  readonly snapshots: Readonly<Record<string, FactorSlice>>;
}

export interface WorldTime {
  readonly at_time: number;
  readonly aligned_time: number;
  readonly candle_id: string;
}

/** Slices and drawing of one candle, read together. */
export interface WorldState {
  readonly schema_version: number;
  readonly series_id: SeriesId;
  readonly time: WorldTime;
  readonly factor_slices: FactorSlices;
  readonly draw_state: DrawDelta;
}

export interface WorldDeltaRecord {
  readonly id: number;
  readonly series_id: SeriesId;
  readonly to_candle_id: string;
  readonly to_candle_time: number;
  readonly draw_delta: DrawDelta;
  readonly factor_slices: FactorSlices;
}

export interface WorldDeltaPoll {
  readonly schema_version: number;
  readonly series_id: SeriesId;
  /** None when nothing is newer than the cursor, else one. */
  readonly records: readonly WorldDeltaRecord[];
  readonly next_cursor: { readonly id: number };
}

export interface LiveHealth {
  readonly status: string;
  readonly version: string;
  readonly demo: boolean;
  /** Market clock, milliseconds. */
  readonly market_now_ms: number;
  /** Market seconds per wall second. */
  readonly market_speed: number;
}

export interface ErrorBody {
  readonly detail: unknown;
  readonly code: string;
  readonly message: string;
  readonly request_id: string;
}

export type MarketMessage =
  | { readonly type: "candle_closed"; readonly series_id: SeriesId; readonly candle: Candle }
  | { readonly type: "candle_forming"; readonly series_id: SeriesId; readonly candle: Candle }
  | { readonly type: "candles_batch"; readonly series_id: SeriesId; readonly candles: readonly Candle[] }
  | {
      readonly type: "gap";
      readonly series_id: SeriesId;
      readonly expected_next_time: number;
      readonly actual_time: number;
    }
  | {
      readonly type: "system";
      readonly series_id: SeriesId;
      readonly event: string;
      readonly message: string;
      readonly data: Readonly<Record<string, unknown>>;
    }
  | {
      readonly type: "draw_head";
      readonly series_id: SeriesId;
      readonly to_candle_time: number;
      readonly version_id: number;
      readonly epoch: number;
    }
  | { readonly type: "error"; readonly code: string; readonly message: string; readonly series_id?: SeriesId };
