// @vitest-environment jsdom
import { act, useState } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChartFormats } from "../../../chart/types";
import { PaperAccount, type PaperBar, STANDARD_SETUP } from "./engine";
import OrdersPanel, { type OrdersPanelProps } from "./OrdersPanel";
import { sessionOf } from "./session";
import { ticketSize } from "./ticket";

const iso = (time: number) => new Date(time * 1_000).toISOString().slice(0, 16).replace("T", " ");
const signed = (value: number) => `${value > 0 ? "+" : ""}${value.toFixed(2)}`.replace("-", "−");
const formats: ChartFormats = {
  price: (value) => value.toFixed(1),
  change: signed,
  percent: (value) => `${signed(value)}%`,
  volume: String,
  dateTime: iso,
  moment: iso,
  range: (from, to) => `${iso(from)}–${iso(to).slice(11)}`,
  duration: String,
};

const bar = (time: number, price: number): PaperBar => ({ time, open: price, high: price, low: price, close: price });

let account: PaperAccount;
let root: Root;
let node: HTMLElement;
let refresh: () => void;
const spies = { onExport: vi.fn(), onResume: vi.fn(), onNew: vi.fn(), onShowTime: vi.fn() };

/** The panel as the replay uses it: what it asks for is done to an account, and shown. */
function Desk(props: Partial<OrdersPanelProps>) {
  const [, turn] = useState(0);
  refresh = () => turn((n) => n + 1);
  return (
    <OrdersPanel
      state={account.state()}
      setup={account.setup}
      last={account.state().last}
      base="BTC"
      quote="USDT"
      formats={formats}
      sessions={[]}
      current=""
      onAct={(command) => {
        account.act(command);
        refresh();
      }}
      onSetup={(setup) => {
        account.change(setup);
        refresh();
      }}
      {...spies}
      {...props}
    />
  );
}

function show(props: Partial<OrdersPanelProps> = {}): void {
  act(() => root.render(<Desk {...props} />));
}

function play(...bars: readonly PaperBar[]): void {
  act(() => {
    account.advance(bars);
    refresh();
  });
}

function one<T extends HTMLElement = HTMLElement>(selector: string): T {
  const found = node.querySelectorAll<T>(selector);
  expect([selector, found.length]).toEqual([selector, 1]);
  return found[0] as T;
}

const click = (selector: string) => act(() => one(selector).click());
const text = (selector: string) => one(selector).textContent;

/** Types into a field as a person does: React hears of the change. */
function type(selector: string, value: string): HTMLInputElement {
  const field = one<HTMLInputElement>(selector);
  const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set;
  act(() => {
    field.focus();
    set?.call(field, value);
    field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
  });
  return field;
}

function press(field: HTMLElement, key: string): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  act(() => {
    field.dispatchEvent(event);
  });
  return event;
}

const TICKET = '[data-testid="paper-ticket"]';
const choose = (label: string) => act(() => one(`${TICKET} input[type=radio][value=${label}]`).click());
const kind = (value: string) => type(`${TICKET} select[aria-label="Kind"]`, value);
const unit = (value: string) => type(`${TICKET} select[aria-label="Size in"]`, value);
const fill = (name: string, value: string) => type(`${TICKET} [data-field=${name}]`, value);

beforeEach(() => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  ticketSize.reset();
  for (const spy of Object.values(spies)) spy.mockReset();
  account = new PaperAccount(STANDARD_SETUP);
  account.advance([bar(0, 100)]);
  node = document.body.appendChild(document.createElement("div"));
  root = createRoot(node);
});

afterEach(() => {
  act(() => root.unmount());
  node.remove();
});

describe("the empty panel", () => {
  it("says in words what is not there, and prints the rules", () => {
    show();
    expect(one('[data-panel="orders"]').dataset).toMatchObject({ state: "empty", rows: "0" });
    for (const part of ["position", "orders", "trades"]) {
      expect(text(`[data-testid="paper-${part}"] p`)?.length).toBeGreaterThan(10);
    }
    expect(text('[data-testid="paper-rules"] summary')).toContain("next open");
    expect(node.querySelectorAll('[data-testid="paper-rules"] li')).toHaveLength(11);
    expect(one<HTMLButtonElement>('[data-cmd="paper.export"]').disabled).toBe(true);
  });

  it("every button has its command and a name", () => {
    account.act({
      kind: "place",
      order: { side: "buy", kind: "market", quantity: 1, price: null, stop: null, target: null },
    });
    account.advance([bar(60, 100)]);
    account.act({ kind: "closeAll" });
    account.advance([bar(120, 100)]);
    account.act({
      kind: "place",
      order: { side: "buy", kind: "limit", quantity: 1, price: 90, stop: 80, target: null },
    });
    show();
    const buttons = [...node.querySelectorAll("button")];
    expect(buttons.map((button) => button.dataset.cmd).sort()).toEqual(
      ["paper.cancel", "paper.export", "paper.new", "paper.place", "paper.show"].sort(),
    );
    const nameless = buttons.filter((button) => !(button.ariaLabel ?? button.textContent));
    expect(nameless).toEqual([]);
  });
});

