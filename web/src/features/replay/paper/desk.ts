/** Keeps a paper account in step with a replay: every bar that passes is played, none is left out. */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { ApiClient } from "../../../api/client";
import { listingKey } from "../../../api/series";
import type { Candle } from "../../../api/types";
import type { ReplayController } from "../controller";
import { endingWith, lengthOf, timeframeOf } from "../passed";
import { putAtHand } from "./at-hand";
import { PaperAccount, type PaperBar, type PaperCommand, type PaperSetup, type PaperState } from "./engine";
import { keepSession, type PaperSession, sessionOf } from "./session";

/** What a paper account stands for. */
export interface PaperPicture {
  readonly state: PaperState;
  readonly setup: PaperSetup;
  /** Bars that were jumped over are being played. */
  readonly catchingUp: boolean;
  /** They could not be read; the account stands before the chart. */
  readonly failed: boolean;
}

export interface DeskOptions {
  readonly api: Pick<ApiClient, "candles">;
  /** The candles that the account plays, whatever timeframe of the market is on the chart. */
  readonly seriesId: string;
  readonly setup: PaperSetup;
  /** A kept session that goes on; its series and setup are those above. */
  readonly session?: PaperSession;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

type Followed = Pick<
  ReplayController,
  "seriesId" | "standing" | "newest" | "price" | "onPassage" | "onFrame" | "picture"
>;

/** Bars read at once: the most that the server gives. */
const PAGE_BARS = 5_000;

export class PaperDesk {
  readonly seriesId: string;
  /** The series without its timeframe. */
  readonly market: string;
  readonly picture: StoreApi<PaperPicture>;
  private readonly options: DeskOptions;
  private account: PaperAccount;
  private startedAtMs: number;
  private startedAt: number | null = null;
  private followed: Followed | null = null;
  private stops: readonly (() => void)[] = [];
  private reading: AbortController | null = null;
  private failed = false;
  /** The candle to which everything was played, if the newest of them is older; seconds. */
  private played: number | null = null;
  private fills = 0;
  private ended = false;

  constructor(options: DeskOptions) {
    this.options = options;
    this.seriesId = options.seriesId;
    this.market = listingKey(options.seriesId);
    this.account = new PaperAccount(options.setup, options.session?.actions);
    this.startedAtMs = options.session?.startedAtMs ?? options.now();
    this.startedAt = options.session?.from ?? null;
    this.picture = createStore<PaperPicture>(() => this.now());
  }

  /** Goes along with a replay of the market. */
  follow(controller: Followed): void {
    if (this.followed === controller || listingKey(controller.seriesId) !== this.market) return;
    this.rest();
    this.followed = controller;
    this.reach();
    const same = controller.seriesId === this.seriesId;
    this.stops = [
      controller.onPassage(({ from, candles }) => {
        if (same && candles !== null && from === this.account.time && this.reading === null) {
          this.account.advance(candles.map(barOf));
        } else this.reach();
      }),
      controller.onFrame(() => this.reach()),
      controller.picture.subscribe(() => this.publish()),
    ];
    this.publish();
  }

  /** Goes along with nothing, until another replay of the market is there. */
  rest(): void {
    for (const stop of this.stops) stop();
    this.stops = [];
    this.reading?.abort();
    this.reading = null;
    this.followed = null;
  }

  /** The account right now, also between two pictures. */
  state(): PaperState {
    return this.account.state();
  }

  act(command: PaperCommand): void {
    if (this.account.act(command) === null) return;
    this.keep();
    this.publish();
  }

  change(setup: PaperSetup): void {
    this.account.change(setup);
    this.keep();
    this.publish();
  }

  /** Plays the bars that could not be read before. */
  retry(): void {
    this.failed = false;
    this.reach();
    this.publish();
  }

  /** Keeps this session and begins another one here. */
  renew(): void {
    this.keep();
    this.account = new PaperAccount(this.account.setup);
    this.startedAtMs = this.options.now();
    this.startedAt = null;
    this.fills = 0;
    this.putAtHand();
    this.reach();
    this.publish();
  }

