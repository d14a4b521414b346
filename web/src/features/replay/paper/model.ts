/**
 * Words of the paper account. Times are Unix seconds (candle open time), quantities base units, money and prices quote
 * units.
 */

export type Side = "buy" | "sell";
export type PositionSide = "long" | "short";
export type OrderKind = "market" | "limit" | "stop";
/** What made a fill: an order, the stop or target of the position, or the wish to close it. */
export type FillReason = OrderKind | "bracket_stop" | "target" | "close";

export interface PaperSetup {
  /** Money at the start, quote units. */
  readonly cash: number;
  /** Percent of quantity times price, taken at every fill. */
  readonly feePercent: number;
}

export const STANDARD_SETUP: PaperSetup = { cash: 10_000, feePercent: 0.05 };

/** A closed candle. */
export interface PaperBar {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export interface NewOrder {
  readonly side: Side;
  readonly kind: OrderKind;
  readonly quantity: number;
  /** Limit or trigger; null for a market order. */
  readonly price: number | null;
  /** Bracket of the position that the order opens or adds to. */
  readonly stop: number | null;
  readonly target: number | null;
}

/** What the user does. */
export type PaperCommand =
  | { readonly kind: "place"; readonly order: NewOrder }
  /** Takes back an order that waits, or the wish to close. */
  | { readonly kind: "cancel"; readonly orderId: number }
  /** Another limit or trigger of an order that waits. */
  | { readonly kind: "move"; readonly what: "order"; readonly orderId: number; readonly price: number }
  /** Another stop or target of the position; null takes it away. */
  | { readonly kind: "move"; readonly what: "stop" | "target"; readonly price: number | null }
  /** Closes the whole position at the next open. Orders that wait stay. */
  | { readonly kind: "closeAll" };

/** A command with its running number, which is also the number of the order it places. */
export type PaperAction = PaperCommand & {
  readonly id: number;
  /** Time of the newest closed bar when the user did it; it acts from the bar after. */
  readonly at: number;
};

export interface PaperOrder extends NewOrder {
  readonly id: number;
  /** Time of the bar after which it was placed. */
  readonly placedAt: number;
}

export interface PaperPosition {
  readonly side: PositionSide;
  readonly quantity: number;
  /** Average of what was bought or sold. */
  readonly entryPrice: number;
  /** Bar in which the position began. */
  readonly entryTime: number;
  readonly stop: number | null;
  readonly target: number | null;
  /** At the last close, before fees. */
  readonly unrealised: number;
  /** Fees paid for what is still open. */
  readonly fees: number;
}

export interface PaperFill {
  readonly time: number;
  readonly price: number;
  readonly quantity: number;
  readonly side: Side;
  /** Order, or the action that closed; null for a stop or target of the position, and at the end of a session. */
  readonly orderId: number | null;
  readonly fee: number;
  readonly reason: FillReason;
}

/** A position, or the part of one, that was closed. */
export interface PaperTrade {
  readonly side: PositionSide;
  readonly quantity: number;
  readonly entryTime: number;
  readonly entryPrice: number;
  readonly exitTime: number;
  readonly exitPrice: number;
  /** Of its share of the entries, and of the exit. */
  readonly fees: number;
  /** After fees. */
  readonly result: number;
  /** `result` as percent of what the entry was worth. */
  readonly resultPercent: number;
  /** Closes it lived through; 0 when it ended in the bar in which it began. */
  readonly bars: number;
}

export interface LossRun {
  /** Losing trades one after another. */
  readonly trades: number;
  /** Their results together, below zero; 0 without a loss. */
  readonly sum: number;
}

export interface PaperStatistics {
  readonly trades: number;
  readonly wins: number;
  /** Percent; null without trades. */
  readonly winRate: number | null;
  /** Results of all closed trades, after fees. */
  readonly sum: number;
  /** The run of losses that cost most. */
  readonly worstRun: LossRun;
  /** Largest fall of the equity at closes from an earlier peak, quote units, never below zero. */
  readonly maxDrawdown: number;
  /** Largest such fall in percent of its peak. */
  readonly maxDrawdownPercent: number;
}

export interface PaperState {
  /** Newest closed bar the account has seen; null before the first. */
  readonly time: number | null;
  /** Its close. */
  readonly last: number | null;
  /** Money in hand: less what was bought, plus what was sold. */
  readonly cash: number;
  /** Cash and position at the last close. */
  readonly equity: number;
  readonly position: PaperPosition | null;
  /** Waiting orders as they were placed. */
  readonly orders: readonly PaperOrder[];
  /** Number of the action that closes the position at the next open; null: none waits. */
  readonly closing: number | null;
  /** Oldest first. */
  readonly fills: readonly PaperFill[];
  readonly trades: readonly PaperTrade[];
  readonly statistics: PaperStatistics;
}