describe("the ticket", () => {
  it("places an order that fills at the next open", () => {
    show();
    unit("quote");
    fill("size", "1,000");
    fill("stop", "95");
    expect(text(`${TICKET} [role=status]`)).toBe("Opens a position worth 1,000.00 USDT");
    expect(text('[data-cmd="paper.place"]')).toBe("Buy 10 BTC");
    click('[data-cmd="paper.place"]');
    expect(text(`${TICKET} [role=status]`)).toContain("Placed");
    expect(text('[data-testid="paper-orders"] tbody tr')).toContain("next open");
    play(bar(60, 101));
    expect(one('[data-testid="paper-position"] [data-side]').dataset).toMatchObject({ side: "long", quantity: "10" });
    expect(node.querySelector('[data-testid="paper-orders"] tbody')).toBeNull();
    play(bar(120, 99));
    expect(text('[data-metric="unrealised"]')).toContain("−20.00 (−1.98%)");
  });

  it("says beside the button what is wrong, and places nothing", () => {
    show();
    fill("size", "");
    expect(node.querySelector(`${TICKET} [role=alert]`)).toBeNull();
    click('[data-cmd="paper.place"]');
    expect(text(`${TICKET} [role=alert]`)).toBe("Enter a size.");
    const size = fill("size", "101");
    unit("base");
    expect(size.getAttribute("aria-invalid")).toBe("true");
    const note = document.getElementById(size.getAttribute("aria-describedby") ?? "");
    expect(note?.textContent).toContain("without borrowing");
    click('[data-cmd="paper.place"]');
    expect(account.actions).toEqual([]);
  });

  it("asks a limit and a stop for their price, and checks the bracket by the side", () => {
    show();
    expect(node.querySelector(`${TICKET} [data-field=price]`)).toBeNull();
    choose("sell");
    kind("limit");
    fill("price", "110");
    fill("stop", "105");
    expect(text(`${TICKET} [role=status]`)).toContain("short position lies above");
    fill("stop", "115");
    fill("target", "90");
    click('[data-cmd="paper.place"]');
    expect(account.state().orders).toMatchObject([{ side: "sell", kind: "limit", price: 110, stop: 115, target: 90 }]);
  });

  it("remembers its size on this device", () => {
    show();
    unit("base");
    fill("size", "0.25");
    expect(JSON.parse(localStorage.getItem("tc:v1:paper-ticket") ?? "")).toEqual({ unit: "base", size: "0.25" });
  });
});

