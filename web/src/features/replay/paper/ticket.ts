/** From what stands in the fields of the ticket to an order, or to what is wrong with it. */
import type { PlainKey } from "../../../i18n/catalogue";
import { oneOf, record, stored } from "../../../ui/storage/stored";
import type { NewOrder, OrderKind, PaperOrder, PaperState, Side } from "./model";

export const SIDES = ["buy", "sell"] as const satisfies readonly Side[];
export const KINDS = ["market", "limit", "stop"] as const satisfies readonly OrderKind[];
/** What the size is given in: money, the traded asset, or percent of the equity. */
export const SIZE_UNITS = ["quote", "base", "percent"] as const;
export type SizeUnit = (typeof SIZE_UNITS)[number];

export interface TicketText {
  readonly side: Side;
  readonly kind: OrderKind;
  readonly unit: SizeUnit;
  readonly size: string;
  /** Limit or trigger; not read for a market order. */
  readonly price: string;
  /** Empty: none. */
  readonly stop: string;
  readonly target: string;
}

export const TICKET_FIELDS = ["size", "price", "stop", "target"] as const;
export type TicketField = (typeof TICKET_FIELDS)[number];
export type TicketErrors = Readonly<Partial<Record<TicketField, PlainKey>>>;

/** What the order does to the position as it is. */
export type TicketEffect = "open" | "add" | "reduce" | "close" | "turn";

/** The part of the account that a ticket is measured against. */
export type TicketAccount = Pick<PaperState, "equity" | "last" | "position">;

export interface TicketReading {
  /** Null while there are errors. */
  readonly order: NewOrder | null;
  readonly errors: TicketErrors;
  /** Base units the size stands for; null when it cannot be told. */
  readonly quantity: number | null;
  /** Price that the size was worked out with: limit, trigger, or the last close. */
  readonly reference: number | null;
  readonly effect: TicketEffect | null;
  /** Base units that the account buys or sells at most, without borrowing. */
  readonly most: number | null;
}

const STEPS_PER_UNIT = 1e8;
/** Room for the rounding of one multiplication. */
const TOLERANCE = 1 + 1e-12;
const LARGEST = 1e15;

/** A number as people write it: `1234.5`, `1,234.5`, `.5`; null for everything else, and from 10^15 on. */
export function readNumber(text: string): number | null {
  const plain = text.trim();
  const grouped = /^\d{1,3}(,\d{3})+(\.\d*)?$/.test(plain);
  if (!grouped && !/^(\d+\.?\d*|\.\d+)$/.test(plain)) return null;
  const value = Number(plain.replaceAll(",", ""));
  return value < LARGEST ? value : null;
}

/** Cut, not rounded, to eight decimals; what has no more keeps its value. */
export function roundDown(quantity: number): number {
  const steps = Math.round(quantity * STEPS_PER_UNIT);
  return (steps / STEPS_PER_UNIT <= quantity ? steps : steps - 1) / STEPS_PER_UNIT;
}

export function readTicket(text: TicketText, account: TicketAccount, feePercent: number): TicketReading {
  const { side, kind } = text;
  const price = kind === "market" ? null : readNumber(text.price);
  const reference = kind === "market" ? account.last : price || null;
  const bracket = { stop: readOptional(text.stop), target: readOptional(text.target) };
  const most = reference === null ? null : mostOf(side, reference, account, feePercent);
  const quantity = quantityOf(text, reference, account.equity, feePercent);
  const errors: TicketErrors = {
    ...fieldError("size", sizeError(text.size, quantity, side, most, account)),
    ...fieldError("price", priceError(text, price, account.last)),
    ...bracketErrors(side, entryOf(side, kind, reference, account.last), bracket),
  };
  const valid = Object.keys(errors).length === 0 && quantity !== null;
  const { stop, target } = bracket;
  return {
    order: valid ? { side, kind, quantity, price, stop: numberOr(stop), target: numberOr(target) } : null,
    errors,
    quantity,
    reference,
    effect: quantity === null || quantity === 0 ? null : effectOf(side, quantity, account.position),
    most,
  };
}

/** What is wrong with a new price of a waiting order. */
export function orderPriceError(order: Pick<PaperOrder, "side" | "kind">, text: string, last: number | null) {
  return priceError({ ...order, price: text }, readNumber(text), last);
}

/** What is wrong with a new stop or target of a position, measured at the last close; an empty text takes it away. */
export function bracketError(side: Side, what: "stop" | "target", text: string, last: number | null): PlainKey | null {
  const price = readOptional(text);
  const bracket = { stop: what === "stop" ? price : null, target: what === "target" ? price : null };
  return bracketErrors(side, last, bracket)[what] ?? null;
}

