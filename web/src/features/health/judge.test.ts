import { describe, expect, it } from "vitest";
import type { MarketHealth } from "../../api/types";
import { type HealthFacts, judge } from "./judge";

const NOW = 1_700_000_400_000;
const open = { status: "open", downSinceMs: null, retryAtMs: null, attempts: 0 } as const;

const facts = (change: Partial<HealthFacts> = {}): HealthFacts => ({
  nowMs: NOW,
  connection: open,
  market: null,
  marketOff: false,
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

const market = (change: Partial<MarketHealth>): MarketHealth => ({
  series_id: "binance:futures:BTC/USDT:1m",
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

const down = (ms: number, status: "reconnecting" | "offline" = "reconnecting") =>
  facts({ connection: { status, downSinceMs: NOW - ms, retryAtMs: NOW + 1_000, attempts: 2 } });

describe("judge", () => {
  it("says live when everything is", () => {
    expect(judge(facts()).word).toBe("live");
  });

  it("does not mention a short loss, then says reconnecting, then offline", () => {
    expect(judge(down(900)).word).toBe("live");
    expect(judge(down(1_000)).word).toBe("reconnecting");
    expect(judge(down(30_000)).word).toBe("offline");
    expect(judge(down(0, "offline")).word).toBe("offline");
  });

  it("the connection wins over the data", () => {
    expect(judge({ ...down(5_000), lastTime: NOW / 1000 - 600 }).word).toBe("reconnecting");
  });

  it("the last bar tells whether candles are late", () => {
    expect(judge(facts({ lastTime: NOW / 1000 - 120 })).word).toBe("live");
    expect(judge(facts({ lastTime: NOW / 1000 - 300 }))).toMatchObject({ word: "delayed", delaySeconds: 240 });
    expect(judge(facts({ empty: true, lastTime: null })).word).toBe("no_data");
    expect(judge(facts({ loading: true, lastTime: null })).word).toBe("catching_up");
    expect(judge(facts({ marketNowMs: null, lastTime: 100 })).word).toBe("live");
  });

  it("what the server says of the candles counts for more than the last bar", () => {
    const late = NOW / 1000 - 600;
    const said = (change: Partial<MarketHealth>) => judge(facts({ lastTime: late, market: market(change) }));
    expect(said({}).word).toBe("live");
    expect(said({ status: "red", status_reason: "missing_head", head_time: null }).word).toBe("no_data");
    const lagging = { status: "red", status_reason: "lagging_no_recent_backfill", missing_candles: 3 } as const;
    expect(said({ ...lagging, missing_seconds: 180 })).toMatchObject({ word: "delayed", delaySeconds: 180 });
    expect(said({ status: "yellow", status_reason: "head_ahead_of_closed_window" }).word).toBe("live");
    expect(said({ status: "yellow", status_reason: "backfill_recent" })).toMatchObject({
      word: "catching_up",
      percent: null,
    });
    const backfill = { ...market({}).backfill, state: "running", progress_pct: 42.4 } as const;
    expect(said({ status: "yellow", status_reason: "backfill_running", backfill })).toMatchObject({
      word: "catching_up",
      percent: 42.4,
    });
  });

  it("a candle that has just closed, or that the page has already, is not late", () => {
    const red = market({ status: "red", status_reason: "lagging_no_recent_backfill", missing_candles: 1 });
    const { expected_latest_closed_time: expected } = red;
    expect(judge(facts({ lastTime: expected - 60, market: red })).word).toBe("live");
    expect(judge(facts({ lastTime: expected - 60, market: { ...red, now_time: red.now_time + 5 } })).word).toBe(
      "delayed",
    );
    const fast = facts({ lastTime: expected - 60, speed: 20, market: { ...red, now_time: red.now_time + 59 } });
    expect(judge(fast).word).toBe("live");
    expect(judge(facts({ lastTime: expected, market: { ...red, now_time: red.now_time + 30 } })).word).toBe("live");
  });

  it("factors and drawings behind mean catching up", () => {
    const drawings = {
      status: "retry",
      toTime: null,
      cursor: 0,
      epoch: null,
      failure: null,
      rebuilding: false,
    } as const;
    expect(judge(facts({ drawings })).word).toBe("catching_up");
  });

  it("a silent series is quiet", () => {
    expect(judge(facts({ lastFrameMs: NOW - 15_001 })).word).toBe("quiet");
    expect(judge(facts({ lastFrameMs: null, openedMs: NOW - 16_000 })).word).toBe("quiet");
    expect(judge(facts({ lastFrameMs: null, openedMs: NOW - 1_000 })).word).toBe("live");
  });
});
