import { beforeAll, expect, it } from "vitest";
import type { ChartFormats } from "../../chart/types";
import { loadLocale, translator } from "../../i18n/locale";
import { gapLines } from "./gaps";

beforeAll(() => loadLocale("zh-CN"));

const formats = {
  range: (from: number, to: number) => `${from}–${to}`,
  dateTime: (time: number) => `T${time}`,
  moment: (time: number) => `M${time}`,
} as ChartFormats;

const facts = {
  fromTime: 60,
  toTime: 180,
  missing: 3,
  entry: {
    from_time: 60,
    to_time: 180,
    missing_candles: 3,
    cause: "head_jump",
    state: "open",
    detected_at_ms: 0,
    attempts: 2,
    last_attempt_at_ms: 5_000,
    last_error: "rest_timeout",
    next_attempt_at_ms: 65_000,
    healed_at_ms: null,
    healed_from: null,
  },
} as const;

it("tells a hole in at most five lines", () => {
  expect(gapLines(facts, formats, translator("en"))).toEqual([
    "60–180: 3 candles missing",
    "Open, cause: stream jumped ahead",
    "2 attempts, last M5",
    "Last error: rest_timeout",
    "Next attempt M65",
  ]);
  const untried = {
    ...facts.entry,
    cause: "new_cause",
    state: "absent",
    last_attempt_at_ms: null,
    last_error: null,
    next_attempt_at_ms: null,
  };
  expect(
    gapLines({ ...facts, entry: untried as typeof facts.entry & typeof untried }, formats, translator("zh-CN")),
  ).toEqual(["60–180：缺失 3 根K线", "交易所无数据，原因：未知"]);
});

it("says so when the server knows nothing of it", () => {
  expect(gapLines({ ...facts, entry: null }, formats, translator("en"))).toEqual([
    "60–180: 3 candles missing",
    "The server has no entry for this gap.",
  ]);
});
