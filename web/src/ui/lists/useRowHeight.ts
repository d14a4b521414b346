import { useSyncExternalStore } from "react";

const COARSE = "(pointer: coarse)";

function subscribe(onChange: () => void): () => void {
  const query = matchMedia(COARSE);
  query.addEventListener("change", onChange);
  return () => query.removeEventListener("change", onChange);
}

/** Height of a row, CSS pixels: for a mouse, and for fingers. */
export function useRowHeight(fine: number, coarse: number): number {
  return useSyncExternalStore(subscribe, () => (matchMedia(COARSE).matches ? coarse : fine));
}
