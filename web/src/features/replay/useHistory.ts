import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import type { ApiClient } from "../../api/client";
import type { ReplayApi, ReplayOutline } from "../../api/replay-api";
import { type Ledger, readLedger } from "../../feed/ledger";
import type { Tick } from "./scrubber";

/** Values of a history are read again at most this often while it plays, milliseconds. */
const EVERY_MS = 2_000;
const POINTS = 1_200;
/** Most ticks of a kind; older ones are left out. */
const MOST_TICKS = 5_000;

/** Kinds of moments that the ledger has no events of: ended zones tell when they were born, the rest is in its heads. */
const BORN = "zhongshu.formed";
const DIED = "zhongshu.dead";
const BROKEN = "sr.broken";
const MARKS: readonly string[] = [BORN, BROKEN];

/** The course of the history up to a time that only grows. */
export function useOutline(api: ReplayApi, seriesId: string, until: number): ReplayOutline | null {
  const calm = useCalm(until);
  const query = useQuery({
    queryKey: ["replay-outline", seriesId, calm],
    queryFn: ({ signal }) => api.outline(seriesId, calm, POINTS, signal),
    placeholderData: (before, query) => (isOf(seriesId, query) ? before : undefined),
    gcTime: 0,
  });
  return query.data?.series_id === seriesId ? query.data : null;
}

/** What became known up to a time, oldest first. Before anything is shown there may be no state to ask for. */
export function useTicks(
  client: Pick<ApiClient, "replay" | "factorSlices">,
  seriesId: string,
  kinds: readonly string[],
  { until, shown }: { readonly until: number; readonly shown: boolean },
): readonly Tick[] {
  const api = client.replay;
  const calm = useCalm(until);
  const heads = useHeadTicks(client, seriesId, shown ? kinds : NONE, calm);
  const events = kinds.filter((kind) => !MARKS.includes(kind) && kind !== DIED).join(",");
  const zones = kinds.includes(BORN) || kinds.includes(DIED);
  const ask = { series_id: seriesId, to_time: calm, order: "desc", limit: MOST_TICKS } as const;
  const plain = useQuery({
    queryKey: ["replay-ticks", seriesId, events, calm],
    queryFn: ({ signal }) => api.events({ ...ask, kinds: events, fields: "time" }, signal),
    enabled: events !== "",
    placeholderData: (before, query) => (isOf(seriesId, query) ? before : undefined),
    gcTime: 0,
  });
  const dead = useQuery({
    queryKey: ["replay-zones", seriesId, calm],
    queryFn: ({ signal }) => api.events({ ...ask, kinds: DIED, fields: "full", limit: MOST_TICKS / 5 }, signal),
    enabled: zones,
    placeholderData: (before, query) => (isOf(seriesId, query) ? before : undefined),
    gcTime: 0,
  });
  return useMemo(() => {
    const ticks: Tick[] = [];
    for (const { candle_time: time, kind } of (events !== "" && plain.data?.events) || []) ticks.push({ time, kind });
    for (const { candle_time: time, payload } of (zones && dead.data?.events) || []) {
      if (kinds.includes(DIED)) ticks.push({ time, kind: DIED });
      const formed = payload?.formed_time;
      if (kinds.includes(BORN) && typeof formed === "number") ticks.push({ time: formed, kind: BORN });
    }
    return [...ticks, ...heads].sort((a, b) => a.time - b.time);
  }, [events, zones, kinds, plain.data, dead.data, heads]);
}

const NONE: readonly string[] = [];

/** What only the state of the factors tells of: the birth of the zone that is alive, and broken levels. */
function useHeadTicks(
  api: Pick<ApiClient, "factorSlices">,
  seriesId: string,
  kinds: readonly string[],
  at: number,
): readonly Tick[] {
  const heads = useQuery({
    queryKey: ["replay-heads", seriesId, at],
    queryFn: async ({ signal }) => {
      const ask = { series_id: seriesId, at_time: at, part: "head", factors: "zhongshu,sr" } as const;
      return ticksOf(readLedger(await api.factorSlices(ask, signal)));
    },
    enabled: kinds.some((kind) => MARKS.includes(kind)),
    placeholderData: (before, query) => (isOf(seriesId, query) ? before : undefined),
    gcTime: 0,
  });
  const { data } = heads;
  return useMemo(() => (data ?? []).filter(({ kind }) => kinds.includes(kind)), [data, kinds]);
}

/** Moments that the state after a bar still knows of. */
export function ticksOf({ aliveZone, levels }: Pick<Ledger, "aliveZone" | "levels">): readonly Tick[] {
  const ticks: Tick[] = aliveZone === null ? [] : [{ time: aliveZone.formedTime, kind: BORN }];
  for (const { status, deathTime } of levels) {
    if (status === "broken" && deathTime !== null) ticks.push({ time: deathTime, kind: BROKEN });
  }
  return ticks;
}

/** Whether what was read earlier may stay until the next answer: only if it is of the same series. */
function isOf(seriesId: string, query: { readonly queryKey: readonly unknown[] } | undefined): boolean {
  return query?.queryKey[1] === seriesId;
}

/** The newest value, renewed at most once in a while. */
function useCalm(value: number): number {
  const [calm, setCalm] = useState(value);
  const latest = useRef(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  latest.current = value;
  useEffect(() => {
    if (value === calm || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      setCalm(latest.current);
    }, EVERY_MS);
  }, [value, calm]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return calm;
}
