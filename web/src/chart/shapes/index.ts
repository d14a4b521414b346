/** Every shape of the drawing. A new one is a file beside this and a line here; within a layer the order is back to front. */
import { anchorLine } from "./anchor-line";
import { penHead } from "./pen-head";
import { penLine } from "./pen-line";
import { pivotDot } from "./pivot-dot";
import { type LiveShape, live } from "./shape";
import { srLevel } from "./sr-level";
import { switchArrow } from "./switch-arrow";
import { unknownMarker } from "./unknown-marker";
import { unknownPolyline } from "./unknown-polyline";
import { zoneBox } from "./zone-box";

/** Shapes of one chart. Those without features draw whatever no other shape claims. */
export function createShapes(): readonly LiveShape[] {
  return [
    live(srLevel),
    live(zoneBox),
    live(unknownPolyline),
    live(penLine),
    live(penHead),
    live(pivotDot),
    live(switchArrow),
    live(unknownMarker),
    live(anchorLine),
  ];
}
