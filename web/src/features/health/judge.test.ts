import { describe, expect, it } from "vitest";
import { type HealthFacts, judge } from "./judge";

const NOW = 1_700_000_400_000;
const open = { status: "open", downSinceMs: null, retryAtMs: null, attempts: 0 } as const;

const facts = (change: Partial<HealthFacts> = {}): HealthFacts => ({
  nowMs: NOW,
  connection: open,
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
    expect(judge(facts({ lastTime: NOW / 1000 - 300 }))).toEqual({ word: "delayed", delaySeconds: 240 });
    expect(judge(facts({ empty: true, lastTime: null })).word).toBe("no_data");
    expect(judge(facts({ loading: true, lastTime: null })).word).toBe("catching_up");
    expect(judge(facts({ marketNowMs: null, lastTime: 100 })).word).toBe("live");
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
