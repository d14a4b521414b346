/**
 * The drawing of one series as the server tells it: a catalogue of items, the ids that count now, and a cursor.
 *
 * Pure reducers. Applying the same delta twice changes nothing; any chain of deltas gives the drawing of the last one.
 */
import type { DrawDelta, PatchItem } from "../api/types";

export interface DrawingState {
  readonly catalog: ReadonlyMap<string, PatchItem>;
  /** Ids to draw, ascending. */
  readonly active: readonly string[];
  /** "I hold D(cursor)"; 0: nothing. */
  readonly cursor: number;
  /** Time of the drawing; null before the first one and for a series without candles. */
  readonly toTime: number | null;
}

export interface DrawingStep {
  readonly state: DrawingState;
  /** Features whose active items changed. */
  readonly features: ReadonlySet<string>;
}

export const EMPTY_DRAWINGS: DrawingState = { catalog: new Map(), active: [], cursor: 0, toTime: null };

/** Items that are no longer active may stay in the catalogue; beyond this many they are let go. */
const INACTIVE_LIMIT = 4_096;

/** Upserts the patch, replaces the active ids, stores the cursor. With `reset` the old drawing is forgotten first. */
export function applyDelta(previous: DrawingState, delta: DrawDelta, reset: boolean): DrawingStep {
  const catalog = new Map(reset ? [] : previous.catalog);
  for (const item of delta.instruction_catalog_patch) catalog.set(item.instruction_id, item);
  const active = delta.active_ids.filter((id) => catalog.has(id));
  const state: DrawingState = {
    catalog: prune(catalog, active),
    active,
    cursor: delta.next_cursor.version_id,
    toTime: delta.to_candle_time,
  };
  return { state, features: changedFeatures(previous, state) };
}

/** Whether a delta may be applied to what is held, or everything has to be read again from cursor 0. */
export function needsReset(state: DrawingState, delta: DrawDelta): boolean {
  return delta.next_cursor.version_id < state.cursor;
}

/** Active items of each feature, in id order. */
export function itemsByFeature(state: DrawingState): Map<string, PatchItem[]> {
  const grouped = new Map<string, PatchItem[]>();
  for (const id of state.active) {
    const item = state.catalog.get(id);
    if (item === undefined) continue;
    const list = grouped.get(item.definition.feature);
    if (list) list.push(item);
    else grouped.set(item.definition.feature, [item]);
  }
  return grouped;
}

function prune(catalog: Map<string, PatchItem>, active: readonly string[]): ReadonlyMap<string, PatchItem> {
  if (catalog.size <= active.length + INACTIVE_LIMIT) return catalog;
  const kept = new Map<string, PatchItem>();
  for (const id of active) {
    const item = catalog.get(id);
    if (item) kept.set(id, item);
  }
  return kept;
}

function changedFeatures(before: DrawingState, after: DrawingState): ReadonlySet<string> {
  const changed = new Set<string>();
  const wasActive = new Set(before.active);
  for (const id of after.active) {
    const now = after.catalog.get(id);
    const then = wasActive.delete(id) ? before.catalog.get(id) : undefined;
    if (now && now !== then) changed.add(now.definition.feature);
    if (now && then && now !== then) changed.add(then.definition.feature);
  }
  for (const id of wasActive) {
    const gone = before.catalog.get(id);
    if (gone) changed.add(gone.definition.feature);
  }
  return changed;
}

/** Features of which something is drawn. */
export function featuresOf(state: DrawingState): Set<string> {
  const features = new Set<string>();
  for (const id of state.active) {
    const feature = state.catalog.get(id)?.definition.feature;
    if (feature !== undefined) features.add(feature);
  }
  return features;
}
