import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { RunResult } from "../../api/backtest-types";
import type { ReplayApi } from "../../api/replay-api";
import { timeframeSeconds } from "../../api/series";

/** Most points that the server tells of a course. */
const POINTS = 2_000;

/** Closes of a series, ascending in time, seconds. */
export interface Market {
  readonly times: readonly number[];
  readonly closes: readonly number[];
}

/** Closes of a series over the time of a run, thinned out; null where they are not stored, undefined while that is not known. */
export function useMarket(
  api: ReplayApi,
  seriesId: string | null,
  result: RunResult | null,
): Market | null | undefined {
  const [start, end] = [result?.start ?? null, result?.end ?? null];
  const step = timeframeSeconds(seriesId?.split(":").at(-1) ?? "") ?? 60;
  const enabled = seriesId !== null && start !== null && end !== null;
  const { data, isPending } = useQuery({
    queryKey: ["backtest-market", seriesId, start, end],
    queryFn: ({ signal }) => api.outline(seriesId ?? "", end ?? 0, POINTS, signal),
    enabled,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return useMemo(() => {
    if (enabled && isPending) return undefined;
    if (!data || start === null) return null;
    const first = data.times.findIndex((time) => time >= start - step);
    if (first < 0) return null;
    return { times: data.times.slice(first), closes: data.closes.slice(first) };
  }, [enabled, isPending, data, start, step]);
}
