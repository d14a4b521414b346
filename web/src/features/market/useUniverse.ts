import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { ApiClient } from "../../api/client";
import { ApiError } from "../../api/error";
import type { SeriesRow } from "../../api/types";
import { retried } from "../../ui/feedback/retry";
import { withWhitelist } from "./universe";

const LIMIT = 5_000;

/** Every series that can be opened. A server without the series list still has its whitelist. */
export function useUniverse(api: ApiClient, refetchMs: number | false = false): UseQueryResult<SeriesRow[], ApiError> {
  return useQuery<SeriesRow[], ApiError>({
    queryKey: ["universe"],
    queryFn: ({ signal }) => loadUniverse(api, signal),
    staleTime: 5_000,
    ...retried(refetchMs),
  });
}

export async function loadUniverse(api: ApiClient, signal?: AbortSignal): Promise<SeriesRow[]> {
  const [stored, named] = await Promise.all([
    api.series({ limit: LIMIT }, signal).catch(absent),
    api.whitelist(signal).catch(absent),
  ]);
  return withWhitelist(stored?.series ?? [], named?.series_ids ?? []);
}

/** A route that does not exist counts as empty; every other failure goes on. */
function absent(error: unknown): null {
  if (error instanceof ApiError && error.status === 404) return null;
  throw error;
}
