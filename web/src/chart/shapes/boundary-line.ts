/** Dotted vertical lines: where history, drawings or the newest drawing end. */
import { type Scale, type Style, snap } from "./shape";

const DOTS: readonly number[] = [1, 3];

export interface Boundary {
  readonly id: "history-start" | "drawings-start" | "drawings-end";
  /** The line stands at the left edge of this slot. */
  readonly slot: number;
  readonly text: string;
  /** On which side of the line the label stands. */
  readonly labelSide: "left" | "right";
}

export interface LaidBoundary {
  readonly boundary: Boundary;
  readonly x: number;
}

export function layoutBoundaries(boundaries: readonly Boundary[], scale: Scale): LaidBoundary[] {
  return boundaries
    .map((boundary) => ({ boundary, x: scale.x(boundary.slot) - scale.spacing / 2 }))
    .filter(({ x }) => x >= 0 && x <= scale.width);
}

export function drawBoundaries(
  ctx: CanvasRenderingContext2D,
  lines: readonly LaidBoundary[],
  scale: Scale,
  { tokens }: Style,
): void {
  ctx.strokeStyle = tokens.text3;
  ctx.lineWidth = 1;
  ctx.setLineDash([...DOTS]);
  ctx.beginPath();
  for (const { x } of lines) {
    const snapped = snap(x, scale.ratio);
    ctx.moveTo(snapped, 0);
    ctx.lineTo(snapped, scale.height);
  }
  ctx.stroke();
}
