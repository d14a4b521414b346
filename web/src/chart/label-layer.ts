/** Every text inside the plot, placed in one pass so that none covers another. */
import { countOverlaps, type LabelRequest, type PlacedLabel, placeLabels } from "./labels";
import { colourOf, type ObjectRef, sameObject, type Tone } from "./shapes/object";
import type { EdgeLabel, Scale, Style } from "./shapes/shape";

/** A text about the data: a hole, a boundary. */
export interface NoteLabel {
  readonly id: string;
  readonly text: string;
  /** Of the upper edge. */
  readonly y: number;
  /** Wanted left edge of a label of this width. */
  left(width: number): number;
}

export interface LabelSources {
  notes(): readonly NoteLabel[];
  levels(): readonly EdgeLabel[];
  /** Pill of a level, "R 64250.0 ×4". */
  levelText(level: EdgeLabel): string;
  /** Pointed at, then selected. */
  emphasised(): readonly ObjectRef[];
  /** Price from which the importance of levels is measured. */
  lastPrice(): number;
  /** Part of the plot that the legend covers, from the upper left corner. */
  legend(): { readonly width: number; readonly height: number };
  /** Height of what covers the plot from below, CSS pixels. */
  foot(): number;
}

interface Label extends PlacedLabel {
  readonly text: string;
  /** Null: a note. */
  readonly tone: Tone | null;
  readonly ref: ObjectRef | null;
}

type Wanted = LabelRequest & Pick<Label, "text" | "tone" | "ref">;

/** What lies under a point: an object by its label, or the pill that stands for the labels without room. */
export type LabelHit = { readonly ref: ObjectRef } | { readonly dropped: readonly string[] };

const FONT_PX = 11;
const PADDING_X = 6;
const HEIGHT_PX = 18;
const EDGE_PX = 4;
const MORE = "more";
const LEGEND = "legend";

export class LabelLayer {
  private readonly sources: LabelSources;
  private placed: readonly Label[] = [];
  private dropped: readonly string[] = [];
  private placedFor = "";
  private version = 0;

  constructor(sources: LabelSources) {
    this.sources = sources;
  }

  /** Texts or what they stand at changed. */
  renew(): void {
    this.version += 1;
  }

  paint(ctx: CanvasRenderingContext2D, scale: Scale, { tokens }: Style): void {
    ctx.font = `${FONT_PX}px ${tokens.fontFamily}`;
    this.place(scale, (text) => ctx.measureText(text).width);
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    ctx.lineWidth = 1;
    for (const label of this.placed) {
      const color = label.tone && colourOf(label.tone, tokens);
      ctx.fillStyle = tokens.bgRaised;
      ctx.strokeStyle = color ?? tokens.line;
      ctx.beginPath();
      ctx.roundRect(label.x + 0.5, label.y + 0.5, label.width - 1, label.height - 1, label.ref ? HEIGHT_PX / 2 : 4);
      ctx.fill();
      ctx.stroke();
      if (label.ref && label.shift !== 0) drawLeader(ctx, label);
      ctx.fillStyle = color ?? tokens.text2;
      ctx.fillText(label.text, label.x + PADDING_X, label.y + label.height / 2 + 0.5);
    }
  }

  at(x: number, y: number): LabelHit | null {
    const hit = this.placed.find(
      (label) => x >= label.x && x <= label.x + label.width && y >= label.y && y <= label.y + label.height,
    );
    if (hit?.id === MORE) return { dropped: this.dropped };
    return hit?.ref ? { ref: hit.ref } : null;
  }

  facts(): { readonly labels: number; readonly overlaps: number } {
    return { labels: this.placed.length, overlaps: countOverlaps(this.placed) };
  }

