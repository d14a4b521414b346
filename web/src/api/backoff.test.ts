import { expect, test } from "vitest";
import { reconnectDelayMs } from "./backoff";

test("starts at half a second and doubles to 15 seconds", () => {
  const middle = [1, 2, 3, 4, 5, 6, 7, 100].map((attempt) => reconnectDelayMs(attempt, 0.5));
  expect(middle).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
});

test("is spread by a fifth either way", () => {
  expect(reconnectDelayMs(1, 0)).toBe(400);
  expect(reconnectDelayMs(1, 0.999_999)).toBe(600);
});
