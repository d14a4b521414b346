/** Anchor switches: an arrow off the bar at which the anchor became another one. */
import type { PatchItem } from "../../api/types";
import { partition } from "../cull";
import type { SlotTable } from "../slots";
import { colourOf, type LaidObject, type ObjectRef } from "./object";
import { type Laid, type Scale, type ShapeSpec, tally } from "./shape";

const FEATURE = "anchor.switch";
const DISTANCE_PX = 6;
const ARROW_PX = 10;
const SMALL_PX = 4;
/** Below this zoom arrows shrink to triangles, one per column and side. */
const SMALL_BELOW_SPACING = 3;
const SMALL_COLUMN_PX = 16;
const LETTER_FROM_SPACING = 6;
const LETTER_FONT_PX = 11;
const LETTER = "A";

interface Switch {
  readonly ref: ObjectRef;
  readonly slot: number;
  readonly time: number;
  /** Below the bar, pointing up. */
  readonly up: boolean;
}

interface LaidArrow {
  readonly up: boolean;
  readonly x: number;
  /** Of the tip. */
  readonly y: number;
  /** 1 when the arrow hangs below its tip on the screen, -1 when it stands above it. */
  readonly away: 1 | -1;
  readonly object: LaidObject;
}

interface LaidArrows extends Laid {
  readonly arrows: readonly LaidArrow[];
  readonly small: boolean;
  readonly lettered: boolean;
}

export const switchArrow: ShapeSpec<readonly Switch[], LaidArrows> = {
  features: [FEATURE],
  layers: ["marks"],
  prepare: (items, slots) => items.flatMap((item) => switchOf(item, slots)).sort((a, b) => a.slot - b.slot),
  layout(switches, scale) {
    const small = scale.spacing < SMALL_BELOW_SPACING;
    const from = partition(switches, ({ slot }) => slot < scale.first);
    const to = partition(switches, ({ slot }) => slot <= scale.last);
    const visible = switches.slice(from, to);
    const kept = small ? onePerColumn(visible, scale.spacing) : visible;
    const arrows = kept.flatMap((one) => place(one, scale, small));
    return {
      arrows,
      small,
      lettered: scale.spacing >= LETTER_FROM_SPACING,
      shown: tally(arrows.map(() => FEATURE)),
      objects: arrows.map(({ object }) => object),
    };
  },
  draw(ctx, laid, { tokens }) {
    ctx.fillStyle = tokens.features[FEATURE] ?? colourOf("anchor", tokens);
    ctx.beginPath();
    for (const arrow of laid.arrows) {
      if (laid.small) traceTriangle(ctx, arrow, SMALL_PX);
      else traceArrow(ctx, arrow);
    }
    ctx.fill();
    if (!laid.lettered) return;
    ctx.font = `600 ${LETTER_FONT_PX}px ${tokens.fontFamily}`;
    ctx.textAlign = "center";
    for (const { x, y, away } of laid.arrows) {
      ctx.textBaseline = away > 0 ? "top" : "bottom";
      ctx.fillText(LETTER, x, y + away * (ARROW_PX + 2));
    }
  },
};

function switchOf({ instruction_id: id, definition }: PatchItem, slots: SlotTable): Switch[] {
  if (definition.type !== "marker") return [];
  const slot = slots.slotOf(definition.time);
  if (slot === null) return [];
  const ref = { id, feature: definition.feature, part: null };
  return [{ ref, slot, time: definition.time, up: definition.position === "belowBar" }];
}

/** Columns are counted from the first loaded bar, so that panning does not change the choice. */
function onePerColumn(switches: readonly Switch[], spacing: number): readonly Switch[] {
  const taken = new Set<string>();
  return switches.filter(({ slot, up }) => {
    const column = `${up}${Math.floor((slot * spacing) / SMALL_COLUMN_PX)}`;
    const free = !taken.has(column);
    taken.add(column);
    return free;
  });
}

function place({ ref, slot, time, up }: Switch, scale: Scale, small: boolean): LaidArrow[] {
  const bar = scale.bar(slot);
  if (!bar) return [];
  const price = up ? bar.low : bar.high;
  const edge = scale.y(price);
  // "Below" is where lower prices are: on an inverted scale that is further up.
  const higher = scale.y(price * 1.01) <= edge ? -1 : 1;
  const away = (up ? -higher : higher) as 1 | -1;
  const [x, y] = [scale.x(slot), edge + away * DISTANCE_PX];
  const size = small ? SMALL_PX : ARROW_PX;
  const object: LaidObject = {
    ref,
    layer: "marks",
    outline: { kind: "dot", x, y: y + (away * size) / 2, radius: size / 2 },
    tone: "anchor",
    time,
  };
  return [{ up, x, y, away, object }];
}

function traceTriangle(ctx: CanvasRenderingContext2D, { x, y, away }: LaidArrow, size: number): void {
  ctx.moveTo(x, y);
  ctx.lineTo(x - size / 2, y + away * size);
  ctx.lineTo(x + size / 2, y + away * size);
  ctx.closePath();
}

function traceArrow(ctx: CanvasRenderingContext2D, { x, y, away }: LaidArrow): void {
  const head = ARROW_PX / 2;
  ctx.moveTo(x, y);
  ctx.lineTo(x - head, y + away * head);
  ctx.lineTo(x - 1.25, y + away * head);
  ctx.lineTo(x - 1.25, y + away * ARROW_PX);
  ctx.lineTo(x + 1.25, y + away * ARROW_PX);
  ctx.lineTo(x + 1.25, y + away * head);
  ctx.lineTo(x + head, y + away * head);
  ctx.closePath();
}
