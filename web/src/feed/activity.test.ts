import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ACTIVITY_LIMIT, ActivityLog, type NewActivity } from "./activity";

const system = (atMs: number, event: string): NewActivity => ({
  atMs,
  level: "info",
  series: "s",
  what: { kind: "system", event, message: "" },
});

const failure = (atMs: number, requestId: string): NewActivity => ({
  atMs,
  level: "error",
  series: null,
  what: { kind: "failure", code: "internal", message: "no", path: "/api/x", requestId },
});

const events = (log: ActivityLog) => log.entries().map(({ what }) => (what.kind === "system" ? what.event : what.kind));

describe("ActivityLog", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("tells a burst once", () => {
    const log = new ActivityLog();
    const heard = vi.fn();
    log.subscribe(heard);
    for (let at = 0; at < 100; at += 1) log.add(system(at, String(at)));
    expect(log.entries()).toHaveLength(0);
    vi.advanceTimersByTime(250);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(log.entries()).toHaveLength(100);
    expect(log.entries()).toBe(log.entries());
  });

  it("puts what happened earlier where it belongs", () => {
    const log = new ActivityLog();
    log.add(system(100, "now"));
    log.addAll([system(50, "before"), system(100, "same"), system(200, "after")]);
    vi.advanceTimersByTime(250);
    expect(events(log)).toEqual(["before", "now", "same", "after"]);
  });

  it("keeps the newest 5,000", () => {
    const log = new ActivityLog();
    log.addAll(Array.from({ length: ACTIVITY_LIMIT + 10 }, (_, at) => system(at, String(at))));
    vi.advanceTimersByTime(250);
    expect(log.entries()).toHaveLength(ACTIVITY_LIMIT);
    expect(events(log)[0]).toBe("10");
  });

  it("counts the retries of one request, with the newest id; other rows are never merged", () => {
    const log = new ActivityLog();
    log.addAll([failure(1, "a"), failure(2, "b"), system(3, "x"), system(4, "x"), failure(5, "c")]);
    vi.advanceTimersByTime(250);
    expect(log.entries().map(({ count }) => count)).toEqual([2, 1, 1, 1]);
    expect(log.entries()[0]).toMatchObject({ atMs: 2, what: { requestId: "b" } });
    expect(new Set(log.entries().map(({ id }) => id)).size).toBe(4);
  });
});
