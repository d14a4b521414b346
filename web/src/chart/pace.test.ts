import { describe, expect, test } from "vitest";
import { candlesFrom } from "../../tests/candles";
import { type CandleWindow, emptyWindow, together, type WindowChange } from "../feed/window";
import { CandlePace } from "./pace";

const append = (count: number): WindowChange => ({ kind: "append", count });
const window = (count: number): CandleWindow => ({ ...emptyWindow(60), candles: candlesFrom(60, count) });

function setUp(costMs = 0) {
  const shown: [number, WindowChange][] = [];
  const frames: { run: () => void; waitMs: number }[] = [];
  let nowMs = 0;
  const show = ({ candles }: CandleWindow, change: WindowChange) => {
    nowMs += costMs;
    shown.push([candles.length, change]);
  };
  const afterFrame = (run: () => void, waitMs: number) => frames.push({ run, waitMs });
  const pace = new CandlePace(show, { now: () => nowMs, afterFrame });
  const frame = () => frames.shift()?.run();
  return { pace, shown, frame, frames };
}

describe("pace", () => {
  test("one change is shown at once, a burst with the next frame as one", () => {
    const { pace, shown, frame, frames } = setUp();
    pace.take(window(1), append(1));
    expect(shown).toEqual([[1, append(1)]]);
    pace.take(window(2), append(1));
    pace.take(window(4), append(2));
    expect(shown).toHaveLength(1);
    frame();
    expect(shown.slice(1)).toEqual([[4, append(3)]]);
    // The frame after a burst belongs to it.
    pace.take(window(5), append(1));
    expect(shown).toHaveLength(2);
    frame();
    expect(shown.at(-1)).toEqual([5, append(1)]);
    frame();
    expect(frames).toHaveLength(0);
    pace.take(window(6), append(1));
    expect(shown.at(-1)).toEqual([6, append(1)]);
  });

  test("what waits is shown early or not at all", () => {
    const { pace, shown, frame } = setUp();
    pace.take(window(1), append(1));
    pace.take(window(2), append(1));
    pace.flush();
    expect(shown.at(-1)).toEqual([2, append(1)]);
    pace.take(window(3), append(1));
    pace.drop();
    frame();
    expect(shown).toHaveLength(2);
  });

  test("a change that takes long is followed by as long a rest", () => {
    const { pace, frame, frames } = setUp(200);
    pace.take(window(1), append(1));
    expect(frames.map(({ waitMs }) => waitMs)).toEqual([200]);
    pace.take(window(2), append(1));
    frame();
    expect(frames.map(({ waitMs }) => waitMs)).toEqual([200]);
  });

  test("two changes are the larger one, and appended bars add up", () => {
    expect(together({ kind: "forming" }, append(2))).toEqual(append(2));
    expect(together(append(2), { kind: "forming" })).toEqual(append(2));
    expect(together({ kind: "forming" }, { kind: "forming" })).toEqual({ kind: "forming" });
    expect(together({ kind: "replace" }, append(1))).toEqual({ kind: "replace" });
    expect(together(append(1), { kind: "replace" })).toEqual({ kind: "replace" });
    expect(together({ kind: "none" }, append(1))).toEqual(append(1));
    expect(together(append(1), { kind: "none" })).toEqual(append(1));
  });
});
