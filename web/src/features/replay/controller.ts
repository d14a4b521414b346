/** One replay of one series: carries out what the user asks for, and tells where it stands. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { ApiClient } from "../../api/client";
import type { ApiError } from "../../api/error";
import type { ConnectionState } from "../../api/link";
import type { ReplayMoment } from "../../api/replay-messages";
import { openReplay } from "../../api/replay-socket";
import { beforeNextPaint } from "../../api/socket";
import type { Candle } from "../../api/types";
import type { ChartHost } from "../../chart/types";
import { positionOf } from "../../feed/replay/playback";
import { ReplaySession } from "../../feed/replay/session";
import type { Passage } from "../../feed/replay/telling";
import { RetryTimer } from "../../feed/retry";
import { nextSpeed, replayChoices } from "./choices";
import { knownUntil, lengthOf, type Passed, timeframeOf } from "./passed";
import { PlayedRate } from "./rate";

/** Where a replay stands. Times are Unix seconds. */
export interface ReplayPicture {
  readonly phase: "preparing" | "paused" | "playing" | "ended" | "error";
  /** Newest candle that has passed, of the clock if there is one. */
  readonly at: number;
  /** Oldest stored bar and the newest that can be reached; null before the first answer. */
  readonly first: number | null;
  readonly last: number | null;
  /** Where it began. */
  readonly start: number;
  /** The newest time that was shown. */
  readonly furthest: number;
  /** Length of one move, seconds. */
  readonly step: number;
  /** Moves per second that are asked for, and those that came of late; null: not known. */
  readonly speed: number;
  readonly rate: number | null;
  /** What a jump or a stop found here. */
  readonly moment: ReplayMoment | null;
  /** The last jump found nothing. */
  readonly nothing: boolean;
  readonly failure: ApiError | null;
  /** When it is tried again, wall clock in milliseconds; null: nothing failed. */
  readonly retryAtMs: number | null;
  readonly link: ConnectionState;
  /** What was asked for last was not carried out, because the connection is down. */
  readonly refused: boolean;
  /** Where it goes when the connection is back, seconds; null: on from here. */
  readonly queued: number | null;
  /** Escape was pressed; the next one leaves. */
  readonly leaving: boolean;
}

export interface ReplayOptions {
  readonly api: Pick<ApiClient, "candles" | "factorSlices">;
  readonly host: ChartHost;
  readonly seriesId: string;
  /** Where to begin: what closed with this candle or before is known. */
  readonly passed: Passed;
  /** Nothing later than that may be shown, even if nothing else can be. */
  readonly exact: boolean;
  /** What was known where the replay began, seconds. */
  readonly start: number;
  /** Bars in view; absent: as the chart is now. */
  readonly bars?: number;
  /** Timeframe whose candles move the time; null: the bars do. */
  readonly clock: string | null;
  /** A jump or a stop found something, and it was told to the chart. */
  readonly onFound?: (moment: ReplayMoment) => void;
  readonly onLeave: () => void;
}

/** Empty bars right of the position: room to see it come. */
const MARGIN_BARS = 30;
const NARROW_MARGIN_BARS = 8;
const NARROW_BELOW_PX = 600;
/** Times between two pictures while it plays, milliseconds. */
const COARSE_MS = 250;
/** The second Escape counts within this time, milliseconds. */
const TWICE_MS = 2_000;

export class ReplayController {
  /** Coarse: at most four times a second while it plays, at once otherwise. */
  readonly picture: StoreApi<ReplayPicture>;
  private readonly options: ReplayOptions;
  private readonly frames = new Set<() => void>();
  private readonly passages = new Set<(passage: Passage) => void>();
  private readonly rate = new PlayedRate();
  private session: ReplaySession | null = null;
  /** Length of one move, seconds. */
  private readonly stepLength: number;
  private furthest: number;
  /** Nobody has moved it yet: it stands for what it was asked for, also if no bar ends just then. */
  private untouched = true;
  private before: number | null = null;
  private searching = false;
  private nothing = false;
  private refused = false;
  private queued: number | null = null;
  private told: unknown = null;
  private leaving: ReturnType<typeof setTimeout> | null = null;
  private publishedMs = Number.NEGATIVE_INFINITY;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private publishing = false;
  private stopped = false;
  /** What keeps the moment away, until another one is shown: a try that fails again changes nothing. */
  private failed: ApiError | null = null;
  private readonly retries = new RetryTimer(Date.now, () => this.session?.retry());
  /** Where to go with the next painted frame. */
  private seeking: number | null = null;
  private sought = false;

