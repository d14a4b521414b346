/** Holes in the data: a plain band behind the empty columns, a break mark where the hole is drawn shorter. */
import { partition } from "../cull";
import type { GapSpan } from "../slots";
import { withAlpha } from "../tokens";
import { type Scale, type Style, snap } from "./shape";

const FILL_OPACITY = 0.1;
const BREAK_STEP_PX = 6;
const BREAK_WIDTH_PX = 4;

export interface LaidBand {
  readonly gap: GapSpan;
  readonly left: number;
  readonly right: number;
}

/** Bands in view, by time. */
export function layoutBands(gaps: readonly GapSpan[], scale: Scale): LaidBand[] {
  const from = partition(gaps, (gap) => gap.toSlot < scale.first);
  const to = partition(gaps, (gap) => gap.fromSlot <= scale.last);
  return gaps.slice(from, to).map((gap) => ({
    gap,
    left: scale.x(gap.fromSlot) - scale.spacing / 2,
    right: scale.x(gap.toSlot) + scale.spacing / 2,
  }));
}

export function drawBands(
  ctx: CanvasRenderingContext2D,
  bands: readonly LaidBand[],
  scale: Scale,
  { tokens }: Style,
): void {
  ctx.fillStyle = withAlpha(tokens.text3, FILL_OPACITY);
  for (const { left, right } of bands) ctx.fillRect(left, 0, Math.max(1, right - left), scale.height);
  ctx.strokeStyle = tokens.lineStrong;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (const { gap, left, right } of bands)
    if (gap.broken) traceBreak(ctx, snap((left + right) / 2, scale.ratio), scale.height);
  ctx.stroke();
}

function traceBreak(ctx: CanvasRenderingContext2D, x: number, height: number): void {
  ctx.moveTo(x, 0);
  for (let step = 1; step * BREAK_STEP_PX <= height; step += 1) {
    ctx.lineTo(x + (step % 2 === 0 ? 0 : BREAK_WIDTH_PX), step * BREAK_STEP_PX);
  }
}
