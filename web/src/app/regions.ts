/** Regions of the page in reading order, for F6. */
const REGIONS = "[data-region]";
const FOCUSABLE = '[tabindex="0"], button:not(:disabled), input, select, a[href]';

/** Moves the focus to the next (1) or previous (-1) region; from nowhere to the first. */
export function moveRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>(REGIONS)].filter((region) => region.offsetParent !== null);
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const start = at < 0 && step < 0 ? 0 : at;
  const next = regions[(start + step + regions.length) % regions.length];
  next?.querySelector<HTMLElement>(FOCUSABLE)?.focus();
}
