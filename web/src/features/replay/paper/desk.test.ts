import { beforeEach, describe, expect, it } from "vitest";
import { createStore } from "zustand/vanilla";
import type { Candle, CandlesResponse } from "../../../api/types";
import type { Passage } from "../../../feed/replay/telling";
import { PaperDesk } from "./desk";
import { type PaperCommand, STANDARD_SETUP } from "./model";
import { type PaperSession, paperSessions } from "./session";

const SERIES = "binance:futures:BTC/USDT:1m";

/** Prices that move by one per bar; bar n opens at 60 n and closes at 101 + n. */
function candle(index: number): Candle {
  const open = 100 + index;
  return { candle_time: index * 60, open, high: open + 1.5, low: open - 0.5, close: open + 1, volume: 1 };
}

const BUY: PaperCommand = {
  kind: "place",
  order: { side: "buy", kind: "market", quantity: 1, price: null, stop: null, target: null },
};

/** A replay that stands where the test puts it. */
class Stand {
  at = 0;
  readonly told: ((passage: Passage) => void)[] = [];
  readonly frames: (() => void)[] = [];
  readonly picture = createStore(() => ({ n: 0 }));
  newestIndex: number;
  readonly seriesId: string;

  constructor(index: number, seriesId = SERIES) {
    this.seriesId = seriesId;
    this.newestIndex = index;
    this.at = index * 60;
  }

  asController() {
    return {
      seriesId: this.seriesId,
      standing: () => ({ time: this.at, timeframe: "1m" }),
      price: () => candle(this.at / 60).close,
      newest: () => candle(this.newestIndex),
      onPassage: (listener: (passage: Passage) => void) => listen(this.told, listener),
      onFrame: (listener: () => void) => listen(this.frames, listener),
      picture: this.picture,
    } as never;
  }

  /** Plays on, bar by bar, as one delta. */
  play(to: number): void {
    const from = this.newestIndex;
    this.stand(to);
    const candles = Array.from({ length: to - from }, (_, n) => candle(from + 1 + n));
    this.tell({ from: from * 60, to: to * 60, candles });
  }

  /** Goes elsewhere: nothing is said of the bars between. */
  seek(to: number): void {
    const from = this.newestIndex;
    this.stand(to);
    this.tell({ from: from * 60, to: to * 60, candles: null });
  }

  /** A part of the next bar has passed. */
  form(at: number): void {
    this.at = at;
    for (const listener of this.frames) listener();
    this.picture.setState({ n: this.picture.getState().n + 1 });
  }

  private stand(to: number): void {
    this.newestIndex = to;
    this.at = to * 60;
  }

  private tell(passage: Passage): void {
    for (const listener of this.told) listener(passage);
    this.form(this.at);
  }
}

function listen<T>(list: T[], listener: T): () => void {
  list.push(listener);
  return () => list.splice(list.indexOf(listener), 1);
}

interface Answer {
  readonly since: number;
  readonly give: (candles: readonly Candle[]) => Promise<void>;
  readonly fail: () => Promise<void>;
}

function deskAt(index: number, session?: PaperSession) {
  const asked: Answer[] = [];
  const stand = new Stand(index);
  const desk = new PaperDesk({
    api: {
      candles: (query) =>
        new Promise<CandlesResponse>((resolve, reject) => {
          const settle = () => new Promise<void>((done) => setTimeout(done, 0));
          asked.push({
            since: query.since ?? 0,
            give: (candles) => {
              resolve({ candles } as CandlesResponse);
              return settle();
            },
            fail: () => {
              reject(new Error("no connection"));
              return settle();
            },
          });
        }),
    },
    seriesId: SERIES,
    setup: { ...STANDARD_SETUP, feePercent: 0 },
    ...(session && { session }),
    now: () => 1_700_000_000_000,
  });
  desk.follow(stand.asController());
  return { desk, stand, asked };
}

const between = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => candle(from + 1 + n));

