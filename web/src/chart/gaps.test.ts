import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeApi } from "../../tests/fake-api";
import { FakeMarketSocket } from "../../tests/fake-socket";
import { testText } from "../../tests/text";
import type { Gap, GapState } from "../api/types";
import { startWindow } from "../feed/window";
import { Gaps } from "./gaps";
import { type GapSpan, SlotTable } from "./slots";
import type { ChartOptions } from "./types";

const START = 1_700_000_000_000;
const TIMES = [60, 120, 300, 360];
const slots = SlotTable.of(60, TIMES);
const window = startWindow(
  60,
  TIMES.map((candle_time) => ({ candle_time, open: 1, high: 2, low: 1, close: 2, volume: 1 })),
  true,
);
const settings = { text: testText, locale: "en", reducedMotion: false } as ChartOptions;

const entry = (state: GapState, healed_at_ms: number | null = null): Gap => ({
  from_time: 180,
  to_time: 240,
  missing_candles: 2,
  cause: "stall",
  state,
  detected_at_ms: START - 1,
  attempts: 1,
  last_attempt_at_ms: null,
  next_attempt_at_ms: null,
  last_error: null,
  healed_at_ms,
  healed_from: null,
});

async function gapsWith(ledger: readonly Gap[]) {
  const api = new FakeApi();
  api.gapLedger = ledger;
  const onChange = vi.fn();
  const deps = { api: api.asClient(), socket: new FakeMarketSocket() };
  const gaps = new Gaps({ deps, now: Date.now, onChange, onGap: () => undefined });
  gaps.open("binance:futures:BTC/USDT:1m");
  gaps.look(window);
  await vi.advanceTimersByTimeAsync(0);
  return { api, gaps, onChange, hole: slots.gaps()[0] as GapSpan };
}

describe("bands of holes", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.setSystemTime(START);
  });
  afterEach(() => void vi.useRealTimers());

  it("look as the ledger says, and plain where it says nothing", async () => {
    for (const state of ["open", "filling", "absent"] as const) {
      const { gaps, hole, onChange } = await gapsWith([entry(state)]);
      expect(onChange).toHaveBeenCalled();
      expect(gaps.bands(slots, settings).stateOf(hole)).toBe(state);
      gaps.close();
    }
    const { gaps, hole } = await gapsWith([]);
    expect(gaps.bands(slots, settings).stateOf(hole)).toBe("plain");
    expect(gaps.words(hole, testText, {} as never)).toEqual(["2 missing", "unknown"]);
  });

  it("say when nobody can fill them", async () => {
    const { gaps, hole } = await gapsWith([entry("absent")]);
    expect(gaps.bands(slots, settings).gapText(hole)).toBe("2 missing, no data");
    expect(gaps.words(hole, testText, {} as never)).toEqual(["2 missing", "absent"]);
  });

  it("move only while something is being filled, and never under reduced motion", async () => {
    const { gaps } = await gapsWith([entry("filling")]);
    const band = gaps.bands(slots, settings);
    expect(gaps.isMoving()).toBe(true);
    const before = band.phase();
    vi.advanceTimersByTime(250);
    expect(band.phase()).toBe(before + 1);
    gaps.bands(slots, { ...settings, reducedMotion: true });
    expect([gaps.isMoving(), band.phase()]).toEqual([false, 0]);
    const still = await gapsWith([entry("open")]);
    still.gaps.bands(slots, settings);
    expect(still.gaps.isMoving()).toBe(false);
  });

  it("that were filled on this visit are marked for a while where they were", async () => {
    const { api, gaps } = await gapsWith([entry("open")]);
    api.gapLedger = [entry("healed", START + 1)];
    await vi.advanceTimersByTimeAsync(5_000);
    const filled = SlotTable.of(60, [60, 120, 180, 240, 300, 360]);
    expect(gaps.bands(filled, settings).healed).toEqual([{ from: 2, to: 3 }]);
    await vi.advanceTimersByTimeAsync(10_100);
    expect(gaps.bands(filled, settings).healed).toEqual([]);
  });
});
