/** What keeps a moment of the past away. */
import { ApiError } from "../../api/error";
import type { ReplayMessage, ReplayRefusal } from "../../api/replay-messages";
import type { Playback } from "./playback";

/** For a stream that answers with its oldest candle when there is none before. */
export const NOTHING_BEFORE: ReplayRefusal = { type: "error", code: "no_data", message: "no candle at or before this" };

export function refusalOf({ code, message }: ReplayRefusal): ApiError {
  const status = code.startsWith("ledger_out_of_sync") ? 409 : code === "no_data" ? 404 : 503;
  return new ApiError(message, { status, code, detail: code, requestId: "" });
}

/** Whether a message tells of something that closed after an instant, seconds. */
export function goesBeyond({ window, clockStep }: Playback, message: ReplayMessage, until: number): boolean {
  const bar = (time: number) => time + window.timeframe > until;
  const clock = (time: number | null) => time !== null && clockStep !== null && time + clockStep > until;
  switch (message.type) {
    case "replay_frame":
      return bar(message.candle.candle_time);
    case "replay_delta":
      return bar(message.to_time);
    case "replay_forming":
      return clock(message.clock_time);
    case "replay_state":
      return bar(message.at_time) || clock(message.clock_time);
    case "error":
      return false;
  }
}
