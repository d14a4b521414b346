import { describe, expect, test } from "vitest";
import { candleAt, candlesFrom } from "../../tests/candles";
import { FakeApi } from "../../tests/fake-api";
import { PAGE_CANDLES, readNewer, readOlder, readRange } from "./history";

const signal = new AbortController().signal;

function stored(...candles: ReturnType<typeof candlesFrom>[]): FakeApi {
  const api = new FakeApi();
  api.candlesStored = candles.flat();
  return api;
}

describe("older candles", () => {
  test("are the page right before the window", async () => {
    const api = stored(candlesFrom(60, 5_000));
    const page = await readOlder(api, "s", 60 * 4_001, 60, signal);
    expect(page.candles).toHaveLength(PAGE_CANDLES);
    expect(page.candles.at(-1)?.candle_time).toBe(60 * 4_000);
    expect(page.atStart).toBe(false);
    expect(api.candleQueries[0]).toEqual({ series_id: "s", since: 60 * 2_000, limit: PAGE_CANDLES });
  });

  test("end at the oldest one", async () => {
    const api = stored(candlesFrom(60, 10));
    const page = await readOlder(api, "s", 60 * 6, 60, signal);
    expect(page.candles).toHaveLength(5);
    expect(page.atStart).toBe(true);
  });

  test("nothing before the window means the start", async () => {
    const api = stored(candlesFrom(6_000_000, 10));
    expect(await readOlder(api, "s", 6_000_000, 60, signal)).toEqual({ candles: [], atStart: true });
  });

  test("are found behind a hole longer than a page", async () => {
    const old = candlesFrom(600_000, 50);
    const api = stored(old, candlesFrom(600_000 + 60 * 9_000, 100));
    const page = await readOlder(api, "s", 600_000 + 60 * 9_000, 60, signal);
    expect(page.candles).toEqual(old);
  });

  test("off the grid, more than a page of them leaves no hole before the window", async () => {
    const api = stored(candlesFrom(600_000, 3_000, 20));
    const first = 600_000 + 3_000 * 20;
    const page = await readOlder(api, "s", first, 60, signal);
    expect(page.candles.at(-1)?.candle_time).toBe(first - 20);
    expect(page.candles).toHaveLength(3_000);
  });
});

test("newer candles tell whether they reach the head", async () => {
  const api = stored(candlesFrom(60, PAGE_CANDLES + 5));
  const page = await readNewer(api, "s", 60, signal);
  expect(page.candles).toHaveLength(PAGE_CANDLES);
  expect(page.atHead).toBe(false);
  expect(await readNewer(api, "s", 60 * PAGE_CANDLES, signal)).toMatchObject({
    atHead: true,
    head: 60 * (PAGE_CANDLES + 5),
  });
});

test("a range is exact at both ends and read in pages", async () => {
  const api = stored(candlesFrom(60, 12_000));
  const range = await readRange(api, "s", 59, 60 * 11_000, signal);
  expect(range).toHaveLength(11_000);
  expect(range[0]).toEqual(candleAt(60));
  expect(range.at(-1)?.candle_time).toBe(60 * 11_000);
});
