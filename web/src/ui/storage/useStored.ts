import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";

/** Subscribes a component to a part of a vanilla store. */
export function useStored<T, Part>(store: StoreApi<T>, select: (state: T) => Part): Part {
  return useStore(store, select);
}