describe("an account that goes along with a replay", () => {
  beforeEach(() => paperSessions.reset());

  it("fills at the open of the next bar and runs with the closes", () => {
    const { desk, stand } = deskAt(10);
    desk.act(BUY);
    expect(desk.picture.getState().state.orders).toHaveLength(1);
    stand.play(11);
    expect(desk.state().position).toMatchObject({ entryPrice: 111, unrealised: 1 });
    stand.play(15);
    expect(desk.picture.getState().state.position?.unrealised).toBe(5);
  });

  it("takes back what a step back undoes, and brings it again", () => {
    const { desk, stand } = deskAt(10);
    desk.act(BUY);
    stand.play(13);
    const then = desk.state();
    stand.seek(10);
    expect([desk.state().fills.length, desk.state().orders.length]).toEqual([0, 1]);
    stand.seek(9);
    expect([desk.state().fills.length, desk.state().orders.length]).toEqual([0, 0]);
    stand.play(13);
    expect(desk.state()).toEqual(then);
  });

  it("reads the bars that were jumped over when something could fill in them, and only then", async () => {
    const { desk, stand, asked } = deskAt(10);
    stand.seek(500);
    expect(asked).toHaveLength(0);
    expect(desk.state().time).toBe(500 * 60);
    desk.act(BUY);
    stand.seek(700);
    expect(asked.map(({ since }) => since)).toEqual([500 * 60]);
    expect(desk.picture.getState().catchingUp).toBe(true);
    await asked[0]?.give(between(500, 600));
    await asked[1]?.give(between(600, 800));
    expect(desk.state().time).toBe(700 * 60);
    expect(desk.state().position?.entryPrice).toBe(601);
    expect(desk.picture.getState().catchingUp).toBe(false);
  });

  it("what was read for a place that was left again is not played", async () => {
    const { desk, stand, asked } = deskAt(10);
    desk.act(BUY);
    stand.play(20);
    stand.seek(60);
    stand.seek(15);
    expect(desk.state().time).toBe(15 * 60);
    await asked[0]?.give(between(20, 80));
    expect(desk.state().time).toBe(15 * 60);
    stand.play(16);
    expect(desk.state().position?.unrealised).toBe(6);
  });

  it("waits where it stands when the bars cannot be read, until it is told to try again", async () => {
    const { desk, stand, asked } = deskAt(10);
    desk.act(BUY);
    stand.seek(50);
    await asked[0]?.fail();
    expect(desk.picture.getState()).toMatchObject({ failed: true, catchingUp: false });
    stand.play(51);
    expect(asked).toHaveLength(1);
    desk.retry();
    await asked[1]?.give(between(10, 60));
    expect(desk.picture.getState().failed).toBe(false);
    expect(desk.state().time).toBe(51 * 60);
  });

  it("plays its own candles while a longer timeframe is on the chart", async () => {
    const { desk, stand, asked } = deskAt(10);
    desk.act(BUY);
    stand.play(12);
    desk.rest();
    const hours = new Stand(12, SERIES.replace(":1m", ":1h"));
    desk.follow(hours.asController());
    expect(desk.state().position).toMatchObject({ entryPrice: 111, unrealised: 2 });
    hours.form(15 * 60);
    expect(asked.map(({ since }) => since)).toEqual([12 * 60]);
    // What is done meanwhile counts from what is seen.
    desk.act({ kind: "closeAll" });
    await asked[0]?.give(between(12, 30));
    expect(desk.state()).toMatchObject({ time: 15 * 60, position: { unrealised: 5 } });
    expect(desk.state().closing).not.toBeNull();
    hours.form(16 * 60);
    await asked[1]?.give(between(15, 16));
    expect(desk.state().trades).toMatchObject([{ entryPrice: 111, exitPrice: 116 }]);
    hours.form(14 * 60);
    expect(desk.state()).toMatchObject({ time: 14 * 60, position: { unrealised: 4 }, closing: null });
  });

  it("asks once for candles that are not stored", async () => {
    const { desk, asked } = deskAt(10);
    desk.act(BUY);
    desk.rest();
    const hours = new Stand(10, SERIES.replace(":1m", ":1h"));
    desk.follow(hours.asController());
    hours.form(20 * 60);
    await asked[0]?.give(between(10, 15));
    await asked[1]?.give([]);
    hours.form(20 * 60);
    expect(asked).toHaveLength(2);
    expect(desk.state().time).toBe(15 * 60);
    expect(desk.picture.getState().catchingUp).toBe(false);
  });

  it("goes along with no other market", () => {
    const { desk } = deskAt(10);
    desk.follow(new Stand(20, "binance:spot:ETH/USDT:1m").asController());
    expect(desk.state().time).toBe(10 * 60);
  });

  it("goes on when another replay of the series takes over", () => {
    const { desk, stand } = deskAt(10);
    desk.act(BUY);
    stand.play(12);
    desk.rest();
    stand.play(13);
    expect(desk.state().time).toBe(12 * 60);
    const next = new Stand(12);
    desk.follow(next.asController());
    next.play(14);
    expect(desk.state().position?.unrealised).toBe(4);
  });
});

describe("its session", () => {
  beforeEach(() => paperSessions.reset());

  it("is kept with every fill and closed at the last close at its end", () => {
    const { desk, stand } = deskAt(10);
    desk.act(BUY);
    stand.play(12);
    expect(paperSessions.getState().sessions[0]).toMatchObject({ series: SERIES, from: 600, to: 720, result: 2 });
    stand.play(20);
    desk.end("close");
    const [kept] = paperSessions.getState().sessions;
    expect(kept?.trades).toMatchObject([{ entryPrice: 111, exitPrice: 121, result: 10 }]);
    desk.end("keep");
    desk.save();
    expect(paperSessions.getState().sessions).toEqual([kept]);
  });

  it("goes on after it was saved", () => {
    const { desk, stand } = deskAt(10);
    desk.act(BUY);
    desk.save();
    stand.play(12);
    expect(paperSessions.getState().sessions[0]).toMatchObject({ to: 720, result: 2 });
  });

  it("another one begins with the same money, and the first stays", () => {
    const { desk, stand } = deskAt(10);
    desk.change({ cash: 5_000, feePercent: 0 });
    desk.act(BUY);
    stand.play(12);
    desk.renew();
    expect(desk.state()).toMatchObject({ equity: 5_000, position: null, time: 720 });
    expect(paperSessions.getState().sessions).toHaveLength(1);
  });

  it("goes on from its beginning, with everything that was done in it", async () => {
    const { desk, stand } = deskAt(10);
    desk.act(BUY);
    stand.play(12);
    desk.act({ kind: "closeAll" });
    desk.end("keep");
    const [kept] = paperSessions.getState().sessions;
    expect(kept).toMatchObject({ position: "long", to: 720 });
    const again = deskAt(12, kept);
    expect(again.asked.map(({ since }) => since)).toEqual([9 * 60]);
    await again.asked[0]?.give(between(9, 40));
    expect(again.desk.state()).toEqual(desk.state());
    again.stand.play(13);
    expect(again.desk.state().trades).toMatchObject([{ entryPrice: 111, exitPrice: 113 }]);
    // It is the same session.
    expect(paperSessions.getState().sessions).toMatchObject([{ id: kept?.id, position: null, from: 600, to: 780 }]);
  });
});
