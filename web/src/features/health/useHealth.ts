import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { ApiClient } from "../../api/client";
import type { MarketClock } from "../../api/clock";
import type { ApiError } from "../../api/error";
import type { ConnectionState } from "../../api/link";
import { parseSeriesId, timeframeSeconds } from "../../api/series";
import type { MarketSocket } from "../../api/socket";
import type { FactorHealth, MarketHealth } from "../../api/types";
import type { ChartState } from "../../chart/types";
import { useNow } from "../../ui/feedback/States";
import { useStored } from "../../ui/storage/useStored";
import { type Health, type HealthFacts, judge } from "./judge";

export interface HealthSources {
  api: ApiClient;
  socket: MarketSocket;
  clock: MarketClock;
  chart: StoreApi<ChartState | null>;
}

export interface HealthPicture extends Health {
  facts: HealthFacts;
  demo: boolean;
}

const POLL_MS = 5_000;
/** While something is missing, the server is asked more often. */
const TROUBLED_POLL_MS = 2_000;
const NOT_FOUND = 404;

export function useConnection(socket: MarketSocket): ConnectionState {
  const subscribe = useMemo(() => (onChange: () => void) => socket.onState(onChange), [socket]);
  return useSyncExternalStore(subscribe, () => socket.state());
}

/** Asks for the health of the series on screen, judges it, and looks at the clock once a second. */
export function useHealth(sources: HealthSources): HealthPicture {
  const { clock, socket } = sources;
  const connection = useConnection(socket);
  const chart = useStored(sources.chart, (state) => state);
  const series = chart?.requested ?? chart?.series ?? null;
  const connected = connection.status === "open";
  const factors = useFactorHealth(sources.api, series, connected);
  const market = useMarketHealth(sources.api, series, connected);
  const openedMs = useOpenedAt(series);
  const nowMs = useNow(1_000);
  const timeframe = series === null ? null : parseSeriesId(series)?.timeframe;

  const facts: HealthFacts = {
    nowMs,
    connection,
    market: market === OFF ? null : market,
    marketOff: market === OFF,
    factors,
    drawings: chart?.drawings ?? null,
    empty: chart?.status === "empty" || (chart?.status === "error" && chart.candles.count === 0),
    loading: chart === null || chart.status === "loading",
    lastFrameMs: chart?.lastFrameMs ?? null,
    openedMs,
    lastTime: chart?.candles.lastTime ?? null,
    timeframeSeconds: (timeframe && timeframeSeconds(timeframe)) || 60,
    marketNowMs: clock.nowMs(),
    speed: clock.speed(),
  };
  return { ...judge(facts), facts, demo: clock.demo() };
}

/** The server does not tell. */
const OFF = "off";

/** A server without this route is asked once, and again when another one may answer. */
function useMarketHealth(api: ApiClient, series: string | null, connected: boolean): MarketHealth | typeof OFF | null {
  const [off, setOff] = useState(false);
  useEffect(() => {
    if (!connected) setOff(false);
  }, [connected]);
  const query = useQuery<MarketHealth, ApiError>({
    queryKey: ["market-health", series],
    queryFn: ({ signal }) => api.marketHealth(series ?? "", signal),
    enabled: connected && series !== null && !off,
    refetchInterval: ({ state }) => (state.data?.status === "green" ? POLL_MS : TROUBLED_POLL_MS),
    retry: false,
  });
  const absent = query.error?.status === NOT_FOUND;
  useEffect(() => {
    if (absent) setOff(true);
  }, [absent]);
  if (absent || off) return OFF;
  // An answer that could not be renewed says nothing of now.
  return query.data && !query.error ? query.data : null;
}

function useFactorHealth(api: ApiClient, series: string | null, enabled: boolean): FactorHealth | null {
  const query = useQuery<FactorHealth, ApiError>({
    queryKey: ["factor-health", series],
    queryFn: ({ signal }) => api.factorHealth(series ?? "", signal),
    enabled: enabled && series !== null,
    refetchInterval: POLL_MS,
    retry: false,
  });
  return query.data && !query.error ? query.data : null;
}

function useOpenedAt(series: string | null): number {
  const [openedMs, setOpenedMs] = useState(() => Date.now());
  // biome-ignore lint/correctness/useExhaustiveDependencies: another series starts the time again.
  useEffect(() => setOpenedMs(Date.now()), [series]);
  return openedMs;
}
