/** Which controls of a replay's bar a width has room for. Pure. */

/** What the bar shows besides leaving, stepping back, playing, stepping forward, the speed and the clock. */
export interface BarRoom {
  /** In two rows the clock and the words lie above the controls. */
  readonly rows: 1 | 2;
  readonly events: boolean;
  readonly scrubber: boolean;
  readonly previous: boolean;
  readonly start: boolean;
  readonly orders: boolean;
  readonly goTo: boolean;
  /** A slider for the speed; otherwise it is a list. */
  readonly slider: boolean;
}

/** Heights of the bar, CSS pixels. */
export const ROW_PX = 44;
export const WORDS_ROW_PX = 20;

/** Widths, CSS pixels. The bar holds its parts to them, so that nothing moves when a word or a digit comes. */
export const PARTS = { slider: 146, list: 60, words: 156, clock: 124, scrubber: 112 } as const;
/** Width of the scrubber when everything else had to make room. */
const LEAST_SCRUBBER = 96;
/** Between two parts, and at both ends together. */
const GAP = 2;
const PADDING = 12;
/** Buttons that are always there: leave, back, play, forward. */
const ALWAYS = 4;
const BUTTONS = 10;

type Part = Exclude<keyof BarRoom, "rows">;

/** Every part in the order of how much it is missed, with its buttons or its width. */
const BY_NEED: readonly {
  readonly part: Part;
  readonly buttons?: number;
  readonly px?: number;
}[] = [
  { part: "events", buttons: 2 },
  { part: "scrubber", px: LEAST_SCRUBBER + GAP },
  { part: "previous", buttons: 1 },
  { part: "start", buttons: 1 },
  { part: "orders", buttons: 1 },
  { part: "goTo", buttons: 1 },
  { part: "slider", px: PARTS.slider - PARTS.list },
];

/** `width` of the bar and of one button, CSS pixels. What is always there shares the width when it does not fit. */
export function roomOf(width: number, button: number): BarRoom {
  const buttons = (count: number) => count * (button + GAP);
  const { slider, list, words, clock, scrubber } = PARTS;
  const all = PADDING + buttons(BUTTONS) + slider + words + clock + scrubber + 4 * GAP;
  const rows = width >= all ? 1 : 2;
  let left = rows === 1 ? Number.POSITIVE_INFINITY : width - (PADDING + buttons(ALWAYS) + list);
  const fits = new Set<Part>();
  for (const need of BY_NEED) {
    const size = buttons(need.buttons ?? 0) + (need.px ?? 0);
    // In order: a smaller part does not come in for a bigger one that is missed more.
    if (size > left) break;
    left -= size;
    fits.add(need.part);
  }
  return {
    rows,
    events: fits.has("events"),
    scrubber: fits.has("scrubber"),
    previous: fits.has("previous"),
    start: fits.has("start"),
    orders: fits.has("orders"),
    goTo: fits.has("goTo"),
    slider: fits.has("slider"),
  };
}

/** Height of the bar, CSS pixels. */
export function heightOf({ rows }: BarRoom): number {
  return rows === 1 ? ROW_PX : ROW_PX + WORDS_ROW_PX;
}
