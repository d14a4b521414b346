import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { candleAt, candlesFrom } from "../../tests/candles";
import type { Candle } from "../api/types";
import {
  type CandleWindow,
  firstTime,
  lastTime,
  MAX_CANDLES,
  mergeClosed,
  mergeForming,
  prependHistory,
  startWindow,
  swapContent,
} from "./window";

const times = (window: CandleWindow) => window.candles.map((candle) => candle.candle_time);
const page = startWindow(60, candlesFrom(600, 5), true);

describe("closed candles", () => {
  test("append at the right edge", () => {
    const step = mergeClosed(page, candlesFrom(900, 2));
    expect(step.change).toEqual({ kind: "append", count: 2 });
    expect(times(step.window)).toEqual([600, 660, 720, 780, 840, 900, 960]);
  });

  test("sent again change nothing", () => {
    const step = mergeClosed(page, candlesFrom(720, 2));
    expect(step.change.kind).toBe("none");
    expect(step.window).toBe(page);
  });

  test("with other values replace what was there", () => {
    const corrected = { ...candleAt(720), close: 55 };
    const step = mergeClosed(page, [corrected]);
    expect(step.change.kind).toBe("replace");
    expect(step.window.candles[2]).toEqual(corrected);
  });

  test("older than the window are history and left to its loader", () => {
    expect(mergeClosed(page, candlesFrom(0, 3)).change.kind).toBe("none");
  });

  test("that fill a hole are put in order", () => {
    const holed = startWindow(60, [candleAt(600), candleAt(780)], true);
    const step = mergeClosed(holed, candlesFrom(660, 2));
    expect(step.change.kind).toBe("replace");
    expect(times(step.window)).toEqual([600, 660, 720, 780]);
  });

  test("beyond the limit push out the side that is not looked at", () => {
    const full = startWindow(60, candlesFrom(60, MAX_CANDLES), true);
    const next = candleAt(60 * (MAX_CANDLES + 1));
    const left = mergeClosed(full, [next], "left");
    expect(left.window.candles.length).toBeLessThan(MAX_CANDLES);
    expect(lastTime(left.window)).toBe(next.candle_time);
    expect(left.window.atStart).toBe(false);
    expect(left.change.kind).toBe("replace");
    const right = mergeClosed(full, [next], "right");
    expect(firstTime(right.window)).toBe(60);
    expect(right.window.atHead).toBe(false);
  });
});

describe("the forming candle", () => {
  test("stands after the last closed one and disappears with its close", () => {
    const formed = mergeForming(page, candleAt(900)).window;
    expect(formed.forming?.candle_time).toBe(900);
    expect(mergeClosed(formed, [candleAt(900)]).window.forming).toBeNull();
  });

  test("of a closed bar is dropped", () => {
    expect(mergeForming(page, candleAt(840)).change.kind).toBe("none");
  });

  test("never goes back in time", () => {
    const newer = mergeForming(page, candleAt(960)).window;
    expect(mergeForming(newer, candleAt(900)).window).toBe(newer);
  });

  test("is not shown in a window that ends before the newest candle", () => {
    const past = { ...page, atHead: false };
    expect(mergeForming(past, candleAt(900)).change.kind).toBe("none");
  });
});

describe("history", () => {
  test("goes before the window, without the part already there", () => {
    const step = prependHistory(page, candlesFrom(480, 4), true);
    expect(times(step.window)).toEqual([480, 540, 600, 660, 720, 780, 840]);
    expect(step.window.atStart).toBe(true);
  });

  test("an empty page only tells that this is the start", () => {
    const step = prependHistory(page, [], true);
    expect(step.change.kind).toBe("none");
    expect(step.window.atStart).toBe(true);
  });

  test("drops the newest candles of a full window", () => {
    const full = startWindow(60, candlesFrom(600_000, MAX_CANDLES), true);
    const step = prependHistory(full, candlesFrom(599_880, 2), false);
    expect(firstTime(step.window)).toBe(599_880);
    expect(step.window.atHead).toBe(false);
    expect(step.window.candles.length).toBeLessThanOrEqual(MAX_CANDLES);
  });
});

test("a rebuild swaps the content and keeps what closed meanwhile", () => {
  const rebuilt = candlesFrom(600, 5).map((candle) => ({ ...candle, close: 99 }));
  const meanwhile = mergeClosed(page, [candleAt(900)]).window;
  const swapped = swapContent(meanwhile, rebuilt);
  expect(times(swapped)).toEqual([600, 660, 720, 780, 840, 900]);
  expect(swapped.candles[0]?.close).toBe(99);
});

type Message =
  | { readonly kind: "closed"; readonly candles: readonly Candle[] }
  | { readonly kind: "forming"; readonly candle: Candle };

function play(messages: readonly Message[]): CandleWindow {
  return messages.reduce<CandleWindow>(
    (window, message) =>
      message.kind === "closed"
        ? mergeClosed(window, message.candles).window
        : mergeForming(window, message.candle).window,
    startWindow(60, candlesFrom(600, 3), true),
  );
}

describe("any order of messages, with any repetition", () => {
  const slot = fc.integer({ min: 0, max: 40 }).map((at) => 600 + at * 60);
  const closed = fc
    .array(slot, { minLength: 1, maxLength: 6 })
    .map((list): Message => ({ kind: "closed", candles: list.map(candleAt) }));
  const forming = slot.map((time): Message => ({ kind: "forming", candle: candleAt(time) }));
  const messages = fc.array(fc.oneof(closed, forming), { maxLength: 30 });

  test("converges to the window of the ordered ones", () => {
    fc.assert(
      fc.property(messages, fc.infiniteStream(fc.nat()), (list, dice) => {
        const repeated = [...list, ...list.filter(() => (dice.next().value ?? 0) % 2 === 0)];
        const shuffled = repeated
          .map((message) => ({ message, key: dice.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ message }) => message);
        const ordered = [...list].sort((a, b) => firstOf(a) - firstOf(b));
        expect(play(shuffled).candles).toEqual(play(ordered).candles);
        expect(play(shuffled).forming).toEqual(play(ordered).forming);
      }),
    );
  });

  test("keeps candles ascending and unique, and the forming one newest", () => {
    fc.assert(
      fc.property(messages, (list) => {
        const window = play(list);
        const seen = times(window);
        expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
        if (window.forming) expect(window.forming.candle_time).toBeGreaterThan(seen.at(-1) ?? 0);
      }),
    );
  });
});

function firstOf(message: Message): number {
  if (message.kind === "forming") return message.candle.candle_time;
  return Math.min(...message.candles.map((candle) => candle.candle_time));
}
