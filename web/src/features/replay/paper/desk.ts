/** Keeps a paper account in step with a replay: every bar that passes is played, none is left out. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { ApiClient } from "../../../api/client";
import type { Candle } from "../../../api/types";
import type { ReplayController } from "../controller";
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
  readonly seriesId: string;
  readonly setup: PaperSetup;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

type Followed = Pick<ReplayController, "at" | "newest" | "onPassage" | "onFrame" | "picture">;

/** Bars read at once: the most that the server gives. */
const PAGE_BARS = 5_000;

export class PaperDesk {
  readonly seriesId: string;
  readonly picture: StoreApi<PaperPicture>;
  private readonly options: DeskOptions;
  private account: PaperAccount;
  private startedAtMs: number;
  private startedAt: number | null = null;
  private followed: Followed | null = null;
  private stops: readonly (() => void)[] = [];
  private reading: AbortController | null = null;
  private failed = false;
  private fills = 0;
  private ended = false;

  constructor(options: DeskOptions) {
    this.options = options;
    this.seriesId = options.seriesId;
    this.account = new PaperAccount(options.setup);
    this.startedAtMs = options.now();
    this.picture = createStore<PaperPicture>(() => this.now());
  }

  /** Goes along with a replay of the series. */
  follow(controller: Followed): void {
    if (this.followed === controller) return;
    this.rest();
    this.followed = controller;
    this.reach();
    this.stops = [
      controller.onPassage(({ from, candles }) => {
        if (candles !== null && from === this.account.time && this.reading === null) {
          this.account.advance(candles.map(barOf));
        } else this.reach();
      }),
      controller.onFrame(() => this.account.moveTo(controller.at())),
      controller.picture.subscribe(() => this.publish()),
    ];
    this.publish();
  }

  /** Goes along with nothing, until another replay of the series is there. */
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
    this.reach();
    this.publish();
  }

  /** The session as it would be kept now. */
  session(state: PaperState = this.state()): PaperSession {
    const { seriesId, startedAtMs, startedAt } = this;
    const { setup, actions } = this.account;
    const about = { id: `${seriesId}@${startedAtMs}`, series: seriesId, startedAtMs, setup };
    return sessionOf({ ...about, from: startedAt ?? state.time ?? 0 }, actions, state);
  }

  /** Keeps the session as it stands; it goes on. */
  save(): void {
    this.keep();
  }

  /** The end of the session: with its position closed at the last close, or as it stands. */
  end(how: "close" | "keep"): void {
    this.keep(how === "close" ? this.account.settled() : this.state());
    this.ended = true;
  }

  private keep(state: PaperState = this.state()): void {
    this.fills = state.fills.length;
    if (this.ended) return;
    keepSession(this.session(state));
  }

  /** Moves the account to the newest bar on the chart. */
  private reach(): void {
    const candle = this.followed?.newest() ?? null;
    if (candle === null || this.followed === null) return;
    const bar = barOf(candle);
    if (this.account.time !== null && bar.time < this.account.time) {
      this.account.rewind(bar.time);
      this.failed = false;
    }
    if (this.account.time !== bar.time) {
      if (this.account.time === null || this.account.isIdleTo(bar.time)) this.account.advance([bar]);
      else if (this.reading === null && !this.failed) void this.catchUp();
    }
    this.startedAt ??= bar.time;
    this.account.moveTo(this.followed.at());
  }

  private async catchUp(): Promise<void> {
    const mine = new AbortController();
    this.reading = mine;
    this.publish();
    try {
      for (let goal = this.goal(); goal !== null; goal = this.goal()) {
        const since = this.account.time ?? 0;
        const query = { series_id: this.seriesId, since, limit: PAGE_BARS };
        const { candles } = await this.options.api.candles(query, mine.signal);
        if (this.reading !== mine) return;
        // It may have stepped back meanwhile; then these bars do not follow.
        const to = this.goal();
        if (to === null || this.account.time !== since) continue;
        const bars = candles.map(barOf).filter(({ time }) => time <= to);
        if (bars.length === 0) break;
        this.account.advance(bars);
        this.publish();
      }
    } catch {
      if (this.reading !== mine) return;
      this.failed = true;
    }
    this.reading = null;
    if (this.followed) this.account.moveTo(this.followed.at());
    this.publish();
  }

  /** The bar that the account has yet to reach; null when it has. */
  private goal(): number | null {
    const goal = this.followed?.newest()?.candle_time ?? null;
    return goal !== null && goal > (this.account.time ?? goal) ? goal : null;
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
