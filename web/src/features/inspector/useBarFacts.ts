import { keepPreviousData, type Query, useQuery } from "@tanstack/react-query";
import type { ApiClient } from "../../api/client";
import type { ApiError } from "../../api/error";
import type { FactorSlices } from "../../api/types";
import { joinLedgers, type Ledger, readLedger } from "../../feed/ledger";
import { type Change, changesAt, lastChanges } from "./changes";

/** Everything the ledger says about one closed bar. */
export interface BarFacts {
  time: number;
  ledger: Ledger;
  changes: readonly Change[];
  last: readonly Change[];
  heads: FactorSlices;
}

const WINDOW_CANDLES = 2_000;
const LAST_CHANGES = 4;
/** Histories are small, except that of the levels: their changes follow from the heads of two bars. */
const HISTORY = ["pivot", "pen", "zhongshu", "anchor"];
const KEPT_MS = 60_000;
const SILENT_RETRIES = 6;

export function useBarFacts(
  api: ApiClient,
  { series, epoch, closedTime }: { series: string | null; epoch: number | null; closedTime: number | null },
  /** Names of the factors this server computes; undefined until known. */
  factors: readonly string[] | undefined,
) {
  return useQuery<BarFacts, ApiError>({
    queryKey: ["bar-facts", series, epoch, closedTime, factors?.join()],
    queryFn: ({ signal }) => readBarFacts(api, series ?? "", closedTime ?? 0, factors ?? [], signal),
    enabled: series !== null && closedTime !== null && factors !== undefined,
    // A state of the past never changes within an epoch.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEPT_MS,
    placeholderData: keepPreviousData,
    retry: false,
    refetchInterval: (query) => waitMs(query as Query<BarFacts, ApiError>),
  });
}

/** A ledger behind is asked again as the drawing is: soon and in silence, then every 5 s. */
function waitMs({ state }: Query<BarFacts, ApiError>): number | false {
  if (state.status !== "error") return false;
  const failures = state.errorUpdateCount;
  if (state.error?.status === 409) return failures <= SILENT_RETRIES ? 200 : 5_000;
  return [2_000, 5_000, 15_000][failures - 1] ?? 30_000;
}

/** The first failures of a ledger that is behind are not worth a word. */
export function isSilent(error: ApiError | null, failures: number): boolean {
  return error?.status === 409 && failures <= SILENT_RETRIES;
}

async function readBarFacts(
  api: ApiClient,
  series_id: string,
  at_time: number,
  factors: readonly string[],
  signal: AbortSignal,
): Promise<BarFacts> {
  const query = { series_id, at_time, window_candles: WINDOW_CANDLES };
  const names = HISTORY.filter((name) => factors.includes(name)).join();
  const [heads, history] = await Promise.all([
    api.factorSlices({ ...query, part: "head" }, signal),
    names === "" ? null : api.factorSlices({ ...query, part: "history", factors: names }, signal),
  ]);
  const now = readLedger(heads);
  const ledger = history ? joinLedgers(readLedger(history), now) : now;
  // Levels are computed anew at every new major pivot and at no other bar.
  const recomputed = ledger.pivots.some((pivot) => pivot.kind === "major" && pivot.knownSince === at_time);
  const before =
    recomputed && factors.includes("sr")
      ? readLedger(await api.factorSlices({ ...query, at_time: at_time - 1, part: "head", factors: "sr" }, signal))
          .levels
      : null;
  return {
    time: at_time,
    ledger,
    changes: changesAt(ledger, at_time, before),
    last: lastChanges(ledger, at_time, LAST_CHANGES),
    heads,
  };
}
