import { useSyncExternalStore } from "react";

function subscribe(onChange: () => void): () => void {
  addEventListener("resize", onChange);
  return () => removeEventListener("resize", onChange);
}

/** Width of the page, CSS pixels. */
export function useWidth(): number {
  return useSyncExternalStore(subscribe, () => innerWidth);
}
