/** Tells every part of the chart what changed of its options. */
import type { Bars } from "./bars";
import type { Content } from "./content";
import type { Scene } from "./scene";
import type { Style } from "./shapes/shape";
import type { Stage } from "./stage";
import type { Structures } from "./structures";
import type { Surface } from "./surface";
import type { ChartOptions, ScaleChoice } from "./types";

export interface AppearanceTargets {
  readonly stage: Stage;
  readonly surface: Surface;
  readonly bars: Bars;
  readonly structures: Structures;
  readonly scene: Scene;
  readonly content: Content;
}

const COMPACT_AXIS_PX = 11;
const COMFORTABLE_AXIS_PX = 12;

export function scaleOf({ scale }: ChartOptions): ScaleChoice {
  return scale ?? { mode: "linear", inverted: false };
}

export function styleOf({ tokens, palette, moreContrast }: ChartOptions): Style {
  return { tokens, palette, strong: moreContrast ?? false };
}

/** `options` are the whole ones, the change included. */
export function applyOptions(
  change: Partial<ChartOptions>,
  options: ChartOptions,
  { stage, surface, bars, structures, scene, content }: AppearanceTargets,
): void {
  const has = (...names: readonly (keyof ChartOptions)[]) => names.some((name) => name in change);
  if (has("density")) {
    stage.setDensity(options.density);
    surface.setFontSize(options.density === "compact" ? COMPACT_AXIS_PX : COMFORTABLE_AXIS_PX);
  }
  if (has("reducedMotion")) scene.setFading(!options.reducedMotion);
  if (has("tokens", "palette", "moreContrast")) {
    surface.setTokens(options.tokens);
    bars.setTokens(options.tokens, options.palette);
    scene.setStyle(styleOf(options));
    content.recolour();
  }
  if (has("locale", "text", "numberLocale", "timeZone")) content.relabel();
  if (has("visibility")) {
    structures.setVisibility(options.visibility ?? {});
    scene.invalidate(3);
  }
  if (has("scale")) {
    surface.setScale(scaleOf(options));
    scene.invalidate(4);
  }
}
