import { type RefObject, useEffect, useState } from "react";

/** Rows that are kept above and below the visible ones, so that a fast wheel shows no empty space. */
const SPARE_ROWS = 8;

export interface RowRange {
  /** First row to render, and the one after the last. */
  from: number;
  to: number;
}

/** Which rows of equal height an element of this scroll position shows. */
export function rowRange(scrollTop: number, height: number, rowHeight: number, count: number): RowRange {
  const first = Math.floor(scrollTop / rowHeight);
  const visible = Math.ceil(height / rowHeight) + 1;
  const from = Math.max(0, Math.min(first, count - visible) - SPARE_ROWS);
  return { from, to: Math.min(count, Math.max(0, first) + visible + SPARE_ROWS) };
}

/** Follows the scrolling of `element`; a render only when another block of rows comes into view. */
export function useVirtualRows(element: RefObject<HTMLElement | null>, rowHeight: number, count: number): RowRange {
  const [range, setRange] = useState<RowRange>(() => rowRange(0, 0, rowHeight, count));
  useEffect(() => {
    const node = element.current;
    if (!node) return;
    const read = () => {
      const next = rowRange(node.scrollTop, node.clientHeight, rowHeight, count);
      setRange((range) => (range.from === next.from && range.to === next.to ? range : next));
    };
    read();
    const observer = new ResizeObserver(read);
    observer.observe(node);
    node.addEventListener("scroll", read, { passive: true });
    return () => {
      observer.disconnect();
      node.removeEventListener("scroll", read);
    };
  }, [element, rowHeight, count]);
  return { from: Math.min(range.from, count), to: Math.min(range.to, count) };
}
