/** What lies under the mouse: marked at once, explained after a moment, beside the pointer and never under it. */
import { pointIn } from "./clicks";
import type { LabelLayer } from "./label-layer";
import { objectsAt, REACH_PX } from "./picking";
import { drawHighlight, type ObjectRef, sameObject } from "./shapes/object";
import type { XY } from "./shapes/polyline";
import type { Style } from "./shapes/shape";
import type { Stage } from "./stage";
import type { Structures } from "./structures";

type Target =
  | { readonly kind: "object"; readonly ref: ObjectRef }
  | { readonly kind: "lines"; readonly lines: readonly string[] };

export interface HoverOptions {
  readonly stage: Stage;
  readonly structures: Structures;
  readonly labels: LabelLayer;
  /** Whether a point lies in the price pane. */
  inPlot(at: XY): boolean;
  /** Words on something that is not an object, a boundary line or a hole; null: nothing there. */
  hintAt(at: XY): readonly string[] | null;
  /** Words on an object. */
  words(ref: ObjectRef): readonly string[];
  /** Another object is under the pointer, or none: to be marked. */
  onMark(): void;
  /** An object is looked at long enough to be explained. */
  onLook(ref: ObjectRef): void;
}

const EXPLAIN_AFTER_MS = 120;

export class Hover {
  private readonly options: HoverOptions;
  private at: XY | null = null;
  private target: Target | null = null;
  private shown = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: HoverOptions, signal: AbortSignal) {
    this.options = options;
    const { plot } = options.stage;
    const away = () => this.moveTo(null);
    plot.addEventListener(
      "pointermove",
      (event) => {
        if (event.pointerType === "mouse") this.moveTo(event.buttons === 0 ? pointIn(plot, event) : null);
      },
      { signal },
    );
    for (const type of ["pointerleave", "pointerdown", "wheel"] as const) {
      plot.addEventListener(type, away, { signal, passive: true });
    }
  }

  object(): ObjectRef | null {
    return this.target?.kind === "object" ? this.target.ref : null;
  }

  /** The picture changed under a resting pointer, or more is known about the object. */
  renew(): void {
    if (this.at) this.moveTo(this.at);
    if (this.shown) this.show();
  }

  paint(ctx: CanvasRenderingContext2D, { tokens }: Style): void {
    const ref = this.object();
    const object = ref && this.options.structures.object(ref);
    if (object) drawHighlight(ctx, object, tokens);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private moveTo(at: XY | null): void {
    const { stage } = this.options;
    this.at = at && this.options.inPlot(at) ? at : null;
    const next = this.at && this.find(this.at);
    if (sameTarget(this.target, next)) return;
    const marked = this.object();
    this.target = next;
    this.hide();
    stage.plot.classList.toggle("tc-pointing", next?.kind === "object");
    if (next) this.timer = setTimeout(() => this.explain(), EXPLAIN_AFTER_MS);
    if (!sameObject(marked, this.object())) this.options.onMark();
  }

  private find(at: XY): Target | null {
    const { labels, structures, hintAt } = this.options;
    const label = labels.at(at.x, at.y);
    if (label && "dropped" in label) return { kind: "lines", lines: label.dropped };
    const ref = label?.ref ?? objectsAt(structures.objects(), at, REACH_PX.mouse)[0]?.ref;
    if (ref) return { kind: "object", ref };
    const hint = hintAt(at);
    return hint === null ? null : { kind: "lines", lines: hint };
  }

  private explain(): void {
    this.show();
    const ref = this.object();
    if (ref) this.options.onLook(ref);
  }

  private show(): void {
    const { target, at } = this;
    if (!target || !at) return;
    const lines = target.kind === "object" ? this.options.words(target.ref) : target.lines;
    this.shown = lines.length > 0;
    this.options.stage.setTooltip(this.shown ? { ...at, lines } : null);
  }

  private hide(): void {
    clearTimeout(this.timer);
    this.shown = false;
    this.options.stage.setTooltip(null);
  }
}

function sameTarget(a: Target | null, b: Target | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.kind === "object") return b.kind === "object" && sameObject(a.ref, b.ref);
  return b.kind === "lines" && a.lines.join("\n") === b.lines.join("\n");
}
