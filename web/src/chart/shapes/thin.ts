/** Which dots are drawn at which zoom. Counts are of the layout only; nothing leaves the drawing. */
export interface Dot {
  readonly slot: number;
  readonly price: number;
  readonly side: "above" | "below";
  readonly major: boolean;
}

const MINOR_DISTANCE_PX = 8;
const MIDDLE_COLUMN_PX = 10;
const FAR_COLUMN_PX = 24;

/** `dots` ascending by slot; `spacing` in pixels per slot. The result keeps the order. */
export function thinDots<T extends Dot>(dots: readonly T[], spacing: number): readonly T[] {
  if (spacing >= 6) return dots;
  if (spacing >= 3) return withoutCrowdedMinors(dots, spacing);
  const majors = dots.filter((dot) => dot.major);
  return mostExtremePerColumn(majors, spacing, spacing >= 1.5 ? MIDDLE_COLUMN_PX : FAR_COLUMN_PX);
}

function withoutCrowdedMinors<T extends Dot>(dots: readonly T[], spacing: number): readonly T[] {
  const near = (a: T, b: T | undefined) => b !== undefined && Math.abs(a.slot - b.slot) * spacing < MINOR_DISTANCE_PX;
  return dots.filter((dot, at) => dot.major || (!near(dot, dots[at - 1]) && !near(dot, dots[at + 1])));
}

/** Columns are counted from the first loaded bar, so that panning does not change the choice. */
function mostExtremePerColumn<T extends Dot>(dots: readonly T[], spacing: number, columnPx: number): readonly T[] {
  const best = new Map<string, T>();
  for (const dot of dots) {
    const key = `${dot.side}${Math.floor((dot.slot * spacing) / columnPx)}`;
    const known = best.get(key);
    if (!known || isMoreExtreme(dot, known)) best.set(key, dot);
  }
  const chosen = new Set(best.values());
  return dots.filter((dot) => chosen.has(dot));
}

function isMoreExtreme(a: Dot, b: Dot): boolean {
  return a.side === "above" ? a.price > b.price : a.price < b.price;
}
