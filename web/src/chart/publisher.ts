/** Hands a picture to listeners at most every `intervalMs`; the last one always arrives. */
export class Publisher<T> {
  private readonly read: () => T;
  private readonly intervalMs: number;
  private readonly listeners = new Set<(value: T) => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private publishedAtMs = Number.NEGATIVE_INFINITY;

  constructor(read: () => T, intervalMs: number) {
    this.read = read;
    this.intervalMs = intervalMs;
  }

  /** Calls the listener at once and then with every published picture. */
  subscribe(listener: (value: T) => void): () => void {
    this.listeners.add(listener);
    listener(this.read());
    return () => this.listeners.delete(listener);
  }

  /** Something changed: publish now or when the interval is over. */
  touch(): void {
    if (this.timer !== undefined) return;
    const waitMs = Math.max(0, this.publishedAtMs + this.intervalMs - performance.now());
    this.timer = setTimeout(() => this.publish(), waitMs);
  }

  /** Publishes without waiting: the answer to something the user did. */
  flush(): void {
    clearTimeout(this.timer);
    this.publish();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.listeners.clear();
  }

  private publish(): void {
    this.timer = undefined;
    this.publishedAtMs = performance.now();
    const value = this.read();
    for (const listener of this.listeners) listener(value);
  }
}
