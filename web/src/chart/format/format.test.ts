import { describe, expect, test } from "vitest";
import { formatCountdown, formatDuration } from "./duration";
import { decimalsOf, formatChange, formatPercent, formatPrice, growPrecision } from "./price";
import { stampFormat, timeFormat } from "./time";
import { formatVolume } from "./volume";
import { zoneOf } from "./zone";

const seconds = (text: string) => Date.parse(text) / 1000;

describe("prices", () => {
  test.each([
    [64_250, 0],
    [64_250.5, 1],
    [0.000_012_34, 8],
    [1e-7, 7],
    [1.5e-7, 8],
    [1e21, 0],
  ])("%d has %i decimals", (value, decimals) => {
    expect(decimalsOf(value)).toBe(decimals);
  });

  test("precision only grows", () => {
    const bar = (price: number) => ({ open: price, high: price, low: price, close: price });
    const grown = growPrecision(0, [bar(1.25)]);
    expect(grown).toBe(2);
    expect(growPrecision(grown, [bar(3)])).toBe(2);
    expect(growPrecision(grown, [bar(0.123_456_789_1)])).toBe(8);
  });

  test("axis prices have no grouping", () => {
    expect(formatPrice(64_250, 1)).toBe("64250.0");
  });

  test("changes always carry a sign, and zero none", () => {
    expect(formatChange(12.5, 1)).toBe("+12.5");
    expect(formatChange(-12.5, 1)).toBe("−12.5");
    expect(formatChange(-0.04, 1)).toBe("0.0");
    expect(formatPercent(-0.336)).toBe("−0.34%");
  });
});

describe("volume", () => {
  test.each([
    [0, "0"],
    [0.0123, "0.012"],
    [7.26, "7.3"],
    [999, "999"],
    [12_300, "12.3K"],
    [999_960, "1.0M"],
    [4_500_000, "4.5M"],
    [1_200_000_000, "1.2B"],
  ])("%d is %s in English", (value, text) => {
    expect(formatVolume(value, "en")).toBe(text);
  });

  test.each([
    [9_999, "9999"],
    [12_000, "1.2万"],
    [340_000_000, "3.4亿"],
    [99_999_999, "1.0亿"],
  ])("%d is %s in Chinese", (value, text) => {
    expect(formatVolume(value, "zh-CN")).toBe(text);
  });
});

describe("durations", () => {
  test.each([
    [74_400, "20 h 40 m", "20小时40分"],
    [12_000, "3 h 20 m", "3小时20分"],
    [3_600, "1 h", "1小时"],
    [90_000, "1 d 1 h", "1天1小时"],
    [59, "59 s", "59秒"],
    [0, "0 s", "0秒"],
  ])("%d s", (value, english, chinese) => {
    expect(formatDuration(value, "en")).toBe(english);
    expect(formatDuration(value, "zh-CN")).toBe(chinese);
  });

  test.each([
    [0, "0:00"],
    [65.9, "1:05"],
    [3_599, "59:59"],
    [3_661, "1:01:01"],
    [-4, "0:00"],
  ])("a countdown of %d s is %s", (value, text) => {
    expect(formatCountdown(value)).toBe(text);
  });
});

describe("zones", () => {
  test("an autumn clock change repeats an hour without moving an instant", () => {
    const berlin = zoneOf("Europe/Berlin");
    const before = seconds("2026-10-25T00:30:00Z");
    const after = before + 3_600;
    expect(berlin.offsetAt(before)).toBe(7_200);
    expect(berlin.offsetAt(after)).toBe(3_600);
    expect(berlin.fields(before).hour).toBe(2);
    expect(berlin.fields(after).hour).toBe(2);
  });

  test.each(["Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "Asia/Shanghai"])(
    "%s agrees with the runtime at every hour of a year",
    (name) => {
      const zone = zoneOf(name);
      const format = new Intl.DateTimeFormat("en-GB", {
        timeZone: name,
        day: "2-digit",
        hour: "2-digit",
        minute: "2-digit",
        hourCycle: "h23",
      });
      for (let time = seconds("2026-01-01T00:00:00Z"); time < seconds("2027-01-01T00:00:00Z"); time += 3_600 * 7) {
        const { day, hour, minute } = zone.fields(time);
        const parts = Object.fromEntries(
          format.formatToParts(time * 1000).map((part) => [part.type, Number(part.value)]),
        );
        expect({ day, hour, minute }).toEqual({ day: parts.day, hour: parts.hour, minute: parts.minute });
      }
    },
  );

  test("an unknown zone is UTC", () => {
    expect(zoneOf("Mars/Olympus").name).toBe("UTC");
  });
});

describe("times", () => {
  const time = seconds("2026-11-21T14:05:00Z");

  test("crosshair, table and axis in English", () => {
    const format = timeFormat("en", "UTC", 300);
    expect(format.full(time)).toBe("Sat 2026-11-21 14:05");
    expect(format.dateTime(time)).toBe("2026-11-21 14:05");
    expect(format.tick(time, "time")).toBe("14:05");
    expect(format.tick(time, "day")).toBe("Nov 21");
    expect(format.tick(time, "month")).toBe("Nov");
    expect(format.tick(time, "year")).toBe("2026");
  });

  test("and in Chinese, in the zone of Shanghai", () => {
    const format = timeFormat("zh-CN", "Asia/Shanghai", 300);
    expect(format.full(time)).toBe("周六 2026-11-21 22:05");
    expect(format.tick(time, "day")).toBe("11月21日");
    expect(format.tick(time, "month")).toBe("11月");
  });

  test("bars of a day are named by their trading day in every zone", () => {
    const format = timeFormat("en", "America/New_York", 86_400);
    expect(format.full(seconds("2026-11-21T00:00:00Z"))).toBe("Sat 2026-11-21");
    expect(format.tick(seconds("2026-11-21T00:00:00Z"), "day")).toBe("21");
  });
});

describe("moments", () => {
  test("have milliseconds and the zone of the reader", () => {
    const atMs = Date.parse("2026-03-29T00:30:05.007Z");
    const berlin = stampFormat("Europe/Berlin");
    expect(berlin.clock(atMs)).toBe("01:30:05.007");
    expect(berlin.full(atMs)).toBe("2026-03-29 01:30:05.007 GMT+1");
    expect(berlin.full(atMs + 3_600_000)).toBe("2026-03-29 03:30:05.007 GMT+2");
    expect(stampFormat("Asia/Tokyo").date(Date.parse("2026-03-28T15:00:00Z"))).toBe("2026-03-29");
  });
});
