const SPAN_MS = 1_000;

/** How fast a replay really plays: moves within the last second. */
export class PlayedRate {
  private since: number | null = null;
  private readonly parts: { readonly atMs: number; readonly moves: number }[] = [];

  restart(): void {
    this.since = null;
    this.parts.length = 0;
  }

  played(moves: number, atMs: number): void {
    this.since ??= atMs;
    this.parts.push({ atMs, moves });
    this.forget(atMs);
  }

  /** Null until it played for a second. */
  perSecond(atMs: number): number | null {
    if (this.since === null || atMs - this.since < SPAN_MS) return null;
    this.forget(atMs);
    return this.parts.reduce((sum, { moves }) => sum + moves, 0);
  }

  private forget(atMs: number): void {
    while (this.parts[0] !== undefined && this.parts[0].atMs <= atMs - SPAN_MS) this.parts.shift();
  }
}
