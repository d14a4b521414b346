import { expect, test } from "vitest";
import type { LevelFact, ZoneFact } from "../../feed/ledger";
import { ticksOf } from "./useHistory";

const zone = { formedTime: 600, deathTime: null } as ZoneFact;
const level = (status: LevelFact["status"], deathTime: number | null) => ({ status, deathTime }) as LevelFact;

test("the zone that is alive was born, and broken levels were broken", () => {
  const levels = [level("active", null), level("broken", 300), level("flip", 200), level("broken", 420)];
  expect(ticksOf({ aliveZone: zone, levels })).toEqual([
    { time: 600, kind: "zhongshu.formed" },
    { time: 300, kind: "sr.broken" },
    { time: 420, kind: "sr.broken" },
  ]);
  expect(ticksOf({ aliveZone: null, levels: [] })).toEqual([]);
});
