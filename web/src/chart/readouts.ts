/** What the chart writes beside the bars: legend, last price with countdown, history strip, line tooltip, speech. */
import type { MarketClock } from "../api/clock";
import type { Annotations } from "./annotations";
import type { Bars } from "./bars";
import type { Content } from "./content";
import { countdownText } from "./countdown";
import { formatPercent } from "./format/price";
import { historyState } from "./picture";
import type { LastPrice } from "./shapes/last-price";
import { spokenBar } from "./speech";
import type { Stage } from "./stage";
import type { Structures } from "./structures";
import type { Surface } from "./surface";
import type { ChartOptions } from "./types";
import { legendValues, newestValues } from "./values";

export interface ReadoutOptions {
  readonly stage: Stage;
  readonly surface: Surface;
  readonly bars: Bars;
  readonly structures: Structures;
  readonly annotations: Annotations;
  readonly clock: MarketClock;
  /** The stream is open. */
  live(): boolean;
  settings(): ChartOptions;
  content(): Content;
  readonly now: () => number;
}

const STRIP_AFTER_MS = 150;
const LINE_REACH_PX = 6;

export class Readouts {
  private readonly options: ReadoutOptions;
  private hovered: number | null = null;
  private countdown = "";
  private stripTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ReadoutOptions) {
    this.options = options;
  }

  /** Slot under the crosshair. */
  hoverSlot(): number | null {
    return this.hovered;
  }

  hover(slot: number | null): void {
    this.hovered = slot;
  }

  /** Brings legend and history strip up to date. */
  write(): void {
    this.writeLegend();
    this.writeStrip();
  }

  /** Speaks the bar under the crosshair. */
  speak(): void {
    const { stage, structures, settings, content, now } = this.options;
    const values = this.hoveredValues();
    if (!values) return;
    const spoken = spokenBar(values, content().formats(), content().time(), structures);
    stage.speak(settings().text.spokenBar(spoken), now());
  }

  /** Words on the line that says where drawings start. */
  lineHint(x: number): string | null {
    const { annotations, settings } = this.options;
    const line = annotations.boundaryAt(x, LINE_REACH_PX);
    return line?.boundary.id === "drawings-start" ? settings().text.drawingsStartHint : null;
  }

  lastPrice(): Omit<LastPrice, "y"> | null {
    const { bars, settings, content } = this.options;
    const newest = bars.newest();
    if (!newest) return null;
    const base = settings().scale?.mode === "percent" ? this.percentBase() : null;
    const text = base ? formatPercent((newest.close / base - 1) * 100) : content().formats().price(newest.close);
    const clock = this.replayClock();
    if (clock !== null) return { text, countdown: clock, color: settings().tokens.replay };
    return { text, countdown: this.countdown, color: bars.directionColor(newest) };
  }

  /** Counts down; returns whether the text changed. */
  tick(): boolean {
    const { bars, clock, live, content } = this.options;
    const newest = bars.newest();
    const session = content().session();
    const window = bars.window();
    const next =
      newest === null || !session
        ? ""
        : countdownText({
            marketNowMs: clock.nowMs(),
            speed: clock.speed(),
            live: live() && window.atHead,
            newestTime: newest.candle_time,
            forming: newest === window.forming,
            timeframe: session.timeframe,
          });
    const changed = next !== this.countdown;
    this.countdown = next;
    return changed;
  }

  stop(): void {
    clearTimeout(this.stripTimer);
  }

  /** The time of a replay stands where the countdown was; null: live. */
  private replayClock(): string | null {
    const { content } = this.options;
    const session = content().session();
    const at = session?.clockTime?.() ?? null;
    if (!session || at === null) return null;
    return session.timeframe < 86_400 ? content().time().clock(at) : content().time().date(at);
  }

  private hoveredValues() {
    const { bars } = this.options;
    const bar = this.hovered === null ? null : bars.slots().barAt(this.hovered);
    return bar === null ? null : legendValues(bars.window(), bar);
  }

  private writeLegend(): void {
    const { stage, bars, content } = this.options;
    const values = this.hovered === null ? newestValues(bars.window()) : this.hoveredValues();
    stage.legend.show(values, content().formats());
  }

  private writeStrip(): void {
    const { stage, settings, content } = this.options;
    if (historyState(content().session()) !== "loading") {
      clearTimeout(this.stripTimer);
      this.stripTimer = undefined;
      stage.setHistoryStrip(null);
      return;
    }
    this.stripTimer ??= setTimeout(() => stage.setHistoryStrip(settings().text.loadingHistory), STRIP_AFTER_MS);
  }

  /** The percent scale measures from the close of the first visible bar. */
  private percentBase(): number | null {
    const { surface, bars } = this.options;
    const from = surface.chart.timeScale().getVisibleLogicalRange()?.from;
    const slot = from === undefined ? null : bars.slots().nearestBar(Math.floor(from), 1);
    return slot === null ? null : (bars.at(slot)?.close ?? null);
  }
}
