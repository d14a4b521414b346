/**
 * The fold of the paper account: actions and closed bars in, fills and trades out.
 *
 * Within a bar: market orders and closing at the open, then the stop, then the target of the position, then the waiting
 * orders as they were placed. A limit fills at the better, a stop at the worse of its price and the first price at which
 * it was alive: the open, or the fill that brought it.
 */
import { applyFill, type Bracket, closingSide, direction, type Holding } from "./holding";
import type {
  FillReason,
  PaperAction,
  PaperBar,
  PaperFill,
  PaperOrder,
  PaperSetup,
  PaperState,
  PaperTrade,
  Side,
} from "./model";
import { type Drawdown, NO_TRADES, noDrawdown, statistics, type Tally, withEquity, withTrade } from "./tally";

const NO_BRACKET: Bracket = { stop: null, target: null };

interface Trigger {
  readonly side: Side;
  readonly quantity: number;
  readonly orderId: number | null;
  readonly reason: FillReason;
  readonly bracket: Bracket;
}

/** Mutable, and cheap to move on; the account makes a new one to go back. */
export class Book {
  #cash: number;
  readonly #feeShare: number;
  #held: Holding | null = null;
  #orders: readonly PaperOrder[] = [];
  #closing: number | null = null;
  readonly #fills: PaperFill[] = [];
  readonly #trades: PaperTrade[] = [];
  #tally: Tally = NO_TRADES;
  #drawdown: Drawdown;
  #bars = 0;
  #bar: PaperBar | null = null;
  #published: PaperState | null = null;
  /** Copies handed out; a new one only after another fill or trade. */
  #fillsOut: readonly PaperFill[] = [];
  #tradesOut: readonly PaperTrade[] = [];

  constructor(setup: PaperSetup) {
    this.#cash = setup.cash;
    this.#feeShare = setup.feePercent / 100;
    this.#drawdown = noDrawdown(setup.cash);
  }

