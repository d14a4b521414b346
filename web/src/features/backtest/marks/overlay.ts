/** The trades of a run on the chart: arrows at entry and exit, a line between, and of the chosen one its stop. */
import type { Trade } from "../../../api/backtest-types";
import type { ChartOverlay, OverlayPlace } from "../../../chart/overlay";
import type { PriceRange, Scale, Style } from "../../../chart/shapes/shape";
import { withAlpha } from "../../../chart/tokens";
import type { ChartTokens } from "../../../chart/types";
import { inView, type Sorted, sortedByOpening, tradeAt } from "./view";

/** Below this many pixels per bar trades are ticks on the time axis. */
const TICKS_BELOW = 2;
const ARROW_PX = 5;
const TICK_PX = 6;
const LABEL_PX = 9;

export class TradeMarks implements ChartOverlay {
  private readonly onPick: (trade: Trade) => void;
  private trades: Sorted;
  private selected: Trade | null = null;
  private pointed: number | null = null;
  private shown = 0;
  private readonly stopText: (price: number) => string;
  private stopInView = false;

  constructor(trades: readonly Trade[], onPick: (trade: Trade) => void, stopText: (price: number) => string) {
    this.stopText = stopText;
    this.trades = sortedByOpening(trades);
    this.onPick = onPick;
  }

  /** The trade that stands out, and the time that is pointed at elsewhere; true: something changed. */
  set(selected: Trade | null, pointed: number | null): boolean {
    if (this.selected === selected && this.pointed === pointed) return false;
    this.selected = selected;
    this.pointed = pointed;
    return true;
  }

  facts() {
    return {
      "data-mode": "backtest",
      "data-trades": this.trades.list.length,
      "data-trade": this.selected?.index ?? "",
      "data-trades-shown": this.shown,
      "data-stop-in-view": String(this.stopInView),
    };
  }

  /** Where the chosen trade began, ended and was to be stopped; null: none is chosen. */
  prices(): PriceRange | null {
    if (!this.selected) return null;
    const { openRate, closeRate, initialStop, stop } = this.selected;
    const all = [openRate, closeRate, initialStop, stop].filter((price) => price !== null);
    return { low: Math.min(...all), high: Math.max(...all) };
  }

  /** A click on the bar of an entry or an exit chooses the trade. */
  click(time: number): boolean {
    const trade = tradeAt(this.trades, time);
    if (trade) this.onPick(trade);
    return trade !== null;
  }

  paint(ctx: CanvasRenderingContext2D, scale: Scale, { tokens }: Style, place: OverlayPlace): void {
    if (this.pointed !== null) drawPointed(ctx, this.pointed, scale, place, tokens);
    const from = place.timeOf(Math.max(0, scale.first));
    const to = place.timeOf(Math.min(place.lastSlot, scale.last));
    if (from === null || to === null) return;
    const visible = inView(this.trades, from, to);
    this.shown = visible.length;
    if (scale.spacing < TICKS_BELOW) drawTicks(ctx, visible, scale, place, tokens);
    else {
      for (const trade of visible) if (trade !== this.selected) drawTrade(ctx, trade, scale, place, tokens, false);
    }
    this.stopInView = false;
    if (!this.selected) return;
    drawTrade(ctx, this.selected, scale, place, tokens, true);
    const stop = this.selected.initialStop ?? this.selected.stop;
    if (stop !== null) this.nameStop(ctx, stop, scale, place, tokens);
  }

