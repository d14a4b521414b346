// @vitest-environment jsdom
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { PaperAccount, type PaperPosition } from "./engine";
import {
  bracketError,
  orderPriceError,
  quickTicket,
  readNumber,
  readTicket,
  roundDown,
  type TicketAccount,
  type TicketText,
  ticketSize,
} from "./ticket";

const FLAT: TicketAccount = { equity: 10_000, last: 100, position: null };
const held = (side: "long" | "short", quantity: number): TicketAccount => ({
  ...FLAT,
  position: { side, quantity } as PaperPosition,
});
const text = (change: Partial<TicketText>): TicketText => ({
  side: "buy",
  kind: "market",
  unit: "base",
  size: "1",
  price: "",
  stop: "",
  target: "",
  ...change,
});
const read = (change: Partial<TicketText>, account = FLAT, fee = 0) => readTicket(text(change), account, fee);

describe("numbers", () => {
  it.each([
    ["12", 12],
    [" 1,234.5 ", 1_234.5],
    [".5", 0.5],
    ["5.", 5],
    ["12,345,678", 12_345_678],
    ["0", 0],
  ])("%s is read", (written, value) => expect(readNumber(written)).toBe(value));

  it.each(["", "1,5", "1,23", "1e5", "-1", "+1", "1 000", "0x10", "1.2.3", ".", "12a", "1000000000000000"])(
    "%s is none",
    (written) => expect(readNumber(written)).toBeNull(),
  );

  it("are cut to eight decimals, and what has no more stays", () => {
    expect(roundDown(0.123456789)).toBe(0.12345678);
    expect(roundDown(0.29)).toBe(0.29);
    expect(roundDown(9e-9)).toBe(0);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e13 }), (steps) => {
        expect(roundDown(steps / 1e8)).toBe(steps / 1e8);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e5, noNaN: true }), (quantity) => {
        expect(roundDown(quantity)).toBeLessThanOrEqual(quantity);
        expect(quantity - roundDown(quantity)).toBeLessThan(1.0001e-8);
      }),
    );
  });
});

describe("size", () => {
  it.each([
    ["base", "1.234567891", 1.23456789],
    ["quote", "250", 2.5],
    ["quote", "100.0000001", 1],
    ["percent", "50", 50],
  ] as const)("in %s, %s", (unit, size, quantity) => {
    const reading = read({ unit, size });
    expect(reading.errors).toEqual({});
    expect(reading.order?.quantity).toBe(quantity);
  });

  it("of 100 % is what the account buys with the fee, and it does", () => {
    const reading = read({ unit: "percent", size: "100" }, FLAT, 0.05);
    expect(reading.order?.quantity).toBe(reading.most);
    const account = new PaperAccount({ cash: 10_000, feePercent: 0.05 });
    const quiet = (time: number) => ({ time, open: 100, high: 100, low: 100, close: 100 });
    account.advance([quiet(0)]);
    if (reading.order) account.act({ kind: "place", order: reading.order });
    account.advance([quiet(60)]);
    expect(account.state().cash).toBeGreaterThanOrEqual(0);
    expect(account.state().cash).toBeLessThan(0.00001);
  });

  it("is worked out at the limit or trigger, where there is one", () => {
    expect(read({ kind: "limit", price: "50", unit: "quote", size: "100" }).order).toMatchObject({
      kind: "limit",
      price: 50,
      quantity: 2,
    });
    expect(read({ kind: "stop", price: "125", unit: "percent", size: "10" }).order?.quantity).toBe(8);
  });

  it.each([
    ["", "paper.error.size.missing"],
    ["two", "paper.error.size.number"],
    ["0", "paper.error.size.number"],
    ["-1", "paper.error.size.number"],
    ["0.000000001", "paper.error.size.small"],
    ["100.00000001", "paper.error.size.large"],
  ])("%s is refused", (size, error) => {
    const reading = read({ size });
    expect(reading.errors).toEqual({ size: error });
    expect(reading.order).toBeNull();
  });

  it("is measured without borrowing, against what is held", () => {
    const outcome = (side: "buy" | "sell", size: string, account: TicketAccount) => {
      const { errors, effect } = read({ side, size }, account);
      return errors.size ?? effect;
    };
    expect(outcome("buy", "40", held("long", 60))).toBe("add");
    expect(outcome("buy", "41", held("long", 60))).toBe("paper.error.size.large");
    expect(outcome("sell", "59", held("long", 60))).toBe("reduce");
    expect(outcome("sell", "60", held("long", 60))).toBe("close");
    expect(outcome("sell", "160", held("long", 60))).toBe("turn");
    expect(outcome("sell", "161", held("long", 60))).toBe("paper.error.size.large");
    expect(outcome("sell", "100", FLAT)).toBe("open");
    expect(outcome("sell", "101", FLAT)).toBe("paper.error.size.large");
  });

  it("may always close, also when nothing is left of the account", () => {
    const ruined = { ...held("short", 60), equity: -500 };
    expect(read({ side: "buy", size: "60" }, ruined).order).not.toBeNull();
    expect(read({ side: "buy", size: "61" }, ruined).errors.size).toBe("paper.error.size.large");
    expect(read({ side: "sell", size: "1" }, ruined).errors.size).toBe("paper.error.size.large");
    expect(read({ side: "sell", unit: "percent", size: "10" }, ruined).errors.size).toBe("paper.error.size.small");
  });

  it("waits for the first bar", () => {
    const before = { ...FLAT, last: null };
    expect(read({}, before)).toMatchObject({ order: null, errors: { size: "paper.error.noBar" } });
    expect(read({ unit: "quote" }, before).quantity).toBeNull();
  });
});

