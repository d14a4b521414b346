/** Paints curves that were laid out. */
import type { LaidCurves, LaidPane } from "./curves";
import { AXIS } from "./curves";

export interface CurvesWords {
  /** Values and shares with the decimals in which those of an axis differ, by their distance. */
  value(value: number, step: number): string;
  percent(share: number, step: number): string;
  time(time: number): string;
}

/** Variables of the style sheet that lines are drawn in, by their kind. */
const COLOURS: Readonly<Record<string, string>> = {
  equity: "--accent",
  hold: "--text-3",
  drawdown: "--danger",
  run0: "--accent",
  run1: "--series-1",
  run2: "--series-2",
  run3: "--series-4",
};

/** Lines of the second kind are told by more than their colour. */
const DASHES: Readonly<Record<string, readonly number[]>> = {
  hold: [4, 3],
  run1: [8, 3],
  run2: [2, 3],
  run3: [8, 3, 2, 3],
};

/** Fits the canvas to its place on the page; null: there is no room. */
export function beginPaint(
  canvas: HTMLCanvasElement,
): { ctx: CanvasRenderingContext2D; width: number; height: number } | null {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = globalThis.devicePixelRatio || 1;
  const size = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
  if (canvas.width !== size.width) canvas.width = size.width;
  if (canvas.height !== size.height) canvas.height = size.height;
  const ctx = width > 0 && height > 0 ? canvas.getContext("2d") : null;
  if (!ctx) return null;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return { ctx, width, height };
}

export function paintCurves(ctx: CanvasRenderingContext2D, laid: LaidCurves, words: CurvesWords): void {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  ctx.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const bottom = laid.drawdown ? laid.drawdown.top + laid.drawdown.height : laid.value.height;
  ctx.fillStyle = token("--text-2");
  ctx.strokeStyle = token("--grid");
  ctx.lineWidth = 1;
  ctx.textAlign = "center";
  ctx.textBaseline = "bottom";
  let taken = 0;
  for (const { at, value } of laid.times) {
    stroke(ctx, [Math.round(at) + 0.5, 0, Math.round(at) + 0.5, bottom]);
    const text = words.time(value);
    const half = ctx.measureText(text).width / 2;
    // What does not fit beside its neighbour, or inside of the plot, is left out.
    if (at - half < taken || at + half > laid.right + AXIS.width) continue;
    ctx.fillText(text, at, bottom + AXIS.height);
    taken = at + half + 8;
  }
  paintPane(ctx, laid.value, laid.right, token, words.value);
  if (laid.drawdown) paintPane(ctx, laid.drawdown, laid.right, token, words.percent);
}

function paintPane(
  ctx: CanvasRenderingContext2D,
  pane: LaidPane,
  right: number,
  token: (name: string) => string,
  words: (value: number, step: number) => string,
): void {
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  for (const { at, value } of pane.ticks) {
    const y = Math.round(at) + 0.5;
    ctx.strokeStyle = token("--grid");
    stroke(ctx, [0, y, right, y]);
    ctx.fillStyle = token("--text-2");
    ctx.fillText(words(value, pane.step), right + 6, Math.min(Math.max(at, pane.top + 6), pane.top + pane.height - 6));
  }
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, pane.top, right, pane.height);
  ctx.clip();
  ctx.lineJoin = "round";
  for (const { kind, points } of pane.lines) {
    const color = token(COLOURS[kind] ?? "--text-2");
    if (kind === "drawdown") fillUnder(ctx, points, pane.top, color);
    ctx.strokeStyle = color;
    ctx.lineWidth = kind === "hold" ? 1 : 1.5;
    ctx.setLineDash([...(DASHES[kind] ?? [])]);
    stroke(ctx, points);
    ctx.setLineDash([]);
  }
  ctx.restore();
}

function stroke(ctx: CanvasRenderingContext2D, points: ArrayLike<number>): void {
  ctx.beginPath();
  for (let at = 0; at + 1 < points.length; at += 2) ctx.lineTo(points[at] ?? 0, points[at + 1] ?? 0);
  ctx.stroke();
}

function fillUnder(ctx: CanvasRenderingContext2D, points: Float64Array, top: number, color: string): void {
  if (points.length < 4) return;
  ctx.beginPath();
  ctx.moveTo(points[0] ?? 0, top);
  for (let at = 0; at + 1 < points.length; at += 2) ctx.lineTo(points[at] ?? 0, points[at + 1] ?? 0);
  ctx.lineTo(points[points.length - 2] ?? 0, top);
  ctx.globalAlpha = 0.18;
  ctx.fillStyle = color;
  ctx.fill();
  ctx.globalAlpha = 1;
}

/** A vertical line at a time. */
export function paintCursor(ctx: CanvasRenderingContext2D, x: number, bottom: number): void {
  ctx.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--text-3").trim();
  ctx.lineWidth = 1;
  ctx.setLineDash([3, 3]);
  stroke(ctx, [Math.round(x) + 0.5, 0, Math.round(x) + 0.5, bottom]);
  ctx.setLineDash([]);
}
