/** What the user chose by click or key: one bar, or one object of the drawing. */
import type { Bars } from "./bars";
import type { LabelLayer } from "./label-layer";
import { objectsAt, REACH_PX } from "./picking";
import { drawBarMark, drawHandles, drawHighlight, type LaidObject, type ObjectRef, sameObject } from "./shapes/object";
import type { XY } from "./shapes/polyline";
import type { Scale, Style } from "./shapes/shape";
import type { Structures } from "./structures";
import type { Surface } from "./surface";
import { slotAt } from "./viewport";

export type Choice =
  | { readonly kind: "bar"; readonly time: number }
  | { readonly kind: "object"; readonly ref: ObjectRef };

export interface SelectionOptions {
  readonly structures: Structures;
  readonly labels: LabelLayer;
  readonly bars: Bars;
  readonly surface: Surface;
  /** Another choice; `asked` when it is to be inspected, and not only cleared. */
  onChoice(choice: Choice | null): void;
}

export class Selection {
  private readonly options: SelectionOptions;
  private chosen: Choice | null = null;
  /** The choice is a mark that nobody asked for. */
  private marked = false;

  constructor(options: SelectionOptions) {
    this.options = options;
  }

  current(): Choice | null {
    return this.chosen;
  }

  object(): ObjectRef | null {
    return this.chosen?.kind === "object" ? this.chosen.ref : null;
  }

  choose(choice: Choice | null): void {
    if (choice === null && this.chosen === null) return;
    this.marked = false;
    this.chosen = choice;
    this.options.onChoice(choice);
  }

  /** Without a word: the series changed. */
  forget(): void {
    this.chosen = null;
  }

  /** Selects the newest object of these features without a word; none in view: the bar at a time. */
  mark(features: readonly string[], time: number): void {
    const object = this.newestFirst().find(({ ref }) => features.includes(ref.feature));
    this.chosen = object ? { kind: "object", ref: object.ref } : { kind: "bar", time };
    this.marked = true;
  }

  /** Gives up what the user chose, and a mark too; false when no choice of the user was given up. */
  takeBack(): boolean {
    if (this.chosen === null) return false;
    const { marked } = this;
    this.choose(null);
    return !marked;
  }

  /** The topmost object, else the candle; `through`: the next one below what is chosen. Nothing there: nothing chosen. */
  pickAt(at: XY, touch: boolean, through: boolean): void {
    const found = this.objectsUnder(at, touch);
    const known = through ? found.findIndex((ref) => sameObject(ref, this.object())) : -1;
    const ref = found[(known + 1) % Math.max(1, found.length)];
    const time = ref ? null : this.candleUnder(at, touch);
    if (ref) this.choose({ kind: "object", ref });
    else this.choose(time === null ? null : { kind: "bar", time });
  }

  /** Goes through the objects in view, newest first; 1 is the next older one. */
  step(direction: 1 | -1): LaidObject | null {
    const objects = this.newestFirst();
    if (objects.length === 0) return null;
    const at = objects.findIndex((object) => sameObject(object.ref, this.object()));
    const next = at < 0 ? (direction > 0 ? 0 : objects.length - 1) : at + direction;
    const object = objects[(next + objects.length) % objects.length] as LaidObject;
    this.choose({ kind: "object", ref: object.ref });
    return object;
  }

  private newestFirst(): readonly LaidObject[] {
    return this.options.structures
      .objects()
      .map((object, order) => ({ object, order }))
      .sort((a, b) => b.object.time - a.object.time || b.order - a.order)
      .map(({ object }) => object);
  }

  paint(ctx: CanvasRenderingContext2D, scale: Scale, { tokens }: Style): void {
    const { chosen } = this;
    if (chosen?.kind === "bar") {
      const slot = this.options.bars.slots().slotOf(chosen.time);
      if (slot === null || slot < scale.first || slot > scale.last) return;
      drawBarMark(ctx, { x: scale.x(slot), width: Math.max(3, scale.spacing), height: scale.height }, tokens);
      return;
    }
    const object = chosen && this.options.structures.object(chosen.ref);
    if (!object) return;
    drawHighlight(ctx, object, tokens);
    drawHandles(ctx, object, tokens);
  }

  private objectsUnder(at: XY, touch: boolean): readonly ObjectRef[] {
    const { labels, structures } = this.options;
    const label = labels.at(at.x, at.y);
    const refs = objectsAt(structures.objects(), at, touch ? REACH_PX.touch : REACH_PX.mouse).map(({ ref }) => ref);
    return label && "ref" in label ? [label.ref, ...refs.filter((ref) => !sameObject(ref, label.ref))] : refs;
  }

  private candleUnder(at: XY, touch: boolean): number | null {
    const { bars, surface } = this.options;
    const slot = Math.round(slotAt(surface.view(), surface.width(), bars.slots().length - 1, at.x));
    const bar = bars.at(slot);
    if (!bar) return null;
    const ys = [surface.candles.priceToCoordinate(bar.high), surface.candles.priceToCoordinate(bar.low)].map(Number);
    const reach = touch ? REACH_PX.touch : REACH_PX.mouse;
    return at.y >= Math.min(...ys) - reach && at.y <= Math.max(...ys) + reach ? bar.candle_time : null;
  }
}
