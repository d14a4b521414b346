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

/** Shows a notice; at most three stay, the oldest goes first. */
export function toast(input: NewToast): void {
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
  toasts.setState({ list: [...list, added].slice(-LIMIT) });
}

export function dismissToast(id: number): void {
  toasts.setState(({ list }) => ({ list: list.filter((entry) => entry.id !== id) }));
}
