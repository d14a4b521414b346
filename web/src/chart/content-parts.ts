/** What the content of a chart works with. */
import type { Annotations } from "./annotations";
import type { Bars } from "./bars";
import type { LabelLayer } from "./label-layer";
import type { Navigation } from "./navigation";
import type { Scene } from "./scene";
import type { Stage } from "./stage";
import type { Structures } from "./structures";
import type { Surface } from "./surface";
import type { ChartDeps, ChartNotice, ChartOptions } from "./types";

export interface ContentParts {
  readonly stage: Stage;
  readonly surface: Surface;
  readonly bars: Bars;
  readonly structures: Structures;
  readonly annotations: Annotations;
  readonly labels: LabelLayer;
  readonly scene: Scene;
  readonly navigation: Navigation;
}

export interface ContentOptions {
  readonly deps: ChartDeps;
  readonly parts: ContentParts;
  readonly now: () => number;
  settings(): ChartOptions;
  /** Values changed: legend, state, facts. */
  onChange(): void;
  /** Another series is on the chart. */
  onSwitch(): void;
  onNotice(notice: ChartNotice): void;
}
