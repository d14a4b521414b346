/** Every shape of the drawing, back to front. A new one is a file beside this and a line here. */
import { penHead } from "./pen-head";
import { penLine } from "./pen-line";
import { pivotDot } from "./pivot-dot";
import { type LiveShape, live } from "./shape";
import { unknownMarker } from "./unknown-marker";
import { unknownPolyline } from "./unknown-polyline";

/** Shapes of one chart. Those without features draw whatever no other shape claims. */
export function createShapes(): readonly LiveShape[] {
  return [live(unknownPolyline), live(penLine), live(penHead), live(pivotDot), live(unknownMarker)];
}
