import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createMarketClock } from "./clock";
import type { LiveHealth } from "./types";

const live = (market_now_ms: number, market_speed: number): LiveHealth => ({
  status: "ok",
  version: "1.2.3",
  demo: market_speed !== 1,
  market_now_ms,
  market_speed,
});

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("runs at the server's speed between two questions", async () => {
  let asked = 0;
  const api = {
    live: async () => {
      asked += 1;
      return live(1_000_000, 20);
    },
  };
  const clock = createMarketClock({ api, monotonic: () => Date.now() });
  expect(clock.nowMs()).toBeNull();
  await vi.advanceTimersByTimeAsync(0);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(clock.nowMs()).toBe(1_060_000);
  expect(clock).toSatisfy((value: typeof clock) => value.demo() && value.version() === "1.2.3");
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(57_000);
  expect(asked).toBe(2);
  clock.stop();
});

test("asks again soon when the server is silent, and keeps what it knows", async () => {
  const answers = [live(5_000, 1), null, live(90_000, 1)];
  const api = {
    live: async () => {
      const answer = answers.shift();
      if (!answer) throw new Error("down");
      return answer;
    },
  };
  const clock = createMarketClock({ api, monotonic: () => Date.now(), intervalMs: 10_000 });
  await vi.advanceTimersByTimeAsync(12_000);
  expect(clock.nowMs()).toBe(17_000);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(clock.nowMs()).toBe(90_000);
  clock.stop();
});
