import type { Navigation } from "./navigation";
import type { Surface } from "./surface";
import type { ChartCommandId, ScaleChoice } from "./types";

export interface CommandTargets {
  readonly navigation: Navigation;
  readonly surface: Surface;
  readonly scale: ScaleChoice;
  setScale(choice: ScaleChoice): void;
  follow(): void;
  takeBack(): void;
  inspect(): void;
  stepObject(direction: 1 | -1): void;
  measure(): void;
  retry(): void;
  retryDrawings(): void;
}

const QUARTER = 0.25;

export function runCommand(id: ChartCommandId, targets: CommandTargets): void {
  COMMANDS[id](targets);
}

const COMMANDS: Readonly<Record<ChartCommandId, (targets: CommandTargets) => void>> = {
  crosshairLeft: ({ navigation }) => navigation.moveCursor(-1),
  crosshairRight: ({ navigation }) => navigation.moveCursor(1),
  escape: ({ takeBack }) => takeBack(),
  inspect: ({ inspect }) => inspect(),
  objectNext: ({ stepObject }) => stepObject(1),
  objectPrevious: ({ stepObject }) => stepObject(-1),
  measure: ({ measure }) => measure(),
  panLeft: ({ navigation }) => navigation.pan(-QUARTER),
  panRight: ({ navigation }) => navigation.pan(QUARTER),
  pageLeft: ({ navigation }) => navigation.pan(-1),
  pageRight: ({ navigation }) => navigation.pan(1),
  zoomIn: ({ navigation }) => navigation.zoom(1),
  zoomOut: ({ navigation }) => navigation.zoom(-1),
  home: ({ navigation }) => navigation.toStart(),
  end: ({ follow }) => follow(),
  resetView: ({ navigation, surface }) => {
    surface.autoScale();
    navigation.showDefault();
  },
  autoScale: ({ surface }) => surface.autoScale(),
  toggleLog: ({ scale, setScale }) => setScale({ ...scale, mode: scale.mode === "log" ? "linear" : "log" }),
  togglePercent: ({ scale, setScale }) => setScale({ ...scale, mode: scale.mode === "percent" ? "linear" : "percent" }),
  toggleInvert: ({ scale, setScale }) => setScale({ ...scale, inverted: !scale.inverted }),
  retry: ({ retry }) => retry(),
  retryDrawings: ({ retryDrawings }) => retryDrawings(),
};
