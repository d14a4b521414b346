/** What of a paper account lies on the chart: lines at prices that can be dragged, and the marks of its fills. */
import { direction, sideOf } from "./holding";
import type { PaperCommand, PaperOrder, PaperPosition, PaperState, Side } from "./model";
import { bracketError, orderPriceError } from "./ticket";

/** A price that lies across the chart. */
export interface PriceLine {
  readonly key: string;
  readonly kind: "entry" | "stop" | "target" | "order";
  readonly side: Side;
  readonly price: number;
  /** Bar from which it lies there, seconds. */
  readonly from: number;
  /** Of the order, or of the position. */
  readonly quantity: number;
  readonly order: PaperOrder | null;
  /** What the position would come to here, before the fee of the exit; null for orders and the entry itself. */
  readonly result: number | null;
}

/** Lines of the position and of everything that waits at a price. */
export function priceLines({ position, orders }: Pick<PaperState, "position" | "orders">): readonly PriceLine[] {
  const lines: PriceLine[] = [];
  if (position) {
    lines.push(positionLine(position, "entry", position.entryPrice));
    if (position.stop !== null) lines.push(positionLine(position, "stop", position.stop));
    if (position.target !== null) lines.push(positionLine(position, "target", position.target));
  }
  for (const order of orders) {
    const { id, side, price, quantity, placedAt } = order;
    if (price === null) continue;
    lines.push({ key: `order:${id}`, kind: "order", side, price, from: placedAt, quantity, order, result: null });
  }
  return lines;
}

function positionLine(position: PaperPosition, kind: "entry" | "stop" | "target", price: number): PriceLine {
  const { side, quantity, entryPrice, entryTime } = position;
  const result = kind === "entry" ? null : direction(side) * quantity * (price - entryPrice);
  return { key: kind, kind, side: sideOf(side), price, from: entryTime, quantity, order: null, result };
}

/** Whether a line can be taken elsewhere. */
export function isMovable({ kind }: PriceLine): boolean {
  return kind !== "entry";
}

/** What dropping a line at a price (as text) asks for; null when it must not lie there. `last`: newest close. */
export function moveTo(line: PriceLine, text: string, price: number, last: number | null): PaperCommand | null {
  if (line.order) {
    if (orderPriceError(line.order, text, last) !== null) return null;
    return { kind: "move", what: "order", orderId: line.order.id, price };
  }
  if (line.kind !== "stop" && line.kind !== "target") return null;
  if (bracketError(line.side, line.kind, text, last) !== null) return null;
  return { kind: "move", what: line.kind, price };
}

/** The line that lies nearest to a height, if one does within `reach` pixels. */
export function lineAt(
  lines: readonly PriceLine[],
  y: number,
  reach: number,
  yOf: (price: number) => number | null,
): PriceLine | null {
  let best: PriceLine | null = null;
  let nearest = reach;
  for (const line of lines) {
    const at = isMovable(line) ? yOf(line.price) : null;
    const distance = at === null ? Number.POSITIVE_INFINITY : Math.abs(at - y);
    if (distance <= nearest) {
      best = line;
      nearest = distance;
    }
  }
  return best;
}
