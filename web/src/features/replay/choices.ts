import { record, stored } from "../../ui/storage/stored";

/** Bars per second that can be chosen. */
export const SPEEDS = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000] as const;

/** What the next event is unless the user chose otherwise. */
export const DEFAULT_KINDS = ["pen.confirmed", "zhongshu.formed", "zhongshu.dead", "anchor.switch", "sr.broken"];

export interface ReplayChoices {
  /** Moves per second. */
  speed: number;
  /** Kinds of moments that are looked for. */
  kinds: readonly string[];
  /** Playing stops at them too. */
  stopAtEvents: boolean;
  /** Moves by the candles of the shortest stored timeframe instead of by bars. */
  byClock: boolean;
}

/** How this device replays. */
export const replayChoices = stored<ReplayChoices>(
  "replay",
  () => ({ speed: 5, kinds: DEFAULT_KINDS, stopAtEvents: false, byClock: false }),
  (value) => {
    const given = record(value);
    const speed = SPEEDS.find((one) => one === given?.speed);
    if (!given || speed === undefined || !Array.isArray(given.kinds)) return undefined;
    const kinds = given.kinds.filter((kind) => typeof kind === "string").slice(0, 64);
    return { speed, kinds, stopAtEvents: given.stopAtEvents === true, byClock: given.byClock === true };
  },
);

/** The next stop in a direction; the ends stay. */
export function nextSpeed(speed: number, direction: 1 | -1): number {
  const at = SPEEDS.findIndex((one) => one >= speed);
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, (at < 0 ? SPEEDS.length - 1 : at) + direction))] ?? speed;
}