  /** Takes an action in; it acts from the next bar. What names nothing that is there does nothing. */
  act(action: PaperAction): void {
    this.#published = null;
    switch (action.kind) {
      case "place":
        this.#orders = [...this.#orders, { ...action.order, id: action.id, placedAt: action.at }];
        return;
      case "cancel":
        this.#orders = this.#orders.filter(({ id }) => id !== action.orderId);
        if (this.#closing === action.orderId) this.#closing = null;
        return;
      case "move":
        if (action.what === "order") this.#moveOrder(action.orderId, action.price);
        else if (this.#held) this.#held = { ...this.#held, [action.what]: action.price };
        return;
      case "closeAll":
        this.#closing ??= action.id;
    }
  }

  /** Plays one bar, newer than all before. */
  play(bar: PaperBar): void {
    this.#published = null;
    this.#bars += 1;
    this.#bar = bar;
    if (this.#orders.length > 0 || this.#closing !== null || this.#held) {
      this.#fillAtOpen(bar);
      this.#fillStop(bar, bar.open);
      this.#fillTarget(bar);
      this.#fillWaiting(bar);
    }
    this.#drawdown = withEquity(this.#drawdown, this.#equity());
  }

  /** Closes the position at the last close and drops every order, as at the end of a session. */
  settle(): void {
    this.#published = null;
    this.#orders = [];
    this.#closing = null;
    if (this.#held && this.#bar) this.#close(this.#bar, this.#bar.close, "close", null);
    this.#drawdown = withEquity(this.#drawdown, this.#equity());
  }

  /** The same object until something happens. */
  state(): PaperState {
    this.#published ??= this.#publish();
    return this.#published;
  }

  #publish(): PaperState {
    const last = this.#bar?.close ?? null;
    if (this.#fillsOut.length !== this.#fills.length) this.#fillsOut = this.#fills.slice();
    if (this.#tradesOut.length !== this.#trades.length) this.#tradesOut = this.#trades.slice();
    return {
      time: this.#bar?.time ?? null,
      last,
      cash: this.#cash,
      equity: this.#equity(),
      position: this.#held && positionOf(this.#held, last),
      orders: this.#orders,
      closing: this.#closing,
      fills: this.#fillsOut,
      trades: this.#tradesOut,
      statistics: statistics(this.#tally, this.#drawdown),
    };
  }

  #equity(): number {
    if (!this.#held || !this.#bar) return this.#cash;
    return this.#cash + direction(this.#held.side) * this.#held.quantity * this.#bar.close;
  }

  #moveOrder(orderId: number, price: number): void {
    const move = (order: PaperOrder) => (order.id === orderId && order.kind !== "market" ? { ...order, price } : order);
    this.#orders = this.#orders.map(move);
  }

  #fillAtOpen(bar: PaperBar): void {
    const closing = this.#closing;
    const before = (order: PaperOrder) => closing === null || order.id < closing;
    const now = this.#orders.filter(({ kind }) => kind === "market");
    if (now.length > 0) this.#orders = this.#orders.filter(({ kind }) => kind !== "market");
    for (const order of now.filter(before)) this.#fillOrder(bar, order, bar.open);
    if (closing !== null) {
      this.#close(bar, bar.open, "close", closing);
      this.#closing = null;
    }
    for (const order of now.filter((order) => !before(order))) this.#fillOrder(bar, order, bar.open);
  }

  /** `first`: the price at which the stop of the position came alive in this bar. */
  #fillStop(bar: PaperBar, first: number): void {
    if (!this.#held || this.#held.stop === null) return;
    const price = stopPrice(closingSide(this.#held.side), this.#held.stop, first, bar);
    if (price !== null) this.#close(bar, price, "bracket_stop", null);
  }

  #fillTarget(bar: PaperBar): void {
    if (!this.#held || this.#held.target === null) return;
    const price = limitPrice(closingSide(this.#held.side), this.#held.target, bar);
    if (price !== null) this.#close(bar, price, "target", null);
  }

  #fillWaiting(bar: PaperBar): void {
    for (const order of this.#orders) {
      if (order.price === null) continue;
      const price =
        order.kind === "limit"
          ? limitPrice(order.side, order.price, bar)
          : stopPrice(order.side, order.price, bar.open, bar);
      if (price === null) continue;
      this.#orders = this.#orders.filter(({ id }) => id !== order.id);
      // The way of the price inside of the bar is unknown: against the position it counts, for it it does not.
      if (this.#fillOrder(bar, order, price)) this.#fillStop(bar, price);
    }
  }

  #fillOrder(bar: PaperBar, order: PaperOrder, price: number): boolean {
    const { side, quantity, id, kind, stop, target } = order;
    return this.#fill(bar, price, { side, quantity, orderId: id, reason: kind, bracket: { stop, target } });
  }

  #close(bar: PaperBar, price: number, reason: FillReason, orderId: number | null): void {
    if (!this.#held) return;
    const { side, quantity } = this.#held;
    this.#fill(bar, price, { side: closingSide(side), quantity, orderId, reason, bracket: NO_BRACKET });
  }

  /** Whether the fill opened a position, or added to one. */
  #fill(bar: PaperBar, price: number, trigger: Trigger): boolean {
    const { side, quantity, orderId, reason, bracket } = trigger;
    const fee = quantity * price * this.#feeShare;
    const fill: PaperFill = { time: bar.time, price, quantity, side, orderId, fee, reason };
    const { holding, trade, entered } = applyFill(this.#held, fill, bracket, this.#bars);
    this.#cash -= direction(side) * quantity * price + fee;
    this.#held = holding;
    this.#fills.push(fill);
    if (trade) {
      this.#trades.push(trade);
      this.#tally = withTrade(this.#tally, trade);
    }
    return entered;
  }
}

function positionOf({ entryBar: _, ...held }: Holding, last: number | null) {
  const gain = last === null ? 0 : last - held.entryPrice;
  return { ...held, unrealised: direction(held.side) * held.quantity * gain };
}

/** Where a limit fills in a bar; null when the range does not reach it. */
function limitPrice(side: Side, limit: number, bar: PaperBar): number | null {
  if (side === "buy") return bar.low <= limit ? Math.min(limit, bar.open) : null;
  return bar.high >= limit ? Math.max(limit, bar.open) : null;
}

/** Where a stop fills that is alive from the price `first` of a bar on; null when the range does not reach it. */
function stopPrice(side: Side, trigger: number, first: number, bar: PaperBar): number | null {
  if (side === "buy") return bar.high >= trigger ? Math.max(trigger, first) : null;
  return bar.low <= trigger ? Math.min(trigger, first) : null;
}