function fieldError(field: TicketField, error: PlainKey | null): TicketErrors {
  return error === null ? {} : { [field]: error };
}

/** A price that may be left out: null when it was, NaN when it is no number. */
function readOptional(text: string): number | null {
  return text.trim() === "" ? null : (readNumber(text) ?? Number.NaN);
}

function numberOr(value: number | null): number | null {
  return value === null || Number.isNaN(value) ? null : value;
}

function quantityOf(
  { unit, size }: TicketText,
  reference: number | null,
  equity: number,
  feePercent: number,
): number | null {
  const value = readNumber(size);
  if (value === null) return null;
  if (unit === "base") return roundDown(value);
  if (reference === null) return null;
  if (unit === "quote") return roundDown(value / reference);
  const money = (Math.max(0, equity) * value) / 100;
  return roundDown(money / (reference * (1 + feePercent / 100)));
}

function mostOf(side: Side, reference: number, { equity, position }: TicketAccount, feePercent: number): number {
  const held = position ? position.quantity * (opens(side, position.side) ? 1 : -1) : 0;
  return roundDown(Math.max(0, (equity - held * reference) / (reference * (1 + feePercent / 100))));
}

function sizeError(
  text: string,
  quantity: number | null,
  side: Side,
  most: number | null,
  { position, last }: TicketAccount,
): PlainKey | null {
  if (last === null) return "paper.error.noBar";
  if (text.trim() === "") return "paper.error.size.missing";
  const value = readNumber(text);
  if (value === null || value === 0) return "paper.error.size.number";
  if (quantity === null) return null;
  if (quantity === 0) return "paper.error.size.small";
  const closes = position !== null && !opens(side, position.side) && quantity <= position.quantity;
  return !closes && most !== null && quantity > most * TOLERANCE ? "paper.error.size.large" : null;
}

function priceError(
  { side, kind, price: text }: Pick<TicketText, "side" | "kind" | "price">,
  price: number | null,
  last: number | null,
): PlainKey | null {
  if (kind === "market") return null;
  if (text.trim() === "") return "paper.error.price.missing";
  if (price === null || price === 0) return "paper.error.price.number";
  if (kind === "limit" || last === null) return null;
  if (side === "buy" && price <= last) return "paper.error.trigger.buy";
  if (side === "sell" && price >= last) return "paper.error.trigger.sell";
  return null;
}

/** The price near which the order is going to fill: a limit that the market has passed fills at the market. */
function entryOf(side: Side, kind: OrderKind, reference: number | null, last: number | null): number | null {
  if (kind !== "limit" || reference === null || last === null) return reference;
  return side === "buy" ? Math.min(reference, last) : Math.max(reference, last);
}

function bracketErrors(
  side: Side,
  entry: number | null,
  { stop, target }: { stop: number | null; target: number | null },
): TicketErrors {
  const wrong = (price: number | null, above: boolean) =>
    price !== null && entry !== null && (above ? price <= entry : price >= entry);
  const bad = (price: number | null) => price !== null && !(price > 0);
  const stopError = bad(stop)
    ? "paper.error.stop.number"
    : wrong(stop, side === "sell")
      ? (`paper.error.stop.${side}` as const)
      : null;
  const targetError = bad(target)
    ? "paper.error.target.number"
    : wrong(target, side === "buy")
      ? (`paper.error.target.${side}` as const)
      : null;
  return { ...fieldError("stop", stopError), ...fieldError("target", targetError) };
}

function opens(side: Side, position: "long" | "short"): boolean {
  return (side === "buy") === (position === "long");
}

function effectOf(side: Side, quantity: number, position: TicketAccount["position"]): TicketEffect {
  if (position === null) return "open";
  if (opens(side, position.side)) return "add";
  if (quantity === position.quantity) return "close";
  return quantity < position.quantity ? "reduce" : "turn";
}

/** Size of the last ticket, remembered on this device. */
export interface TicketSize {
  unit: SizeUnit;
  size: string;
}

export const ticketSize = stored<TicketSize>(
  "paper-ticket",
  () => ({ unit: "percent", size: "10" }),
  (value) => {
    const given = record(value);
    const unit = oneOf(SIZE_UNITS, given?.unit);
    const size = given?.size;
    return unit !== undefined && typeof size === "string" && readNumber(size) !== null ? { unit, size } : undefined;
  },
);

/** A market order of the size that stands in the ticket, for a key; reads like the ticket. */
export function quickTicket(side: Side, account: TicketAccount, feePercent: number): TicketReading {
  const text: TicketText = { ...ticketSize.getState(), side, kind: "market", price: "", stop: "", target: "" };
  return readTicket(text, account, feePercent);
}
