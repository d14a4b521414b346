/** Arithmetic of the time axis: first view, zoom, pan, follow. Distances in CSS pixels, positions in slots. */

export const MIN_SPACING = 0.5;
export const MAX_SPACING = 60;
const FIRST_VIEW_MIN_SPACING = 4.5;
const FIRST_VIEW_MAX_SPACING = 14;
const WIDE_MARGIN_BARS = 12;
const NARROW_MARGIN_BARS = 8;
const NARROW_BELOW_PX = 600;
/** One step of a key or button. */
const KEY_ZOOM = 1.2;
const WHEEL_ZOOM = 1.1;
const WHEEL_STEP_PX = 100;
const LINE_PX = 16;

/** What the library keeps: pixels per slot, and slots between the newest bar and the right edge. */
export interface View {
  readonly spacing: number;
  readonly rightOffset: number;
}

/** Empty bars at the right of the first view. */
export function rightMargin(width: number): number {
  return width < NARROW_BELOW_PX ? NARROW_MARGIN_BARS : WIDE_MARGIN_BARS;
}

/** The first view shows about `bars` bars, never "everything". */
export function firstView(width: number, bars: number): View {
  const spacing = clamp(width / (bars + WIDE_MARGIN_BARS), FIRST_VIEW_MIN_SPACING, FIRST_VIEW_MAX_SPACING);
  return { spacing, rightOffset: rightMargin(width) };
}

/** Exactly `bars` slots between the left edge and the right margin. */
export function viewOfBars(width: number, bars: number, rightOffset: number): View {
  return { spacing: clampSpacing(width / Math.max(1, bars + Math.max(0, rightOffset))), rightOffset };
}

/**
 * Zooms so that the slot under `x` stays there. Right of the newest bar the newest bar stays. `last` is its slot.
 */
export function zoomAt(view: View, width: number, last: number, x: number, factor: number): View {
  const spacing = clampSpacing(view.spacing * factor);
  const pointed = slotAt(view, width, last, x);
  const anchor = Math.min(pointed, last);
  const fromRight = last + view.rightOffset - anchor + 0.5;
  return { spacing, rightOffset: (fromRight * view.spacing) / spacing - 0.5 - last + anchor };
}

/** Fractional slot at a coordinate. */
export function slotAt(view: View, width: number, last: number, x: number): number {
  return last + view.rightOffset + 0.5 - (width - 1 - x) / view.spacing;
}

/** Coordinate of the middle of a slot. */
export function xOf(view: View, width: number, last: number, slot: number): number {
  return width - (last + view.rightOffset - slot + 0.5) * view.spacing - 1;
}

/** Factor of one wheel event: 10 % per 100 px, up is in. */
export function wheelZoomFactor(deltaPx: number): number {
  return WHEEL_ZOOM ** (-deltaPx / WHEEL_STEP_PX);
}

export function keyZoomFactor(direction: 1 | -1): number {
  return direction > 0 ? KEY_ZOOM : 1 / KEY_ZOOM;
}

/** Wheel distance in pixels, whatever unit the device speaks. */
export function wheelPixels(delta: number, mode: number, pagePx: number): number {
  if (mode === 1) return delta * LINE_PX;
  return mode === 2 ? delta * pagePx : delta;
}

/** Slots that fit into the plot. */
export function slotsInView(view: View, width: number): number {
  return width / view.spacing;
}

/** The newest bar is in view. */
export function isFollowing(view: View, width: number): boolean {
  return view.rightOffset >= -0.5 && view.rightOffset < slotsInView(view, width);
}

/** The least shift of `rightOffset` that brings a slot into view. */
export function reveal(view: View, width: number, last: number, slot: number): View {
  const right = last + view.rightOffset;
  const left = right - slotsInView(view, width) + 1;
  if (slot > right) return { ...view, rightOffset: slot - last };
  if (slot < left) return { ...view, rightOffset: view.rightOffset - (left - slot) };
  return view;
}

/** Places a slot at two thirds of the width. */
export function centreOn(view: View, width: number, last: number, slot: number): View {
  return { ...view, rightOffset: slot + slotsInView(view, width) / 3 - last };
}

/** Older candles are asked for when fewer than this many slots remain at the left. */
export function historyThreshold(view: View, width: number): number {
  return Math.max(300, slotsInView(view, width));
}

export function clampSpacing(spacing: number): number {
  return clamp(spacing, MIN_SPACING, MAX_SPACING);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
