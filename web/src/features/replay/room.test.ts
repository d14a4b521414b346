import { describe, expect, it } from "vitest";
import { heightOf, PARTS, ROW_PX, roomOf } from "./room";

const FINE = 28;
const COARSE = 44;

/** Width of everything that a room lets in, with the least scrubber. */
function needed(width: number, button: number): number {
  const room = roomOf(width, button);
  const { events, previous, start, orders, goTo } = room;
  const buttons = 4 + (events ? 2 : 0) + [previous, start, orders, goTo].filter(Boolean).length;
  const scrubber = room.scrubber ? 96 + 2 : 0;
  const words = room.rows === 1 ? PARTS.words + PARTS.clock + 4 : 0;
  return 12 + buttons * (button + 2) + (room.slider ? PARTS.slider : PARTS.list) + scrubber + words;
}

describe("roomOf", () => {
  it("has everything in one row on a wide screen", () => {
    const room = roomOf(1_160, FINE);
    expect(room).toEqual({
      ...{ rows: 1, events: true, scrubber: true, previous: true },
      ...{ start: true, orders: true, goTo: true, slider: true },
    });
    expect(heightOf(room)).toBe(ROW_PX);
  });

  it("keeps the moves and the speed alone on a telephone", () => {
    const { rows, ...parts } = roomOf(306, COARSE);
    expect(rows).toBe(2);
    expect(Object.values(parts)).not.toContain(true);
  });

  it("has the scrubber with fingers at 820, in a second row", () => {
    expect(roomOf(686, COARSE)).toMatchObject({ rows: 2, events: true, scrubber: true, orders: true });
  });

  it("never lets in more than fits", () => {
    for (const button of [24, FINE, 32, COARSE]) {
      for (let width = 280; width <= 1_600; width += 1) expect(needed(width, button)).toBeLessThanOrEqual(width);
    }
  });

  it("loses nothing by more width", () => {
    for (const button of [FINE, COARSE]) {
      let before = 0;
      for (let width = 240; width <= 1_600; width += 1) {
        const { rows, ...parts } = roomOf(width, button);
        const now = Object.values(parts).filter(Boolean).length;
        expect(now).toBeGreaterThanOrEqual(before);
        before = now;
      }
    }
  });
});
