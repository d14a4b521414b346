/** What happened at one candle, from the ledger of that candle and the levels before it. Pure. */
import {
  type Ledger,
  type LevelFact,
  levelKey,
  type PenFact,
  type PenRef,
  type PivotFact,
  type SwitchFact,
  type ZoneFact,
} from "../../feed/ledger";

export type Change =
  | { readonly kind: "pivot"; readonly at: number; readonly pivot: PivotFact }
  | { readonly kind: "pen"; readonly at: number; readonly pen: PenFact }
  | { readonly kind: "zoneEnded"; readonly at: number; readonly zone: ZoneFact }
  | { readonly kind: "zoneFormed"; readonly at: number; readonly zone: ZoneFact }
  | { readonly kind: "switch"; readonly at: number; readonly change: SwitchFact; readonly why: SwitchWhy | null }
  | {
      readonly kind: "level";
      readonly at: number;
      readonly level: LevelFact;
      readonly became: "new" | "broken" | "flip";
    };

/** What lies behind a switch, where the ledger tells it. */
export type SwitchWhy =
  /** Price ranges of both pens. */
  | { readonly kind: "stronger"; readonly before: number; readonly after: number }
  | { readonly kind: "entry"; readonly zone: ZoneFact };

/** `before`: the levels of the candle before; null when nothing is known of them. */
export function changesAt(ledger: Ledger, time: number, before: readonly LevelFact[] | null): readonly Change[] {
  return [...happened(ledger).filter(({ at }) => at === time), ...levelChanges(ledger.levels, before, time)];
}

/** The newest changes before a candle, newest first. Minor pivots are too many to tell anything here. */
export function lastChanges(ledger: Ledger, time: number, limit: number): readonly Change[] {
  return happened(ledger)
    .filter((change) => change.at < time && !(change.kind === "pivot" && change.pivot.kind === "minor"))
    .sort((a, b) => b.at - a.at)
    .slice(0, limit);
}

/** The switch that made a pen the anchor it is. */
export function switchTo(ledger: Ledger, anchor: PenRef): SwitchFact | null {
  return ledger.switches.findLast((change) => change.after.startTime === anchor.startTime) ?? null;
}

/** In the order of one tick of the engine. */
function happened(ledger: Ledger): Change[] {
  const { pivots, pens, deadZones, aliveZone, switches } = ledger;
  return [
    ...pivots.map((pivot): Change => ({ kind: "pivot", at: pivot.knownSince, pivot })),
    ...pens.flatMap((pen): Change[] => (pen.knownSince === null ? [] : [{ kind: "pen", at: pen.knownSince, pen }])),
    ...deadZones.flatMap((zone): Change[] =>
      zone.deathTime === null ? [] : [{ kind: "zoneEnded", at: zone.deathTime, zone }],
    ),
    ...[...deadZones, ...(aliveZone ? [aliveZone] : [])].map(
      (zone): Change => ({ kind: "zoneFormed", at: zone.formedTime, zone }),
    ),
    ...switches.map((change): Change => ({ kind: "switch", at: change.time, change, why: whyOf(ledger, change) })),
  ];
}

function whyOf(ledger: Ledger, { reason, before, after }: SwitchFact): SwitchWhy | null {
  if (reason === "zhongshu_entry") {
    const zones = [...ledger.deadZones, ...(ledger.aliveZone ? [ledger.aliveZone] : [])];
    const zone = zones.find(({ startTime }) => startTime === after.startTime);
    return zone ? { kind: "entry", zone } : null;
  }
  const [old, now] = [before && strength(ledger, before), strength(ledger, after)];
  return reason === "strong_pen" && old !== null && now !== null && now > old
    ? { kind: "stronger", before: old, after: now }
    : null;
}

/** How far a pen went when the switch looked at it; null when that pen is not in the ledger as it was then. */
function strength({ pens, extending, candidate }: Ledger, ref: PenRef): number | null {
  const all = [extending, candidate, ...pens].flatMap((pen) => pen ?? []);
  const pen = all.find(({ startTime, endTime }) => startTime === ref.startTime && endTime === ref.endTime);
  return pen ? Math.abs(pen.endPrice - pen.startPrice) : null;
}

function levelChanges(now: readonly LevelFact[], before: readonly LevelFact[] | null, at: number): Change[] {
  if (before === null) return [];
  const key = (level: LevelFact) => levelKey(level.side, level.price, level.startTime);
  const known = new Map(before.map((level) => [key(level), level]));
  return now.flatMap((level): Change[] => {
    const then = known.get(key(level));
    if (then?.status === level.status) return [];
    if (level.status === "broken") return then ? [{ kind: "level", at, level, became: "broken" }] : [];
    return [{ kind: "level", at, level, became: then && level.status === "flip" ? "flip" : "new" }];
  });
}
