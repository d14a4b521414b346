/** What a chart needs of one series, whoever brings it: the live feed, or a replay. */
import type { ApiError } from "../api/error";
import type { SeriesId } from "../api/types";
import type { DrawingSyncStatus } from "./drawing-sync";
import type { DrawingState } from "./drawings";
import type { Ledger } from "./ledger";
import type { CandleWindow, FarSide, WindowChange } from "./window";

export interface SessionListener {
  /** The first page is here (it may be empty), or the window was started anew elsewhere in time. */
  onStart(window: CandleWindow): void;
  onCandles(window: CandleWindow, change: WindowChange): void;
  onDrawings(state: DrawingState, features: ReadonlySet<string>): void;
  /** Candles and drawings were read again after a rebuild and belong into one frame. */
  onRebuilt(window: CandleWindow, rebuilt: Rebuilt): void;
  /** Anything else: failures, history, draw status, refusal. */
  onStatus(): void;
}

export interface Rebuilt {
  /** Null: the drawings come later. */
  readonly drawings: DrawingState | null;
  readonly epoch: number | null;
  /** First candle that is another one than before, seconds; null when all of them stayed. */
  readonly from: number | null;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** The drawing of a session, and what is known about its objects. */
export interface SessionDrawings {
  drawings(): DrawingState;
  /** Null before the first frame. */
  ledger(): Ledger | null;
  status(): DrawingSyncStatus;
  failure(): ApiError | null;
  /** Wall clock of the next try, milliseconds; null when none is planned. */
  retryAtMs(): number | null;
  retryNow(): void;
  /** Somebody looks at an object: its history is read if it is not known yet. */
  wantHistory(): void;
}

export interface ChartSession {
  readonly seriesId: SeriesId;
  /** Seconds. */
  readonly timeframe: number;
  window(): CandleWindow;
  drawings(): SessionDrawings;
  /** The ledgers were folded again, and the drawing of the new ones is not here yet. */
  rebuilding(): boolean;
  /** The failure that keeps the first page away; null once it is here. */
  failure(): ApiError | null;
  retryAtMs(): number | null;
  /** Newest closed time known, also when the window does not reach it; seconds. */
  newest(): number | null;
  epoch(): number | null;
  lastFrameMs(): number | null;
  refusal(): Refusal | null;
  loadingOlder(): boolean;
  /** Which end of a full window may go, from where the user looks. */
  setFarSide(far: FarSide): void;
  retry(): void;
  /** Loads the page before the window; one request at a time. */
  loadOlder(): Promise<void>;
  /** Loads the page after a window that does not reach the newest candle. */
  loadNewer(): Promise<void>;
  /** Starts the window anew: at the newest candle, or with its right edge at `at` (seconds). */
  restart(at?: number): Promise<void>;
  /** Facts of its own for the chart's element, by attribute; absent: it is live. */
  facts?(): Readonly<Record<string, string | number>>;
  /** The time that is shown as now, seconds; absent: the market clock's. */
  clockTime?(): number | null;
  stop(): void;
}

/** What a chart hands to whoever makes a session for it. */
export interface SessionParts {
  readonly listener: SessionListener;
  /** The candles on screen; null: there are none. */
  readonly shown: { readonly seriesId: SeriesId; readonly window: CandleWindow } | null;
}

export type MakeSession = (parts: SessionParts) => ChartSession;