describe("price", () => {
  it.each([
    ["limit", "buy", "", "paper.error.price.missing"],
    ["limit", "buy", "x", "paper.error.price.number"],
    ["limit", "sell", "0", "paper.error.price.number"],
    ["stop", "buy", "100", "paper.error.trigger.buy"],
    ["stop", "sell", "100", "paper.error.trigger.sell"],
    ["stop", "buy", "101", undefined],
    ["stop", "sell", "99", undefined],
    ["limit", "buy", "99", undefined],
    ["market", "buy", "x", undefined],
  ] as const)("%s %s at %s", (kind, side, price, error) => {
    const reading = read({ kind, side, price });
    expect(reading.errors.price).toBe(error);
    expect(reading.order === null).toBe(error !== undefined);
  });

  it("of an order that waits is held to the same", () => {
    expect(orderPriceError({ side: "buy", kind: "stop" }, "99", 100)).toBe("paper.error.trigger.buy");
    expect(orderPriceError({ side: "buy", kind: "stop" }, "101", 100)).toBeNull();
    expect(orderPriceError({ side: "buy", kind: "limit" }, "", 100)).toBe("paper.error.price.missing");
  });
});

describe("stop and target", () => {
  it("lie on the losing and the winning side", () => {
    expect(read({ stop: "99", target: "101" }).order).toMatchObject({ stop: 99, target: 101 });
    expect(read({ stop: "100", target: "100" }).errors).toEqual({
      stop: "paper.error.stop.buy",
      target: "paper.error.target.buy",
    });
    expect(read({ side: "sell", stop: "101", target: "99" }).order).toMatchObject({ stop: 101, target: 99 });
    expect(read({ side: "sell", stop: "99", target: "101" }).errors).toEqual({
      stop: "paper.error.stop.sell",
      target: "paper.error.target.sell",
    });
  });

  it("are measured where the order is going to fill", () => {
    expect(read({ kind: "limit", price: "90", stop: "95" }).errors.stop).toBe("paper.error.stop.buy");
    expect(read({ kind: "limit", price: "90", stop: "85", target: "95" }).order).not.toBeNull();
    // The market has passed this limit: it fills near 100.
    expect(read({ kind: "limit", price: "110", stop: "105" }).errors.stop).toBe("paper.error.stop.buy");
    expect(read({ kind: "stop", price: "110", stop: "105" }).order).not.toBeNull();
  });

  it("must be prices", () => {
    expect(read({ stop: "0", target: "high" }).errors).toEqual({
      stop: "paper.error.stop.number",
      target: "paper.error.target.number",
    });
  });

  it("of a position are measured at the last close and can be taken away", () => {
    expect(bracketError("buy", "stop", "99", 100)).toBeNull();
    expect(bracketError("buy", "stop", "100", 100)).toBe("paper.error.stop.buy");
    expect(bracketError("sell", "target", "101", 100)).toBe("paper.error.target.sell");
    expect(bracketError("sell", "stop", "1x", 100)).toBe("paper.error.stop.number");
    expect(bracketError("sell", "stop", " ", 100)).toBeNull();
  });
});

describe("the quick ticket", () => {
  beforeEach(() => ticketSize.reset());

  it("has the size of the ticket before", () => {
    expect(quickTicket("sell", FLAT, 0).order).toEqual({
      side: "sell",
      kind: "market",
      quantity: 10,
      price: null,
      stop: null,
      target: null,
    });
    ticketSize.setState({ unit: "quote", size: "300" });
    expect(quickTicket("buy", FLAT, 0).order?.quantity).toBe(3);
  });

  it("is refused like any other", () => {
    ticketSize.setState({ unit: "base", size: "101" });
    expect(quickTicket("buy", FLAT, 0)).toMatchObject({ order: null, errors: { size: "paper.error.size.large" } });
  });
});