  /** The session as it would be kept now. */
  session(state: PaperState = this.state()): PaperSession {
    const { id, seriesId, startedAtMs, startedAt } = this;
    const { setup, actions, now } = this.account;
    const about = { id, series: seriesId, startedAtMs, setup };
    return sessionOf({ ...about, from: startedAt ?? now ?? 0, to: now ?? startedAt ?? 0 }, actions, state);
  }

  get id(): string {
    return `${this.seriesId}@${this.startedAtMs}`;
  }

  /** A reload of the page goes on with this session. */
  putAtHand(): void {
    putAtHand(this.id);
  }

  /** Keeps the session as it stands; it goes on. */
  save(): void {
    this.keep();
  }

  /** The end of the session: with its position closed at the last close, or as it stands. */
  end(how: "close" | "keep"): void {
    if (!this.ended) putAtHand(null);
    this.keep(how === "close" ? this.account.settled() : this.state());
    this.ended = true;
  }

  private keep(state: PaperState = this.state()): void {
    this.fills = state.fills.length;
    if (this.ended) return;
    keepSession(this.session(state));
  }

  /** Moves the account to what is known on the chart. */
  private reach(): void {
    const to = this.goal();
    if (to === null) return;
    if (this.account.time !== null && to < this.account.time) {
      this.account.rewind(to);
      this.played = null;
      this.failed = false;
    }
    if (this.account.time !== to && (this.played ?? to - 1) < to) this.playTo(to);
    this.startedAt ??= to;
    this.account.moveTo(to);
  }

  private playTo(to: number): void {
    if (this.since() === null || this.account.isIdleTo(to)) {
      const price = this.followed?.price() ?? null;
      if (price !== null) this.account.advance([{ time: to, open: price, high: price, low: price, close: price }]);
    } else if (this.reading === null && !this.failed) void this.catchUp();
  }

  private async catchUp(): Promise<void> {
    const mine = new AbortController();
    this.reading = mine;
    this.publish();
    try {
      for (let goal = this.ahead(); goal !== null; goal = this.ahead()) {
        const since = this.since() ?? 0;
        const query = { series_id: this.seriesId, since, limit: PAGE_BARS };
        const { candles } = await this.options.api.candles(query, mine.signal);
        if (this.reading !== mine) return;
        // It may have stepped back meanwhile; then these bars do not follow.
        const to = this.ahead();
        if (to === null || this.since() !== since) continue;
        const bars = candles.map(barOf).filter(({ time }) => time <= to);
        this.account.advance(bars);
        // Nothing more, or only what is beyond the goal: these were all.
        if (bars.length === 0 || bars.length < candles.length) this.played = to;
        this.publish();
      }
    } catch {
      if (this.reading !== mine) return;
      this.failed = true;
    }
    this.reading = null;
    const to = this.goal();
    if (to !== null) this.account.moveTo(to);
    this.publish();
  }

  /** The candle after which bars are missing, seconds; null: the session begins. */
  private since(): number | null {
    const { time } = this.account;
    if (time !== null) return time;
    const { session } = this.options;
    return session && session.from === this.startedAt ? session.from - this.length : null;
  }

  /** The candle to play to that is still ahead; null: everything is played. */
  private ahead(): number | null {
    const to = this.goal();
    return to !== null && to > (this.since() ?? to) && to > (this.played ?? to - 1) ? to : null;
  }

  /** The candle of the account that has just passed on the chart, seconds; null while nothing is shown. */
  private goal(): number | null {
    const { followed } = this;
    if (followed === null || followed.newest() === null) return null;
    return endingWith(followed.standing(), timeframeOf(this.seriesId)).time;
  }

  private get length(): number {
    return lengthOf(timeframeOf(this.seriesId));
  }

  private now(): PaperPicture {
    const { setup } = this.account;
    return { state: this.account.state(), setup, catchingUp: this.reading !== null, failed: this.failed };
  }

  private publish(): void {
    const next = this.now();
    if (next.state.fills.length > this.fills) this.keep(next.state);
    const before = this.picture.getState();
    const same =
      next.state === before.state &&
      next.setup === before.setup &&
      next.catchingUp === before.catchingUp &&
      next.failed === before.failed;
    if (!same) this.picture.setState(next, true);
  }
}

function barOf({ candle_time: time, open, high, low, close }: Candle): PaperBar {
  return { time, open, high, low, close };
}
