/** The newest price: a dotted line across the plot, and on the axis a filled label with the time to the close. */
import { type Style, snap } from "./shape";

const DOTS: readonly number[] = [1, 3];
const PRICE_FONT_PX = 11;
const COUNTDOWN_FONT_PX = 10;
const LINE_HEIGHT_PX = 15;

export interface LastPrice {
  readonly y: number;
  readonly text: string;
  /** `m:ss`, a dash when the feed is not live, empty to leave the line out. */
  readonly countdown: string;
  readonly color: string;
}

export interface AxisBox {
  readonly top: number;
  readonly height: number;
}

/** The label is centred on the price and stays inside the axis. */
export function layoutAxisBox(last: LastPrice, axisHeight: number): AxisBox {
  const height = last.countdown === "" ? LINE_HEIGHT_PX + 3 : 2 * LINE_HEIGHT_PX;
  const wanted = last.y - (LINE_HEIGHT_PX + 3) / 2;
  return { top: Math.min(Math.max(wanted, 0), Math.max(0, axisHeight - height)), height };
}

export function drawPriceLine(ctx: CanvasRenderingContext2D, last: LastPrice, width: number, ratio: number): void {
  const y = snap(last.y, ratio);
  ctx.strokeStyle = last.color;
  ctx.lineWidth = 1;
  ctx.setLineDash([...DOTS]);
  ctx.beginPath();
  ctx.moveTo(0, y);
  ctx.lineTo(width, y);
  ctx.stroke();
}

export function drawAxisBox(
  ctx: CanvasRenderingContext2D,
  last: LastPrice,
  width: number,
  height: number,
  { tokens }: Style,
): void {
  // Off the visible prices, a label at the edge would name a price that is not there.
  if (last.y < 0 || last.y > height) return;
  const box = layoutAxisBox(last, height);
  ctx.fillStyle = last.color;
  ctx.beginPath();
  ctx.roundRect(0, box.top, width - 1, box.height, [0, 3, 3, 0]);
  ctx.fill();
  ctx.fillStyle = tokens.bg;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.font = `600 ${PRICE_FONT_PX}px ${tokens.fontFamily}`;
  const first = box.top + LINE_HEIGHT_PX / 2 + 1.5;
  ctx.fillText(last.text, 9, first);
  if (last.countdown === "") return;
  ctx.font = `${COUNTDOWN_FONT_PX}px ${tokens.fontFamily}`;
  ctx.fillText(last.countdown, 9, first + LINE_HEIGHT_PX - 2);
}
