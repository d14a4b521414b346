/** Everything the pointer and the keys do with what is drawn: pointing, choosing, measuring. */
import type { DrawingState } from "../feed/drawings";
import { type Ledger, levelKey } from "../feed/ledger";
import type { Annotations } from "./annotations";
import type { Bars } from "./bars";
import { watchClicks } from "./clicks";
import type { Content } from "./content";
import { type Explanation, explain } from "./explain";
import { Hover } from "./hover";
import { LabelLayer } from "./label-layer";
import { MeasureTool } from "./measuring";
import type { Readouts } from "./readouts";
import { type Choice, Selection } from "./selection";
import type { ObjectRef } from "./shapes/object";
import type { XY } from "./shapes/polyline";
import type { EdgeLabel, Scale, Style } from "./shapes/shape";
import type { Stage } from "./stage";
import type { Structures } from "./structures";
import type { Surface } from "./surface";
import type { Selected } from "./types";
import type { ChartText } from "./wording";

export interface InteractionParts {
  readonly stage: Stage;
  readonly surface: Surface;
  readonly bars: Bars;
  readonly structures: Structures;
  readonly annotations: Annotations;
}

export interface InteractionOptions extends InteractionParts {
  content(): Content;
  readouts(): Readouts;
  text(): ChartText;
  readonly now: () => number;
  /** The layers of the pointer are to be painted again. */
  repaint(): void;
  /** Whether somebody else took a click on the plot. */
  taken(at: XY): boolean;
  /** Nothing is pointed at while somebody else has the pointer. */
  quiet(): boolean;
  /** Something was chosen, to be inspected; null: the choice was taken back. */
  onChoice(choice: Choice | null): void;
}

export class Interaction {
  readonly labels: LabelLayer;
  private readonly options: InteractionOptions;
  private readonly selection: Selection;
  private readonly hover: Hover;
  private readonly measure: MeasureTool;
  private told: TellingOf | null = null;

  constructor(options: InteractionOptions, signal: AbortSignal) {
    this.options = options;
    const { stage, surface, bars, structures, annotations } = options;
    const inPlot = surface.inPane.bind(surface);
    this.labels = new LabelLayer({
      notes: () => annotations.labels(),
      levels: () => structures.labels(),
      levelText: (level) => this.levelText(level),
      emphasised: () => [this.hover.object(), this.selection.object()].flatMap((ref) => ref ?? []),
      lastPrice: () => bars.newest()?.close ?? 0,
      legend: () => stage.legend.extent(),
      foot: () => surface.insetPx(),
    });
    this.selection = new Selection({
      ...{ structures, bars, surface, labels: this.labels },
      onChoice: (choice) => {
        if (choice?.kind === "object") this.look();
        options.repaint();
        options.onChoice(choice);
      },
    });
    this.measure = new MeasureTool(
      {
        ...{ element: stage.plot, surface, bars, inPlot },
        words: (measured) => options.text().measured(measured, options.content().formats()),
        onChange: () => options.repaint(),
        onWords: (words) => stage.speak(words.join(", "), options.now()),
      },
      signal,
    );
    this.hover = new Hover(
      {
        ...{ stage, structures, labels: this.labels },
        inPlot: (at) => !options.quiet() && inPlot(at),
        hintAt: ({ x }) => this.hintAt(x),
        words: (ref) => this.words(this.explanation(ref)),
        onMark: () => options.repaint(),
        onLook: () => this.look(),
      },
      signal,
    );
    watchClicks(
      stage.plot,
      ({ at, touch, alt }) => {
        if (inPlot(at) && !options.taken(at)) this.selection.pickAt(at, touch, alt);
      },
      signal,
    );
  }

  paint(ctx: CanvasRenderingContext2D, scale: Scale, style: Style): void {
    ctx.save();
    this.selection.paint(ctx, scale, style);
    this.hover.paint(ctx, style);
    this.measure.paint(ctx, scale, style);
    ctx.restore();
  }

  /** The picture or what is known about it changed. */
  renew(): void {
    this.hover.renew();
  }

  /** The crosshair was moved by a key. */
  cursorMoved(slot: number | null): void {
    if (slot !== null) this.measure.cursorMoved(slot);
  }

  /** Takes back the innermost thing; false when there was none. */
  escape(): boolean {
    if (!this.measure.active()) return this.selection.takeBack();
    this.measure.clear();
    return true;
  }

  /** Chooses a bar; null: nothing. */
  choose(time: number | null): void {
    this.selection.choose(time === null ? null : { kind: "bar", time });
  }

  /** Selects the newest object of these features, or the bar at a time if none is in view. */
  mark(features: readonly string[], time: number): void {
    this.selection.mark(features, time);
  }

  /** Chooses the next object in view and says what it is. */
  step(direction: 1 | -1): void {
    const object = this.selection.step(direction);
    if (object) this.options.stage.speak(this.words(this.explanation(object.ref)).join(". "), this.options.now());
  }

  measureFrom(slot: number): void {
    this.measure.startAt(slot);
  }

  /** Another series: what was chosen and measured is not on it. */
  forget(): void {
    this.selection.forget();
    this.measure.clear();
    this.told = null;
  }

  selected(): Selected | null {
    const choice = this.selection.current();
    if (choice?.kind !== "object") return choice;
    const { id, feature } = choice.ref;
    const present = this.explanation(choice.ref);
    const explanation = present ?? (this.told?.id === id ? this.told.explanation : null);
    if (!explanation) return null;
    this.told = { id, explanation };
    return { kind: "object", id, feature, explanation, gone: present === null };
  }

  stop(): void {
    this.hover.stop();
  }

  /** Pill of a level, with the number of its touches once that is known. */
  private levelText({ object: { ref }, price }: EdgeLabel): string {
    const [, side = "", , start] = ref.id.split(":");
    const key = levelKey(side, price, Number(start));
    const known = this.ledger()?.levels.find((level) => levelKey(level.side, level.price, level.startTime) === key);
    const { text, content } = this.options;
    const words = content().formats().price(price);
    return text().level(side === "support" ? "support" : "resistance", words, known?.count ?? null);
  }

  private hintAt(x: number): readonly string[] | null {
    const line = this.options.readouts().lineHint(x);
    if (line !== null) return [line];
    const gap = this.options.annotations.gapAt(x);
    return gap && this.options.content().gapWords(gap);
  }

  private words(explanation: Explanation | null): readonly string[] {
    const { text, content } = this.options;
    return explanation ? text().object(explanation, content().formats()) : [];
  }

  private explanation(ref: ObjectRef): Explanation | null {
    return explain(ref, this.drawings(), this.ledger());
  }

  private drawings(): DrawingState {
    return this.options.structures.state();
  }

  private ledger(): Ledger | null {
    return this.options.content().ledger();
  }

  private look(): void {
    this.options.content().session()?.drawings().wantHistory();
  }
}

/** What was last said of a chosen object, for when it is gone. */
interface TellingOf {
  readonly id: string;
  readonly explanation: Explanation;
}
