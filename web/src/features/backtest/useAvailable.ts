import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { BacktestApi } from "../../api/backtest-api";
import { ApiError } from "../../api/error";
import { retried } from "../../ui/feedback/retry";
import type { BacktestStore } from "./slot";

/** Whether the server offers backtests: a route that is switched off is as if it was not there. Asked once. */
export function useBacktestAvailable(api: BacktestApi, slot: BacktestStore): boolean | null {
  const query = useQuery<boolean, ApiError>({
    queryKey: ["backtest-available"],
    queryFn: async ({ signal }) => {
      try {
        await api.runs({ limit: 1 }, signal);
        return true;
      } catch (cause) {
        if (!(cause instanceof ApiError) || cause.status === 0) throw cause;
        return cause.status !== 404;
      }
    },
    ...retried(false),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const available = query.data ?? null;
  useEffect(() => slot.setState({ available }), [slot, available]);
  return available;
}
