/** Markers of features the client does not know: their own shape, colour and letter. */
import { partition } from "../cull";
import type { LaidObject, ObjectRef } from "./object";
import { type Laid, type ShapeSpec, tally } from "./shape";

const RADIUS = 3.5;
const ARROW_PX = 10;
const DISTANCE_PX = 6;
const TEXT_FROM_SPACING = 6;
const FONT_PX = 11;
/** Below this zoom, one marker per column and side. */
const CROWDED_SPACING = 3;
const CROWDED_COLUMN_PX = 16;

interface Marker {
  readonly ref: ObjectRef;
  readonly time: number;
  readonly slot: number;
  readonly feature: string;
  readonly above: boolean;
  readonly shape: string;
  readonly color: string;
  readonly size: number;
  readonly text: string;
}

interface LaidMarkers extends Laid {
  readonly markers: readonly { readonly marker: Marker; readonly x: number; readonly y: number }[];
  readonly withText: boolean;
}

export const unknownMarker: ShapeSpec<readonly Marker[], LaidMarkers> = {
  features: [],
  layers: ["marks"],
  prepare: (items, slots) =>
    items
      .flatMap(({ instruction_id: id, definition }): Marker[] => {
        if (definition.type !== "marker") return [];
        const slot = slots.slotOf(definition.time);
        if (slot === null) return [];
        const { feature, time, shape, color, text } = definition;
        const ref = { id, feature, part: null };
        const size = Math.min(3, Math.max(0.3, definition.size));
        return [{ ref, time, slot, feature, above: definition.position === "aboveBar", shape, color, size, text }];
      })
      .sort((a, b) => a.slot - b.slot),
  layout(markers, scale) {
    const from = partition(markers, (marker) => marker.slot < scale.first);
    const to = partition(markers, (marker) => marker.slot <= scale.last);
    const columns = new Set<string>();
    const laid: { marker: Marker; x: number; y: number }[] = [];
    for (const marker of markers.slice(from, to)) {
      const bar = scale.bar(marker.slot);
      if (!bar) continue;
      if (scale.spacing < CROWDED_SPACING) {
        const column = Math.floor((marker.slot * scale.spacing) / CROWDED_COLUMN_PX);
        const key = `${marker.feature}${marker.above}${column}`;
        if (columns.has(key)) continue;
        columns.add(key);
      }
      const y = scale.y(marker.above ? bar.high : bar.low) + (marker.above ? -DISTANCE_PX : DISTANCE_PX);
      laid.push({ marker, x: scale.x(marker.slot), y });
    }
    return {
      markers: laid,
      withText: scale.spacing >= TEXT_FROM_SPACING,
      shown: tally(laid.map(({ marker }) => marker.feature)),
      objects: laid.map(({ marker, x, y }) => markerObject(marker, x, y)),
    };
  },
  draw(ctx, laid, { tokens }) {
    ctx.font = `${FONT_PX}px ${tokens.fontFamily}`;
    ctx.textAlign = "center";
    for (const { marker, x, y } of laid.markers) {
      ctx.fillStyle = tokens.features[marker.feature] ?? marker.color;
      const away = marker.above ? -1 : 1;
      const extent = extentOf(marker);
      ctx.beginPath();
      if (marker.shape === "circle") {
        ctx.arc(x, y + (away * extent) / 2, extent / 2, 0, 2 * Math.PI);
      } else {
        const [tip, base] =
          (marker.shape === "arrowUp") === marker.above ? [y + away * extent, y] : [y, y + away * extent];
        ctx.moveTo(x, tip);
        ctx.lineTo(x - extent / 2, base);
        ctx.lineTo(x + extent / 2, base);
        ctx.closePath();
      }
      ctx.fill();
      if (laid.withText && marker.text !== "") {
        ctx.textBaseline = marker.above ? "bottom" : "top";
        ctx.fillText(marker.text, x, y + away * (extent + 2));
      }
    }
  },
};

function extentOf(marker: Marker): number {
  return (marker.shape === "circle" ? 2 * RADIUS : ARROW_PX) * marker.size;
}

function markerObject(marker: Marker, x: number, y: number): LaidObject {
  const { ref, time, feature, color } = marker;
  const radius = extentOf(marker) / 2;
  return {
    ref,
    layer: "marks",
    outline: { kind: "dot", x, y: y + (marker.above ? -radius : radius), radius },
    tone: { feature, color },
    time,
  };
}
