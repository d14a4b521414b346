import createFetchClient from "openapi-fetch";
import { type BacktestApi, createBacktestApi } from "./backtest-api";
import { ApiError, apiErrorFrom } from "./error";
import { createReplayApi, type ReplayApi } from "./replay-api";
import type { paths } from "./schema";
import type {
  CandlesResponse,
  DrawDelta,
  EpochsResponse,
  FactorCatalog,
  FactorHealth,
  FactorSlices,
  GapsResponse,
  LiveHealth,
  MarketHealth,
  SeriesHealth,
  SeriesId,
  SeriesListResponse,
  TopMarketsResponse,
  WhitelistResponse,
  WorldDeltaPoll,
  WorldState,
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

/** Which half of every slice to send; the other one arrives empty. */
export type SlicePart = "all" | "head" | "history";

export interface SliceQuery {
  readonly series_id: SeriesId;
  readonly at_time: number;
  readonly window_candles?: number;
  readonly part?: SlicePart;
  /** Comma-separated factor names; absent: all. A name the server does not know is refused. */
  readonly factors?: string;
}

export interface FrameQuery {
  readonly series_id: SeriesId;
  readonly window_candles?: number;
  /** Of the slices; the drawing is always whole. */
  readonly part?: SlicePart;
}

export interface PastFrameQuery extends FrameQuery {
  /** Closed candles up to here are known, seconds. */
  readonly at_time: number;
}

export interface PollQuery {
  readonly series_id: SeriesId;
  /** Cursor: time of the newest candle whose drawing is held. */
  readonly after_id: number;
  readonly window_candles?: number;
}

export interface GapQuery {
  readonly series_id: SeriesId;
  /** Absent: `open`, which is everything that is not healed. */
  readonly state?: "open" | "healed" | "all";
  /** Only gaps that touch this range, seconds. */
  readonly from_time?: number;
  readonly to_time?: number;
  /** 1 to 1000. */
  readonly limit?: number;
}

/** The one HTTP client of the application. Every method rejects with `ApiError`, or with an `AbortError` when cancelled. */
export interface ApiClient {
  candles(query: CandleQuery, signal?: AbortSignal): Promise<CandlesResponse>;
  drawDelta(query: DrawQuery, signal?: AbortSignal): Promise<DrawDelta>;
  frameLive(query: FrameQuery, signal?: AbortSignal): Promise<WorldState>;
  /** The frame as it was at a time of the past. */
  frameAt(query: PastFrameQuery, signal?: AbortSignal): Promise<WorldState>;
  deltaPoll(query: PollQuery, signal?: AbortSignal): Promise<WorldDeltaPoll>;
  factorSlices(query: SliceQuery, signal?: AbortSignal): Promise<FactorSlices>;
  /** Whether this server lets the page repair drawings. Asks with an empty body, which changes nothing. */
  canRepair(signal?: AbortSignal): Promise<boolean>;
  /** Writes the drawings of a series again from its ledger. */
  repairDrawings(seriesId: SeriesId, signal?: AbortSignal): Promise<void>;
  series(query?: { readonly q?: string; readonly limit?: number }, signal?: AbortSignal): Promise<SeriesListResponse>;
  whitelist(signal?: AbortSignal): Promise<WhitelistResponse>;
  factorCatalog(signal?: AbortSignal): Promise<FactorCatalog>;
  factorHealth(seriesId: SeriesId, signal?: AbortSignal): Promise<FactorHealth>;
  /** The 200 most traded symbols of a market, largest volume first. */
  topMarkets(market: "spot" | "futures", signal?: AbortSignal): Promise<TopMarketsResponse>;
  /** Absent (404) where the server does not watch its candles. */
  marketHealth(seriesId: SeriesId, signal?: AbortSignal): Promise<MarketHealth>;
  gaps(query: GapQuery, signal?: AbortSignal): Promise<GapsResponse>;
  epochs(seriesId: SeriesId, signal?: AbortSignal): Promise<EpochsResponse>;
  /** Absent (404) behind a closed debug gate. */
  seriesHealth(seriesId: SeriesId, signal?: AbortSignal): Promise<SeriesHealth>;
  live(signal?: AbortSignal): Promise<LiveHealth>;
  readonly replay: ReplayApi;
  readonly backtest: BacktestApi;
}

export interface ApiClientOptions {
  /** Prefix of every path, empty for same origin. */
  readonly baseUrl?: string;
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Milliseconds until a request counts as failed. */
  readonly timeoutMs?: number;
  /** Hears of every failed request, before whoever asked does. `path` is empty when no answer came. */
  readonly onFailure?: (error: ApiError, path: string) => void;
}

interface Answer {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}

const TOP_MARKETS = 200;
const DEFAULT_TIMEOUT_MS = 15_000;

export function createApiClient(options: ApiClientOptions = {}): ApiClient {
  const send = options.fetch ?? ((request: Request) => globalThis.fetch(request));
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const http = createFetchClient<paths>({
    baseUrl: options.baseUrl ?? "",
    fetch: (request) => reach(send, request),
  });

  /** Runs one request. `T` refines what the document can say of the body. */
  async function ask<T>(signal: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<Answer>): Promise<T> {
    const timeout = AbortSignal.timeout(timeoutMs);
    let answer: Answer;
    try {
      answer = await run(signal ? AbortSignal.any([signal, timeout]) : timeout);
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw failed(requestError(cause, timeout.aborted), "");
    }
    if (!answer.response.ok) throw failed(apiErrorFrom(answer.response, answer.error), answer.response.url);
    return answer.data as T;
  }

  function failed(error: ApiError, url: string): ApiError {
    options.onFailure?.(error, url === "" ? "" : new URL(url).pathname);
    return error;
  }

  return {
    candles: (query, signal) => ask(signal, (signal) => http.GET("/api/market/candles", { params: { query }, signal })),
    drawDelta: (query, signal) => ask(signal, (signal) => http.GET("/api/draw/delta", { params: { query }, signal })),
    frameLive: (query, signal) => ask(signal, (signal) => http.GET("/api/frame/live", { params: { query }, signal })),
    frameAt: (query, signal) => ask(signal, (signal) => http.GET("/api/frame/at_time", { params: { query }, signal })),
    deltaPoll: (query, signal) => ask(signal, (signal) => http.GET("/api/delta/poll", { params: { query }, signal })),
    factorSlices: (query, signal) =>
      ask(signal, (signal) => http.GET("/api/factor/slices", { params: { query }, signal })),
    canRepair: async (signal) => {
      try {
        await ask(signal, (signal) => http.POST("/api/dev/repair/overlay", { body: {} as never, signal }));
        return true;
      } catch (cause) {
        // The gate is looked at before the body.
        return cause instanceof ApiError && cause.status === 422;
      }
    },
    repairDrawings: (series_id, signal) =>
      ask(signal, (signal) => http.POST("/api/dev/repair/overlay", { body: { series_id }, signal })),
    series: (query = {}, signal) =>
      ask(signal, (signal) => http.GET("/api/market/series", { params: { query }, signal })),
    whitelist: (signal) => ask(signal, (signal) => http.GET("/api/market/whitelist", { signal })),
    factorCatalog: (signal) => ask(signal, (signal) => http.GET("/api/factor/catalog", { signal })),
    factorHealth: (series_id, signal) =>
      ask(signal, (signal) => http.GET("/api/factor/health", { params: { query: { series_id } }, signal })),
    topMarkets: (market, signal) =>
      ask(signal, (signal) =>
        http.GET("/api/market/top_markets", { params: { query: { market, limit: TOP_MARKETS } }, signal }),
      ),
    marketHealth: (series_id, signal) =>
      ask(signal, (signal) => http.GET("/api/market/health", { params: { query: { series_id } }, signal })),
    gaps: (query, signal) => ask(signal, (signal) => http.GET("/api/market/gaps", { params: { query }, signal })),
    epochs: (series_id, signal) =>
      ask(signal, (signal) => http.GET("/api/market/epochs", { params: { query: { series_id } }, signal })),
    seriesHealth: (series_id, signal) =>
      ask(signal, (signal) =>
        http.GET("/api/market/debug/series_health", { params: { query: { series_id } }, signal }),
      ),
    live: (signal) => ask(signal, (signal) => http.GET("/health/live", { signal })),
    replay: createReplayApi(http, ask),
    backtest: createBacktestApi(http, ask),
  };
}

function requestError(cause: unknown, timedOut: boolean): ApiError {
  if (cause instanceof ApiError) return cause;
  return timedOut ? ApiError.unreachable(true, cause) : ApiError.unreadable(cause);
}

/** Tells "no answer" from "an answer that cannot be read". */
async function reach(send: (request: Request) => Promise<Response>, request: Request): Promise<Response> {
  try {
    return await send(request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw ApiError.unreachable(false, cause);
  }
}
