import { useQuery } from "@tanstack/react-query";
import type { BacktestApi } from "../../../api/backtest-api";
import type { EngineName, EngineOffer, StrategyList, Venue } from "../../../api/backtest-types";
import type { ApiError } from "../../../api/error";
import { useLocale } from "../../../i18n/react";
import { listIn } from "./strategies";

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
  /** Why an engine that somebody set up cannot be chosen. */
  readonly problems: readonly { readonly name: EngineName; readonly code: string; readonly message: string }[];
  /** Not everything is known yet. */
  readonly pending: boolean;
  /** The engines could not be asked for. */
  readonly failure: ApiError | null;
  readonly refetch: () => void;
}

const MINUTE_MS = 60_000;
const NONE: readonly EngineOffer[] = [];

/** The engines that are set up on the server, with their strategies. */
export function useEngines(api: BacktestApi): Engines {
  const offers = useQuery<readonly EngineOffer[], ApiError>({
    queryKey: ["backtest-engines"],
    queryFn: ({ signal }) => api.engines(signal),
    retry: false,
    staleTime: MINUTE_MS,
  });
  const offered = offers.data ?? NONE;
  const ready = (name: EngineName) => offered.some((offer) => offer.name === name && offer.problem === null);
  const lists = {
    native: useStrategies(api, "native", ready("native")),
    freqtrade: useStrategies(api, "freqtrade", ready("freqtrade")),
    mock: useStrategies(api, "mock", ready("mock")),
  };
  const locale = useLocale();
  const names = offered.filter(({ problem }) => problem === null).map(({ name }) => name);
  return {
    choices: names
      .filter((name) => !lists[name].isPending)
      .map((name) => ({
        name,
        list: lists[name].data ? listIn(lists[name].data, locale) : null,
        failure: lists[name].error,
        refetch: () => void lists[name].refetch(),
      })),
    problems: offered.flatMap(({ name, problem }) => (problem?.isSetUp ? [{ name, ...problem }] : [])),
    pending: offers.isPending || names.some((name) => lists[name].isPending),
    failure: offers.error,
    refetch: () => void offers.refetch(),
  };
}

function useStrategies(api: BacktestApi, engine: EngineName, enabled: boolean) {
  return useQuery<StrategyList, ApiError>({
    queryKey: ["backtest-strategies", engine],
    queryFn: ({ signal }) => api.strategies(engine, signal),
    enabled,
    retry: false,
    staleTime: MINUTE_MS,
  });
}

/** Timeframes that there are candles of, where the server can tell. */
export function usePairTimeframes(
  api: BacktestApi,
  engine: EngineName | null,
  pair: string,
  venue: Venue | null,
): readonly string[] | null {
  const query = useQuery({
    queryKey: ["backtest-timeframes", engine, pair, venue],
    queryFn: ({ signal }) => api.pairTimeframes(engine ?? "freqtrade", pair, venue, signal),
    enabled: engine !== null && pair !== "",
    retry: false,
    staleTime: MINUTE_MS,
  });
  const { data } = query;
  return data && data.tradingMode !== "mock" ? data.timeframes : null;
}
