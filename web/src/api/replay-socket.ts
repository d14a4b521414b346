/** One connection to the replay stream, taken up again when it is lost. What it played is the owner's to remember. */
import { reconnectDelayMs } from "./backoff";
import { parseReplayMessage, type ReplayCommand, type ReplayMessage } from "./replay-messages";
import { pageSocketUrl, type SocketLike } from "./socket";

export interface ReplayLinkState {
  readonly status: "connecting" | "open" | "reconnecting";
  /** When the connection was lost or could not be made, wall clock, milliseconds; null while it is open or new. */
  readonly downSinceMs: number | null;
  /** When the next try starts; null while none is planned. */
  readonly retryAtMs: number | null;
  /** It was open once: a server that never let it in may not offer replay at all. */
  readonly accepted: boolean;
}

/** The way to whoever plays: a server, or a test. */
export interface ReplayLink {
  /** Whether the command went out. */
  send(command: ReplayCommand): boolean;
  state(): ReplayLinkState;
  retryNow(): void;
  close(): void;
}

export interface ReplayLinkListener {
  /** Open, for the first time or again: nothing is played yet. */
  onOpen(): void;
  onMessage(message: ReplayMessage): void;
  onState(state: ReplayLinkState): void;
}

export interface ReplaySocketOptions {
  readonly listener: ReplayLinkListener;
  readonly url?: string;
  readonly open?: (url: string) => SocketLike;
  /** Wall clock, milliseconds. */
  readonly now?: () => number;
  /** 0 up to 1, for the spread of the reconnect delay. */
  readonly random?: () => number;
}

const OPEN = 1;

export class ReplaySocket implements ReplayLink {
  private readonly options: ReplaySocketOptions;
  private readonly now: () => number;
  private socket: SocketLike | null = null;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private closed = false;
  private current: ReplayLinkState = { status: "connecting", downSinceMs: null, retryAtMs: null, accepted: false };

  constructor(options: ReplaySocketOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.connect();
  }

  send(command: ReplayCommand): boolean {
    if (this.socket?.readyState !== OPEN) return false;
    this.socket.send(JSON.stringify(command));
    return true;
  }

  state(): ReplayLinkState {
    return this.current;
  }

  retryNow(): void {
    if (this.closed || this.socket !== null) return;
    clearTimeout(this.retryTimer);
    this.connect();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retryTimer);
    const { socket } = this;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  private connect(): void {
    const open = this.options.open ?? ((url: string) => new WebSocket(url) as SocketLike);
    const socket = open(this.options.url ?? pageSocketUrl("/ws/replay"));
    this.socket = socket;
    this.update({ retryAtMs: null });
    socket.onopen = () => {
      this.attempts = 0;
      this.update({ status: "open", downSinceMs: null, accepted: true });
      this.options.listener.onOpen();
    };
    socket.onmessage = ({ data }) => {
      const message = typeof data === "string" ? parseReplayMessage(data) : null;
      if (message) this.options.listener.onMessage(message);
    };
    socket.onclose = () => this.lost();
  }

  private lost(): void {
    this.socket = null;
    this.attempts += 1;
    const delayMs = reconnectDelayMs(this.attempts, (this.options.random ?? Math.random)());
    const nowMs = this.now();
    const downSinceMs = this.current.downSinceMs ?? nowMs;
    this.retryTimer = setTimeout(() => this.connect(), delayMs);
    this.update({ status: "reconnecting", downSinceMs, retryAtMs: nowMs + delayMs });
  }

  private update(change: Partial<ReplayLinkState>): void {
    this.current = { ...this.current, ...change };
    this.options.listener.onState(this.current);
  }
}
