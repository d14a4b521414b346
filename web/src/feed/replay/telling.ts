import type { Candle } from "../../api/types";
import { together, type WindowChange } from "../window";
import type { Playback, PlaybackStep } from "./playback";

/** Bars that were passed, for whoever keeps accounts. `candles` null: it went elsewhere, and they were not sent. */
export interface Passage {
  readonly from: number | null;
  readonly to: number;
  readonly candles: readonly Candle[] | null;
}

/** What a few messages together come to. */
export class Telling {
  playback: Playback;
  change: WindowChange = { kind: "none" };
  features: Set<string> | null = null;
  /** The window was started anew elsewhere. */
  anew = false;
  readonly passages: Passage[] = [];

  constructor(playback: Playback) {
    this.playback = playback;
  }

  step({ playback, change, features }: PlaybackStep): void {
    this.playback = playback;
    this.change = together(this.change, change);
    if (features !== null) this.features = new Set([...(this.features ?? []), ...features]);
  }
}
