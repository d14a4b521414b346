import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import type { ReplayApi, ReplayOutline } from "../../api/replay-api";
import type { Tick } from "./scrubber";

/** Values of a history are read again at most this often while it plays, milliseconds. */
const EVERY_MS = 2_000;
const POINTS = 1_200;
/** Most ticks of a kind; older ones are left out. */
const MOST_TICKS = 5_000;

/** Kinds that the ledger has as events, with what they tell of besides. */
const BORN = "zhongshu.formed";
const DIED = "zhongshu.dead";
/** A state of levels, not an event of the ledger. */
const MARKS: readonly string[] = [BORN, "sr.broken"];

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

/** What became known up to a time, oldest first. */
export function useTicks(api: ReplayApi, seriesId: string, kinds: readonly string[], until: number): readonly Tick[] {
  const calm = useCalm(until);
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
    return ticks.sort((a, b) => a.time - b.time);
  }, [events, zones, kinds, plain.data, dead.data]);
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
