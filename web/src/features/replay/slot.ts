/** Where the page keeps its replay: nothing of it is loaded before somebody asks for it. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { ReplayController } from "./controller";
import type { PaperDesk } from "./paper/desk";

/** What commands, dialogs and menus can do with a replay. */
export interface ReplayActions {
  /** Plays or pauses; from the end it begins again. */
  toggle(): void;
  /** By bars; negative: back. */
  step(count: number): void;
  /** To the next or previous moment of the chosen kinds. */
  jump(direction: 1 | -1): void;
  /** One stop faster or slower. */
  pace(direction: 1 | -1): void;
  toStart(): void;
  /** To an instant, seconds; while the first bar is being chosen: begins there. */
  goTo(time: number): void;
  leave(): void;
  /** One step out: ends picking; of two in a row the second leaves. */
  escape(): void;
}

export type ReplayPhase = "picking" | "preparing" | "paused" | "playing" | "ended" | "error";

export interface ReplaySlot {
  /** Whether the server offers replay; null: not known yet. */
  available: boolean | null;
  /** Null: live. */
  phase: ReplayPhase | null;
  /** Newest time that is shown, seconds; null while nothing is replayed. */
  at: number | null;
  /** Null while nothing is picked or replayed, and while the code is on its way. */
  actions: ReplayActions | null;
  /** The replay that is shown; null while there is none. */
  controller: ReplayController | null;
  /** The series whose candles a paper account plays: the shortest that is stored here. */
  played: string | null;
  /** The paper account of the market; null until somebody orders. It outlives a change of timeframe and clock. */
  paper: PaperDesk | null;
  /** Pixels per bar before the replay, to come back to. */
  spacing: number | null;
}

export type ReplayStore = StoreApi<ReplaySlot>;

export const NO_REPLAY = { phase: null, at: null, actions: null, controller: null } as const;

export function createReplaySlot(): ReplayStore {
  return createStore<ReplaySlot>(() => ({ available: null, spacing: null, played: null, paper: null, ...NO_REPLAY }));
}
