/**
 * The interface between the chart and the application.
 *
 * Everything here is framework-free. Times are Unix seconds (candle open time) unless a name ends in `Ms`.
 * The host owns the DOM inside its container: canvases, legend, crosshair text, speech region, loading skeleton.
 * The application renders cards, buttons and menus around or over it from `ChartState`.
 *
 * The host sets on its container: `data-testid="chart"`, every `data-*` fact of the contract, `role="application"`,
 * `tabindex="0"`, `aria-label`, and the CSS variables `--tc-price-axis`, `--tc-time-axis` and `--tc-last-bar` (px; from the
 * right edge of the plot to the newest bar, 0 when it is out of view), with which the application places what stands in the
 * axis corner or at the lower right of the plot.
 */
import type { ApiClient } from "../api/client";
import type { MarketClock } from "../api/clock";
import type { ConnectionState } from "../api/link";
import type { MarketSocket } from "../api/socket";
import type { SeriesId } from "../api/types";
import type { MakeSession } from "../feed/chart-session";
import type { GapChange } from "../feed/gap-watch";
import type { Explanation } from "./explain";
import type { ChartOverlay, OverlayHandle } from "./overlay";
import type { ChartText } from "./wording";

export type ThemeName = "dark" | "light";
export type PaletteName = "standard" | "colour-blind";
/** Size of axis and legend text: compact 11 and 12 px, comfortable 12 and 13 px. */
export type Density = "compact" | "comfortable";
export type PriceScaleMode = "linear" | "log" | "percent";
export type ChartStatus = "loading" | "ready" | "empty" | "stale" | "error" | "offline";
export type HistoryState = "more" | "loading" | "start";
export type DrawStatus = "ok" | "retry" | "out_of_sync" | "none";

/**
 * Colours the canvas uses, read once per theme change with `readChartTokens(root)` from `chart/tokens`.
 * The direction choice (green-up, red-up) is already contained: the style sheet swaps `--up` and `--down`.
 */
export interface ChartTokens {
  readonly bg: string;
  readonly bgRaised: string;
  readonly grid: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly text1: string;
  readonly text2: string;
  readonly text3: string;
  readonly accent: string;
  readonly onAccent: string;
  readonly up: string;
  readonly down: string;
  readonly pen: string;
  readonly pivotHigh: string;
  readonly pivotLow: string;
  readonly zoneUp: string;
  readonly zoneDown: string;
  /** Zones that ended. */
  readonly zoneUpDead: string;
  readonly zoneDownDead: string;
  readonly anchor: string;
  readonly anchorHistory: string;
  readonly resistance: string;
  readonly support: string;
  readonly srBroken: string;
  readonly gap: string;
  /** Healthy; never swapped with the direction colours. */
  readonly ok: string;
  readonly halo: string;
  /** Replay state only. */
  readonly replay: string;
  readonly onReplay: string;
  /** Spare hues for features the client does not know, `--series-1` to `--series-8`. */
  readonly series: readonly string[];
  /** Values of `--feature-<key with dots as dashes>` that the style sheet defines, by feature key. */
  readonly features: Readonly<Record<string, string>>;
  readonly fontFamily: string;
}

export interface ChartOptions {
  readonly tokens: ChartTokens;
  readonly text: ChartText;
  /** BCP 47, `en` or `zh-CN`. */
  readonly locale: string;
  /** Language whose units large numbers take: `12.3K` or `1.2万`; absent: `locale`. */
  readonly numberLocale?: string;
  /** IANA name; the application resolves "local" and "exchange" before it hands it over. */
  readonly timeZone: string;
  readonly palette: PaletteName;
  readonly density: Density;
  readonly reducedMotion: boolean;
  /** The user asked for more contrast: nothing is translucent that carries meaning. Absent: no. */
  readonly moreContrast?: boolean;
  /** Bars in the first view, 150 unless the user chose another number. */
  readonly defaultBars: number;
  readonly scale?: ScaleChoice;
  readonly visibility?: Readonly<Record<string, boolean>>;
}

export interface ChartDeps {
  /** Value of `data-chart-id`. */
  readonly chartId: string;
  readonly api: ApiClient;
  readonly socket: MarketSocket;
  readonly clock: MarketClock;
  /** Wall clock, milliseconds; `Date.now` unless given. */
  readonly now?: () => number;
  readonly options: ChartOptions;
}

