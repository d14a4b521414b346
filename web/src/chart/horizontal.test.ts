import type { TimeScalePoint } from "lightweight-charts";
import { describe, expect, test } from "vitest";
import { timeFormat } from "./format/time";
import { tickKind, tickWeight, ZonedScale } from "./horizontal";

const seconds = (text: string) => Date.parse(text) / 1000;

function weights(zone: string, timeframe: number, from: string, count: number): number[] {
  const scale = new ZonedScale();
  scale.setFormat(timeFormat("en", zone, timeframe));
  const points = Array.from({ length: count }, (_, at) => ({
    timeWeight: 0,
    originalTime: seconds(from) + at * timeframe,
  })) as unknown as TimeScalePoint[];
  scale.fillWeightsForPoints(points, 0);
  return points.map((point) => point.timeWeight);
}

describe("tick weights", () => {
  test("say which step of the calendar a bar begins", () => {
    const at = (text: string) => seconds(text);
    const weight = (text: string) => tickWeight(at(text) - 60, at(text));
    expect(tickKind(weight("2027-01-01T00:00:00Z"))).toBe("year");
    expect(tickKind(weight("2026-12-01T00:00:00Z"))).toBe("month");
    expect(tickKind(weight("2026-11-21T00:00:00Z"))).toBe("day");
    expect(tickKind(weight("2026-11-21T12:00:00Z"))).toBe("time");
    const rising = ["12:01", "12:05", "12:30", "13:00", "15:00", "18:00", "12:00"];
    const found = rising.map((clock) => weight(`2026-11-21T${clock}:00Z`));
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(new Set(found).size).toBe(rising.length);
  });

  test("days start at the zone's midnight", () => {
    const utc = weights("UTC", 3_600, "2026-11-20T20:00:00Z", 24);
    const shanghai = weights("Asia/Shanghai", 3_600, "2026-11-20T12:00:00Z", 24);
    expect(utc.indexOf(50)).toBe(4);
    expect(shanghai.indexOf(50)).toBe(4);
  });

  test("an autumn clock change makes one day start, not two", () => {
    const berlin = weights("Europe/Berlin", 3_600, "2026-10-24T20:00:00Z", 30);
    expect(berlin.filter((weight) => weight === 50)).toHaveLength(2);
  });

  test("daily bars use the trading day in every zone", () => {
    const days = weights("America/New_York", 86_400, "2026-11-28T00:00:00Z", 5);
    expect(days.map(tickKind)).toEqual(["day", "day", "day", "month", "day"]);
  });

  test("an appended bar gets its weight from its neighbour", () => {
    const scale = new ZonedScale();
    scale.setFormat(timeFormat("en", "UTC", 60));
    const points = [
      { timeWeight: 21, originalTime: seconds("2026-11-21T12:59:00Z") },
      { timeWeight: 0, originalTime: seconds("2026-11-21T13:00:00Z") },
    ] as unknown as TimeScalePoint[];
    scale.fillWeightsForPoints(points, 1);
    expect(points.map((point) => point.timeWeight)).toEqual([21, 30]);
  });
});

test("day starts stand out among hours; without hours the larger steps do", () => {
  const scale = new ZonedScale();
  const marks = (...list: number[]) => list.map((weight) => ({ weight })) as never;
  expect(scale.maxTickMarkWeight(marks(30, 50, 60))).toBe(50);
  expect(scale.maxTickMarkWeight(marks(50, 60, 50))).toBe(60);
});
