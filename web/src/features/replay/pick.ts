/** Choosing the bar a replay begins with: a line with scissors at the crosshair, and what would go is dimmed. */
import type { ChartOverlay, OverlayPlace } from "../../chart/overlay";
import type { Scale, Style } from "../../chart/shapes/shape";
import { withAlpha } from "../../chart/tokens";

const DIM = 0.72;
const SCISSORS_PX = 16;

export class PickOverlay implements ChartOverlay {
  readonly quiet = true;
  private readonly onPick: (time: number) => void;

  constructor(onPick: (time: number) => void) {
    this.onPick = onPick;
  }

  paint(ctx: CanvasRenderingContext2D, scale: Scale, { tokens }: Style, place: OverlayPlace): void {
    if (place.cursor === null) return;
    const slot = Math.min(place.cursor, place.lastSlot);
    const x = Math.round(scale.x(slot) + scale.spacing / 2);
    ctx.fillStyle = withAlpha(tokens.bg, DIM);
    ctx.fillRect(x, 0, scale.width - x, scale.height);
    ctx.strokeStyle = tokens.replay;
    ctx.lineWidth = 2;
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.moveTo(x, 0);
    ctx.lineTo(x, scale.height);
    ctx.stroke();
    scissors(ctx, x, scale.height / 2, tokens.replay, tokens.bg);
  }

  click(time: number): boolean {
    this.onPick(time);
    return true;
  }

  facts() {
    return { "data-mode": "pick", "data-replay-state": "picking" };
  }
}

/** Two rings and two blades, opening to the right: towards what is cut off. */
function scissors(ctx: CanvasRenderingContext2D, x: number, y: number, color: string, halo: string): void {
  const half = SCISSORS_PX / 2;
  ctx.fillStyle = halo;
  ctx.beginPath();
  ctx.arc(x, y, half + 4, 0, 2 * Math.PI);
  ctx.fill();
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5;
  ctx.lineCap = "round";
  ctx.beginPath();
  for (const side of [-1, 1]) {
    ctx.moveTo(x - half + 6, y + side * 4);
    ctx.arc(x - half + 3, y + side * 4, 3, 0, 2 * Math.PI);
    ctx.moveTo(x - half + 5.5, y + side * 2.5);
    ctx.lineTo(x + half, y - side * 5);
  }
  ctx.stroke();
}
