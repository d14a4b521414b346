import { describe, expect, it } from "vitest";
import type { MarketHealth } from "../../api/types";
import { type HealthFacts, judge } from "./judge";

const NOW = 1_700_000_400_000;
const open = { status: "open", downSinceMs: null, retryAtMs: null, attempts: 0 } as const;

const market = (change: Partial<MarketHealth>): MarketHealth => ({
  series_id: "s",
  timeframe_seconds: 60,
  now_time: NOW / 1000,
  expected_latest_closed_time: NOW / 1000 - 60,
  head_time: NOW / 1000 - 60,
  lag_seconds: 60,
  missing_seconds: 0,
  missing_candles: 0,
  status: "green",
  status_reason: "up_to_date",
  backfill: {
    state: "idle",
    progress_pct: 100,
    started_at: null,
    updated_at: null,
    reason: null,
    note: null,
    error: null,
    recent: false,
    start_missing_seconds: 0,
    start_missing_candles: 0,
    current_missing_seconds: 0,
    current_missing_candles: 0,
  },
  ...change,
});

const facts = (change: Partial<HealthFacts> = {}): HealthFacts => ({
  nowMs: NOW,
  connection: open,
  market: market({}),
  factors: null,
  drawings: null,
  empty: false,
  loading: false,
  lastFrameMs: NOW - 500,
  openedMs: NOW - 60_000,
  lastTime: NOW / 1000 - 60,
  timeframeSeconds: 60,
  marketNowMs: NOW,
  speed: 1,
  ...change,
});

const down = (ms: number, status: "reconnecting" | "offline" = "reconnecting") =>
  facts({ connection: { status, downSinceMs: NOW - ms, retryAtMs: NOW + 1_000, attempts: 2 } });

describe("judge", () => {
  it("says live when everything is", () => {
    expect(judge(facts()).word).toBe("live");
    expect(
      judge(facts({ market: market({ status: "yellow", status_reason: "head_ahead_of_closed_window" }) })).word,
    ).toBe("live");
  });

  it("does not mention a short loss, then says reconnecting, then offline", () => {
    expect(judge(down(900)).word).toBe("live");
    expect(judge(down(1_000)).word).toBe("reconnecting");
    expect(judge(down(30_000)).word).toBe("offline");
    expect(judge(down(0, "offline")).word).toBe("offline");
  });

  it("the connection wins over the data", () => {
    const both = { ...down(5_000), market: market({ status: "red", missing_seconds: 600 }) };
    expect(judge(both).word).toBe("reconnecting");
  });

  it("reads the market health", () => {
    expect(
      judge(facts({ market: market({ head_time: null, status: "red", status_reason: "missing_head" }) })).word,
    ).toBe("no_data");
    const late = market({ status: "red", status_reason: "lagging_no_recent_backfill", missing_seconds: 180 });
    expect(judge(facts({ market: late }))).toEqual({ word: "delayed", percent: null, delaySeconds: 180 });
    const filling = market({ status: "yellow", status_reason: "backfill_running" });
    const backfill = { ...filling.backfill, state: "running", progress_pct: 42 } as const;
    expect(judge(facts({ market: { ...filling, backfill } }))).toMatchObject({ word: "catching_up", percent: 42 });
  });

  it("without a health route the last bar decides", () => {
    const off = { market: null };
    expect(judge(facts(off)).word).toBe("live");
    expect(judge(facts({ ...off, lastTime: NOW / 1000 - 300 }))).toMatchObject({ word: "delayed" });
    expect(judge(facts({ ...off, empty: true, lastTime: null })).word).toBe("no_data");
    expect(judge(facts({ ...off, marketNowMs: null, lastTime: 100 })).word).toBe("live");
  });

  it("factors and drawings behind mean catching up", () => {
    const drawings = { status: "retry", toTime: null, cursor: 0, epoch: null, failure: null } as const;
    expect(judge(facts({ drawings })).word).toBe("catching_up");
  });

  it("a silent series is quiet", () => {
    expect(judge(facts({ lastFrameMs: NOW - 15_001 })).word).toBe("quiet");
    expect(judge(facts({ lastFrameMs: null, openedMs: NOW - 16_000 })).word).toBe("quiet");
    expect(judge(facts({ lastFrameMs: null, openedMs: NOW - 1_000 })).word).toBe("live");
  });
});
