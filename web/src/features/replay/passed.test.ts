import { describe, expect, it } from "vitest";
import type { SeriesRow } from "../../api/types";
import { baseOf, clockIsPlain, clockOf, endingWith, knownUntil, playedOf, readPassed, writePassed } from "./passed";

const MARKET = "binance:futures:BTC/USDT";
const HOUR = 3_600;

function row(timeframe: string, first: number | null, head: number | null, market = MARKET): SeriesRow {
  return {
    series_id: `${market}:${timeframe}`,
    first_time: first,
    head_time: head,
    epoch: 1,
    whitelisted: false,
    live: false,
  };
}

const ROWS = [
  row("1h", 0, 100 * HOUR),
  row("5m", 0, 100 * HOUR),
  row("1m", 10 * HOUR, 100 * HOUR),
  row("15m", null, null),
  row("1m", 0, 100 * HOUR, "binance:spot:BTC/USDT"),
];

describe("what has passed", () => {
  it("is known to the end of its candle, whatever is on the chart", () => {
    const passed = readPassed(`${MARKET}:1h`, { t: 780, c: "1m" });
    expect(knownUntil(passed)).toBe(840);
    expect(knownUntil(readPassed(`${MARKET}:1h`, { t: 0 }))).toBe(HOUR);
    expect(endingWith(passed, "5m")).toEqual({ time: 540, timeframe: "5m" });
    expect(writePassed(passed)).toEqual({ t: 780, c: "1m" });
  });
});

describe("the clock", () => {
  const clock = (timeframe: string, t: number, c?: string, byClock = false, rows = ROWS) =>
    clockOf(`${MARKET}:${timeframe}`, { t, c }, rows, byClock);

  it("is the timeframe that the replay moved by, where the bars are made of it", () => {
    expect(clock("1h", 50 * HOUR + 780, "1m")).toBe("1m");
    expect(clock("1h", 50 * HOUR + 600, "5m")).toBe("5m");
    expect(clock("5m", 50 * HOUR + 780, "1m", true)).toBe("1m");
  });

  it("is none where the bars themselves are it, also on a device that prefers one", () => {
    expect(clock("1h", 50 * HOUR, "1h", true)).toBeNull();
    expect(clock("1m", 50 * HOUR, "1m", true)).toBeNull();
  });

  it("is not needed where a longer candle ended: bars end there too", () => {
    expect(clock("1m", 50 * HOUR, "1h")).toBeNull();
    expect(clock("5m", 50 * HOUR, "1h", true)).toBeNull();
  });

  it("is the shortest one where a bar may have begun, if there are candles of it just then", () => {
    expect(clock("3m", 50 * HOUR, "5m")).toBe("1m");
    expect(clock("3m", 2 * HOUR, "5m")).toBeNull();
    expect(clock("3m", 200 * HOUR, "5m")).toBeNull();
  });

  it("of a replay that begins is what this device prefers, and never begins later than that", () => {
    expect(clock("1h", 50 * HOUR)).toBeNull();
    expect(clock("1h", 50 * HOUR, undefined, true)).toBe("1m");
    expect(clock("1h", 8 * HOUR, undefined, true)).toBeNull();
    expect(clock("1h", 10 * HOUR, undefined, true)).toBe("1m");
  });

  it("is of the same market and has candles", () => {
    expect(clock("1h", 50 * HOUR, "15m")).toBe("1m");
    expect(clockOf("binance:spot:ETH/USDT:1h", { t: 0, c: "1m" }, ROWS, true)).toBeNull();
    expect(baseOf(`${MARKET}:1h`, ROWS)).toBe("1m");
    expect(baseOf(`${MARKET}:1m`, ROWS)).toBeNull();
    expect(baseOf("nonsense", ROWS)).toBeNull();
  });

  it("needs no list of series where nothing is to be looked up", () => {
    expect([clockIsPlain(`${MARKET}:1h`, undefined, false), clockIsPlain(`${MARKET}:1h`, "1h", true)]).toEqual([
      true,
      true,
    ]);
    expect([clockIsPlain(`${MARKET}:1h`, undefined, true), clockIsPlain(`${MARKET}:1h`, "1m", false)]).toEqual([
      false,
      false,
    ]);
  });
});

describe("a paper account", () => {
  const played = (timeframe: string, t: number, c?: string) => playedOf(`${MARKET}:${timeframe}`, { t, c }, ROWS);

  it("plays the shortest candles that are stored there", () => {
    expect(played("1h", 50 * HOUR)).toBe(`${MARKET}:1m`);
    expect(played("1h", 5 * HOUR)).toBe(`${MARKET}:5m`);
    expect(played("1m", 50 * HOUR)).toBe(`${MARKET}:1m`);
    expect(played("1h", 500 * HOUR)).toBe(`${MARKET}:1h`);
    expect(played("1h", 500 * HOUR, "5m")).toBe(`${MARKET}:5m`);
  });
});
