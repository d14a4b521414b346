import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { ApiClient } from "../../api/client";
import type { ApiError } from "../../api/error";
import type { FactorCatalog } from "../../api/types";
import { retried } from "../../ui/feedback/retry";

/** The factors this server computes; they change with a restart only. */
export function useCatalog(api: ApiClient): UseQueryResult<FactorCatalog, ApiError> {
  return useQuery<FactorCatalog, ApiError>({
    queryKey: ["factor-catalog"],
    queryFn: ({ signal }) => api.factorCatalog(signal),
    staleTime: Number.POSITIVE_INFINITY,
    ...retried(),
  });
}
