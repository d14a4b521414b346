import { createStore } from "zustand/vanilla";

/** A notice about something that happened elsewhere, or that can be undone. */
export interface Toast {
  id: number;
  /** Value of `data-toast`; equal codes with equal text merge. */
  code: string;
  text: string;
  tone: "info" | "error";
  count: number;
  action?: { label: string; run: () => void };
}

export type NewToast = Pick<Toast, "code" | "text"> & { tone?: Toast["tone"]; action?: Toast["action"] };

const LIMIT = 3;

let nextId = 1;

export const toasts = createStore<{ list: readonly Toast[] }>(() => ({ list: [] }));

const listeners = new Set<(notice: NewToast) => void>();

/** Hears of every notice, also of one that merges with an equal one. */
export function onToast(listener: (notice: NewToast) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Shows a notice. Errors stay until they are closed; of the others as many as there is room for, the newest. */
export function toast(input: NewToast): void {
  for (const listener of listeners) listener(input);
  const { list } = toasts.getState();
  const same = list.find((entry) => entry.code === input.code && entry.text === input.text);
  if (same) {
    toasts.setState({ list: list.map((entry) => (entry === same ? { ...entry, count: entry.count + 1 } : entry)) });
    return;
  }
  const added: Toast = {
    id: nextId,
    code: input.code,
    text: input.text,
    tone: input.tone ?? "info",
    count: 1,
    ...(input.action && { action: input.action }),
  };
  nextId += 1;
  toasts.setState({ list: fitting([...list, added]) });
}

function fitting(list: readonly Toast[]): readonly Toast[] {
  if (list.length <= LIMIT) return list;
  const leaving = list.find(({ tone }) => tone !== "error");
  return leaving ? list.filter((entry) => entry !== leaving) : list;
}

/** What is on the screen: at most three; errors without room wait until one is closed. */
export function shownToasts(list: readonly Toast[]): { shown: readonly Toast[]; waiting: number } {
  const shown = list.slice(0, LIMIT);
  return { shown, waiting: list.length - shown.length };
}

export function dismissToast(id: number): void {
  toasts.setState(({ list }) => ({ list: list.filter((entry) => entry.id !== id) }));
}
