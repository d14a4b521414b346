/** One connection to the replay stream, taken up again when it is lost. What it played is the owner's to remember. */
import { type ConnectionState, Link, type LinkOptions, pageSocketUrl } from "./link";
import { parseReplayMessage, type ReplayCommand, type ReplayMessage } from "./replay-messages";

/** The way to whoever plays: a server, or a test. */
export interface ReplayLink {
  /** Whether the command went out. */
  send(command: ReplayCommand): boolean;
  state(): ConnectionState;
  retryNow(): void;
  close(): void;
}

export interface ReplayLinkListener {
  /** Open, for the first time or again: nothing is played yet. */
  onOpen(): void;
  onMessage(message: ReplayMessage): void;
  onState(state: ConnectionState): void;
}

/** Begins to connect. */
export function openReplay(listener: ReplayLinkListener, options: Partial<LinkOptions> = {}): ReplayLink {
  const link = new Link(
    { ...options, url: options.url ?? pageSocketUrl("/ws/replay") },
    {
      onOpen: () => listener.onOpen(),
      onText: (text) => {
        const message = parseReplayMessage(text);
        if (message) listener.onMessage(message);
      },
      onState: (state) => listener.onState(state),
    },
  );
  link.connect();
  return link;
}
