import { createStore } from "zustand/vanilla";
import type { Mode } from "./view";

/** The one dialog that is open. Dialogs do not stack. */
export type OpenDialog =
  | { name: "palette" | "settings" | "about" | "keys" | "goto" | "table" | "describe" }
  /** Asks about the open paper position; then the mode is another one, or the series. */
  | { name: "leave"; to?: Mode; series?: string }
  | { name: "symbol" | "timeframe"; initial: string };

interface Layers {
  dialog: OpenDialog | null;
  timeframes: boolean;
  health: boolean;
}

const NOTHING: Layers = { dialog: null, timeframes: false, health: false };

export const layers = createStore<Layers>(() => NOTHING);

export function openDialog(dialog: OpenDialog): void {
  layers.setState({ ...NOTHING, dialog });
}

export function closeDialog(): void {
  layers.setState({ dialog: null });
}
