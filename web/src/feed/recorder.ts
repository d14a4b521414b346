/** Writes down what the connection, the stream and the requests of this page go through. */
import { DebugFeed, type DebugFeedOptions, type GateState, type ServerEvent } from "../api/debug-feed";
import type { ApiError } from "../api/error";
import type { ConnectionState } from "../api/link";
import type { MarketSocket } from "../api/socket";
import type { MarketMessage } from "../api/types";
import type { ActivityLevel, ActivityLog, Happening } from "./activity";
import type { GapChange } from "./gap-watch";

export interface RecorderOptions {
  readonly log: ActivityLog;
  readonly socket: Pick<MarketSocket, "state" | "onState" | "observe">;
  /** Wall clock, milliseconds. */
  readonly now?: () => number;
  readonly debug?: Pick<DebugFeedOptions, "open" | "url" | "random">;
}

/** Losses shorter than this heal without anybody noticing, here as in the health pill. */
const NOTICED_AFTER_MS = 1_000;
const CONFLICT = 409;
const NOT_FOUND = 404;

export class Recorder {
  private readonly log: ActivityLog;
  private readonly now: () => number;
  private readonly debug: DebugFeed;
  private readonly gateListeners = new Set<() => void>();
  private gateState: GateState = "unknown";
  private wanted = false;
  private before: ConnectionState;
  private lossTimer: ReturnType<typeof setTimeout> | undefined;
  /** Start of the loss that was written down; null while there is none. */
  private lossToldMs: number | null = null;

  constructor({ log, socket, now = Date.now, debug = {} }: RecorderOptions) {
    this.log = log;
    this.now = now;
    this.before = socket.state();
    this.debug = new DebugFeed({
      ...debug,
      onEvents: (events) => this.serverEvents(events),
      onGate: (state) => this.gateChanged(state),
    });
    socket.onState((state) => this.connectionChanged(state));
    socket.observe((message) => this.received(message));
  }

  /** Whether the server lets this page see its events. */
  gate(): GateState {
    return this.gateState;
  }

  onGate(listener: () => void): () => void {
    this.gateListeners.add(listener);
    return () => this.gateListeners.delete(listener);
  }

  /** From now on the server's events are asked for. The server keeps the newest ones, so nothing is lost before. */
  wantServerEvents(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.debug.connect();
  }

  /** A part that the server does not have is not a failure, and neither is what is not computed yet. */
  requestFailed(error: ApiError, path: string): void {
    if (error.status === NOT_FOUND) return;
    const { code, message, requestId, status } = error;
    const level = status === CONFLICT || status === 0 ? "warn" : "error";
    this.write(level, null, { kind: "failure", code, message, path, requestId });
  }

  notice(code: string, text: string, failed: boolean): void {
    this.write(failed ? "error" : "info", null, { kind: "notice", code, text });
  }

  gap(series: string, { kind, gap }: GapChange): void {
    const { from_time: fromTime, to_time: toTime, missing_candles: missing } = gap;
    if (kind === "opened") this.write("warn", series, { kind: "gap_opened", fromTime, toTime, missing });
    else this.write("info", series, { kind: "gap_healed", fromTime, toTime, missing });
  }

  private connectionChanged(state: ConnectionState): void {
    const { before } = this;
    this.before = state;
    if (state.status === before.status && state.downSinceMs === before.downSinceMs) return;
    if (state.status === "open") {
      this.opened(before);
    } else if (state.status === "offline" && before.status !== "offline") {
      this.lost(state.downSinceMs);
      this.write("error", null, { kind: "offline" });
    } else if (state.downSinceMs !== null && before.downSinceMs === null) {
      this.lossTimer = setTimeout(() => this.lost(state.downSinceMs), NOTICED_AFTER_MS);
    }
  }

  private opened(before: ConnectionState): void {
    clearTimeout(this.lossTimer);
    if (this.lossToldMs !== null) this.write("info", null, { kind: "restored", downMs: this.now() - this.lossToldMs });
    else if (before.status === "connecting" && before.downSinceMs === null)
      this.write("info", null, { kind: "connected" });
    this.lossToldMs = null;
    // Another process may answer now, with another gate.
    if (this.wanted) this.debug.connect();
  }

  private lost(sinceMs: number | null): void {
    clearTimeout(this.lossTimer);
    if (this.lossToldMs !== null || sinceMs === null) return;
    this.lossToldMs = sinceMs;
    this.log.add({ atMs: sinceMs, level: "warn", series: null, what: { kind: "lost" } });
  }

  private received(message: MarketMessage): void {
    switch (message.type) {
      case "gap": {
        const { series_id, expected_next_time: fromTime, actual_time: nextTime } = message;
        this.write("warn", series_id, { kind: "hole", fromTime, nextTime });
        return;
      }
      case "system": {
        const { series_id, event, message: text } = message;
        const rebuild = event === "factor.rebuild";
        this.write("info", series_id, rebuild ? { kind: "rebuild" } : { kind: "system", event, message: text });
        return;
      }
      case "error": {
        const { code, message: text, series_id = null } = message;
        this.write("warn", series_id, { kind: "refused", code, message: text });
      }
    }
  }

  private serverEvents(events: readonly ServerEvent[]): void {
    this.log.addAll(
      events.map(({ ts_ms: atMs, level, series_id: series, event, message }) => ({
        atMs,
        level,
        series,
        what: { kind: "server", event, message },
      })),
    );
  }

  private gateChanged(state: GateState): void {
    this.gateState = state;
    for (const listener of this.gateListeners) listener();
  }

  private write(level: ActivityLevel, series: string | null, what: Happening): void {
    this.log.add({ atMs: this.now(), level, series, what });
  }
}
