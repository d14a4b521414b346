import { expect, test } from "vitest";
import { countdownText } from "./countdown";

const base = { marketNowMs: 1_030_000, speed: 1, live: true, newestTime: 1_000, forming: true, timeframe: 60 };

test("counts to the close of the forming bar, or of the one after the newest", () => {
  expect(countdownText(base)).toBe("0:30");
  expect(countdownText({ ...base, newestTime: 940, forming: false })).toBe("0:30");
});

test("waits at zero for a close that is on its way", () => {
  expect(countdownText({ ...base, marketNowMs: 1_062_000 })).toBe("0:00");
  expect(countdownText({ ...base, marketNowMs: 1_100_000, speed: 20 })).toBe("0:00");
});

test("stands still with a dash when it cannot be known", () => {
  expect(countdownText({ ...base, live: false })).toBe("–");
  expect(countdownText({ ...base, marketNowMs: null })).toBe("–");
  expect(countdownText({ ...base, marketNowMs: 1_090_000 })).toBe("–");
  expect(countdownText({ ...base, marketNowMs: 100_000 })).toBe("–");
});
