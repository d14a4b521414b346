/**
 * The past of one series for a chart: follows the replay stream, reads the candles before the position, and carries
 * commands out. Everything it holds lies at or before the position.
 */
import type { ApiClient } from "../../api/client";
import { ApiError } from "../../api/error";
import type { ConnectionState } from "../../api/link";
import type { ReplayCommand, ReplayFrame, ReplayMessage, ReplayRefusal } from "../../api/replay-messages";
import type { ReplayLink, ReplayLinkListener } from "../../api/replay-socket";
import { parseSeriesId, timeframeSeconds } from "../../api/series";
import type { SeriesId } from "../../api/types";
import type { ChartSession, SessionDrawings, SessionListener, SessionParts } from "../chart-session";
import { DRAW_WINDOW_CANDLES } from "../drawing-sync";
import { readOlder } from "../history";
import { LedgerSync } from "../ledger-sync";
import { type CandleWindow, type FarSide, firstTime } from "../window";
import { knownOf } from "./past";
import { PastReader } from "./past-reader";
import {
  applyForming,
  applyFrame,
  applyMove,
  applyState,
  emptyPlayback,
  factsOf,
  type PastPage,
  type Playback,
  positionOf,
  prependPast,
  reaches,
  spans,
} from "./playback";
import { goesBeyond, NOTHING_BEFORE, refusalOf } from "./refusal";
import { type Passage, Telling } from "./telling";

export interface ReplayListener {
  /** Position, state or connection changed. */
  onChange(): void;
  /** Bars closed, or the position moved back; after the chart was told. */
  onPassage(passage: Passage): void;
}

export interface ReplaySessionOptions extends SessionParts {
  readonly api: Pick<ApiClient, "candles" | "factorSlices">;
  readonly connect: (listener: ReplayLinkListener) => ReplayLink;
  readonly seriesId: SeriesId;
  /** Begins with what was known at this instant, seconds. */
  readonly until: number;
  /** What is later is refused, also when there is nothing before. */
  readonly exact: boolean;
  /** Timeframe whose candles move the time; null: the bars of the series do. */
  readonly clock: string | null;
  readonly replay: ReplayListener;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** Runs the callback before the next paint; what comes after a message that was shown is merged until then. */
  readonly schedule: (run: () => void) => void;
}

export class ReplaySession implements ChartSession {
  readonly seriesId: SeriesId;
  readonly timeframe: number;
  private readonly options: ReplaySessionOptions;
  private readonly listener: SessionListener;
  private readonly abort = new AbortController();
  private readonly link: ReplayLink;
  private readonly ledgers: LedgerSync;
  private readonly drawn: SessionDrawings;
  private playback: Playback;
  private started = false;
  /** Where it stands or was sent, also while the connection is down: there it goes on when that is back. Seconds. */
  private wanted: number;
  /** Nobody moved on from an instant that nothing may be later than. */
  private exact: boolean;
  private inbox: ReplayMessage[] = [];
  private resting = false;
  private readonly past: PastReader;
  private page: AbortController | null = null;
  private read: { readonly of: ReplayFrame; readonly page: PastPage } | null = null;
  private older: Promise<void> | null = null;
  private far: FarSide = "left";
  private refused: ApiError | null = null;
  private lastFrame: number | null = null;

  constructor(options: ReplaySessionOptions) {
    this.options = options;
    this.listener = options.listener;
    this.seriesId = options.seriesId;
    this.timeframe = timeframeSeconds(parseSeriesId(options.seriesId)?.timeframe ?? "") ?? 60;
    this.playback = emptyPlayback(this.timeframe, options.clock === null ? null : timeframeSeconds(options.clock));
    this.wanted = Math.max(0, options.until - (this.playback.clockStep ?? this.timeframe));
    this.exact = options.exact;
    const { api, seriesId, now } = options;
    this.ledgers = new LedgerSync({
      ...{ api, seriesId, now },
      windowCandles: DRAW_WINDOW_CANDLES,
      onLedger: () => this.listener.onStatus(),
    });
    this.past = new PastReader(api, seriesId, this.timeframe);
    this.drawn = {
      drawings: () => this.playback.drawings,
      ledger: () => this.ledgers.ledger(),
      status: () => (this.refused?.status === 409 ? "out_of_sync" : this.playback.at === null ? "none" : "ok"),
      failure: () => this.refused,
      retryAtMs: () => null,
      retryNow: () => this.retry(),
      wantHistory: () => this.ledgers.wantHistory(),
    };
    this.seed(options.shown);
    this.link = options.connect({
      onOpen: () => this.open(),
      onMessage: (message) => this.received(message),
      onState: () => options.replay.onChange(),
    });
  }

