/** Finds the objects under a point: topmost layer first, lines and edges before the inside of boxes. */
import type { LaidObject, Outline } from "./shapes/object";
import type { XY } from "./shapes/polyline";
import { SHAPE_LAYERS } from "./shapes/shape";

/** How near counts as on it, CSS pixels. */
export const REACH_PX = { mouse: 6, touch: 14 } as const;

/** `objects` back to front; the result starts with the one that a person means. */
export function objectsAt(objects: readonly LaidObject[], at: XY, reachPx: number): readonly LaidObject[] {
  const hits = objects.flatMap((object, order) => {
    const distance = distanceTo(object.outline, at);
    const inside = distance > reachPx && isInside(object.outline, at);
    return distance <= reachPx || inside ? [{ object, order, distance, inside }] : [];
  });
  return hits
    .sort((a, b) => {
      if (a.inside !== b.inside) return a.inside ? 1 : -1;
      const above = SHAPE_LAYERS.indexOf(b.object.layer) - SHAPE_LAYERS.indexOf(a.object.layer);
      if (above !== 0) return above;
      return a.inside || a.distance === b.distance ? b.order - a.order : a.distance - b.distance;
    })
    .map(({ object }) => object);
}

/** Distance to the line, the edge or the rim; 0 on a dot. */
function distanceTo(outline: Outline, at: XY): number {
  switch (outline.kind) {
    case "dot":
      return Math.max(0, Math.hypot(at.x - outline.x, at.y - outline.y) - outline.radius);
    case "path":
      return distanceToPath(outline.points, at);
    case "box": {
      const { left, right, top, bottom } = outline;
      const corners = [
        { x: left, y: top },
        { x: right, y: top },
        { x: right, y: bottom },
        { x: left, y: bottom },
        { x: left, y: top },
      ];
      return distanceToPath(corners, at);
    }
  }
}

function isInside(outline: Outline, { x, y }: XY): boolean {
  return outline.kind === "box" && x >= outline.left && x <= outline.right && y >= outline.top && y <= outline.bottom;
}

function distanceToPath(points: readonly XY[], at: XY): number {
  let least = Number.POSITIVE_INFINITY;
  for (let end = 1; end < points.length; end += 1) {
    const [a, b] = [points[end - 1], points[end]];
    if (a && b) least = Math.min(least, distanceToSegment(a, b, at));
  }
  return least;
}

function distanceToSegment(a: XY, b: XY, { x, y }: XY): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / length));
  return Math.hypot(x - a.x - along * dx, y - a.y - along * dy);
}
