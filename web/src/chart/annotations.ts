/** Bands, boundary lines and their labels: what the chart says about the data itself. */
import { countOverlaps, type LabelRequest, type PlacedLabel, placeLabels } from "./labels";
import { type Boundary, drawBoundaries, type LaidBoundary, layoutBoundaries } from "./shapes/boundary-line";
import { drawBands, type LaidBand, layoutBands } from "./shapes/gap-band";
import type { Scale, Style } from "./shapes/shape";
import type { GapSpan } from "./slots";

export interface AnnotationInput {
  readonly gaps: readonly GapSpan[];
  readonly boundaries: readonly Boundary[];
  /** Label of a hole. */
  gapText(gap: GapSpan): string;
  /** Area at the upper left that the legend covers, CSS pixels. */
  readonly legendHeight: number;
}

interface LaidLabel extends PlacedLabel {
  readonly text: string;
}

const FONT_PX = 11;
const PADDING_X = 6;
const HEIGHT_PX = 18;
const TOP_PX = 12;
/** Holes narrower than this carry no label. */
const LABEL_FROM_PX = 24;

export class Annotations {
  private input: AnnotationInput | null = null;
  private bands: readonly LaidBand[] = [];
  private lines: readonly LaidBoundary[] = [];
  private labels: readonly LaidLabel[] = [];

  setInput(input: AnnotationInput): void {
    this.input = input;
  }

  paintBack(ctx: CanvasRenderingContext2D, scale: Scale, style: Style): void {
    if (!this.input) return;
    this.bands = layoutBands(this.input.gaps, scale);
    this.lines = layoutBoundaries(this.input.boundaries, scale);
    ctx.save();
    drawBands(ctx, this.bands, scale, style);
    drawBoundaries(ctx, this.lines, scale, style);
    ctx.restore();
  }

  /** Runs after `paintBack` of the same frame. */
  paintLabels(ctx: CanvasRenderingContext2D, scale: Scale, style: Style): void {
    ctx.font = `${FONT_PX}px ${style.tokens.fontFamily}`;
    this.labels = this.place(scale, (text) => ctx.measureText(text).width);
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    ctx.lineWidth = 1;
    for (const label of this.labels) {
      ctx.fillStyle = style.tokens.bgRaised;
      ctx.strokeStyle = style.tokens.line;
      ctx.beginPath();
      ctx.roundRect(label.x + 0.5, label.y + 0.5, label.width - 1, label.height - 1, 4);
      ctx.fill();
      ctx.stroke();
      ctx.fillStyle = style.tokens.text2;
      ctx.fillText(label.text, label.x + PADDING_X, label.y + label.height / 2 + 0.5);
    }
  }

  /** The boundary line near a coordinate, for its tooltip. */
  boundaryAt(x: number, reachPx: number): LaidBoundary | null {
    return this.lines.find((line) => Math.abs(line.x - x) <= reachPx) ?? null;
  }

  labelFacts(): { readonly labels: number; readonly overlaps: number } {
    return { labels: this.labels.length, overlaps: countOverlaps(this.labels) };
  }

  private place(scale: Scale, measure: (text: string) => number): LaidLabel[] {
    const input = this.input;
    if (!input) return [];
    const texts = new Map<string, string>();
    const top = input.legendHeight + TOP_PX;
    const request = (id: string, text: string, left: (width: number) => number, y: number): LabelRequest => {
      const width = Math.ceil(measure(text)) + 2 * PADDING_X;
      texts.set(id, text);
      const x = Math.min(Math.max(left(width), 2), Math.max(2, scale.width - width - 2));
      return { id, x, y, width, height: HEIGHT_PX, axis: "y" };
    };
    const requests = this.lines.map(({ boundary, x }) =>
      request(boundary.id, boundary.text, (width) => (boundary.labelSide === "left" ? x - width - 4 : x + 4), top),
    );
    for (const { gap, left, right } of this.bands) {
      if (!gap.broken && right - left < LABEL_FROM_PX) continue;
      const middle = (left + right) / 2;
      const text = input.gapText(gap);
      requests.push(request(`gap:${gap.fromTime}`, text, (width) => middle - width / 2, top + HEIGHT_PX + 6));
    }
    return placeLabels(requests).map((label) => ({ ...label, text: texts.get(label.id) ?? "" }));
  }
}
