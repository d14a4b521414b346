import { expect, it } from "vitest";
import type { TopMarketsState } from "../../api/top-markets";
import type { TopMarketsResponse } from "../../api/types";
import { translator } from "../../i18n/locale";
import { ageOf } from "./MarketsFooter";

const NOW = 1_700_000_000_000;
const list = { items: [] } as unknown as TopMarketsResponse;

const age = (change: Partial<TopMarketsState>, down = false) => {
  const stream: TopMarketsState = {
    connection: "open",
    list,
    receivedMs: NOW - 2_000,
    failure: null,
    downSinceMs: null,
    retryAtMs: null,
    ...change,
  };
  const source = { quotes: [], stream, down, nowMs: NOW, retry: () => undefined };
  return ageOf(source, translator("en"), (ms) => `${ms / 1_000} s`);
};

it("says how old the prices are and what keeps new ones away", () => {
  expect(age({})).toEqual({ state: "live", words: "live" });
  expect(age({ receivedMs: NOW - 12_000 })).toEqual({ state: "cached", words: "cached 12 s" });
  expect(age({ list: { ...list, stale: true, age_ms: 178_000 } })).toEqual({
    state: "stale",
    words: "stale 180 s: exchange not answering",
  });
  expect(age({ failure: "upstream_error:timeout" }).state).toBe("stale");
  expect(age({ downSinceMs: NOW - 12_000, retryAtMs: NOW + 3_200 }, true)).toEqual({
    state: "lost",
    words: "Connection lost 12 s ago. Trying again in 4 s.",
  });
  expect(age({ list: null, receivedMs: null })).toEqual({ state: "none", words: "" });
});
