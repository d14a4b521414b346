/** Holes in the data: a band behind the empty columns whose look tells what is being done about the hole. */
import { partition } from "../cull";
import type { GapSpan } from "../slots";
import { withAlpha } from "../tokens";
import { type Scale, type Style, snap } from "./shape";

/** `plain`: the server says nothing of it. */
export type BandState = "plain" | "open" | "filling" | "absent";

const FILL_OPACITY = 0.1;
const HATCH_OPACITY = 0.5;
const HATCH_STEP_PX = 8;
const HATCH_SPEED_PX = 2;
const BREAK_STEP_PX = 6;
const BREAK_WIDTH_PX = 4;
const HEALED_EDGE_PX = 2;

export interface LaidBand {
  readonly gap: GapSpan;
  readonly state: BandState;
  readonly left: number;
  readonly right: number;
}

/** Bands in view, by time. */
export function layoutBands(
  gaps: readonly GapSpan[],
  scale: Scale,
  stateOf: (gap: GapSpan) => BandState = () => "plain",
): LaidBand[] {
  const from = partition(gaps, (gap) => gap.toSlot < scale.first);
  const to = partition(gaps, (gap) => gap.fromSlot <= scale.last);
  return gaps.slice(from, to).map((gap) => ({
    gap,
    state: stateOf(gap),
    left: scale.x(gap.fromSlot) - scale.spacing / 2,
    right: scale.x(gap.toSlot) + scale.spacing / 2,
  }));
}

/** `phase`: step of the hatch of holes that are being filled; 0 keeps it still. */
export function drawBands(
  ctx: CanvasRenderingContext2D,
  bands: readonly LaidBand[],
  scale: Scale,
  { tokens }: Style,
  phase = 0,
): void {
  for (const { left, right, state } of bands) {
    const hatched = state === "open" || state === "filling";
    ctx.fillStyle = withAlpha(hatched ? tokens.gap : tokens.text3, FILL_OPACITY);
    ctx.fillRect(left, 0, Math.max(1, right - left), scale.height);
    if (!hatched) continue;
    const shift = state === "filling" ? (phase * HATCH_SPEED_PX) % HATCH_STEP_PX : 0;
    ctx.strokeStyle = withAlpha(tokens.gap, HATCH_OPACITY);
    drawHatch(ctx, left, right, scale.height, shift);
  }
  ctx.strokeStyle = tokens.lineStrong;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (const { gap, left, right } of bands)
    if (gap.broken) traceBreak(ctx, snap((left + right) / 2, scale.ratio), scale.height);
  ctx.stroke();
}

/** Edges of what was a hole a moment ago. */
export function drawHealed(
  ctx: CanvasRenderingContext2D,
  healed: readonly { readonly from: number; readonly to: number }[],
  scale: Scale,
  { tokens }: Style,
): void {
  ctx.fillStyle = tokens.ok;
  for (const { from, to } of healed) {
    if (to < scale.first || from > scale.last) continue;
    ctx.fillRect(scale.x(from) - scale.spacing / 2 - HEALED_EDGE_PX, 0, HEALED_EDGE_PX, scale.height);
    ctx.fillRect(scale.x(to) + scale.spacing / 2, 0, HEALED_EDGE_PX, scale.height);
  }
}

/** Diagonals over the band; only its visible part is drawn. */
function drawHatch(ctx: CanvasRenderingContext2D, left: number, right: number, height: number, shift: number): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, 0, Math.max(1, right - left), height);
  ctx.clip();
  ctx.lineWidth = 1;
  ctx.beginPath();
  const start = Math.floor((left - height) / HATCH_STEP_PX) * HATCH_STEP_PX + shift;
  for (let x = start; x < right; x += HATCH_STEP_PX) {
    ctx.moveTo(x, height);
    ctx.lineTo(x + height, 0);
  }
  ctx.stroke();
  ctx.restore();
}

function traceBreak(ctx: CanvasRenderingContext2D, x: number, height: number): void {
  ctx.moveTo(x, 0);
  for (let step = 1; step * BREAK_STEP_PX <= height; step += 1) {
    ctx.lineTo(x + (step % 2 === 0 ? 0 : BREAK_WIDTH_PX), step * BREAK_STEP_PX);
  }
}
