/** Which drawings are shown. Every row of the Factors panel follows from this and the catalogue. */
import type { FactorCatalog, FactorEntry } from "../../api/types";

/**
 * Choices that differ from "as the catalogue says": `features` by feature key, `off` for factors that were switched off
 * as a whole. A factor that is off remembers its features.
 */
export interface Visibility {
  features: Readonly<Record<string, boolean>>;
  off: readonly string[];
}

export type Check = "on" | "off" | "mixed";

export const NOTHING_CHOSEN: Visibility = { features: {}, off: [] };

/** Whether a feature is wanted when its factor is on. */
function wanted(choice: Visibility, factor: FactorEntry, key: string): boolean {
  const chosen = choice.features[key];
  if (chosen !== undefined) return chosen;
  return factor.default_visible && (factor.sub_features.find((entry) => entry.key === key)?.default_visible ?? true);
}

/** Keys a factor draws; a factor without sub features draws under its own name. */
export function featuresOf(factor: FactorEntry): string[] {
  return factor.sub_features.length > 0 ? factor.sub_features.map((entry) => entry.key) : [factor.key];
}

export function isShown(choice: Visibility, factor: FactorEntry, key: string): boolean {
  return !choice.off.includes(factor.key) && wanted(choice, factor, key);
}

export function checkOf(choice: Visibility, factor: FactorEntry): Check {
  const keys = featuresOf(factor);
  const shown = keys.filter((key) => isShown(choice, factor, key)).length;
  return shown === 0 ? "off" : shown === keys.length ? "on" : "mixed";
}

/** Turning a child on never changes its siblings; it does bring a factor back that was off as a whole. */
export function toggleFeature(choice: Visibility, factor: FactorEntry, key: string): Visibility {
  const on = !isShown(choice, factor, key);
  if (choice.off.includes(factor.key)) {
    const siblings = featuresOf(factor).map((sibling) => [sibling, sibling === key] as const);
    return {
      features: { ...choice.features, ...Object.fromEntries(siblings) },
      off: choice.off.filter((entry) => entry !== factor.key),
    };
  }
  return { ...choice, features: { ...choice.features, [key]: on } };
}

/** Off remembers the children and on brings them back; "some" turns all on. */
export function toggleFactor(choice: Visibility, factor: FactorEntry): Visibility {
  const check = checkOf(choice, factor);
  const off = choice.off.filter((entry) => entry !== factor.key);
  if (check === "on") return { ...choice, off: [...off, factor.key] };
  const remembered: Visibility = { ...choice, off };
  if (check === "off" && checkOf(remembered, factor) !== "off") return remembered;
  const all = Object.fromEntries(featuresOf(factor).map((key) => [key, true]));
  return { features: { ...choice.features, ...all }, off };
}

/** Shows this factor or feature and hides every other one. */
export function showOnly(catalog: FactorCatalog, target: string): Visibility {
  const features: Record<string, boolean> = {};
  const off: string[] = [];
  for (const factor of catalog.factors) {
    const keys = featuresOf(factor);
    const own = factor.key === target || keys.includes(target);
    if (!own) off.push(factor.key);
    else for (const key of keys) features[key] = factor.key === target || key === target;
  }
  return { features, off };
}

/** What the chart is told: every feature of the catalogue with its state. */
export function flatten(choice: Visibility, catalog: FactorCatalog): Record<string, boolean> {
  const shown: Record<string, boolean> = {};
  for (const factor of catalog.factors) {
    for (const key of featuresOf(factor)) shown[key] = isShown(choice, factor, key);
  }
  return shown;
}
