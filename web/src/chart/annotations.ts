/** Bands and boundary lines, and what stands beside them: what the chart says about the data itself. */
import type { NoteLabel } from "./label-layer";
import { type Boundary, drawBoundaries, type LaidBoundary, layoutBoundaries } from "./shapes/boundary-line";
import { type BandState, drawBands, drawHealed, type LaidBand, layoutBands } from "./shapes/gap-band";
import type { Scale, Style } from "./shapes/shape";
import type { GapSpan } from "./slots";

export interface BandInput {
  readonly gaps: readonly GapSpan[];
  /** Label of a hole. */
  gapText(gap: GapSpan): string;
  stateOf(gap: GapSpan): BandState;
  /** Slots that were filled a moment ago. */
  readonly healed: readonly { readonly from: number; readonly to: number }[];
  /** Step of the hatch of holes that are being filled. */
  phase(): number;
}

export interface AnnotationInput extends BandInput {
  readonly boundaries: readonly Boundary[];
  /** Area at the upper left that the legend covers, CSS pixels. */
  readonly legendHeight: number;
}

const TOP_PX = 12;
const ROW_PX = 24;
/** Holes narrower than this carry no label. */
const LABEL_FROM_PX = 24;

export class Annotations {
  private input: AnnotationInput | null = null;
  private bands: readonly LaidBand[] = [];
  private lines: readonly LaidBoundary[] = [];

  setInput(input: AnnotationInput): void {
    this.input = input;
  }

  paint(ctx: CanvasRenderingContext2D, scale: Scale, style: Style): void {
    if (!this.input) return;
    this.bands = layoutBands(this.input.gaps, scale, this.input.stateOf);
    this.lines = layoutBoundaries(this.input.boundaries, scale);
    ctx.save();
    drawBands(ctx, this.bands, scale, style, this.input.phase());
    drawHealed(ctx, this.input.healed, scale, style);
    drawBoundaries(ctx, this.lines, scale, style);
    ctx.restore();
  }

  /** Texts of what was painted last. */
  labels(): readonly NoteLabel[] {
    const input = this.input;
    if (!input) return [];
    const top = input.legendHeight + TOP_PX;
    const notes: NoteLabel[] = this.lines.map(({ boundary: { id, text, labelSide }, x }) => ({
      id,
      text,
      y: top,
      left: (width) => (labelSide === "left" ? x - width - 4 : x + 4),
    }));
    for (const { gap, left, right } of this.bands) {
      if (!gap.broken && right - left < LABEL_FROM_PX) continue;
      const middle = (left + right) / 2;
      const text = input.gapText(gap);
      notes.push({ id: `gap:${gap.fromTime}`, text, y: top + ROW_PX, left: (width) => middle - width / 2 });
    }
    return notes;
  }

  /** The hole at a coordinate. */
  gapAt(x: number): GapSpan | null {
    return this.bands.find(({ left, right }) => x >= left && x <= right)?.gap ?? null;
  }

  /** The boundary line near a coordinate, for its tooltip. */
  boundaryAt(x: number, reachPx: number): LaidBoundary | null {
    return this.lines.find((line) => Math.abs(line.x - x) <= reachPx) ?? null;
  }
}