  constructor(options: ReplayOptions) {
    this.options = options;
    const { host, seriesId, clock, bars, passed } = options;
    this.stepLength = lengthOf(clock ?? timeframeOf(seriesId));
    this.furthest = this.asked();
    this.picture = createStore<ReplayPicture>(() => this.now());
    const narrow = innerWidth < NARROW_BELOW_PX;
    const zoom = bars === undefined ? { spacing: host.state().barSpacing } : { bars };
    host.open(seriesId, {
      ...(host.state().series === null && bars === undefined ? {} : zoom),
      margin: narrow ? NARROW_MARGIN_BARS : MARGIN_BARS,
      make: (parts) => {
        this.session = new ReplaySession({
          ...parts,
          api: options.api,
          connect: (listener) => openReplay(listener),
          seriesId,
          until: knownUntil(passed),
          exact: options.exact,
          clock,
          replay: {
            onChange: () => this.changed(),
            onPassage: (passage) => {
              for (const listener of this.passages) listener(passage);
            },
          },
          now: Date.now,
          schedule: beforeNextPaint,
        });
        return this.session;
      },
    });
  }

  get seriesId(): string {
    return this.options.seriesId;
  }

  /** Hears of every painted position. Returns the way to stop. */
  onFrame(listener: () => void): () => void {
    this.frames.add(listener);
    return () => this.frames.delete(listener);
  }

  /** Hears of every bar that passes, in order, before the picture changes. Returns the way to stop. */
  onPassage(listener: (passage: Passage) => void): () => void {
    this.passages.add(listener);
    return () => this.passages.delete(listener);
  }

  /** The newest closed bar that is shown. */
  newest(): Candle | null {
    return this.session?.state().at === null ? null : (this.session?.window().candles.at(-1) ?? null);
  }

  /** The newest price that is shown, also of a bar on its way. */
  price(): number | null {
    return this.session?.window().forming?.close ?? this.newest()?.close ?? null;
  }

  /** Where it stands right now. */
  at(): number {
    return (this.session && positionOf(this.session.state())) ?? this.asked();
  }

  /** The candle that passed last, to stand there again in any timeframe. */
  standing(): Passed {
    const { passed, seriesId, clock } = this.options;
    const shown = timeframeOf(seriesId);
    const told = this.session?.state().told ?? null;
    const until = knownUntil(passed);
    if (this.untouched) {
      if (told === null) return passed;
      // Nor is it a place before the history, or long after it.
      const end = this.at() + this.stepLength;
      if (end <= until && until < told.lastTime + this.stepLength + lengthOf(shown)) return passed;
    }
    return { time: this.at(), timeframe: clock ?? shown };
  }

  now(): ReplayPicture {
    const session = this.session;
    const told = session?.state().told ?? null;
    const failure = session?.failure() ?? this.failed;
    const preparing = session === null || session.preparing() || told === null;
    return {
      phase: failure ? "error" : preparing ? "preparing" : told.state,
      at: this.at(),
      first: told?.firstTime ?? null,
      last: told?.lastTime ?? null,
      start: this.options.start - this.stepLength,
      furthest: this.furthest,
      step: this.stepLength,
      speed: replayChoices.getState().speed,
      rate: told?.state === "playing" ? this.rate.perSecond(performance.now()) : null,
      moment: told?.moment ?? null,
      nothing: this.nothing,
      failure,
      retryAtMs: this.retries.atMs(),
      link: session?.connection() ?? { status: "connecting", downSinceMs: null, retryAtMs: null, attempts: 0 },
      refused: this.refused,
      queued: this.queued,
      leaving: this.leaving !== null,
    };
  }

  toggle(): void {
    const { phase, start } = this.now();
    if (phase === "playing") this.send({ type: "pause" });
    else {
      if (phase === "ended") this.send({ type: "seek", at_time: start });
      this.play();
    }
  }

  step(count: number): void {
    this.forgetSearch();
    this.send({ type: "step", count });
  }

  jump(direction: 1 | -1): void {
    this.forgetSearch();
    const { kinds } = replayChoices.getState();
    this.searching = this.send({ type: "jump", kinds, direction });
  }

