/**
 * Where a replay stands, as the stream tells it: candles up to now, the drawing of now, and nothing later.
 *
 * Pure reducers over the messages of the stream. A forward move adds, a frame replaces, a move back takes away.
 */
import type { ReplayDelta, ReplayForming, ReplayFrame, ReplayMoment, ReplayState } from "../../api/replay-messages";
import type { Candle } from "../../api/types";
import { applyDelta, type DrawingState, EMPTY_DRAWINGS } from "../drawings";
import { type CandleWindow, type FarSide, firstTime, lastTime, type WindowChange } from "../window";
import { advance, cutAfter, form, holds, pastWindow } from "./past";

export interface Playback {
  readonly window: CandleWindow;
  readonly drawings: DrawingState;
  /** Of the ledgers; null before the first frame. */
  readonly epoch: number | null;
  /** The newest bar that is shown, seconds; null before the first frame. */
  readonly at: number | null;
  /** Seconds of the clock's timeframe; null: the bars of the series move the time. */
  readonly clockStep: number | null;
  /** Newest candle of the clock that has passed, seconds; null without a clock. */
  readonly clockTime: number | null;
  readonly told: PlaybackState | null;
}

/** The last word of the stream on itself. */
export interface PlaybackState {
  readonly state: "paused" | "playing" | "ended";
  /** Bars per second. */
  readonly speed: number;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly moment: ReplayMoment | null;
}

export interface PlaybackStep {
  readonly playback: Playback;
  readonly change: WindowChange;
  /** Features whose drawing changed; null: the drawing is the same. */
  readonly features: ReadonlySet<string> | null;
}

/** Candles that were read for a frame, because the window did not hold them. */
export interface PastPage {
  readonly candles: readonly Candle[];
  readonly atStart: boolean;
}

export function emptyPlayback(timeframe: number, clockStep: number | null): Playback {
  return {
    window: pastWindow(timeframe, [], false),
    drawings: EMPTY_DRAWINGS,
    epoch: null,
    at: null,
    clockStep,
    clockTime: null,
    told: null,
  };
}

/** Whether a frame can be shown with the candles that are held: it goes back to one of them, and nothing was folded again. */
export function reaches(playback: Playback, { epoch, candle }: ReplayFrame): boolean {
  if (playback.epoch !== null && playback.epoch !== epoch) return false;
  return holds(playback.window, candle.candle_time);
}

/** Whether an instant lies within the candles that are held, seconds; a clock stands in the bar after the newest one. */
export function spans({ window }: Playback, at: number): boolean {
  const [first, last] = [firstTime(window), lastTime(window)];
  return first !== null && last !== null && first <= at && at < last + 2 * window.timeframe;
}

/** Shows a frame. `page` holds its candles when the window does not; later ones in it are left out. */
export function applyFrame(playback: Playback, message: ReplayFrame, page: PastPage | null): PlaybackStep {
  const { candle, epoch, frame } = message;
  const at = candle.candle_time;
  const step = page
    ? { window: withPage(playback.window.timeframe, candle, page), change: { kind: "replace" } as const }
    : cutAfter(playback.window, at);
  const { state: drawings, features } = applyDelta(playback.drawings, frame.draw_state, true);
  const { window, change } = step;
  return { playback: { ...playback, window, drawings, epoch, at, clockTime: clockAt(playback, at) }, change, features };
}

/** Moves forward. A delta that does not follow what is shown is left out: a frame comes before the next one that does. */
export function applyMove(playback: Playback, message: ReplayDelta, far: FarSide): PlaybackStep {
  const { epoch, from_time, to_time: at, candles, draw_delta } = message;
  if (playback.at !== from_time || playback.epoch !== epoch) return unchanged(playback);
  const { window, change } = advance(playback.window, candles, far);
  const { state: drawings, features } = applyDelta(playback.drawings, draw_delta, false);
  return { playback: { ...playback, window, drawings, at, clockTime: clockAt(playback, at) }, change, features };
}

export function applyForming(playback: Playback, { candle, clock_time, epoch }: ReplayForming): PlaybackStep {
  if (playback.epoch !== epoch) return unchanged(playback);
  const { window, change } = form(playback.window, candle);
  return { playback: { ...playback, window, clockTime: clock_time }, change, features: null };
}

export function applyState(playback: Playback, message: ReplayState): Playback {
  const { state, speed, first_time, last_time, clock_time, moment } = message;
  const told = { state, speed, firstTime: first_time, lastTime: last_time, moment };
  return { ...playback, told, clockTime: clock_time };
}

/** Puts older candles before those that are held. */
export function prependPast(playback: Playback, page: PastPage): Playback {
  const { window } = playback;
  const first = window.candles[0]?.candle_time ?? Number.POSITIVE_INFINITY;
  const older = page.candles.filter(({ candle_time }) => candle_time < first);
  return { ...playback, window: { ...window, candles: [...older, ...window.candles], atStart: page.atStart } };
}

/** Open time of the newest candle that has passed, of the clock if there is one; seconds. */
export function positionOf({ at, clockTime }: Playback): number | null {
  return clockTime ?? at;
}

/** What the page says of itself to whoever measures it. `trouble`: what is not shown yet, or cannot be. */
export function factsOf(playback: Playback, trouble: string | null): Readonly<Record<string, string | number>> {
  const { told, clockStep, window } = playback;
  const at = positionOf(playback);
  const bars = (from: number, to: number) => Math.round((to - from) / (clockStep ?? window.timeframe)) + 1;
  return {
    "data-mode": "replay",
    "data-replay-time": at ?? "",
    "data-replay-index": told && at !== null ? bars(told.firstTime, at) : "",
    "data-replay-total": told ? bars(told.firstTime, told.lastTime) : "",
    "data-replay-state": trouble ?? told?.state ?? "preparing",
    "data-replay-speed": told?.speed ?? "",
  };
}

/** Open time of the bar that is on its way or was the last one: what is ordered now counts from the next one. */
export function barTime({ window, at }: Playback): number | null {
  return window.forming?.candle_time ?? lastTime(window) ?? at;
}

function withPage(timeframe: number, candle: Candle, { candles, atStart }: PastPage): CandleWindow {
  const before = candles.filter(({ candle_time }) => candle_time < candle.candle_time);
  return pastWindow(timeframe, [...before, candle], atStart);
}

/** A complete bar: the clock stands at the last of its candles. */
function clockAt({ clockStep, window }: Playback, barTime: number): number | null {
  return clockStep === null ? null : barTime + window.timeframe - clockStep;
}

function unchanged(playback: Playback): PlaybackStep {
  return { playback, change: { kind: "none" }, features: null };
}
