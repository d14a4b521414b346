/** A connection of the replay that a story can cut. */
import type { Page } from "@playwright/test";

export interface ReplayConnection {
  /** Closes it; new ones are refused until they are allowed. */
  cut(): Promise<void>;
  allow(): void;
}

export async function replayConnection(page: Page): Promise<ReplayConnection> {
  let close: () => Promise<void> = () => Promise.resolve();
  let refuse = false;
  await page.routeWebSocket(/\/ws\/replay/, (socket) => {
    if (refuse) {
      void socket.close({ code: 1011 });
      return;
    }
    const server = socket.connectToServer();
    close = async () => {
      await server.close();
      await socket.close({ code: 1011 });
    };
  });
  return {
    cut: () => {
      refuse = true;
      return close();
    },
    allow: () => {
      refuse = false;
    },
  };
}