export interface OpenOptions {
  /** Right-edge time; absent: follow the newest bar. */
  readonly at?: number;
  /** Bars in view; absent: default spacing. */
  readonly bars?: number;
  /** Pixels per bar, instead of `bars`. */
  readonly spacing?: number;
  /** Empty bars right of the newest one; absent: as the width asks for. */
  readonly margin?: number;
  /** Brings the series; absent: the live feed. */
  readonly make?: MakeSession;
}

export interface ScaleChoice {
  readonly mode: PriceScaleMode;
  readonly inverted: boolean;
}

/**
 * Commands without their own method. `panLeft`/`panRight` move a quarter of the view, `pageLeft`/`pageRight` a whole one.
 * `zoomIn`/`zoomOut` act at the crosshair, else at the right edge. `autoScale` returns the price axis to automatic.
 */
export type ChartCommandId =
  | "crosshairLeft"
  | "crosshairRight"
  /** The innermost of measure, selection and crosshair goes. */
  | "escape"
  /** Chooses the bar under the crosshair, else the newest one, to be inspected. */
  | "inspect"
  | "objectNext"
  | "objectPrevious"
  /** Measures from the crosshair with the arrow keys; ends a measure that is under way. */
  | "measure"
  | "panLeft"
  | "panRight"
  | "pageLeft"
  | "pageRight"
  | "zoomIn"
  | "zoomOut"
  | "home"
  | "end"
  | "resetView"
  | "autoScale"
  | "toggleLog"
  | "togglePercent"
  | "toggleInvert"
  | "retry"
  | "retryDrawings";

export interface LegendValues {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** Against the previous close; null for the first loaded bar. */
  readonly change: number | null;
  readonly changePercent: number | null;
  readonly forming: boolean;
}

export interface FeatureCount {
  /** Active instructions of the newest drawing. */
  readonly active: number;
  /** Instructions laid out in view after visibility, culling and thinning. */
  readonly shown: number;
  /** What a person would count in view: pens rather than the one line they form. The Factors panel shows this. */
  readonly inView: number;
}

export interface ChartFailure {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly message: string;
  readonly requestId: string;
  /** Wall clock of the next automatic try, milliseconds; null: none planned. */
  readonly retryAtMs: number | null;
}

export interface DrawingsState {
  readonly status: DrawStatus;
  /** The ledgers were folded again and their drawing is not here yet. */
  readonly rebuilding: boolean;
  readonly toTime: number | null;
  readonly cursor: number;
  readonly epoch: number | null;
  readonly failure: ChartFailure | null;
}

/** What the user chose on the chart. */
export type Selected =
  | { readonly kind: "bar"; readonly time: number }
  | {
      readonly kind: "object";
      /** Instruction id. */
      readonly id: string;
      readonly feature: string;
      /** What it was when it was last drawn. */
      readonly explanation: Explanation;
      /** It is no longer part of the drawing. */
      readonly gone: boolean;
    };

/** Coarse picture of the chart, immutable, published at most 4 times per second. */
export interface ChartState {
  readonly chartId: string;
  /** Series on screen; null before the first page. */
  readonly series: SeriesId | null;
  /** Series asked for; differs from `series` while switching. */
  readonly requested: SeriesId | null;
  readonly status: ChartStatus;
  /** What was opened last is not on screen yet, though another view of the same series may be. */
  readonly opens: boolean;
  readonly failure: ChartFailure | null;
  readonly last: LegendValues | null;
  /** Bar under the crosshair. */
  readonly hover: LegendValues | null;
  readonly selected: Selected | null;
  readonly follow: boolean;
  /** Bars that closed since the view left the newest one. */
  readonly newBars: number;
  /** By feature key, unknown ones included. */
  readonly features: Readonly<Record<string, FeatureCount>>;
  /** Active instructions of the newest drawing, all features. */
  readonly active: number;
  readonly connection: ConnectionState;
  readonly drawings: DrawingsState;
  /** Wall clock of the newest socket frame of this series, milliseconds. */
  readonly lastFrameMs: number | null;
  /** Refusal of the subscription (`capacity`, `ingest_cooling_down`, ...), null when accepted. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
  /** Price digits. */
  readonly precision: number;
  /** First and last visible slot; null before the first paint. */
  readonly visible: { readonly from: number; readonly to: number; readonly bars: number } | null;
  readonly barSpacing: number;
  readonly history: HistoryState;
  readonly candles: {
    readonly count: number;
    readonly firstTime: number | null;
    readonly lastTime: number | null;
    readonly formingTime: number | null;
  };
  readonly gaps: { readonly count: number; readonly bars: number };
  readonly scale: ScaleChoice;
  /** The price axis was scaled by hand. */
  readonly manualPrice: boolean;
  readonly timeZone: string;
  /** Short name of the zone at the last bar, `UTC`, `GMT+8`, `CET`. */
  readonly zoneLabel: string;
}

