/** Keeps what the chart has to say about its drawing: heads with every frame, histories when somebody asks for them. */
import type { ApiClient, SlicePart } from "../api/client";
import type { FactorSlices, SeriesId } from "../api/types";
import type { DrawingState } from "./drawings";
import { joinLedgers, type Ledger, levelKey, readLedger } from "./ledger";

export interface LedgerSyncOptions {
  readonly api: Pick<ApiClient, "factorSlices">;
  readonly seriesId: SeriesId;
  readonly windowCandles: number;
  readonly now: () => number;
  onLedger(ledger: Ledger): void;
}

/** One read a second is plenty for words beside a drawing, and a failed one is not repeated at every move of the pointer. */
const PAUSE_MS = 1_000;
const PAUSE_AFTER_FAILURE_MS = 5_000;

export class LedgerSync {
  private readonly options: LedgerSyncOptions;
  private readonly abort = new AbortController();
  private known: Ledger | null = null;
  /** Candle up to which histories are complete. */
  private historyTo: number | null = null;
  private drawnTo: number | null = null;
  private wanted: SlicePart | null = null;
  private reading = false;
  private notBefore = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LedgerSyncOptions) {
    this.options = options;
  }

  ledger(): Ledger | null {
    return this.known;
  }

  /** Slices that came with a frame. Slices of an older candle than the known ones replace them: the series was reset. */
  take(slices: FactorSlices, part: SlicePart): void {
    const read = readLedger(slices);
    const joined = joinLedgers(this.known, read);
    if (joined === read) this.historyTo = null;
    if (part !== "head") this.historyTo = read.atTime;
    this.known = joined;
    this.options.onLedger(joined);
  }

  /** The drawing moved on. Levels that nothing is known about yet are asked for: their labels say how often they held. */
  drawn(state: DrawingState): void {
    this.drawnTo = state.toTime;
    const heads = new Set(this.known?.levels.map((level) => levelKey(level.side, level.price, level.startTime)));
    if (state.active.some((id) => id.startsWith("sr.") && !heads.has(levelKeyOf(state, id)))) this.want("head");
  }

  /** Somebody looks at an object: what happened to it is read once per candle. */
  wantHistory(): void {
    if (this.drawnTo !== null && (this.historyTo ?? 0) < this.drawnTo) this.want("all");
  }

  stop(): void {
    this.abort.abort();
    clearTimeout(this.timer);
  }

  private want(part: SlicePart): void {
    this.wanted = this.wanted === "all" ? "all" : part;
    if (this.reading) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.read(), Math.max(0, this.notBefore - this.options.now()));
  }

  private async read(): Promise<void> {
    const part = this.wanted;
    const atTime = this.drawnTo;
    if (part === null || atTime === null) return;
    this.wanted = null;
    this.reading = true;
    const { api, seriesId, windowCandles, now } = this.options;
    const query = { series_id: seriesId, at_time: atTime, window_candles: windowCandles, part };
    try {
      const slices = await api.factorSlices(query, this.abort.signal);
      if (this.abort.signal.aborted) return;
      this.notBefore = now() + PAUSE_MS;
      this.take(slices, part);
    } catch {
      // The words stay what they were; the next look asks again.
      this.notBefore = now() + PAUSE_AFTER_FAILURE_MS;
    } finally {
      this.reading = false;
    }
    if (this.wanted !== null && !this.abort.signal.aborted) this.want(this.wanted);
  }
}

/** `sr.active:{side}:{price}:{start}`; the exact price is in the points. */
export function levelKeyOf(state: DrawingState, id: string): string {
  const definition = state.catalog.get(id)?.definition;
  const parts = id.split(":");
  const price = definition?.type === "polyline" ? (definition.points[0]?.value ?? Number.NaN) : Number.NaN;
  return levelKey(parts[1] ?? "", price, Number(parts.at(-1)));
}
