/** Tells a click or tap from a drag and from a long press. */
import type { XY } from "./shapes/polyline";

export interface Click {
  readonly at: XY;
  readonly touch: boolean;
  readonly alt: boolean;
}

const SLOP_PX = { mouse: 4, touch: 10 } as const;
/** A finger that rests longer asks for the crosshair. */
const LONG_PRESS_MS = 500;

export function watchClicks(element: HTMLElement, onClick: (click: Click) => void, signal: AbortSignal): void {
  let down: { readonly x: number; readonly y: number; readonly atMs: number; readonly id: number } | null = null;
  element.addEventListener(
    "pointerdown",
    (event) => {
      const plain = event.isPrimary && event.button === 0 && !event.shiftKey;
      down = plain ? { x: event.clientX, y: event.clientY, atMs: event.timeStamp, id: event.pointerId } : null;
    },
    { signal },
  );
  element.addEventListener(
    "pointerup",
    (event) => {
      const from = down;
      down = null;
      if (!from || from.id !== event.pointerId) return;
      const touch = event.pointerType !== "mouse";
      const moved = Math.hypot(event.clientX - from.x, event.clientY - from.y);
      if (moved > (touch ? SLOP_PX.touch : SLOP_PX.mouse)) return;
      if (touch && event.timeStamp - from.atMs >= LONG_PRESS_MS) return;
      onClick({ at: pointIn(element, event), touch, alt: event.altKey });
    },
    { signal },
  );
  element.addEventListener(
    "pointercancel",
    () => {
      down = null;
    },
    { signal },
  );
}

/** Where an event lies within an element, CSS pixels. */
export function pointIn(element: HTMLElement, event: { readonly clientX: number; readonly clientY: number }): XY {
  const box = element.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}
