import { type UseQueryResult, useInfiniteQuery, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";
import type { BacktestApi } from "../../../api/backtest-api";
import type { BacktestRun } from "../../../api/backtest-types";
import type { ApiError } from "../../../api/error";
import { useStored } from "../../../ui/storage/useStored";
import type { BacktestStore } from "../slot";
import { isActive, isChecking } from "./actions";

/** Runs of a page of the list. */
const PAGE = 50;
/** Runs that are followed at a time: those that end first. */
const MOST_FOLLOWED = 4;
/** Pace while something runs, and after a failure, milliseconds. */
const PACE = { active: 300, checking: 2_000, failed: 5_000 } as const;

const LIST = ["backtest-runs"] as const;
const ONE = "backtest-run";
const STANDING = "backtest-standing";

export interface Runs {
  /** Those that are not deleted, newest first; undefined until they are read. */
  readonly data: readonly BacktestRun[] | undefined;
  readonly error: ApiError | null;
  readonly refetch: () => void;
  /** Reads older ones; null: there are none, or they are on their way. */
  readonly more: (() => void) | null;
}

/** The list of runs. It is read when something began or ended; what goes on is followed run by run. */
export function useRuns(api: BacktestApi, slot: BacktestStore): Runs {
  const deleted = useStored(slot, (state) => state.deleted);
  const query = useInfiniteQuery({
    queryKey: LIST,
    queryFn: ({ signal, pageParam }) => api.runs({ limit: PAGE, ...(pageParam && { before: pageParam }) }, signal),
    initialPageParam: "",
    getNextPageParam: (page: readonly BacktestRun[]) => (page.length < PAGE ? undefined : page.at(-1)?.id),
    retry: false,
    refetchInterval: ({ state }) => (state.status === "error" ? PACE.failed : false),
  });
  const read = query.data?.pages;
  const listed = useMemo(() => read?.flat().filter(({ id }) => !deleted.includes(id)), [read, deleted]);
  const data = useFollowed(api, listed);
  return {
    data,
    error: query.error as ApiError | null,
    refetch: () => void query.refetch(),
    more: query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : null,
  };
}

/** A list in which the runs that go on are as they are now. */
function useFollowed(api: BacktestApi, runs: readonly BacktestRun[] | undefined): readonly BacktestRun[] | undefined {
  const refresh = useRefreshRuns();
  const going = useMemo(() => (runs ?? []).filter(goesOn).slice(-MOST_FOLLOWED), [runs]);
  const { standings, over } = useQueries({
    queries: going.map(({ id }) => ({
      queryKey: [STANDING, id],
      queryFn: ({ signal }: { signal: AbortSignal }) => api.standing(id, signal),
      retry: false,
      // What was true of an earlier run or check of it is not shown for a moment.
      gcTime: 0,
      refetchInterval: PACE.active,
    })),
    combine: useCallback(
      (found: UseQueryResult<BacktestRun, Error>[]) => ({
        standings: found.flatMap(({ data }) => data ?? []),
        over: found.filter(({ data, error }) => (data ? !goesOn(data) : error !== null)).length,
      }),
      [],
    ),
  });
  useEffect(() => {
    if (over > 0) refresh();
  }, [over, refresh]);
  return useMemo(
    () => runs?.map((run) => (goesOn(run) ? (standings.find(({ id }) => id === run.id) ?? run) : run)),
    [runs, standings],
  );
}

function goesOn(run: BacktestRun): boolean {
  return isActive(run) || isChecking(run);
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
