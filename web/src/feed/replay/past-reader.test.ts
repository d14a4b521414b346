import { describe, expect, test, vi } from "vitest";
import { candlesFrom } from "../../../tests/candles";
import type { Candle, CandlesResponse } from "../../api/types";
import { PastReader } from "./past-reader";

const SERIES = "binance:futures:BTC/USDT:1m";
const timeOf = (index: number) => 60_000 + index * 60;

interface Asked {
  readonly since: number;
  readonly signal: AbortSignal | undefined;
  answer(): void;
  fail(): void;
}

/** An API whose answers come when the test says so. */
function setUp(stored: readonly Candle[] = candlesFrom(60_000, 5_000)) {
  const asked: Asked[] = [];
  const candles = (query: { since?: number; limit?: number }, signal?: AbortSignal) =>
    new Promise<CandlesResponse>((resolve, reject) => {
      const { since = 0, limit = 2_000 } = query;
      const found = stored.filter(({ candle_time }) => candle_time > since).slice(0, limit);
      const page = { candles: found, server_head_time: timeOf(4_999) } as unknown as CandlesResponse;
      asked.push({ since, signal, answer: () => resolve(page), fail: () => reject(new Error("gone")) });
    });
  const reader = new PastReader({ candles }, SERIES, 60);
  const read = (index: number) => reader.before(timeOf(index), new AbortController().signal);
  const answerAll = async () => {
    for (const one of asked) one.answer();
    await Promise.resolve();
  };
  return { reader, asked, read, answerAll };
}

const ends = ({ candles }: { candles: readonly Candle[] }) => [candles.length, candles.at(-1)?.candle_time];

describe("a reader of the past", () => {
  test("asks once when the frame is where it was expected", async () => {
    const { reader, asked, read, answerAll } = setUp();
    reader.expect(timeOf(3_000) + 17);
    expect(asked).toHaveLength(1);
    const page = read(3_000);
    await answerAll();
    expect(ends(await page)).toEqual([2_000, timeOf(2_999)]);
    expect(asked).toHaveLength(1);
  });

  test("gives the same candles as without expecting", async () => {
    const { reader, read, answerAll } = setUp();
    reader.expect(timeOf(3_000));
    const ahead = read(3_000);
    await answerAll();
    const plain = read(3_000);
    await answerAll();
    expect((await ahead).candles).toEqual((await plain).candles);
  });

  test("a bar that the clock has not completed is left out", async () => {
    const { reader, asked, read, answerAll } = setUp();
    reader.expect(timeOf(3_001) + 20);
    const page = read(3_000);
    await answerAll();
    expect(ends(await page)).toEqual([1_999, timeOf(2_999)]);
    expect(asked).toHaveLength(1);
  });

  test("a frame elsewhere is read for itself, and what was on its way is given up", async () => {
    const { reader, asked, read, answerAll } = setUp();
    reader.expect(timeOf(3_000));
    const page = read(1_000);
    expect(asked[0]?.signal?.aborted).toBe(true);
    await answerAll();
    expect(ends(await page)).toEqual([1_000, timeOf(999)]);
  });

  test("what could not be read ahead is read anew", async () => {
    const { reader, asked, read, answerAll } = setUp();
    reader.expect(timeOf(3_000));
    const page = read(3_000);
    asked[0]?.fail();
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    await answerAll();
    expect(ends(await page)).toEqual([2_000, timeOf(2_999)]);
  });

  test("expects one frame at a time", async () => {
    const { reader, asked } = setUp();
    reader.expect(timeOf(3_000));
    reader.expect(timeOf(2_000));
    expect(asked).toHaveLength(1);
    reader.forget();
    expect(asked[0]?.signal?.aborted).toBe(true);
    reader.expect(timeOf(2_000));
    expect(asked).toHaveLength(2);
  });
});
