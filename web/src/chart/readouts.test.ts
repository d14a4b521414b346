// @vitest-environment jsdom
import { describe, expect, test } from "vitest";
import { testText } from "../../tests/text";
import { type Facts, FactWriter } from "./facts";
import { timeFormat } from "./format/time";
import { Legend } from "./legend";
import type { ChartState, LegendValues } from "./types";
import { chartFormats } from "./values";

const values: LegendValues = {
  time: 0,
  open: 100,
  high: 110.5,
  low: 99,
  close: 98,
  volume: 12_300,
  change: -2,
  changePercent: -2,
  forming: false,
};

describe("the legend", () => {
  const formats = chartFormats(1, { locale: "en" }, timeFormat("en", "UTC", 60));
  const legend = new Legend(document.body);
  const shown = (field: string) =>
    legend.element.querySelector<HTMLElement>(`[data-field="${field}"] .tc-legend-value`);
  legend.setText(testText);

  test("writes the bar in its direction, with the precision of the market", () => {
    legend.show(values, formats);
    expect(shown("high")?.textContent).toBe("110.5");
    expect(shown("percent")?.textContent).toBe("−2.00%");
    expect(shown("volume")?.textContent).toBe("12.3K");
    expect(legend.element.dataset.direction).toBe("down");
  });

  test("columns never get narrower", () => {
    legend.show({ ...values, open: 12_345.5 }, formats);
    const wide = shown("open")?.style.minWidth;
    legend.show({ ...values, open: 1 }, formats);
    expect(shown("open")?.style.minWidth).toBe(wide);
    legend.show(null, formats);
    expect(shown("open")?.textContent).toBe("–");
    expect(shown("open")?.style.minWidth).toBe(wide);
  });
});

describe("facts", () => {
  const state = (change: Partial<ChartState>): ChartState => ({
    chartId: "1",
    series: "s",
    requested: "s",
    status: "ready",
    failure: null,
    last: null,
    hover: null,
    selected: null,
    active: 1,
    follow: true,
    newBars: 0,
    features: { "pen.confirmed": { active: 1, shown: 1, inView: 4 } },
    connection: { status: "open", downSinceMs: null, retryAtMs: null, attempts: 0 },
    drawings: { status: "ok", toTime: 60, cursor: 60, epoch: null, failure: null, rebuilding: false },
    lastFrameMs: null,
    refusal: null,
    precision: 1,
    visible: { from: 0, to: 60, bars: 2 },
    barSpacing: 7.123,
    history: "more",
    candles: { count: 2, firstTime: 0, lastTime: 60, formingTime: null },
    gaps: { count: 0, bars: 0 },
    scale: { mode: "linear", inverted: false },
    opens: false,
    manualPrice: false,
    timeZone: "UTC",
    zoneLabel: "UTC",
    ...change,
  });
  const facts = (change: Partial<ChartState> = {}): Facts => ({
    state: state(change),
    lastClose: 1e-7,
    formingClose: null,
    segments: { "pen-segments": 4 },
    labels: 0,
    labelOverlaps: 0,
    frames: 3,
    paint: 2,
    more: {},
  });

  test("are written as the contract says; absent ones are empty", () => {
    const element = document.createElement("div");
    new FactWriter(element).write(facts());
    const read = (name: string) => element.getAttribute(`data-${name}`);
    expect(read("last-close")).toBe("0.0000001");
    expect(read("bar-spacing")).toBe("7.12");
    expect(read("forming-time")).toBe("");
    expect(read("epoch")).toBe("");
    expect(read("visible-from")).toBe("0");
    expect(read("count-pen-confirmed")).toBe("1");
    expect(read("count-pen-segments")).toBe("4");
  });

  test("of features that are gone are removed", () => {
    const element = document.createElement("div");
    const writer = new FactWriter(element);
    writer.write(facts());
    writer.write(facts({ features: {}, active: 0 }));
    expect(element.hasAttribute("data-count-pen-confirmed")).toBe(false);
    expect(element.getAttribute("data-active")).toBe("0");
  });
});
