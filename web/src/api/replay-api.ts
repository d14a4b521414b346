/** Replay over HTTP: what a history is made of, and packages of it. Times are Unix seconds. */
import type { Client } from "openapi-fetch";
import type { paths } from "./schema";
import type { SeriesId } from "./types";

/** The course of a stored history, thinned out; never later than what was asked for. */
export interface ReplayOutline {
  readonly series_id: SeriesId;
  readonly first_time: number;
  readonly to_time: number;
  readonly times: readonly number[];
  readonly closes: readonly number[];
  /** Names of the moments that can be jumped to. */
  readonly kinds: readonly string[];
}

export interface FactorEvent {
  /** The candle that made it known. */
  readonly candle_time: number;
  readonly kind: string;
  readonly payload?: Readonly<Record<string, unknown>> | null;
}

export interface FactorEvents {
  readonly events: readonly FactorEvent[];
  /** There are further ones after the page. */
  readonly more: boolean;
}

export interface EventQuery {
  readonly series_id: SeriesId;
  readonly to_time: number;
  /** With commas between them. */
  readonly kinds: string;
  readonly order: "asc" | "desc";
  readonly fields: "full" | "time";
  /** 1 to 5000. */
  readonly limit: number;
}

/** Which bars a package holds: so many up to a time. */
export interface PackageQuery {
  readonly series_id: SeriesId;
  readonly to_time: number;
  /** 1 to 5000. */
  readonly window_candles: number;
}

export interface PackageMetadata {
  readonly series_id: SeriesId;
  readonly total_candles: number;
  readonly from_candle_time: number;
  readonly to_candle_time: number;
}

/** What a build would come to. */
export interface PackageOutlook {
  readonly status: "coverage_missing" | "out_of_sync" | "build_required" | "done";
  readonly job_id: string;
  readonly coverage: { readonly candles_ready: number; readonly required_candles: number };
  readonly metadata: PackageMetadata | null;
}

export interface PackageStatus {
  readonly job_id: string;
  readonly status: "building" | "done" | "error";
  /** 0 to 100. */
  readonly progress?: number | null;
  readonly metadata: PackageMetadata | null;
  readonly error?: string | null;
}

export interface CoverageStatus {
  readonly job_id: string;
  readonly status: "building" | "done" | "error";
  readonly candles_ready: number;
  readonly required_candles: number;
  readonly error: string | null;
}

export interface ReplayApi {
  outline(seriesId: SeriesId, until: number, points: number, signal?: AbortSignal): Promise<ReplayOutline>;
  events(query: EventQuery, signal?: AbortSignal): Promise<FactorEvents>;
  packageOutlook(query: PackageQuery, signal?: AbortSignal): Promise<PackageOutlook>;
  /** Begins to build a package, or finds it. */
  buildPackage(query: PackageQuery): Promise<{ readonly job_id: string }>;
  packageStatus(jobId: string, signal?: AbortSignal): Promise<PackageStatus>;
  importPackage(file: Blob): Promise<PackageStatus>;
  /** Brings the ledgers forward to a time. */
  prepare(query: PackageQuery): Promise<void>;
  /** Begins to fetch the candles that are missing. */
  ensureCoverage(query: PackageQuery): Promise<{ readonly job_id: string }>;
  coverageStatus(jobId: string, signal?: AbortSignal): Promise<CoverageStatus>;
}

/** Runs one request; see the client. */
export type Ask = <T>(
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<{ data?: unknown; error?: unknown; response: Response }>,
) => Promise<T>;

export function createReplayApi(http: Client<paths>, ask: Ask): ReplayApi {
  return {
    outline: (series_id, until, points, signal) =>
      ask(signal, (signal) =>
        http.GET("/api/replay/outline", { params: { query: { series_id, until, points } }, signal }),
      ),
    events: (query, signal) => ask(signal, (signal) => http.GET("/api/factor/events", { params: { query }, signal })),
    packageOutlook: (query, signal) =>
      ask(signal, (signal) => http.GET("/api/replay/read_only", { params: { query }, signal })),
    buildPackage: (query) =>
      ask(undefined, (signal) =>
        http.POST("/api/replay/build", { body: { ...query, window_size: null, snapshot_interval: null }, signal }),
      ),
    packageStatus: (job_id, signal) =>
      ask(signal, (signal) => http.GET("/api/replay/status", { params: { query: { job_id } }, signal })),
    importPackage: (file) =>
      ask(undefined, (signal) =>
        http.POST("/api/replay/import", {
          body: file as never,
          bodySerializer: (body) => body as never,
          headers: { "content-type": "application/octet-stream" },
          signal,
        }),
      ),
    prepare: (body) => ask(undefined, (signal) => http.POST("/api/replay/prepare", { body, signal })),
    ensureCoverage: ({ series_id, to_time, window_candles: target_candles }) =>
      ask(undefined, (signal) =>
        http.POST("/api/replay/ensure_coverage", { body: { series_id, to_time, target_candles }, signal }),
      ),
    coverageStatus: (job_id, signal) =>
      ask(signal, (signal) => http.GET("/api/replay/coverage_status", { params: { query: { job_id } }, signal })),
  };
}

/** Address of a package as one file. */
export function packageFile(jobId: string): string {
  return `/api/replay/export?job_id=${encodeURIComponent(jobId)}`;
}
