/** Paints the scrubber: line, ticks and handle. Nothing lies right of the handle. */
import { lineUpTo, type Stretch, type Tick, xOfTime } from "./scrubber";

export interface ScrubberInput {
  readonly stretch: Stretch;
  readonly at: number;
  readonly outline: { readonly times: readonly number[]; readonly closes: readonly number[] } | null;
  readonly ticks: readonly Tick[];
  readonly price: number | null;
}

const TICK_PX = 5;
const PAD_PX = 3;
const HANDLE_PX = 3;

/** Tokens that colour the ticks, by kind of moment; others take the colour of their feature. */
const TOKENS: Readonly<Record<string, string>> = {
  "zhongshu.formed": "--feature-zhongshu-alive",
  "sr.broken": "--feature-sr-broken",
  "paper.fill": "--accent",
};

const looks = new Map<string, string>();
let looksOf = "";

export function paintScrubber(canvas: HTMLCanvasElement, input: ScrubberInput): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = devicePixelRatio;
  const size = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
  if (canvas.width !== size.width) canvas.width = size.width;
  if (canvas.height !== size.height) canvas.height = size.height;
  const ctx = canvas.getContext("2d");
  if (!ctx || width === 0) return;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  const { stretch, at } = input;
  const handle = Math.min(Math.max(xOfTime(at, stretch, width), 0), width);
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, 0, handle, height);
  ctx.clip();
  paintLine(ctx, input, width, height);
  paintTicks(ctx, input, width, height);
  ctx.restore();
  ctx.fillStyle = token("--replay");
  ctx.beginPath();
  ctx.roundRect(Math.min(Math.max(handle - HANDLE_PX / 2, 0), width - HANDLE_PX), 0, HANDLE_PX, height, 1.5);
  ctx.fill();
}

function paintLine(
  ctx: CanvasRenderingContext2D,
  { stretch, at, outline, price }: ScrubberInput,
  width: number,
  height: number,
): void {
  const points = outline ? lineUpTo(outline.times, outline.closes, at, price) : [];
  const seen = points.filter(({ time }) => time >= stretch.from && time <= stretch.to);
  if (seen.length < 2) return;
  const closes = seen.map(({ close }) => close);
  const low = Math.min(...closes);
  const high = Math.max(...closes);
  const room = height - TICK_PX - 2 * PAD_PX;
  ctx.strokeStyle = token("--text-3");
  ctx.lineWidth = 1;
  ctx.lineJoin = "round";
  ctx.beginPath();
  for (const { time, close } of seen) {
    const y = PAD_PX + (high === low ? 0.5 : (high - close) / (high - low)) * room;
    ctx.lineTo(xOfTime(time, stretch, width), y);
  }
  ctx.stroke();
}

function paintTicks(
  ctx: CanvasRenderingContext2D,
  { stretch, at, ticks }: ScrubberInput,
  width: number,
  height: number,
): void {
  const taken = new Set<string>();
  for (const { time, kind } of ticks) {
    if (time > at || time < stretch.from || time > stretch.to) continue;
    const x = Math.round(xOfTime(time, stretch, width));
    const place = `${x} ${kind}`;
    // Of many in one column, one is as good as all.
    if (taken.has(place)) continue;
    taken.add(place);
    ctx.fillStyle = token(TOKENS[kind] ?? `--feature-${kind.replaceAll(".", "-")}`);
    ctx.fillRect(x, height - TICK_PX, 1, TICK_PX);
  }
}

/** Read once per look of the page. */
function token(name: string): string {
  const { theme, palette, direction } = document.documentElement.dataset;
  const look = `${theme} ${palette} ${direction}`;
  if (look !== looksOf) looks.clear();
  looksOf = look;
  const known = looks.get(name);
  if (known !== undefined) return known;
  const style = getComputedStyle(document.documentElement);
  const value = style.getPropertyValue(name).trim() || style.getPropertyValue("--text-3").trim();
  looks.set(name, value);
  return value;
}
