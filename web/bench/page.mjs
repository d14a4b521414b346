/**
 * Measures the page of a release binary with the bundled sample: time to the first candle, and what is downloaded
 * for it. Prints rows for the table of `cargo xtask bench`: what, measured, baseline of the same run, target.
 *
 * Usage: node bench/page.mjs <binary>
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { chromium } from "@playwright/test";

const RUNS = 5;
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const EMPTY_PAGE = "/health/live";

/** Starts the demo on any free port; resolves with its address once it listens. */
async function startDemo(binary, folder) {
  const server = spawn(binary, ["serve", "--demo", "--port", "0"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  for await (const line of createInterface({ input: server.stderr })) {
    const address = /listening on (http:\S+)/.exec(line)?.[1];
    if (address) {
      server.stderr.resume();
      return { server, address };
    }
  }
  throw new Error("the server ended before it listened");
}

/** One visit with an empty cache: milliseconds from navigation to a mark, or to the load event without one. */
async function visit(browser, url, mark) {
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } });
  const page = await context.newPage();
  await page.goto(url, { waitUntil: "load" });
  const took = await page.evaluate(async (name) => {
    if (!name) return performance.getEntriesByType("navigation")[0].loadEventStart;
    const found = () => performance.getEntriesByName(name)[0];
    while (!found()) await new Promise((resolve) => requestAnimationFrame(resolve));
    return found().startTime;
  }, mark);
  await context.close();
  return took;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function medianVisit(browser, url, mark) {
  const times = [];
  for (let run = 0; run < RUNS; run += 1) times.push(await visit(browser, url, mark));
  return median(times);
}

/** Compressed size of what `index.html` names, in kB of 1,000 bytes. */
function initialSize(extension) {
  const dist = new URL("../dist", import.meta.url).pathname;
  const page = readFileSync(`${dist}/index.html`, "utf8");
  const paths = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => `${dist}${match[1]}`);
  const bytes = paths.filter((path) => path.endsWith(extension)).map((path) => readFileSync(path));
  const total = (compress) => bytes.reduce((sum, file) => sum + compress(file).length, 0) / 1_000;
  return { brotli: total(brotliCompressSync), gzip: total(gzipSync), plain: total((file) => file) };
}

const row = (...cells) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
const ms = (value) => `${value.toFixed(0)} ms`;
const kb = (value) => `${value.toFixed(0)} kB`;

const folder = mkdtempSync(join(tmpdir(), "trade-canvas-page-"));
const { server, address } = await startDemo(process.argv[2], folder);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: FLAGS,
});
try {
  // The first visit also waits for the history of the sample; nobody measures that.
  await visit(browser, address, "tc:first-candle");
  const bare = await medianVisit(browser, `${address}${EMPTY_PAGE}`);
  const first = await medianVisit(browser, address, "tc:first-candle");
  const frame = await medianVisit(browser, address, "tc:first-frame");
  row("page: navigation to the first candle", ms(first), `a page without content: ${ms(bare)}`, "<= 1 s");
  row("page: navigation to the first drawings", ms(frame), `a page without content: ${ms(bare)}`, "<= 1.3 s");
  const script = initialSize(".js");
  const size = `${kb(script.gzip)} gzip, ${kb(script.brotli)} brotli`;
  row("page: initial JavaScript", size, `uncompressed: ${kb(script.plain)}`, "<= 250 kB");
} finally {
  await browser.close();
  server.kill("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}
