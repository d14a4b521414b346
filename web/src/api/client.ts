import { ApiError, apiErrorFromResponse } from "./error";
import type {
  CandlesResponse,
  DrawDelta,
  FactorCatalog,
  FactorHealth,
  LiveHealth,
  MarketHealth,
  SeriesId,
  SeriesListResponse,
  WhitelistResponse,
} from "./types";

export interface CandleQuery {
  readonly series_id: SeriesId;
  /** Exclusive cursor; absent: the newest `limit` candles. */
  readonly since?: number;
  /** 1 to 5000. */
  readonly limit?: number;
}

export interface DrawQuery {
  readonly series_id: SeriesId;
  readonly cursor_version_id?: number;
  readonly window_candles?: number;
  readonly at_time?: number;
}

/** The one HTTP client of the application. Every method rejects with `ApiError`, or with an `AbortError` when cancelled. */
export interface ApiClient {
  candles(query: CandleQuery, signal?: AbortSignal): Promise<CandlesResponse>;
  drawDelta(query: DrawQuery, signal?: AbortSignal): Promise<DrawDelta>;
  series(query?: { readonly q?: string; readonly limit?: number }, signal?: AbortSignal): Promise<SeriesListResponse>;
  whitelist(signal?: AbortSignal): Promise<WhitelistResponse>;
  factorCatalog(signal?: AbortSignal): Promise<FactorCatalog>;
  factorHealth(seriesId: SeriesId, signal?: AbortSignal): Promise<FactorHealth>;
  /** Rejects with status 404 and detail `not_found` where the server has switched it off. */
  marketHealth(seriesId: SeriesId, signal?: AbortSignal): Promise<MarketHealth>;
  live(signal?: AbortSignal): Promise<LiveHealth>;
}

export interface ApiClientOptions {
  /** Prefix of every path, empty for same origin. */
  readonly baseUrl?: string;
  readonly fetch?: typeof fetch;
  /** Milliseconds until a request counts as failed. */
  readonly timeoutMs?: number;
}

type QueryValue = string | number | undefined;

const DEFAULT_TIMEOUT_MS = 15_000;

export function createApiClient(options: ApiClientOptions = {}): ApiClient {
  const base = options.baseUrl ?? "";
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;

  async function get<T>(path: string, query: Readonly<Record<string, QueryValue>>, signal?: AbortSignal): Promise<T> {
    const url = `${base}${path}${queryText(query)}`;
    const timeout = AbortSignal.timeout(timeoutMs);
    const combined = signal ? AbortSignal.any([signal, timeout]) : timeout;
    let response: Response;
    try {
      response = await send(url, { signal: combined, headers: { accept: "application/json" } });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw ApiError.unreachable(timeout.aborted, cause);
    }
    if (!response.ok) throw await apiErrorFromResponse(response);
    try {
      return (await response.json()) as T;
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw ApiError.unreadable(response, cause);
    }
  }

  return {
    candles: (query, signal) => get("/api/market/candles", { ...query }, signal),
    drawDelta: (query, signal) => get("/api/draw/delta", { ...query }, signal),
    series: (query = {}, signal) => get("/api/market/series", { ...query }, signal),
    whitelist: (signal) => get("/api/market/whitelist", {}, signal),
    factorCatalog: (signal) => get("/api/factor/catalog", {}, signal),
    factorHealth: (series_id, signal) => get("/api/factor/health", { series_id }, signal),
    marketHealth: (series_id, signal) => get("/api/market/health", { series_id }, signal),
    live: (signal) => get("/health/live", {}, signal),
  };
}

function queryText(query: Readonly<Record<string, QueryValue>>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) params.set(key, String(value));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}