describe("orders and position", () => {
  const order = { side: "buy", kind: "limit", quantity: 1, price: 90, stop: null, target: null } as const;

  it("an order is cancelled and its price edited in its row", () => {
    account.act({ kind: "place", order });
    account.act({ kind: "place", order: { ...order, kind: "stop", price: 110 } });
    show();
    const rows = '[data-testid="paper-orders"] tbody tr';
    const field = type(`${rows}[data-key="2"] input`, "99");
    press(field, "Enter");
    expect(text(`${rows}[data-key="2"] [role=alert]`)).toContain("above the last close");
    expect(press(field, "Escape").defaultPrevented).toBe(true);
    expect(field.value).toBe("110.0");
    expect(press(field, "Escape").defaultPrevented).toBe(false);
    press(type(`${rows}[data-key="2"] input`, "120"), "Enter");
    expect(account.state().orders).toMatchObject([{ price: 90 }, { price: 120 }]);
    click(`${rows}[data-key="1"] [data-cmd="paper.cancel"]`);
    expect(account.state().orders).toMatchObject([{ id: 2 }]);
    expect(node.querySelectorAll(rows)).toHaveLength(1);
  });

  it("stop and target are edited where they stand, and emptied to take them away", () => {
    account.act({ kind: "place", order: { ...order, kind: "market", price: null, stop: 95 } });
    account.advance([bar(60, 100)]);
    show();
    press(type('[data-cmd="paper.move.target"]', "130"), "Enter");
    press(type('[data-cmd="paper.move.stop"]', "101"), "Enter");
    expect(account.state().position).toMatchObject({ stop: 95, target: 130 });
    const stop = type('[data-cmd="paper.move.stop"]', "");
    act(() => stop.blur());
    expect(account.state().position).toMatchObject({ stop: null, target: 130 });
  });

  it("leaving a field with something wrong in it changes nothing", () => {
    account.act({ kind: "place", order: { ...order, kind: "market", price: null, stop: 95 } });
    account.advance([bar(60, 100)]);
    show();
    const stop = type('[data-cmd="paper.move.stop"]', "abc");
    act(() => stop.blur());
    expect(stop.value).toBe("95.0");
    expect(account.state().position?.stop).toBe(95);
  });

  it("the position is closed at the next open, which can be taken back before", () => {
    account.act({ kind: "place", order: { ...order, kind: "market", price: null } });
    account.advance([bar(60, 100)]);
    show();
    click('[data-cmd="paper.close"]');
    expect(one('[data-cmd="paper.close"]').getAttribute("aria-pressed")).toBe("true");
    click('[data-cmd="paper.close"]');
    expect(account.state().closing).toBeNull();
    click('[data-cmd="paper.close"]');
    play(bar(120, 110));
    expect(node.querySelector('[data-cmd="paper.close"]')).toBeNull();
    expect(one('[data-panel="orders"]').dataset).toMatchObject({ state: "ready", rows: "1" });
    const row = text('[data-testid="paper-trades"] tbody tr');
    expect(row).toContain("1970-01-01 00:01–00:02");
    expect(row).toContain("+9.90");
    click('[data-cmd="paper.show"]');
    expect(spies.onShowTime).toHaveBeenCalledWith(60);
    expect(one('[data-metric="sum"]').dataset.value).toBe(String(account.state().statistics.sum));
    expect(text('[data-metric="winRate"] dd')).toBe("100.00%");
  });
});

describe("the account", () => {
  it("start and fee are edited, and counted from the beginning", () => {
    show();
    press(type('[data-cmd="paper.cash"]', "500"), "Enter");
    press(type('[data-cmd="paper.fee"]', "0.1"), "Enter");
    expect(account.setup).toEqual({ cash: 500, feePercent: 0.1 });
    expect(one('[data-metric="equity"]').dataset.value).toBe("500");
    press(type('[data-cmd="paper.cash"]', "0"), "Enter");
    press(type('[data-cmd="paper.fee"]', "11"), "Enter");
    expect(account.setup).toEqual({ cash: 500, feePercent: 0.1 });
    expect(node.querySelectorAll('[data-testid="paper-account"] [role=alert]')).toHaveLength(1);
  });

  it("sessions are exported, the one at hand and kept ones, and a new one is started", () => {
    account.act({
      kind: "place",
      order: { side: "buy", kind: "market", quantity: 1, price: null, stop: null, target: null },
    });
    account.advance([bar(60, 100)]);
    const about = {
      id: "a",
      series: "binance:spot:BTC/USDT:1m",
      startedAtMs: 0,
      setup: STANDARD_SETUP,
      from: 0,
      to: 60,
    };
    const kept = sessionOf(about, account.actions, account.state());
    show({ sessions: [kept, { ...kept, id: "b" }], current: "b" });
    click('[data-cmd="paper.export"]');
    expect(spies.onExport).toHaveBeenLastCalledWith();
    expect(text('[data-testid="paper-sessions"] summary')).toBe("2 kept sessions");
    expect(text('[data-testid="paper-sessions"] [data-key="a"]')).toContain("0 trades, long");
    click('[data-key="a"] [data-cmd="paper.resumeSession"]');
    expect(spies.onResume).toHaveBeenLastCalledWith("a");
    expect(one<HTMLButtonElement>('[data-key="b"] [data-cmd="paper.resumeSession"]').disabled).toBe(true);
    click('[data-key="a"] [data-cmd="paper.exportSession"]');
    expect(spies.onExport).toHaveBeenLastCalledWith("a");
    click('[data-cmd="paper.new"]');
    expect(spies.onNew).toHaveBeenCalledOnce();
  });
});