  /** Once per view, not once per frame: the pointer moves more often than anything else. */
  private place(scale: Scale, measure: (text: string) => number): void {
    const floor = Math.max(0, scale.height - this.sources.foot());
    const emphasised = this.sources.emphasised();
    const names = emphasised.map((ref) => `${ref.id}#${ref.part}`);
    const view = [scale.key, scale.width, scale.height, floor, scale.spacing, scale.x(0), this.version, ...names].join(
      "|",
    );
    if (view === this.placedFor) return;
    this.placedFor = view;
    const levels = this.levels(emphasised, scale, floor, measure);
    const notes = this.sources.notes().map((note) => noteRequest(note, scale, measure));
    // The legend has its place already.
    const legend: LabelRequest = { id: LEGEND, x: 0, y: 0, ...this.sources.legend(), axis: "y" };
    const first = placeLabels([legend, ...levels, ...notes]);
    const missing = withoutRoom(levels, first);
    if (missing.length === 0) {
      this.finish([...levels, ...notes], first, []);
      return;
    }
    const pill = edgeRequest(MORE, `+${missing.length}`, { y: floor - HEIGHT_PX, right: scale.width, floor }, measure);
    const wanted = [{ ...pill, tone: null, ref: null }, ...levels, ...notes];
    const second = placeLabels([legend, ...wanted]);
    const dropped = withoutRoom(levels, second);
    wanted[0] = { ...pill, text: `+${dropped.length}`, tone: null, ref: null };
    this.finish(wanted, second, dropped);
  }

  private finish(wanted: readonly Wanted[], placed: readonly PlacedLabel[], dropped: readonly Wanted[]): void {
    const byId = new Map(wanted.map((label) => [label.id, label]));
    this.placed = placed.flatMap((label) => {
      const own = byId.get(label.id);
      return own ? [{ ...label, text: own.text, tone: own.tone, ref: own.ref }] : [];
    });
    this.dropped = dropped.map(({ text }) => text);
  }

  /** Pointed at and selected ones first, then by their distance to the last price. */
  private levels(
    emphasised: readonly ObjectRef[],
    scale: Scale,
    floor: number,
    measure: (text: string) => number,
  ): Wanted[] {
    const last = this.sources.lastPrice();
    const rank = ({ object }: EdgeLabel) => {
      const at = emphasised.findIndex((ref) => sameObject(ref, object.ref));
      return at < 0 ? emphasised.length : at;
    };
    return this.sources
      .levels()
      .filter((level) => !level.quiet || rank(level) < emphasised.length)
      .sort((a, b) => rank(a) - rank(b) || Math.abs(a.price - last) - Math.abs(b.price - last))
      .map((level) => {
        const { ref, tone } = level.object;
        const y = scale.y(level.price) - HEIGHT_PX / 2;
        const place = { y, right: scale.width, floor };
        return { ...edgeRequest(ref.id, this.sources.levelText(level), place, measure), tone, ref };
      });
  }
}

function edgeRequest(
  id: string,
  text: string,
  { y, right, floor }: { readonly y: number; readonly right: number; readonly floor: number },
  measure: (text: string) => number,
): LabelRequest & { readonly text: string } {
  const width = Math.ceil(measure(text)) + 2 * PADDING_X;
  const top = Math.min(Math.max(y, 0), Math.max(0, floor - HEIGHT_PX));
  return { id, text, x: right - width - EDGE_PX, y: top, width, height: HEIGHT_PX, axis: "y" };
}

function noteRequest({ id, text, y, left }: NoteLabel, scale: Scale, measure: (text: string) => number): Wanted {
  const width = Math.ceil(measure(text)) + 2 * PADDING_X;
  const x = Math.min(Math.max(left(width), 2), Math.max(2, scale.width - width - 2));
  return { id, text, x, y, width, height: HEIGHT_PX, axis: "y", tone: null, ref: null };
}

function withoutRoom(wanted: readonly Wanted[], placed: readonly PlacedLabel[]): readonly Wanted[] {
  const found = new Set(placed.map(({ id }) => id));
  return wanted.filter(({ id }) => !found.has(id));
}

/** From the label to the height it was meant for. */
function drawLeader(ctx: CanvasRenderingContext2D, { x, y, height, shift }: Label): void {
  const middle = y + height / 2;
  ctx.beginPath();
  ctx.moveTo(x, middle);
  ctx.lineTo(x - 4, middle - shift);
  ctx.stroke();
}
