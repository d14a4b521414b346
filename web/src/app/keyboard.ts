import { preferences } from "../features/settings/preferences";
import { type Command, commandFor } from "../ui/commands/registry";
import { layers } from "./dialogs";

/** Sends key presses to commands. Returns the way to stop. */
export function listenForKeys(commands: ReadonlyMap<string, Command>): () => void {
  const all = [...commands.values()];
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || layerOpen()) return;
    const found = commandFor(all, event, {
      chart: chartHasFocus(),
      typing: isTyping(event.target),
      singleKeys: preferences.getState().singleKeys,
    });
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

/** Nothing focused means the chart: it owns the page. */
function chartHasFocus(): boolean {
  const active = document.activeElement;
  return active === null || active === document.body || active.closest('[data-testid="chart"]') !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}
