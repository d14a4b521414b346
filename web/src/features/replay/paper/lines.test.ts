import { describe, expect, it } from "vitest";
import { isMovable, lineAt, moveTo, priceLines } from "./lines";
import type { PaperOrder, PaperPosition } from "./model";

const POSITION: PaperPosition = {
  ...{ side: "short", quantity: 2, entryPrice: 100, entryTime: 60 },
  ...{ stop: 110, target: 80, unrealised: 0, fees: 0 },
};
const ORDER: PaperOrder = {
  ...{ id: 7, side: "buy", kind: "limit", quantity: 1, price: 95 },
  ...{ stop: null, target: null, placedAt: 120 },
};
const lines = priceLines({ position: POSITION, orders: [ORDER, { ...ORDER, id: 8, kind: "market", price: null }] });
const byKey = (key: string) => lines.find((line) => line.key === key) as (typeof lines)[number];

describe("lines of the account", () => {
  it("are those of the position and of what waits at a price", () => {
    expect(lines.map(({ key, price, result }) => [key, price, result])).toEqual([
      ["entry", 100, null],
      ["stop", 110, -20],
      ["target", 80, 40],
      ["order:7", 95, null],
    ]);
    expect(lines.filter(isMovable).map(({ key }) => key)).toEqual(["stop", "target", "order:7"]);
  });

  it("the nearest movable one within reach is pointed at", () => {
    const yOf = (price: number) => 200 - price;
    expect(lineAt(lines, 103, 5, yOf)?.key).toBe("order:7");
    expect(lineAt(lines, 100, 4, yOf)).toBeNull();
    expect(lineAt(lines, 90, 5, () => null)).toBeNull();
  });

  it("go only where they make sense", () => {
    expect(moveTo(byKey("order:7"), "96", 96, 101)).toEqual({ kind: "move", what: "order", orderId: 7, price: 96 });
    expect(moveTo(byKey("stop"), "105", 105, 101)).toEqual({ kind: "move", what: "stop", price: 105 });
    expect(moveTo(byKey("stop"), "100.5", 100.5, 101)).toBeNull();
    expect(moveTo(byKey("target"), "102", 102, 101)).toBeNull();
    expect(moveTo(byKey("entry"), "99", 99, 101)).toBeNull();
  });
});
