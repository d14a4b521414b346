/** Reads sessions back from the browser. One that is not whole is left out; the others stay. */
import { oneOf, record } from "../../../ui/storage/stored";
import type { NewOrder, PaperAction, PaperCommand, PaperFill, PaperSetup, PaperTrade } from "./model";
import type { PaperSession } from "./session";

/** Thrown and caught in here alone: a reader of fields that gives up at the first wrong one. */
class Malformed extends Error {}

type Fields = Readonly<Record<string, unknown>>;

export function readSessions(value: unknown): readonly PaperSession[] {
  const given = record(value)?.sessions;
  if (!Array.isArray(given)) return [];
  return given.flatMap((item) => {
    try {
      return [session(fields(item))];
    } catch (error) {
      if (error instanceof Malformed) return [];
      throw error;
    }
  });
}

function session(of: Fields): PaperSession {
  return {
    id: text(of.id),
    series: text(of.series),
    startedAtMs: number(of.startedAtMs),
    setup: setup(fields(of.setup)),
    actions: list(of.actions, action),
    from: number(of.from),
    to: number(of.to),
    result: number(of.result),
    position: of.position === undefined || of.position === null ? null : one(["long", "short"], of.position),
    trades: list(of.trades, trade),
    fills: list(of.fills, fill),
  };
}

function setup(of: Fields): PaperSetup {
  return { cash: number(of.cash), feePercent: number(of.feePercent) };
}

function action(of: Fields): PaperAction {
  return { ...command(of), id: number(of.id), at: number(of.at) };
}

function command(of: Fields): PaperCommand {
  const kind = one(["place", "cancel", "move", "closeAll"], of.kind);
  switch (kind) {
    case "place":
      return { kind, order: order(fields(of.order)) };
    case "cancel":
      return { kind, orderId: number(of.orderId) };
    case "closeAll":
      return { kind };
    case "move": {
      const what = one(["order", "stop", "target"], of.what);
      if (what === "order") return { kind, what, orderId: number(of.orderId), price: number(of.price) };
      return { kind, what, price: numberOrNull(of.price) };
    }
  }
}

function order(of: Fields): NewOrder {
  return {
    side: one(["buy", "sell"], of.side),
    kind: one(["market", "limit", "stop"], of.kind),
    quantity: number(of.quantity),
    price: numberOrNull(of.price),
    stop: numberOrNull(of.stop),
    target: numberOrNull(of.target),
  };
}

function fill(of: Fields): PaperFill {
  return {
    time: number(of.time),
    price: number(of.price),
    quantity: number(of.quantity),
    side: one(["buy", "sell"], of.side),
    orderId: numberOrNull(of.orderId),
    fee: number(of.fee),
    reason: one(["market", "limit", "stop", "bracket_stop", "target", "close"], of.reason),
  };
}

function trade(of: Fields): PaperTrade {
  return {
    side: one(["long", "short"], of.side),
    quantity: number(of.quantity),
    entryTime: number(of.entryTime),
    entryPrice: number(of.entryPrice),
    exitTime: number(of.exitTime),
    exitPrice: number(of.exitPrice),
    fees: number(of.fees),
    result: number(of.result),
    resultPercent: number(of.resultPercent),
    bars: number(of.bars),
  };
}

function fields(value: unknown): Fields {
  return record(value) ?? malformed();
}

function list<T>(value: unknown, read: (of: Fields) => T): readonly T[] {
  return Array.isArray(value) ? value.map((item) => read(fields(item))) : malformed();
}

function text(value: unknown): string {
  return typeof value === "string" ? value : malformed();
}

function number(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : malformed();
}

function numberOrNull(value: unknown): number | null {
  return value === null ? null : number(value);
}

function one<const T extends string>(options: readonly T[], value: unknown): T {
  return oneOf(options, value) ?? malformed();
}

function malformed(): never {
  throw new Malformed();
}