  window(): CandleWindow {
    return this.playback.window;
  }

  drawings(): SessionDrawings {
    return this.drawn;
  }

  rebuilding(): boolean {
    return false;
  }

  failure(): ApiError | null {
    return this.refused;
  }

  retryAtMs(): number | null {
    return null;
  }

  newest(): number | null {
    return this.playback.at;
  }

  epoch(): number | null {
    return this.playback.epoch;
  }

  lastFrameMs(): number | null {
    return this.lastFrame;
  }

  refusal(): null {
    return null;
  }

  loadingOlder(): boolean {
    return this.older !== null;
  }

  setFarSide(far: FarSide): void {
    this.far = far;
  }

  state(): Playback {
    return this.playback;
  }

  connection(): ConnectionState {
    return this.link.state();
  }

  /** Nothing was shown yet, or the candles of a frame are on their way. */
  preparing(): boolean {
    return this.playback.at === null || this.page !== null;
  }

  /** Asks again after a refusal, at once. */
  retry(): void {
    this.refused = null;
    if (this.link.state().status === "open") this.open();
    else this.link.retryNow();
    this.options.replay.onChange();
  }

  /** Carries a command out; false while the connection is down. */
  command(command: Exclude<ReplayCommand, { readonly type: "open" }>): boolean {
    this.exact = false;
    if (command.type === "seek") {
      this.wanted = command.at_time;
      if (this.link.state().status === "open") this.expect(command.at_time);
    }
    return this.link.send(command);
  }

  loadOlder(): Promise<void> {
    if (!this.started || this.page !== null || this.playback.window.atStart) return Promise.resolve();
    this.older ??= this.readOlderPage().finally(() => {
      this.older = null;
      this.listener.onStatus();
    });
    return this.older;
  }

  /** Nothing is newer than the position. */
  loadNewer(): Promise<void> {
    return Promise.resolve();
  }

  /** Brings an earlier time into the window; a later one is beyond the position. */
  async restart(at?: number): Promise<void> {
    while (at !== undefined && !this.abort.signal.aborted) {
      const first = firstTime(this.playback.window);
      if (first === null || first <= at || this.playback.window.atStart) break;
      await this.loadOlder();
      if (firstTime(this.playback.window) === first) break;
    }
    if (!this.abort.signal.aborted && this.started) this.listener.onStart(this.playback.window);
  }

  clockTime(): number | null {
    return positionOf(this.playback) ?? this.wanted;
  }

  facts(): Readonly<Record<string, string | number>> {
    return factsOf(this.playback, this.refused ? "error" : this.preparing() ? "preparing" : null);
  }

  stop(): void {
    this.abort.abort();
    this.page?.abort();
    this.past.forget();
    this.link.close();
    this.ledgers.stop();
  }

  /** What is on screen up to the position is shown at once; everything right of it goes. */
  private seed(shown: SessionParts["shown"]): void {
    const window = shown?.seriesId === this.seriesId ? knownOf(shown.window, this.options.until) : null;
    if (window === null) return;
    this.playback = { ...this.playback, window };
    this.started = true;
    queueMicrotask(() => {
      if (!this.abort.signal.aborted && this.playback.at === null) this.listener.onStart(this.playback.window);
    });
  }

  private open(): void {
    this.forgetInbox();
    const at = this.wanted;
    this.expect(at);
    this.link.send({
      type: "open",
      series_id: this.seriesId,
      at_time: at,
      window_candles: DRAW_WINDOW_CANDLES,
      // What happened to objects is read when somebody looks at one: histories are most of a frame.
      part: "head",
      clock: this.options.clock,
    });
  }

  /** The candles of a frame that is on its way, unless they are held. */
  private expect(at: number): void {
    if (!spans(this.playback, at)) this.past.expect(at);
  }

