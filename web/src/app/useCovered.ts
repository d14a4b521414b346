import { useEffect } from "react";

/** Tells the style sheet how much of the chart's lower part is covered; notices stay above it. Null: nothing is. */
export function useCovered(height: string | null): void {
  useEffect(() => {
    if (height === null) return;
    const { style } = document.documentElement;
    style.setProperty("--covered", height);
    return () => {
      style.removeProperty("--covered");
    };
  }, [height]);
}
