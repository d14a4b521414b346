import { QueryClient } from "@tanstack/react-query";
import { createStore, type StoreApi } from "zustand/vanilla";
import { type ApiClient, createApiClient } from "../api/client";
import { createMarketClock, type MarketClock } from "../api/clock";
import { createMarketSocket, type MarketSocket } from "../api/socket";
import type { ChartHost, ChartState } from "../chart/types";
import { type BacktestStore, createBacktestSlot } from "../features/backtest/slot";
import { createReplaySlot, type ReplayStore } from "../features/replay/slot";
import { ActivityLog } from "../feed/activity";
import { Recorder } from "../feed/recorder";
import { onToast } from "../ui/feedback/toasts";

/** The long-lived parts of one page. Made once; components get what they need of it as props. */
export interface Services {
  api: ApiClient;
  socket: MarketSocket;
  clock: MarketClock;
  queries: QueryClient;
  /** Coarse picture of the chart, null until it is mounted. */
  chart: StoreApi<ChartState | null>;
  host: StoreApi<{ current: ChartHost | null }>;
  log: ActivityLog;
  recorder: Recorder;
  replay: ReplayStore;
  backtest: BacktestStore;
}

export function createServices(): Services {
  const log = new ActivityLog();
  const socket = createMarketSocket();
  const recorder = new Recorder({ log, socket });
  const api = createApiClient({ onFailure: (error, path) => recorder.requestFailed(error, path) });
  onToast(({ code, text, tone }) => recorder.notice(code, text, tone === "error"));
  return {
    api,
    socket,
    log,
    recorder,
    clock: createMarketClock({ api }),
    replay: createReplaySlot(),
    backtest: createBacktestSlot(),
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
