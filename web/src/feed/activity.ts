/** What happened on this page and behind it, newest last. Facts only: words come from the panel that shows them. */
import type { SeriesId } from "../api/types";

export type ActivityLevel = "info" | "warn" | "error";

export type Happening =
  | { readonly kind: "connected" }
  | { readonly kind: "lost" }
  | { readonly kind: "offline" }
  /** `downMs`: how long the connection was gone. */
  | { readonly kind: "restored"; readonly downMs: number }
  /** Ledgers were folded again. */
  | { readonly kind: "rebuild" }
  /** The stream left candles out: first missing open time, and the time of the next candle. */
  | { readonly kind: "hole"; readonly fromTime: number; readonly nextTime: number }
  | { readonly kind: "gap_opened"; readonly fromTime: number; readonly toTime: number; readonly missing: number }
  | { readonly kind: "gap_healed"; readonly fromTime: number; readonly toTime: number; readonly missing: number }
  /** A system message of a kind that this page does not know. */
  | { readonly kind: "system"; readonly event: string; readonly message: string }
  /** The server refused a subscription. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  | {
      readonly kind: "failure";
      readonly code: string;
      readonly message: string;
      readonly path: string;
      readonly requestId: string;
    }
  /** A notice that was shown, in the language of that moment. */
  | { readonly kind: "notice"; readonly code: string; readonly text: string }
  /** An event of the server, while its debug gate is open. */
  | { readonly kind: "server"; readonly event: string; readonly message: string };

export interface Activity {
  /** Unique on this page; later ones are larger. */
  readonly id: number;
  /** Wall clock, milliseconds. */
  readonly atMs: number;
  readonly level: ActivityLevel;
  readonly series: SeriesId | null;
  readonly what: Happening;
  /** How often it happened in a row. */
  readonly count: number;
}

export type NewActivity = Omit<Activity, "id" | "count">;

export const ACTIVITY_LIMIT = 5_000;
/** Listeners hear of a burst this often, milliseconds. */
const TELL_EVERY_MS = 250;

export class ActivityLog {
  private kept: Activity[] = [];
  private shown: readonly Activity[] = [];
  private nextId = 1;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  /** Everything that is kept, oldest first; the same array until something is added. */
  entries(): readonly Activity[] {
    return this.shown;
  }

  /** Called some time after something was added, once for many. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  add(entry: NewActivity): void {
    this.addAll([entry]);
  }

  /** Adds several, also ones that happened before what is kept already. */
  addAll(entries: readonly NewActivity[]): void {
    let sorted = true;
    for (const entry of entries) {
      const last = this.kept.at(-1);
      if (last && repeats(last, entry)) {
        this.kept[this.kept.length - 1] = { ...last, ...entry, count: last.count + 1 };
        continue;
      }
      if (last && last.atMs > entry.atMs) sorted = false;
      this.kept.push({ ...entry, id: this.nextId, count: 1 });
      this.nextId += 1;
    }
    if (!sorted) this.kept.sort((a, b) => a.atMs - b.atMs || a.id - b.id);
    if (this.kept.length > ACTIVITY_LIMIT) this.kept = this.kept.slice(-ACTIVITY_LIMIT);
    this.timer ??= setTimeout(() => this.tell(), TELL_EVERY_MS);
  }

  private tell(): void {
    this.timer = undefined;
    this.shown = [...this.kept];
    for (const listener of this.listeners) listener();
  }
}

/** Retries of one request and equal notices are one row with a number, whatever the id of the request. */
function repeats({ what: before, ...last }: Activity, { what, series, level }: NewActivity): boolean {
  if (last.series !== series || last.level !== level) return false;
  if (before.kind === "failure" && what.kind === "failure") {
    return before.code === what.code && before.path === what.path && before.message === what.message;
  }
  return before.kind === "notice" && what.kind === "notice" && before.code === what.code && before.text === what.text;
}