  /** The stop in words, on the side of its line where the trade is; at the edge when it lies beyond. */
  private nameStop(
    ctx: CanvasRenderingContext2D,
    stop: number,
    scale: Scale,
    place: OverlayPlace,
    tokens: ChartTokens,
  ): void {
    const slot = this.selected && place.slotOf(this.selected.openTime);
    if (slot === null || slot < scale.first || slot > scale.last) return;
    const y = scale.y(stop);
    const side = this.selected?.side === "short" ? 1 : -1;
    this.stopInView = y >= 0 && y <= scale.height;
    ctx.font = `11px ${tokens.fontFamily}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.lineWidth = 3;
    ctx.strokeStyle = tokens.bg;
    ctx.fillStyle = tokens.down;
    const text = this.stopText(stop) + (this.stopInView ? "" : y < 0 ? " ↑" : " ↓");
    const at = [scale.x(slot), Math.min(Math.max(y + side * LABEL_PX, LABEL_PX), scale.height - LABEL_PX)] as const;
    ctx.strokeText(text, ...at);
    ctx.fillText(text, ...at);
  }
}

function drawPointed(
  ctx: CanvasRenderingContext2D,
  time: number,
  scale: Scale,
  place: OverlayPlace,
  tokens: ChartTokens,
): void {
  const slot = place.slotOf(time);
  if (slot === null || slot < scale.first || slot > scale.last) return;
  const x = Math.round(scale.x(slot)) + 0.5;
  ctx.strokeStyle = tokens.text3;
  ctx.lineWidth = 1;
  ctx.setLineDash([3, 3]);
  segment(ctx, x, 0, x, scale.height);
  ctx.setLineDash([]);
}

/** One tick per column is as good as all. */
function drawTicks(
  ctx: CanvasRenderingContext2D,
  trades: readonly Trade[],
  scale: Scale,
  place: OverlayPlace,
  tokens: ChartTokens,
): void {
  const taken = new Set<number>();
  for (const { openTime, profit } of trades) {
    const slot = place.slotOf(openTime);
    if (slot === null) continue;
    const x = Math.round(scale.x(slot));
    if (taken.has(x)) continue;
    taken.add(x);
    ctx.fillStyle = profit < 0 ? tokens.down : tokens.up;
    ctx.fillRect(x, scale.height - TICK_PX, 1, TICK_PX);
  }
}

function drawTrade(
  ctx: CanvasRenderingContext2D,
  trade: Trade,
  scale: Scale,
  place: OverlayPlace,
  tokens: ChartTokens,
  chosen: boolean,
): void {
  const [from, to] = [place.slotOf(trade.openTime), place.slotOf(trade.closeTime)];
  if (from === null || to === null || to < scale.first || from > scale.last) return;
  const [x1, x2] = [scale.x(from), scale.x(to)];
  const [y1, y2] = [scale.y(trade.openRate), scale.y(trade.closeRate)];
  const color = trade.profit < 0 ? tokens.down : tokens.up;
  if (chosen) drawStop(ctx, trade, [x1, Math.max(x2, x1 + scale.spacing)], scale, tokens);
  ctx.strokeStyle = chosen ? color : withAlpha(color, 0.7);
  ctx.lineWidth = chosen ? 2 : 1;
  ctx.setLineDash(chosen ? [] : [2, 3]);
  segment(ctx, x1, y1, x2, y2);
  ctx.setLineDash([]);
  const long = trade.side === "long";
  arrow(ctx, x1, y1, long, long ? tokens.up : tokens.down, tokens.bg, chosen);
  arrow(ctx, x2, y2, !long, long ? tokens.down : tokens.up, tokens.bg, chosen);
}

/** The stop at the entry as a line, and a step at its end to where it was at the exit. */
function drawStop(
  ctx: CanvasRenderingContext2D,
  { initialStop, stop }: Trade,
  [from, to]: readonly [number, number],
  scale: Scale,
  tokens: ChartTokens,
): void {
  const begin = initialStop ?? stop;
  if (begin === null) return;
  const y = Math.round(scale.y(begin)) + 0.5;
  ctx.strokeStyle = tokens.down;
  ctx.lineWidth = 1;
  ctx.setLineDash([6, 4]);
  segment(ctx, from, y, to, y);
  if (stop !== null && stop !== begin) {
    const end = Math.round(scale.y(stop)) + 0.5;
    segment(ctx, to, y, to, end);
    segment(ctx, to - 8, end, to + 8, end);
  }
  ctx.setLineDash([]);
}

function segment(ctx: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}

/** A triangle that points to the price: from below for a buy, from above for a sell. */
function arrow(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  buy: boolean,
  color: string,
  halo: string,
  chosen: boolean,
): void {
  const size = chosen ? ARROW_PX + 2 : ARROW_PX;
  const away = buy ? 2 * size : -2 * size;
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x - size, y + away);
  ctx.lineTo(x + size, y + away);
  ctx.closePath();
  ctx.lineWidth = 3;
  ctx.strokeStyle = halo;
  ctx.stroke();
  ctx.fillStyle = color;
  ctx.fill();
}
