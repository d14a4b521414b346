/** Writes the chart's facts as `data-*` attributes, after the frame that shows them. Absent values are empty texts. */
import type { ChartState } from "./types";

export interface Facts {
  readonly state: ChartState;
  readonly lastClose: number | null;
  readonly formingClose: number | null;
  readonly segments: Readonly<Record<string, number>>;
  readonly labels: number;
  readonly labelOverlaps: number;
  readonly frames: number;
  readonly paint: number;
  /** Of the session and of overlays, by attribute; they win. */
  readonly more: Readonly<Record<string, string | number>>;
}

/** Empty while nothing is replayed. */
const REPLAY_FACTS = ["time", "index", "total", "state", "speed"].map((name) => `data-replay-${name}`);

export class FactWriter {
  private readonly element: HTMLElement;
  private written: ReadonlyMap<string, string> = new Map();

  constructor(element: HTMLElement) {
    this.element = element;
  }

  /** Writes what changed; facts of features that are gone are removed. */
  write(facts: Facts): void {
    const next = new Map(attributes(facts));
    for (const [name, value] of next) {
      if (this.written.get(name) !== value) this.element.setAttribute(name, value);
    }
    for (const name of this.written.keys()) if (!next.has(name)) this.element.removeAttribute(name);
    this.written = next;
  }
}

function attributes(facts: Facts): [string, string][] {
  const { state } = facts;
  const { candles, drawings, visible } = state;
  const list: [string, string | number | boolean | null | undefined][] = [
    ["data-series", state.series],
    ["data-mode", "live"],
    ["data-status", state.status],
    ["data-candles", candles.count],
    ["data-first-time", candles.firstTime],
    ["data-last-time", candles.lastTime],
    ["data-last-close", decimal(facts.lastClose)],
    ["data-forming-time", candles.formingTime],
    ["data-forming-close", decimal(facts.formingClose)],
    ["data-bar-spacing", state.barSpacing.toFixed(2)],
    ["data-visible-from", visible?.from],
    ["data-visible-to", visible?.to],
    ["data-follow", state.follow],
    ["data-history", state.history],
    ["data-price-scale", state.scale.mode],
    ["data-precision", state.precision],
    ["data-tz", state.timeZone],
    ["data-draw-to", drawings.toTime],
    ["data-draw-cursor", drawings.cursor],
    ["data-epoch", drawings.epoch],
    ["data-draw-status", drawings.status],
    ["data-active", state.active],
    ["data-labels", facts.labels],
    ["data-label-overlaps", facts.labelOverlaps],
    ["data-gaps", state.gaps.count],
    ["data-gap-bars", state.gaps.bars],
    ["data-selected", selectedFact(state)],
    ["data-frames", facts.frames],
    ["data-paint", facts.paint],
    ...REPLAY_FACTS.map((name): [string, string] => [name, ""]),
    ...Object.entries(facts.more),
  ];
  for (const [feature, count] of Object.entries(state.features)) {
    const key = feature.replaceAll(".", "-");
    list.push([`data-count-${key}`, count.active], [`data-shown-${key}`, count.shown]);
  }
  for (const [key, count] of Object.entries(facts.segments)) list.push([`data-count-${key}`, count]);
  return list.map(([name, value]) => [name, value === null || value === undefined ? "" : String(value)]);
}

/** Instruction id of an object, time of a bar. */
function selectedFact({ selected }: ChartState): string | number | null {
  if (selected === null) return null;
  return selected.kind === "bar" ? selected.time : selected.id;
}

/** The shortest decimal that is this number, never with an exponent. */
function decimal(value: number | null): string | null {
  if (value === null) return null;
  const text = String(value);
  return text.includes("e") ? value.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 20 }) : text;
}
