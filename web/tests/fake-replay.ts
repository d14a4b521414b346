/** A replay server without a socket: plays candles that the test sets, by the contract of the stream. */

import type { ConnectionState } from "../src/api/link";
import type { ReplayCommand, ReplayMessage, ReplayMoment, ReplayState } from "../src/api/replay-messages";
import type { ReplayLink, ReplayLinkListener } from "../src/api/replay-socket";
import type { Candle, DrawDelta, PatchItem } from "../src/api/types";
import { type FakeApi, pivotItem } from "./fake-api";

const SERIES = "binance:futures:BTC/USDT:1m";

export class FakeReplay implements ReplayLink {
  readonly commands: ReplayCommand[] = [];
  epoch = 1;
  /** Answers with the oldest candle when there is none before. */
  lenient = false;
  private readonly api: FakeApi;
  private readonly listener: ReplayLinkListener;
  private at = -1;
  private playing = false;
  private speed = 1;
  private link: ConnectionState = { status: "connecting", downSinceMs: null, retryAtMs: null, attempts: 0 };

  constructor(api: FakeApi, listener: ReplayLinkListener) {
    this.api = api;
    this.listener = listener;
  }

  /** The connection stands. */
  accept(): void {
    this.become({ status: "open", downSinceMs: null });
    this.listener.onOpen();
  }

  drop(): void {
    this.at = -1;
    this.become({ status: "reconnecting", downSinceMs: 1 });
  }

  send(command: ReplayCommand): boolean {
    if (this.link.status !== "open") return false;
    this.commands.push(command);
    this.obey(command);
    return true;
  }

  state(): ConnectionState {
    return this.link;
  }

  retryNow(): void {}

  close(): void {}

  /** Plays on by so many bars, as one delta. */
  playOn(bars: number): void {
    this.forward(bars);
    if (this.at !== this.candles().length - 1) return;
    this.playing = false;
    this.tellState();
  }

  refuse(code: string, message: string): void {
    this.say({ type: "error", code, message });
  }

  say(message: ReplayMessage): void {
    this.listener.onMessage(message);
  }

  private candles(): readonly Candle[] {
    return this.api.candlesStored;
  }

  private obey(command: ReplayCommand): void {
    switch (command.type) {
      case "open":
      case "seek": {
        const found = this.candles().findLastIndex(({ candle_time }) => candle_time <= command.at_time);
        this.at = command.type === "seek" || this.lenient ? Math.max(0, found) : found;
        if (this.at < 0) {
          this.refuse("no_data", "There is no candle.");
          return;
        }
        if (command.type === "open") this.playing = false;
        this.frame();
        break;
      }
      case "play":
        this.playing = true;
        this.speed = command.speed;
        break;
      case "pause":
        this.playing = false;
        break;
      case "step":
        this.playing = false;
        if (command.count > 0) this.forward(command.count);
        else {
          this.at = Math.max(0, this.at + command.count);
          this.frame();
        }
        break;
      case "jump":
        this.playing = false;
        this.forward(3);
        this.tellState({ time: this.candles()[this.at]?.candle_time ?? 0, kinds: command.kinds.slice(0, 1) });
        return;
    }
    this.tellState();
  }

  private forward(bars: number): void {
    const from = this.at;
    const to = Math.min(this.candles().length - 1, from + bars);
    if (to === from) return;
    this.at = to;
    const candles = this.candles().slice(from + 1, to + 1);
    this.say({
      type: "replay_delta",
      epoch: this.epoch,
      from_time: this.candles()[from]?.candle_time ?? 0,
      candles,
      to_time: candles.at(-1)?.candle_time ?? 0,
      draw_delta: this.drawing(),
    });
  }

  private frame(): void {
    const candle = this.candles()[this.at] as Candle;
    const at_time = candle.candle_time;
    const candle_id = `${SERIES}:${at_time}`;
    const slices = { schema_version: 1, series_id: SERIES, at_time, candle_id, factors: [], snapshots: {} };
    this.say({
      type: "replay_frame",
      epoch: this.epoch,
      candle,
      frame: {
        schema_version: 1,
        series_id: SERIES,
        time: { at_time, aligned_time: at_time, candle_id },
        factor_slices: slices,
        draw_state: this.drawing(),
      },
    });
  }

  /** One pivot per thousandth candle up to now, and a mark that moves with the newest. */
  private drawing(): DrawDelta {
    const timeAt = (index: number) => this.candles()[index]?.candle_time ?? 0;
    const items: PatchItem[] = [{ ...pivotItem(timeAt(this.at), timeAt(this.at)), instruction_id: "newest" }];
    for (let index = 0; index <= this.at; index += 1_000) items.push(pivotItem(timeAt(index), timeAt(index)));
    const to = this.candles()[this.at]?.candle_time ?? null;
    return {
      schema_version: 1,
      series_id: SERIES,
      to_candle_id: null,
      to_candle_time: to,
      active_ids: items.map(({ instruction_id }) => instruction_id).sort(),
      instruction_catalog_patch: items,
      series_points: {},
      next_cursor: { version_id: to ?? 0, point_time: null },
    };
  }

  private tellState(moment: ReplayMoment | null = null): void {
    const candles = this.candles();
    const ended = this.at === candles.length - 1;
    const state: ReplayState["state"] = ended ? "ended" : this.playing ? "playing" : "paused";
    this.say({
      type: "replay_state",
      state,
      at_time: candles[this.at]?.candle_time ?? 0,
      speed: this.speed,
      first_time: candles[0]?.candle_time ?? 0,
      last_time: candles.at(-1)?.candle_time ?? 0,
      clock_time: null,
      moment,
    });
  }

  private become(change: Partial<ConnectionState>): void {
    this.link = { ...this.link, ...change };
    this.listener.onState(this.link);
  }
}
