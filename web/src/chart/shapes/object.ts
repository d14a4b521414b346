/** Things on the chart that can be pointed at: who they are, where they lie, and how they stand out. */
import { withAlpha } from "../tokens";
import type { ChartTokens } from "../types";
import type { XY } from "./polyline";
import type { ShapeLayer } from "./shape";

/** Which object: an instruction, or one part of an instruction that draws many (a pen of the line of pens). */
export interface ObjectRef {
  /** Instruction id. */
  readonly id: string;
  readonly feature: string;
  /** Start time of the part, seconds; null: the whole instruction. */
  readonly part: number | null;
}

export function sameObject(a: ObjectRef | null, b: ObjectRef | null): boolean {
  return a === b || (a !== null && b !== null && a.id === b.id && a.part === b.part);
}

/** Names of the tokens that are colours. */
type ColourToken = { [K in keyof ChartTokens]: ChartTokens[K] extends string ? K : never }[keyof ChartTokens];

/** A token, or a colour that the server named for a feature of its own. */
export type Tone = Exclude<ColourToken, "fontFamily"> | { readonly feature: string; readonly color: string };

export function colourOf(tone: Tone, tokens: ChartTokens): string {
  if (typeof tone === "string") return tokens[tone];
  return tokens.features[tone.feature] ?? tone.color;
}

export type Outline =
  | {
      readonly kind: "path";
      readonly points: readonly XY[];
      readonly width: number;
      /** What is unfinished stays dashed, also while it stands out. Absent: solid. */
      readonly dash?: readonly number[];
    }
  | { readonly kind: "dot"; readonly x: number; readonly y: number; readonly radius: number }
  | {
      readonly kind: "box";
      readonly left: number;
      readonly right: number;
      readonly top: number;
      readonly bottom: number;
    };

export interface LaidObject {
  readonly ref: ObjectRef;
  readonly layer: ShapeLayer;
  readonly outline: Outline;
  readonly tone: Tone;
  /** When it begins, seconds: the order in which keys go through the objects. */
  readonly time: number;
}

const RING_PX = 3;

/** A ring around a dot, a wider and opaque line along everything else. */
export function drawHighlight(ctx: CanvasRenderingContext2D, object: LaidObject, tokens: ChartTokens): void {
  const { outline } = object;
  ctx.strokeStyle = colourOf(object.tone, tokens);
  ctx.lineJoin = "round";
  ctx.beginPath();
  switch (outline.kind) {
    case "dot":
      ctx.strokeStyle = tokens.accent;
      ctx.lineWidth = 1.5;
      ctx.arc(outline.x, outline.y, outline.radius + RING_PX, 0, 2 * Math.PI);
      break;
    case "path":
      ctx.lineWidth = outline.width + 1;
      ctx.setLineDash([...(outline.dash ?? [])]);
      outline.points.forEach(({ x, y }, at) => {
        if (at === 0) ctx.moveTo(x, y);
        else ctx.lineTo(x, y);
      });
      break;
    case "box":
      ctx.lineWidth = 3;
      ctx.rect(outline.left, outline.top, outline.right - outline.left, outline.bottom - outline.top);
  }
  ctx.stroke();
  ctx.setLineDash([]);
}

const HANDLE_PX = 4;

/** Square handles at the corners or ends of what is selected; a dot is already told by its ring. */
export function drawHandles(ctx: CanvasRenderingContext2D, object: LaidObject, tokens: ChartTokens): void {
  ctx.fillStyle = tokens.bg;
  ctx.strokeStyle = tokens.accent;
  ctx.lineWidth = 1.5;
  for (const { x, y } of handlesOf(object.outline)) {
    ctx.beginPath();
    ctx.rect(x - HANDLE_PX, y - HANDLE_PX, 2 * HANDLE_PX, 2 * HANDLE_PX);
    ctx.fill();
    ctx.stroke();
  }
}

/** The bar that is selected: a band over its column. */
export function drawBarMark(
  ctx: CanvasRenderingContext2D,
  bar: { readonly x: number; readonly width: number; readonly height: number },
  tokens: ChartTokens,
): void {
  ctx.fillStyle = withAlpha(tokens.accent, 0.16);
  ctx.fillRect(bar.x - bar.width / 2, 0, bar.width, bar.height);
}

function handlesOf(outline: Outline): readonly XY[] {
  if (outline.kind === "dot") return [];
  if (outline.kind === "path") return [outline.points[0], outline.points.at(-1)].flatMap((point) => point ?? []);
  const { left, right, top, bottom } = outline;
  return [left, right].flatMap((x) => [top, bottom].map((y) => ({ x, y })));
}
