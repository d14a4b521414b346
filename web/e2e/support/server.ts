/** The real program, started for a test on a fresh folder and a port of its own choice. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../..");
const START_LIMIT_MS = 30_000;
const LISTENING = /listening on (http:\/\/127\.0\.0\.1:\d+)/;

export interface ServerOptions {
  args: readonly string[];
  /** Folder of an earlier server, to start again on its data. */
  folder?: string;
  port?: number;
}

export interface Server {
  url: string;
  folder: string;
  /** Everything the program wrote so far. */
  log: () => string;
  stop: () => Promise<void>;
  /** Stops and forgets the data. */
  remove: () => Promise<void>;
}

function program(): string {
  const named = process.env.TRADE_CANVAS_BIN;
  const found = [named, join(ROOT, "target/release/trade-canvas"), join(ROOT, "target/debug/trade-canvas")]
    .filter((path) => path !== undefined)
    .find((path) => existsSync(path));
  if (!found) throw new Error("no trade-canvas binary: build it, or name it in TRADE_CANVAS_BIN");
  return resolve(found);
}

export async function startServer({ args, folder, port = 0 }: ServerOptions): Promise<Server> {
  const cwd = folder ?? mkdtempSync(join(tmpdir(), "trade-canvas-e2e-"));
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("TRADE_CANVAS_"));
  const child = spawn(program(), ["serve", "--port", String(port), ...args], {
    cwd,
    env: Object.fromEntries(inherited),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let written = "";
  const url = await new Promise<string>((found, failed) => {
    const timer = setTimeout(
      () => failed(new Error(`no address after ${START_LIMIT_MS} ms:\n${written}`)),
      START_LIMIT_MS,
    );
    const read = (chunk: Buffer) => {
      written += chunk.toString();
      const address = LISTENING.exec(written)?.[1];
      if (!address) return;
      clearTimeout(timer);
      found(address);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => failed(new Error(`the server stopped with ${code}:\n${written}`)));
  });
  const stop = () => stopped(child);
  return {
    url,
    folder: cwd,
    log: () => written,
    stop,
    remove: async () => {
      await stop();
      rmSync(cwd, { recursive: true, force: true });
    },
  };
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await gone;
  clearTimeout(timer);
}
