/** Arithmetic of the net position: what a fill makes of it. */
import type { PaperFill, PaperPosition, PaperTrade, PositionSide, Side } from "./model";

/** What is held, without what depends on the last price. */
export interface Holding extends Omit<PaperPosition, "unrealised"> {
  /** Number of the bar in which it began. */
  readonly entryBar: number;
}

export interface Bracket {
  readonly stop: number | null;
  readonly target: number | null;
}

export interface Filled {
  readonly holding: Holding | null;
  /** What the fill closed. */
  readonly trade: PaperTrade | null;
  /** It opened a position, added to one or turned it round: its bracket counts. */
  readonly entered: boolean;
}

const STEPS_PER_UNIT = 1e8;
/** Smaller than this part of what was added or taken away, a rest is rounding and not a holding. */
const DUST = 1e-12;

export function sideOf(side: PositionSide): Side {
  return side === "long" ? "buy" : "sell";
}

export function closingSide(side: PositionSide): Side {
  return side === "long" ? "sell" : "buy";
}

/** +1 for what gains when prices rise, -1 for what gains when they fall. */
export function direction(side: PositionSide | Side): 1 | -1 {
  return side === "long" || side === "buy" ? 1 : -1;
}

/** The net position after a fill in bar number `bar`; `bracket` is the one of its order. */
export function applyFill(held: Holding | null, fill: PaperFill, bracket: Bracket, bar: number): Filled {
  if (held === null || sideOf(held.side) === fill.side) {
    return { holding: enter(held, fill, fill.quantity, fill.fee, bracket, bar), trade: null, entered: true };
  }
  const rest = difference(held.quantity, fill.quantity);
  if (rest >= 0) {
    const { trade, feesLeft } = leave(held, fill, Math.min(fill.quantity, held.quantity), fill.fee, bar);
    const holding = rest === 0 ? null : { ...held, quantity: rest, fees: feesLeft };
    return { holding, trade, entered: false };
  }
  const exitFee = fill.fee * (held.quantity / fill.quantity);
  const { trade } = leave(held, fill, held.quantity, exitFee, bar);
  return { holding: enter(null, fill, -rest, fill.fee - exitFee, bracket, bar), trade, entered: true };
}

function enter(
  held: Holding | null,
  fill: PaperFill,
  quantity: number,
  fee: number,
  bracket: Bracket,
  bar: number,
): Holding {
  const side: PositionSide = fill.side === "buy" ? "long" : "short";
  if (held === null) {
    const { stop, target } = bracket;
    return { side, quantity, entryPrice: fill.price, entryTime: fill.time, entryBar: bar, stop, target, fees: fee };
  }
  const total = sum(held.quantity, quantity);
  return {
    ...held,
    quantity: total,
    // A mean as a step from one price to the other: it cannot leave their range by rounding.
    entryPrice: held.entryPrice + (fill.price - held.entryPrice) * (quantity / total),
    stop: bracket.stop ?? held.stop,
    target: bracket.target ?? held.target,
    fees: held.fees + fee,
  };
}

function leave(held: Holding, fill: PaperFill, quantity: number, exitFee: number, bar: number) {
  const entryFees = held.fees * (quantity / held.quantity);
  const fees = entryFees + exitFee;
  const result = direction(held.side) * quantity * (fill.price - held.entryPrice) - fees;
  const trade: PaperTrade = {
    side: held.side,
    quantity,
    entryTime: held.entryTime,
    entryPrice: held.entryPrice,
    exitTime: fill.time,
    exitPrice: fill.price,
    fees,
    result,
    resultPercent: (result / (quantity * held.entryPrice)) * 100,
    bars: bar - held.entryBar,
  };
  return { trade, feesLeft: held.fees - entryFees };
}

function sum(a: number, b: number): number {
  return rounded(a + b);
}

/** Exactly zero where the two differ by rounding alone. */
function difference(a: number, b: number): number {
  const rest = rounded(a - b);
  return Math.abs(rest) <= DUST * Math.max(a, b) ? 0 : rest;
}

/** Quantities have eight decimals. */
function rounded(quantity: number): number {
  return Math.round(quantity * STEPS_PER_UNIT) / STEPS_PER_UNIT;
}
