/** What the server knows about the holes on the chart, as bands and words. */
import type { Gap } from "../api/types";
import { type GapChange, GapWatch } from "../feed/gap-watch";
import type { CandleWindow } from "../feed/window";
import type { BandInput } from "./annotations";
import { formatDuration } from "./format/duration";
import type { BandState } from "./shapes/gap-band";
import { type GapSpan, type SlotTable, slotRange } from "./slots";
import type { ChartDeps, ChartFormats, ChartOptions } from "./types";
import type { ChartText } from "./wording";

export interface GapsOptions {
  readonly deps: Pick<ChartDeps, "api" | "socket">;
  readonly now: () => number;
  /** Bands are to be painted again. */
  onChange(): void;
  onGap(series: string, change: GapChange): void;
}

/** One step of a hatch that moves, milliseconds. */
const STEP_MS = 250;

export class Gaps {
  private readonly options: GapsOptions;
  private watch: GapWatch | null = null;
  private moving = false;

  constructor(options: GapsOptions) {
    this.options = options;
  }

  open(seriesId: string): void {
    const { deps, now, onChange, onGap } = this.options;
    this.watch = new GapWatch({
      ...{ api: deps.api, socket: deps.socket, seriesId, now, onChange },
      onGap: (change) => onGap(seriesId, change),
    });
  }

  close(): void {
    this.watch?.stop();
    this.watch = null;
  }

  look(window: CandleWindow): void {
    this.watch?.look(window);
  }

  /** What the bands of these slots are painted from. */
  bands(slots: SlotTable, { text, locale, reducedMotion }: ChartOptions): BandInput {
    const gaps = slots.gaps();
    this.moving = !reducedMotion && gaps.some((gap) => this.stateOf(gap) === "filling");
    const found = this.watch?.healed() ?? [];
    return {
      gaps,
      stateOf: (gap) => this.stateOf(gap),
      healed: found.flatMap(({ from_time, to_time }) => slotRange(slots, from_time, to_time) ?? []),
      phase: () => (this.moving ? Math.floor(this.options.now() / STEP_MS) : 0),
      gapText: (gap) => {
        const duration = formatDuration(gap.missing * slots.timeframe, locale);
        const absent = this.stateOf(gap) === "absent";
        return absent ? text.gapAbsent(gap.missing, duration) : text.gapMissing(gap.missing, duration);
      },
    };
  }

  /** Whether a band moves by itself. */
  isMoving(): boolean {
    return this.moving;
  }

  words(gap: GapSpan, text: ChartText, formats: ChartFormats): readonly string[] {
    const { fromTime, toTime, missing } = gap;
    return text.gap({ fromTime, toTime, missing, entry: this.entryOf(gap) }, formats);
  }

  private stateOf(gap: GapSpan): BandState {
    const state = this.entryOf(gap)?.state;
    return state === undefined || state === "healed" ? "plain" : state;
  }

  private entryOf({ fromTime, toTime }: GapSpan): Gap | null {
    return this.watch?.entryFor(fromTime, toTime) ?? null;
  }
}