  pace(direction: 1 | -1): void {
    this.setSpeed(nextSpeed(replayChoices.getState().speed, direction));
  }

  setSpeed(speed: number): void {
    replayChoices.setState({ speed });
    if (this.now().phase === "playing") this.play();
    else this.publish();
  }

  setKinds(kinds: readonly string[]): void {
    replayChoices.setState({ kinds });
    if (this.now().phase === "playing") this.play();
  }

  setStop(stopAtEvents: boolean): void {
    replayChoices.setState({ stopAtEvents });
    if (this.now().phase === "playing") this.play();
  }

  toStart(): void {
    this.seek(this.now().start);
  }

  goTo(time: number): void {
    this.seek(time);
  }

  /** Stands again where a candle has just passed. */
  goBackTo(passed: Passed): void {
    this.seek(knownUntil(passed) - this.stepLength);
  }

  /** Goes to an instant: to the first one at once, then to one of them per painted frame, and the last one wins. */
  seek(time: number): void {
    this.forgetSearch();
    this.seeking = Math.max(0, Math.round(time));
    if (!this.sought) this.sendSeek();
  }

  retry(): void {
    this.retries.now();
  }

  leave(): void {
    this.options.onLeave();
  }

  escape(): void {
    if (this.leaving !== null) {
      this.leave();
      return;
    }
    this.leaving = setTimeout(() => {
      this.leaving = null;
      this.publish();
    }, TWICE_MS);
    this.publish();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.retries.stop();
    if (this.leaving !== null) clearTimeout(this.leaving);
    this.frames.clear();
    this.passages.clear();
  }

  /** The candle to begin with, of the clock if there is one. */
  private asked(): number {
    return knownUntil(this.options.passed) - this.stepLength;
  }

  private sendSeek(): void {
    const at = this.seeking;
    this.seeking = null;
    this.sought = at !== null;
    if (at === null) return;
    this.send({ type: "seek", at_time: at });
    beforeNextPaint(() => this.sendSeek());
  }

  /** A seek that does not go out waits; anything else would come as a surprise once the connection is back. */
  private send(command: Parameters<ReplaySession["command"]>[0]): boolean {
    this.untouched = false;
    const sent = this.session?.command(command) ?? false;
    this.refused = !sent && command.type !== "seek";
    if (command.type === "seek") this.queued = sent ? null : command.at_time;
    if (!sent) this.publish();
    return sent;
  }

  private play(): void {
    this.forgetSearch();
    const { speed, kinds, stopAtEvents } = replayChoices.getState();
    this.rate.restart();
    this.send({ type: "play", speed, stop_at: stopAtEvents ? kinds : [] });
  }

  private forgetSearch(): void {
    this.searching = false;
    this.nothing = false;
  }

  private changed(): void {
    const told = this.session?.state().told ?? null;
    if (this.session?.connection().status === "open") {
      this.refused = false;
      this.queued = null;
    }
    this.follow(told);
    if (told !== null && told !== this.told && this.searching) {
      this.nothing = told.moment === null;
      this.searching = false;
    }
    const stateChanged = told !== this.told;
    if (stateChanged && told?.moment) this.options.onFound?.(told.moment);
    this.told = told;
    const at = this.at();
    if (this.before !== null && at > this.before) {
      this.rate.played((at - this.before) / this.stepLength, performance.now());
    }
    this.before = at;
    this.furthest = Math.max(this.furthest, at);
    for (const listener of this.frames) listener();
    if (stateChanged || told?.state !== "playing") this.publishAfterPaint();
    else this.timer ??= setTimeout(() => this.publish(), Math.max(0, this.publishedMs + COARSE_MS - performance.now()));
  }

  /** Plans the next try after a failure, until something is shown. */
  private follow(told: unknown): void {
    const failure = this.session?.failure() ?? null;
    if (failure !== null && failure !== this.failed) this.retries.failed(failure);
    else if (failure === null && told !== this.told && told !== null) this.retries.succeeded();
    this.failed = this.retries.error();
  }

  /** The chart is what somebody waits for; the words beside it come once it is painted. */
  private publishAfterPaint(): void {
    if (this.publishing) return;
    this.publishing = true;
    beforeNextPaint(() => {
      setTimeout(() => {
        this.publishing = false;
        if (!this.stopped) this.publish();
      });
    });
  }

  private publish(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.publishedMs = performance.now();
    this.picture.setState(this.now(), true);
  }
}
