import { type UseQueryResult, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";
import type { BacktestApi } from "../../../api/backtest-api";
import type { BacktestRun } from "../../../api/backtest-types";
import type { ApiError } from "../../../api/error";
import { useStored } from "../../../ui/storage/useStored";
import type { BacktestStore } from "../slot";
import { isActive, isChecking } from "./actions";

const LIMIT = 200;
/** Pace while something runs, and after a failure, milliseconds. */
const PACE = { active: 300, checking: 2_000, failed: 5_000 } as const;

const LIST = ["backtest-runs"] as const;
const ONE = "backtest-run";

/** The runs that are not deleted, newest first; followed while one of them is not over. */
export function useRuns(api: BacktestApi, slot: BacktestStore): UseQueryResult<readonly BacktestRun[], ApiError> {
  const deleted = useStored(slot, (state) => state.deleted);
  const select = useCallback(
    (runs: readonly BacktestRun[]) => (deleted.length === 0 ? runs : runs.filter(({ id }) => !deleted.includes(id))),
    [deleted],
  );
  return useQuery<readonly BacktestRun[], ApiError>({
    queryKey: LIST,
    queryFn: ({ signal }) => api.runs(LIMIT, signal),
    retry: false,
    select,
    refetchInterval: ({ state }) => {
      if (state.status === "error") return PACE.failed;
      return state.data?.some((run) => isActive(run) || isChecking(run)) ? PACE.active : false;
    },
  });
}

/** Reads an open run again when the list knows what a check of its signals came to. */
export function useChecked(listed: BacktestRun | undefined, run: BacktestRun | undefined): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!listed || !run || isChecking(listed)) return;
    const same = (listed.bias === null) === (run.bias === null) && listed.error === run.error && !isChecking(run);
    if (!same && !isActive(run)) void queries.invalidateQueries({ queryKey: [ONE, run.id] });
  }, [queries, listed, run]);
}

function options(api: BacktestApi, id: string | null) {
  return {
    queryKey: [ONE, id],
    queryFn: ({ signal }: { signal: AbortSignal }) => api.run(id ?? "", signal),
    enabled: id !== null,
    retry: false as const,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }: { state: { data?: BacktestRun | undefined } }) => {
      if (!state.data) return false;
      // A whole run is large: what is new of a check comes with the list, where the run is in it.
      return isActive(state.data) ? PACE.active : isChecking(state.data) ? PACE.checking : false;
    },
  };
}

/** One run with everything that it came to; followed until it is over. */
export function useRun(api: BacktestApi, id: string | null): UseQueryResult<BacktestRun, ApiError> {
  return useQuery<BacktestRun, ApiError>(options(api, id));
}

/** Several of them, in the order that is asked for; those that are not there yet are left out. */
export function useWholeRuns(api: BacktestApi, ids: readonly string[]) {
  return useQueries({
    queries: ids.map((id) => options(api, id)),
    combine: useMemo(
      () => (found: UseQueryResult<BacktestRun, Error>[]) => ({
        runs: found.flatMap(({ data }) => data ?? []),
        failure: (found.find(({ error }) => error !== null)?.error ?? null) as ApiError | null,
        retry: () => {
          for (const query of found) if (query.isError) void query.refetch();
        },
      }),
      [],
    ),
  });
}

/** Reads the list again, now. */
export function useRefreshRuns(): () => void {
  const queries = useQueryClient();
  return useCallback(() => void queries.invalidateQueries({ queryKey: LIST }), [queries]);
}
