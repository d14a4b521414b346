/** A WebSocket that comes back by itself, and what is to be said about it meanwhile. */
import { reconnectDelayMs } from "./backoff";

export type ConnectionStatus = "connecting" | "open" | "reconnecting" | "offline";

/** What the health pill and the offline bar show; times are wall clock, milliseconds. */
export interface ConnectionState {
  readonly status: ConnectionStatus;
  /** When the connection was lost; null while it is open or was never open. */
  readonly downSinceMs: number | null;
  /** When the next attempt starts; null while open, connecting, or waiting for the browser to be online. */
  readonly retryAtMs: number | null;
  readonly attempts: number;
}

export interface SocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: unknown) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: unknown) => void) | null;
  onerror: ((event: unknown) => void) | null;
}

export interface NetworkSource {
  online(): boolean;
  listen(listener: () => void): () => void;
}

export interface LinkOptions {
  /** Absolute `ws:` or `wss:` address. */
  readonly url: string;
  readonly open?: (url: string) => SocketLike;
  readonly now?: () => number;
  /** 0 up to 1, for the spread of the reconnect delay. */
  readonly random?: () => number;
  /** Source of `online` and `offline` events. */
  readonly network?: NetworkSource;
}

export interface LinkHandlers {
  /** Connected, for the first time or again. */
  onOpen(): void;
  onText(text: string): void;
  /** Called on every change of the state. */
  onState(state: ConnectionState): void;
}

/** Down for longer than this counts as offline. */
const OFFLINE_AFTER_MS = 30_000;
const OPEN = 1;

/** Call `connect` once; from then on it tries until it is closed. */
export class Link {
  private readonly url: string;
  private readonly openSocket: (url: string) => SocketLike;
  private readonly now: () => number;
  private readonly random: () => number;
  private readonly network: NetworkSource;
  private readonly handlers: LinkHandlers;
  private readonly stopListening: () => void;
  private socket: SocketLike | null = null;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private offlineTimer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private current: ConnectionState = { status: "connecting", downSinceMs: null, retryAtMs: null, attempts: 0 };

  constructor(options: LinkOptions, handlers: LinkHandlers) {
    this.url = options.url;
    this.openSocket = options.open ?? ((url) => new WebSocket(url) as SocketLike);
    this.now = options.now ?? Date.now;
    this.random = options.random ?? Math.random;
    this.network = options.network ?? browserNetwork();
    this.handlers = handlers;
    this.stopListening = this.network.listen(() => this.networkChanged());
  }

  state(): ConnectionState {
    return this.current;
  }

  connect(): void {
    if (!this.network.online()) {
      this.update({ status: "offline", downSinceMs: this.current.downSinceMs ?? this.now(), retryAtMs: null });
      return;
    }
    this.update({ retryAtMs: null });
    const socket = this.openSocket(this.url);
    this.socket = socket;
    socket.onopen = () => this.opened();
    socket.onmessage = (event) => {
      if (typeof event.data === "string") this.handlers.onText(event.data);
    };
    socket.onclose = () => this.lost();
    // A close event follows every error event.
    socket.onerror = null;
  }

  /** Tries now instead of at `retryAtMs`. */
  retryNow(): void {
    if (this.closed || this.socket !== null) return;
    clearTimeout(this.retryTimer);
    this.connect();
  }

  /** Sends, or drops what cannot be sent, and says which: whoever connects says everything again. */
  send(message: object): boolean {
    if (this.socket?.readyState !== OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  close(): void {
    this.closed = true;
    this.stopListening();
    clearTimeout(this.retryTimer);
    clearTimeout(this.offlineTimer);
    this.detach()?.close(1000);
  }

  private opened(): void {
    clearTimeout(this.offlineTimer);
    this.offlineTimer = undefined;
    this.update({ status: "open", downSinceMs: null, retryAtMs: null, attempts: 0 });
    this.handlers.onOpen();
  }

  private lost(): void {
    this.detach();
    const attempts = this.current.attempts + 1;
    const delayMs = reconnectDelayMs(attempts, this.random());
    const downSinceMs = this.current.downSinceMs ?? this.now();
    const online = this.network.online();
    const status = online && this.current.status !== "offline" ? "reconnecting" : "offline";
    this.update({ status, downSinceMs, attempts, retryAtMs: online ? this.now() + delayMs : null });
    this.offlineTimer ??= setTimeout(() => this.update({ status: "offline" }), OFFLINE_AFTER_MS);
    if (online) this.retryTimer = setTimeout(() => this.connect(), delayMs);
  }

  private networkChanged(): void {
    if (this.closed) return;
    if (this.network.online()) {
      this.retryNow();
      return;
    }
    clearTimeout(this.retryTimer);
    this.detach()?.close(1000);
    this.update({ status: "offline", downSinceMs: this.current.downSinceMs ?? this.now(), retryAtMs: null });
  }

  /** Forgets the present socket, so that nothing it still says is heard. */
  private detach(): SocketLike | null {
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    return socket;
  }

  private update(change: Partial<ConnectionState>): void {
    this.current = { ...this.current, ...change };
    this.handlers.onState(this.current);
  }
}

/** Address of a socket of the server that gave the page. */
export function pageSocketUrl(path: string): string {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}${path}`;
}

function browserNetwork(): NetworkSource {
  return {
    online: () => navigator.onLine,
    listen(listener) {
      window.addEventListener("online", listener);
      window.addEventListener("offline", listener);
      return () => {
        window.removeEventListener("online", listener);
        window.removeEventListener("offline", listener);
      };
    },
  };
}
