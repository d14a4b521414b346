import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { RunResult } from "../../api/backtest-types";
import type { ReplayApi } from "../../api/replay-api";
import { timeframeSeconds } from "../../api/series";

/** Most points that the server tells of a course. */
const POINTS = 2_000;

/** Closes of a series over the time of a run, thinned out; null where they are not stored. */
export function useMarket(api: ReplayApi, seriesId: string | null, result: RunResult | null) {
  const [start, end] = [result?.start ?? null, result?.end ?? null];
  const step = timeframeSeconds(seriesId?.split(":").at(-1) ?? "") ?? 60;
  const query = useQuery({
    queryKey: ["backtest-market", seriesId, start, end],
    queryFn: ({ signal }) => api.outline(seriesId ?? "", end ?? 0, POINTS, signal),
    enabled: seriesId !== null && start !== null && end !== null,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return useMemo(() => {
    const { data } = query;
    if (!data || start === null || end === null) return null;
    const first = data.times.findIndex((time) => time >= start - step);
    if (first < 0) return null;
    return { times: data.times.slice(first), closes: data.closes.slice(first) };
  }, [query, start, end, step]);
}
