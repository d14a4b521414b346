import { QueryClient } from "@tanstack/react-query";
import { createStore, type StoreApi } from "zustand/vanilla";
import { type ApiClient, createApiClient } from "../api/client";
import { createMarketClock, type MarketClock } from "../api/clock";
import { createMarketSocket, type MarketSocket } from "../api/socket";
import type { ChartHost, ChartState } from "../chart/types";

/** The long-lived parts of one page. Made once; components get what they need of it as props. */
export interface Services {
  api: ApiClient;
  socket: MarketSocket;
  clock: MarketClock;
  queries: QueryClient;
  /** Coarse picture of the chart, null until it is mounted. */
  chart: StoreApi<ChartState | null>;
  host: StoreApi<{ current: ChartHost | null }>;
}

export function createServices(): Services {
  const api = createApiClient();
  return {
    api,
    socket: createMarketSocket(),
    clock: createMarketClock({ api }),
    queries: new QueryClient({
      defaultOptions: {
        queries: {
          // The server is usually on this machine: the browser's opinion about the network says nothing about it.
          networkMode: "always",
          refetchOnWindowFocus: false,
          retry: false,
        },
      },
    }),
    chart: createStore<ChartState | null>(() => null),
    host: createStore<{ current: ChartHost | null }>(() => ({ current: null })),
  };
}
