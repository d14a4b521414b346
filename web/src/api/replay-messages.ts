/** The replay stream: what the page asks for and what it is told. Times are Unix seconds. */

import type { SlicePart } from "./client";
import { isTime, parseObject, readCandle } from "./messages";
import type { Candle, DrawDelta, SeriesId, WorldState } from "./types";

export type ReplayCommand =
  | {
      readonly type: "open";
      readonly series_id: SeriesId;
      readonly at_time: number;
      readonly window_candles: number;
      /** What frames hold of each slice. */
      readonly part: SlicePart;
      /** Shorter timeframe whose candles move the time; null: the bars of the series do. */
      readonly clock: string | null;
    }
  | { readonly type: "seek"; readonly at_time: number }
  /** Bars per second, 0.1 to 1000; kinds of moments to stop at. */
  | { readonly type: "play"; readonly speed: number; readonly stop_at: readonly string[] }
  | { readonly type: "pause" }
  /** Not 0; negative: back. */
  | { readonly type: "step"; readonly count: number }
  | { readonly type: "jump"; readonly kinds: readonly string[]; readonly direction: 1 | -1 };

/** Everything anew: after open, seek, a backward move, another epoch. */
export interface ReplayFrame {
  readonly type: "replay_frame";
  readonly epoch: number;
  readonly candle: Candle;
  readonly frame: WorldState;
}

/** A move forward: every bar of it, and what they changed in the drawing. */
export interface ReplayDelta {
  readonly type: "replay_delta";
  readonly epoch: number;
  readonly from_time: number;
  readonly candles: readonly Candle[];
  readonly to_time: number;
  readonly draw_delta: DrawDelta;
}

/** The bar that is not complete, by the candles of the clock. */
export interface ReplayForming {
  readonly type: "replay_forming";
  readonly epoch: number;
  readonly candle: Candle;
  readonly clock_time: number;
}

/** What was found where a playback stopped. */
export interface ReplayMoment {
  readonly time: number;
  readonly kinds: readonly string[];
}

export interface ReplayState {
  readonly type: "replay_state";
  readonly state: "paused" | "playing" | "ended";
  /** The newest bar that is shown. */
  readonly at_time: number;
  /** Bars per second, now or when it plays again. */
  readonly speed: number;
  readonly first_time: number;
  /** How far the history goes. */
  readonly last_time: number;
  /** Newest candle of the clock that has passed; null without a clock. */
  readonly clock_time: number | null;
  readonly moment: ReplayMoment | null;
}

/** A command was refused; the connection stays. */
export interface ReplayRefusal {
  readonly type: "error";
  readonly code: string;
  readonly message: string;
}

export type ReplayMessage = ReplayFrame | ReplayDelta | ReplayForming | ReplayState | ReplayRefusal;

type Fields = Readonly<Record<string, unknown>>;

/** Reads one frame of the socket; null for unknown types and for what breaks the contract. */
export function parseReplayMessage(text: string): ReplayMessage | null {
  const fields = parseObject(text);
  switch (fields?.type) {
    case "replay_frame":
      return readFrame(fields);
    case "replay_delta":
      return readDelta(fields);
    case "replay_forming": {
      const { epoch, clock_time } = fields;
      const candle = readCandle(fields.candle);
      if (!candle || !isTime(epoch) || !isTime(clock_time)) return null;
      return { type: "replay_forming", epoch, candle, clock_time };
    }
    case "replay_state":
      return readState(fields);
    case "error": {
      const { code, message } = fields;
      return { type: "error", code: textOf(code), message: textOf(message) };
    }
    default:
      return null;
  }
}

function readFrame(fields: Fields): ReplayFrame | null {
  const { epoch, frame } = fields;
  const candle = readCandle(fields.candle);
  if (!candle || !isTime(epoch) || !isObject(frame) || !isDrawing(frame.draw_state)) return null;
  return { type: "replay_frame", epoch, candle, frame: frame as unknown as WorldState };
}

function readDelta(fields: Fields): ReplayDelta | null {
  const { epoch, from_time, to_time, draw_delta } = fields;
  if (!isTime(epoch) || !isTime(from_time) || !isTime(to_time) || !isDrawing(draw_delta)) return null;
  if (!Array.isArray(fields.candles)) return null;
  const candles = fields.candles.map(readCandle);
  // A bar that is missing would be a hole in the past.
  if (!candles.every((candle) => candle !== null)) return null;
  return { type: "replay_delta", epoch, from_time, candles, to_time, draw_delta };
}

function readState(fields: Fields): ReplayState | null {
  const { state, at_time, speed, first_time, last_time, clock_time } = fields;
  if (state !== "paused" && state !== "playing" && state !== "ended") return null;
  if (!isTime(at_time) || !isTime(first_time) || !isTime(last_time) || typeof speed !== "number") return null;
  return {
    type: "replay_state",
    ...{ state, at_time, speed, first_time, last_time },
    clock_time: isTime(clock_time) ? clock_time : null,
    moment: readMoment(fields.moment),
  };
}

function readMoment(value: unknown): ReplayMoment | null {
  if (!isObject(value) || !isTime(value.time) || !Array.isArray(value.kinds)) return null;
  return { time: value.time, kinds: value.kinds.filter((kind) => typeof kind === "string") };
}

function isDrawing(value: unknown): value is DrawDelta {
  return (
    isObject(value) &&
    Array.isArray(value.active_ids) &&
    Array.isArray(value.instruction_catalog_patch) &&
    isObject(value.next_cursor)
  );
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
