/** Places labels so that none covers another: greedy, in order of importance, on a grid of 8 px. */
export interface LabelRequest {
  readonly id: string;
  /** Wanted upper left corner and size, CSS pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Direction in which it may be shifted. */
  readonly axis: "x" | "y";
}

export interface PlacedLabel extends LabelRequest {
  /** Distance from the wanted place along its axis; a shifted label gets a leader. */
  readonly shift: number;
}

const CELL_PX = 8;
const MAX_SHIFT_PX = 18;
const SHIFT_STEP_PX = 6;

/** The labels that fit, in the given order; what still collides after shifting is left out. */
export function placeLabels(requests: readonly LabelRequest[]): PlacedLabel[] {
  const taken = new Set<string>();
  const placed: PlacedLabel[] = [];
  for (const request of requests) {
    const shift = shifts().find((distance) => isFree(taken, moved(request, distance)));
    if (shift === undefined) continue;
    const label = moved(request, shift);
    for (const cell of cellsOf(label)) taken.add(cell);
    placed.push({ ...label, shift });
  }
  return placed;
}

/** Pairs of labels that cover each other. */
export function countOverlaps(labels: readonly LabelRequest[]): number {
  let overlaps = 0;
  labels.forEach((a, at) => {
    for (const b of labels.slice(at + 1)) {
      const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      if (!apart) overlaps += 1;
    }
  });
  return overlaps;
}

function shifts(): number[] {
  const distances = [0];
  for (let distance = SHIFT_STEP_PX; distance <= MAX_SHIFT_PX; distance += SHIFT_STEP_PX) {
    distances.push(-distance, distance);
  }
  return distances;
}

function moved(label: LabelRequest, distance: number): LabelRequest {
  return label.axis === "x" ? { ...label, x: label.x + distance } : { ...label, y: label.y + distance };
}

function isFree(taken: ReadonlySet<string>, label: LabelRequest): boolean {
  return cellsOf(label).every((cell) => !taken.has(cell));
}

function cellsOf(label: LabelRequest): string[] {
  const cells: string[] = [];
  const right = Math.floor((label.x + label.width) / CELL_PX);
  const bottom = Math.floor((label.y + label.height) / CELL_PX);
  for (let column = Math.floor(label.x / CELL_PX); column <= right; column += 1) {
    for (let row = Math.floor(label.y / CELL_PX); row <= bottom; row += 1) cells.push(`${column},${row}`);
  }
  return cells;
}
