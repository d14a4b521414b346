import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { ApiError } from "../../api/error";
import type { ReplayApi } from "../../api/replay-api";
import { retried } from "../../ui/feedback/retry";
import type { ReplayStore } from "./slot";

const NOT_FOUND = "not_found";
const END_OF_TIME = 2 ** 33;

/** Whether the server offers replay: a route that is switched off is as if it was not there. Asked once. */
export function useReplayAvailable(api: ReplayApi, slot: ReplayStore, seriesId: string | undefined): boolean | null {
  const query = useQuery<boolean, ApiError>({
    queryKey: ["replay-available"],
    queryFn: async ({ signal }) => {
      try {
        await api.outline(seriesId ?? "", END_OF_TIME, 2, signal);
        return true;
      } catch (cause) {
        if (!(cause instanceof ApiError) || cause.status === 0) throw cause;
        return cause.detail !== NOT_FOUND;
      }
    },
    enabled: seriesId !== undefined,
    ...retried(false),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const available = query.data ?? null;
  useEffect(() => slot.setState({ available }), [slot, available]);
  return available;
}
