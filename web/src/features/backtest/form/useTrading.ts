import { useQuery } from "@tanstack/react-query";
import type { BacktestApi } from "../../../api/backtest-api";
import type { EngineName, Trading, Venue } from "../../../api/backtest-types";

const MINUTE_MS = 60_000;

/** What a run of a pair trades with when nothing is said; null where the engine does not tell. It comes with the timeframes. */
export function useTradingDefaults(
  api: BacktestApi,
  engine: EngineName | null,
  pair: string,
  venue: Venue | null,
): Trading | null {
  const query = useQuery({
    queryKey: ["backtest-timeframes", engine, pair, venue],
    queryFn: ({ signal }) => api.pairTimeframes(engine ?? "native", pair, venue, signal),
    enabled: engine === "native" && pair !== "",
    retry: false,
    staleTime: MINUTE_MS,
  });
  return engine === "native" ? (query.data?.trading ?? null) : null;
}
