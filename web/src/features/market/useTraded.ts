import { useQueries } from "@tanstack/react-query";
import type { ApiClient } from "../../api/client";
import type { TopMarket } from "../../api/types";

const FRESH_MS = 60_000;

/** What the exchange trades most, of both markets. A convenience: without an answer there is just less to find. */
export function useTraded(api: ApiClient): readonly TopMarket[] {
  return useQueries({
    queries: (["spot", "futures"] as const).map((market) => ({
      queryKey: ["traded", market],
      queryFn: ({ signal }: { signal: AbortSignal }) => api.topMarkets(market, signal),
      staleTime: FRESH_MS,
      retry: false,
    })),
    combine: joined,
  });
}

function joined(answers: readonly { readonly data: { readonly items: readonly TopMarket[] } | undefined }[]) {
  return answers.flatMap(({ data }) => data?.items ?? []);
}