  private received(message: ReplayMessage): void {
    this.lastFrame = this.options.now();
    if (this.exact && goesBeyond(this.playback, message, this.options.until)) message = NOTHING_BEFORE;
    if (message.type === "replay_frame") {
      // A frame is everything anew. What waits for candles of another frame does not matter any more; the rest was passed.
      if (this.page === null) this.apply();
      this.forgetInbox();
    }
    this.inbox.push(message);
    if (message.type === "replay_frame") {
      if (reaches(this.playback, message)) this.past.forget();
      else void this.readPage(message);
    } else if (message.type === "error") this.past.forget();
    this.plan();
  }

  private forgetInbox(): void {
    this.inbox = [];
    this.read = null;
    this.page?.abort();
    this.page = null;
  }

  /** What comes after a pause is shown at once, so that its picture is in the next paint; then once per paint. */
  private plan(): void {
    if (this.resting || this.page !== null || this.inbox.length === 0 || this.abort.signal.aborted) return;
    this.resting = true;
    this.apply();
    this.options.schedule(() => {
      this.resting = false;
      this.plan();
    });
  }

  /** The candles that lead to a frame. */
  private async readPage(frame: ReplayFrame): Promise<void> {
    const mine = new AbortController();
    this.page = mine;
    this.options.replay.onChange();
    try {
      const page = await this.past.before(frame.candle.candle_time, mine.signal);
      if (this.page !== mine) return;
      this.read = { of: frame, page };
      this.refused = null;
    } catch (cause) {
      if (this.page !== mine) return;
      this.refused = cause instanceof ApiError ? cause : ApiError.unreachable(false, cause);
      this.inbox = [];
    }
    this.page = null;
    this.plan();
    this.options.replay.onChange();
  }

  /** Takes in everything that waits, and tells of it once. */
  private apply(): void {
    const messages = this.inbox;
    if (messages.length === 0) return;
    this.inbox = [];
    const told = new Telling(this.playback);
    for (const message of messages) this.take(message, told);
    this.playback = told.playback;
    this.tell(told);
  }

  private take(message: ReplayMessage, told: Telling): void {
    const before = told.playback;
    switch (message.type) {
      case "replay_frame": {
        const page = this.read?.of === message ? this.read.page : null;
        this.read = null;
        this.refused = null;
        told.step(applyFrame(before, message, page));
        if (page) told.anew = true;
        told.passages.push({ from: before.at, to: message.candle.candle_time, candles: null });
        this.ledgers.take(message.frame.factor_slices, "head");
        return;
      }
      case "replay_delta": {
        const step = applyMove(before, message, this.far);
        if (step.playback === before) return;
        told.step(step);
        told.passages.push({ from: before.at, to: message.to_time, candles: message.candles });
        return;
      }
      case "replay_forming":
        told.step(applyForming(before, message));
        return;
      case "replay_state":
        told.playback = applyState(before, message);
        return;
      case "error":
        this.refuse(message);
    }
  }

  private tell(told: Telling): void {
    const { window, drawings, at } = this.playback;
    if (told.anew || (!this.started && at !== null)) {
      this.started = true;
      this.listener.onStart(window);
    } else if (told.change.kind !== "none") this.listener.onCandles(window, told.change);
    if (told.features !== null) {
      this.listener.onDrawings(drawings, told.features);
      this.ledgers.drawn(drawings);
    }
    this.listener.onStatus();
    for (const passage of told.passages) this.options.replay.onPassage(passage);
    this.wanted = positionOf(this.playback) ?? this.wanted;
    this.options.replay.onChange();
  }

  /** What keeps the first frame away, or a ledger that cannot be followed; a command that came to nothing is no failure. */
  private refuse(refusal: ReplayRefusal): void {
    if (refusal.code === "bad_request" && this.playback.at !== null) return;
    this.refused = refusalOf(refusal);
  }

  private async readOlderPage(): Promise<void> {
    const first = firstTime(this.playback.window);
    if (first === null) return;
    this.listener.onStatus();
    try {
      const page = await readOlder(this.options.api, this.seriesId, first, this.timeframe, this.abort.signal);
      if (this.abort.signal.aborted || firstTime(this.playback.window) !== first) return;
      this.playback = prependPast(this.playback, page);
      this.listener.onCandles(this.playback.window, { kind: "replace" });
    } catch {
      // The edge stays "more": the next pan asks again.
    }
  }
}
