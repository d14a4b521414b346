import type { Query, UseQueryResult } from "@tanstack/react-query";

const DELAYS_MS = [2_000, 5_000, 15_000, 30_000] as const;

function delayMs(failures: number): number {
  return DELAYS_MS[Math.min(failures, DELAYS_MS.length) - 1] ?? DELAYS_MS[0];
}

/**
 * Options of a query whose failure is shown at once and tried again after 2, 5, 15 and then every 30 seconds.
 * `everyMs` is the pace of a query that goes well.
 */
export function retried(everyMs: number | false = false) {
  return {
    retry: false,
    // biome-ignore lint/suspicious/noExplicitAny: the types of one query do not matter to its pace.
    refetchInterval: ({ state }: Query<any, any, any, any>): number | false =>
      state.status === "error" ? delayMs(state.errorUpdateCount) : everyMs,
  };
}

/** When a failed query is tried again, wall clock in milliseconds; null when it did not fail. */
export function retryAt(query: UseQueryResult<unknown, unknown>): number | null {
  return query.isError ? query.errorUpdatedAt + delayMs(query.errorUpdateCount) : null;
}
