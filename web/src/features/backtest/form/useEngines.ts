import { useQuery } from "@tanstack/react-query";
import { type BacktestApi, isAbsentEngine } from "../../../api/backtest-api";
import type { EngineName, StrategyList } from "../../../api/backtest-types";
import type { ApiError } from "../../../api/error";

/** An engine that can be chosen. */
export interface EngineChoice {
  readonly name: EngineName;
  /** Null while it is read, and when that failed. */
  readonly list: StrategyList | null;
  readonly failure: ApiError | null;
  readonly refetch: () => void;
}

export interface Engines {
  readonly choices: readonly EngineChoice[];
  /** Not everything is known yet. */
  readonly pending: boolean;
}

/** Any pair: what is asked for is the mode. */
const PROBE = "BTC/USDT";
const MINUTE_MS = 60_000;

/** The engines that are set up on the server, with their strategies. */
export function useEngines(api: BacktestApi): Engines {
  const mode = useQuery({
    queryKey: ["backtest-mode"],
    queryFn: async ({ signal }) => (await api.pairTimeframes("freqtrade", PROBE, signal)).tradingMode,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const native = useStrategies(api, "native");
  const freqtrade = useStrategies(api, "freqtrade");
  const choice = (name: EngineName, query: typeof native): EngineChoice => ({
    name,
    list: query.data ?? null,
    failure: query.error,
    refetch: () => void query.refetch(),
  });
  if (mode.data === "mock") return { choices: [choice("mock", freqtrade)], pending: freqtrade.isPending };
  const choices = [choice("native", native), choice("freqtrade", freqtrade)];
  return {
    choices: choices.filter(({ list, failure }) => list !== null || (failure !== null && !isAbsentEngine(failure))),
    pending: mode.isPending || native.isPending || freqtrade.isPending,
  };
}

function useStrategies(api: BacktestApi, engine: EngineName) {
  return useQuery<StrategyList, ApiError>({
    queryKey: ["backtest-strategies", engine],
    queryFn: ({ signal }) => api.strategies(engine, signal),
    retry: false,
    staleTime: MINUTE_MS,
  });
}

/** Timeframes that there are candles of, where the server can tell. */
export function usePairTimeframes(api: BacktestApi, engine: EngineName | null, pair: string): readonly string[] | null {
  const query = useQuery({
    queryKey: ["backtest-timeframes", engine, pair],
    queryFn: ({ signal }) => api.pairTimeframes(engine ?? "freqtrade", pair, signal),
    enabled: engine !== null && pair !== "",
    retry: false,
    staleTime: MINUTE_MS,
  });
  const { data } = query;
  return data && data.tradingMode !== "mock" ? data.timeframes : null;
}
