/**
 * Preferences of this device, kept in the browser under `tc:v1:<name>`.
 * Invalid content is dropped in silence: a preference is never worth an error.
 */
import { createStore, type StoreApi } from "zustand/vanilla";

const PREFIX = "tc:v1:";

/** Turns stored JSON into a value, or into `undefined` when it is not one of ours. */
export type Parse<T> = (stored: unknown) => T | undefined;

/** A store whose state survives a reload. */
export type StoredStore<T> = StoreApi<T> & {
  /** Forgets what was stored and goes back to the default. */
  reset: () => void;
};

/** Creates a store that writes every change to `tc:v1:<name>` and follows changes made in other tabs. */
export function stored<T extends object>(name: string, fallback: () => T, parse: Parse<T>): StoredStore<T> {
  const key = PREFIX + name;
  const store = createStore<T>(() => read(key, parse) ?? fallback());
  let silent = false;
  store.subscribe((state) => {
    if (!silent) write(key, state);
  });
  globalThis.addEventListener?.("storage", (event: StorageEvent) => {
    if (event.key !== key) return;
    silent = true;
    store.setState(read(key, parse) ?? fallback(), true);
    silent = false;
  });
  return Object.assign(store, {
    reset: () => {
      silent = true;
      store.setState(fallback(), true);
      silent = false;
      drop(key);
    },
  });
}

/** Reads one stored value without keeping a store for it. */
export function readStored<T>(name: string, parse: Parse<T>): T | undefined {
  return read(PREFIX + name, parse);
}

function read<T>(key: string, parse: Parse<T>): T | undefined {
  try {
    const text = globalThis.localStorage?.getItem(key);
    return text === null || text === undefined ? undefined : parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function write(key: string, value: unknown): void {
  try {
    globalThis.localStorage?.setItem(key, JSON.stringify(value));
  } catch {
    // A full or forbidden storage costs the memory of this visit, nothing else.
  }
}

function drop(key: string): void {
  try {
    globalThis.localStorage?.removeItem(key);
  } catch {
    // Same as above.
  }
}

/** Narrows `value` to one of `options`. */
export function oneOf<const T extends string>(options: readonly T[], value: unknown): T | undefined {
  return options.find((option) => option === value);
}

/** Narrows `value` to a plain object. */
export function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
