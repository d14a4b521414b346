import { preferences } from "../features/settings/preferences";
import { type Command, commandFor, type KeyFocus } from "../ui/commands/registry";
import { layers } from "./dialogs";

/** Sends key presses to commands. Returns the way to stop. */
export function listenForKeys(commands: ReadonlyMap<string, Command>): () => void {
  const all = [...commands.values()];
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || layerOpen()) return;
    const found = commandFor(all, event, focusAt(event.target));
    if (!found) return;
    event.preventDefault();
    found.run(event.key);
  };
  window.addEventListener("keydown", onKeyDown);
  return () => window.removeEventListener("keydown", onKeyDown);
}

/** Dialogs and popovers have their own keys. */
function layerOpen(): boolean {
  // A dialog counts from the moment it was asked for, also while its code is on the way.
  if (layers.getState().dialog !== null) return true;
  return document.querySelector("dialog[open], [popover='auto']:popover-open") !== null;
}

/** What a key press belongs to. */
export function focusAt(target: EventTarget | null): KeyFocus {
  const within = (selector: string) => target instanceof HTMLElement && target.closest(selector) !== null;
  return {
    chart: chartHasFocus(),
    typing: within(TEXT),
    takesSpace: within(PRESSED),
    takesArrows: within(MOVED),
    singleKeys: preferences.getState().singleKeys,
  };
}

/** A slider or a box to tick is an input too, and takes no text. */
const TEXT = `input:not(${["range", "checkbox", "radio", "button", "file"].map((type) => `[type=${type}]`).join(", ")}), textarea, select, [contenteditable]`;
const PRESSED = "button, a, summary, label, input, [role=button], [role=option], [role=listbox]";
const MOVED = "input, [role=slider], [role=listbox], [role=grid], [role=tree], [role=tablist], [role=separator]";

/** Nothing focused means the chart: it owns the page. */
function chartHasFocus(): boolean {
  const active = document.activeElement;
  return active === null || active === document.body || active.closest('[data-testid="chart"]') !== null;
}
