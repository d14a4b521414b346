/** The server's own events, while its debug gate is open. Behind a closed gate this stays silent. */
import { reconnectDelayMs } from "./backoff";
import { pageSocketUrl, type SocketLike } from "./link";

export interface ServerEvent {
  /** Wall clock of the server, milliseconds. */
  readonly ts_ms: number;
  readonly pipe: string;
  /** Stable code, `write.market.gap_opened`. */
  readonly event: string;
  readonly series_id: string | null;
  readonly level: "info" | "warn" | "error";
  /** English, for people. */
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>> | null;
}

/** `closed`: the server refused the handshake, or could not be reached. */
export type GateState = "unknown" | "open" | "closed";

export interface DebugFeedOptions {
  readonly url?: string;
  readonly open?: (url: string) => SocketLike;
  /** 0 up to 1, for the spread of the reconnect delay. */
  readonly random?: () => number;
  /** New events, oldest first; those that were already told are left out. */
  onEvents(events: readonly ServerEvent[]): void;
  onGate(state: GateState): void;
}

export class DebugFeed {
  private readonly options: DebugFeedOptions;
  private socket: SocketLike | null = null;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  /** Time of the newest event told, and how many were told of that millisecond: a repeated snapshot is recognised by it. */
  private newestMs = Number.NEGATIVE_INFINITY;
  private toldAtNewest = 0;

  constructor(options: DebugFeedOptions) {
    this.options = options;
  }

  /** Tries to follow; without effect while it already does. */
  connect(): void {
    if (this.socket) return;
    clearTimeout(this.retryTimer);
    const open = this.options.open ?? ((url: string) => new WebSocket(url) as SocketLike);
    const socket = open(this.options.url ?? pageSocketUrl("/ws/debug"));
    this.socket = socket;
    let accepted = false;
    socket.onopen = () => {
      accepted = true;
      this.attempts = 0;
      this.options.onGate("open");
    };
    socket.onmessage = (event) => this.received(event.data);
    socket.onclose = () => this.lost(accepted);
  }

  stop(): void {
    clearTimeout(this.retryTimer);
    const { socket } = this;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  /** A stream that was open is taken up again; a refusal stands until somebody asks again. */
  private lost(accepted: boolean): void {
    this.socket = null;
    if (!accepted) {
      this.options.onGate("closed");
      return;
    }
    this.attempts += 1;
    const delayMs = reconnectDelayMs(this.attempts, (this.options.random ?? Math.random)());
    this.retryTimer = setTimeout(() => this.connect(), delayMs);
  }

  private received(data: unknown): void {
    const message = typeof data === "string" ? parseDebugMessage(data) : null;
    if (message === null) return;
    const fresh = message.snapshot ? this.untold(message.events) : message.events;
    if (fresh.length === 0) return;
    for (const { ts_ms } of fresh) this.note(ts_ms);
    this.options.onEvents(fresh);
  }

  private untold(events: readonly ServerEvent[]): readonly ServerEvent[] {
    let skip = this.toldAtNewest;
    return events.filter(({ ts_ms }) => {
      if (ts_ms !== this.newestMs) return ts_ms > this.newestMs;
      skip -= 1;
      return skip < 0;
    });
  }

  private note(ts_ms: number): void {
    if (ts_ms > this.newestMs) {
      this.newestMs = ts_ms;
      this.toldAtNewest = 0;
    }
    if (ts_ms === this.newestMs) this.toldAtNewest += 1;
  }
}

interface DebugMessage {
  readonly snapshot: boolean;
  readonly events: readonly ServerEvent[];
}

/** Reads one frame; null for what the contract does not know. */
export function parseDebugMessage(text: string): DebugMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const fields = fieldsOf(value);
  if (fields.type === "debug_snapshot" && Array.isArray(fields.events)) {
    return { snapshot: true, events: fields.events.flatMap(readEvent) };
  }
  return fields.type === "debug_event" ? { snapshot: false, events: readEvent(fields.event) } : null;
}

function readEvent(value: unknown): ServerEvent[] {
  const { ts_ms, pipe, event, series_id, level, message, data } = fieldsOf(value);
  if (typeof ts_ms !== "number" || typeof event !== "string") return [];
  return [
    {
      ts_ms,
      event,
      pipe: typeof pipe === "string" ? pipe : "",
      series_id: typeof series_id === "string" ? series_id : null,
      level: level === "warn" || level === "error" ? level : "info",
      message: typeof message === "string" ? message : "",
      data: typeof data === "object" && data !== null ? fieldsOf(data) : null,
    },
  ];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