/** Something that happened on or to the chart and is answered elsewhere. */
export type ChartNotice =
  | {
      readonly kind: "rebuild";
      readonly series: SeriesId;
      readonly epoch: number | null;
      /** First candle that is another one than before, seconds; null when all of them stayed. */
      readonly from: number | null;
    }
  /** Candles went missing, or were filled in. */
  | { readonly kind: "gap"; readonly series: SeriesId; readonly change: GapChange }
  /** A bar or object was chosen, to be inspected. */
  | { readonly kind: "inspect" };

export interface BarRow {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly forming: boolean;
}

export interface PricePoint {
  readonly time: number;
  readonly price: number;
}

export interface PenRow {
  readonly from: PricePoint;
  readonly to: PricePoint;
  readonly state: "confirmed" | "extending" | "candidate";
}

/** The structure around the newest bar; hidden features are left out. */
export interface StructureRow {
  readonly zone: { readonly low: number; readonly high: number; readonly since: number } | null;
  readonly anchor: { readonly from: PricePoint; readonly to: PricePoint } | null;
  /** Nearest active levels above and below the last close. */
  readonly above: number | null;
  readonly below: number | null;
}

/** Facts for the screen-reader summary and the table of visible bars; the application words them. */
export interface ChartSummary {
  readonly series: SeriesId | null;
  readonly status: ChartStatus;
  readonly timeZone: string;
  readonly precision: number;
  readonly firstClose: PricePoint | null;
  readonly lastClose: PricePoint | null;
  readonly high: PricePoint | null;
  readonly low: PricePoint | null;
  /** Newest first, at most five. */
  readonly pens: readonly PenRow[];
  readonly structure: StructureRow;
  readonly drawings: DrawingsState;
  readonly bars: readonly BarRow[];
  readonly gaps: { readonly count: number; readonly bars: number };
}

/** Text formatters of the series on screen, shared by axis, legend and tables. */
export interface ChartFormats {
  price(value: number): string;
  change(value: number): string;
  percent(value: number): string;
  volume(value: number): string;
  /** Of a bar: `2026-11-21 14:05` in the chosen zone, the day alone on a daily chart. */
  dateTime(time: number): string;
  /** Of anything else: day and time in the chosen zone, on every chart. */
  moment(time: number): string;
  /** From one to the other; the date once when both have it: `2026-11-21 14:05–16:20`. */
  range(from: number, to: number): string;
  /** `3 h 20 m`. */
  duration(seconds: number): string;
}

export interface ChartHost {
  open(seriesId: SeriesId, options?: OpenOptions): void;
  /**
   * Changes what the chart was told at its creation; what is not in `change` stays. Of the visibility, absent keys are
   * visible except the documented defaults.
   */
  set(change: Partial<ChartOptions>): void;
  command(id: ChartCommandId): void;
  /**
   * Brings the bar at `time` to the right third of the view, loading history when needed; with a number of bars it stands
   * at the right edge, and so many are in view. Resolves when it is on screen.
   */
  goTo(time: number, bars?: number): Promise<void>;
  /** Back to the newest bar. */
  follow(): void;
  state(): ChartState;
  /** Called at most 4 times per second, and once at once with the present state. Returns the way to stop. */
  subscribe(listener: (state: ChartState) => void): () => void;
  onNotice(listener: (notice: ChartNotice) => void): () => void;
  describe(): ChartSummary;
  formats(): ChartFormats;
  /** Chooses the bar that opens at `time`, as a click on it; null: nothing is chosen. */
  choose(time: number | null): void;
  /** The bar that opens at `time`; null when it is not loaded. */
  barAt(time: number): LegendValues | null;
  /** Whether bars are missing in the loaded range between two times. */
  spansGap(from: number, to: number): boolean;
  /** Takes back the innermost of measure and selection; false when there was neither. */
  takeBack(): boolean;
  /** Lays something over the chart until it is detached. */
  attach(overlay: ChartOverlay): OverlayHandle;
  /** Price at a height of the page, CSS pixels; null outside of the plot and without candles. */
  priceAt(clientY: number): number | null;
  focus(): void;
  destroy(): void;
}

export type CreateChartHost = (container: HTMLElement, deps: ChartDeps) => ChartHost;
