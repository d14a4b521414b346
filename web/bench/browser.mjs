// What the measurements of the page share: a server on a folder of its own, a browser, rows of the table.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { chromium } from "@playwright/test";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the binary on any free port; resolves with its address once it listens. */
export async function startServer(binary, folder, args) {
  const server = spawn(binary, ["serve", "--port", "0", ...args], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  for await (const line of createInterface({ input: server.stderr })) {
    const address = /listening on (http:\S+)/.exec(line)?.[1];
    if (address) {
      server.stderr.resume();
      return { server, address };
    }
  }
  throw new Error("the server ended before it listened");
}

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium", args: FLAGS });
}

/** One row: what, measured, baseline of the same run, target. */
export const row = (...cells) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
export const ms = (value) => `${value.toFixed(0)} ms`;
