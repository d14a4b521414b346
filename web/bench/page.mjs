/**
 * Measures the page of a release binary: with the bundled sample, the time to the first candle and what is downloaded for
 * it; with a full chart, how it moves and what stays in memory. Prints rows for the table of `cargo xtask bench`: what,
 * measured, baseline of the same run, target.
 *
 * Usage: node bench/page.mjs <binary>
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { launch, ms, row, startServer } from "./browser.mjs";
import { measureMoving } from "./moving.mjs";
import { measureReplaying } from "./replaying.mjs";

const RUNS = 5;
const EMPTY_PAGE = "/health/live";

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

const kb = (value) => `${value.toFixed(0)} kB`;
const mb = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

const BARE = ["--profile", "bare", "--enable-dev-api"];

async function withServer(args, use) {
  const folder = mkdtempSync(join(tmpdir(), "trade-canvas-page-"));
  const { server, address } = await startServer(process.argv[2], folder, args);
  try {
    await use(address);
  } finally {
    server.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  }
}

async function printLoading(browser, address) {
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
}

async function printMoving(browser, address) {
  const { loaded, active, idle, moved, counts, heap } = await measureMoving(browser, address);
  const what = `${loaded.toLocaleString("en")} candles, ${active} drawings`;
  const share = (part) => `${(part * 100).toFixed(1)} %`;
  row(
    `page: pan and zoom, ${what}, longest frame`,
    ms(moved.longest),
    `the same page at rest: ${ms(idle.longest)}`,
    "<= 50 ms",
  );
  row(
    `page: pan and zoom, ${what}, frames over 50 ms`,
    `${share(moved.share)} of ${moved.frames}`,
    `the same page at rest: ${share(idle.share)} of ${idle.frames}`,
    "0 %",
  );
  row(
    "page: active drawings while 10,000 candles close",
    `${Math.min(...counts)} to ${Math.max(...counts)}, at the end ${counts.at(-1)}`,
    `at the start: ${active}`,
    "no growth",
  );
  row("page: JavaScript memory after them", mb(heap.after), `before: ${mb(heap.before)}`, "<= +10 %");
}

async function printReplaying(browser, address) {
  const { entered, sought, bare, stepped, rate, frames, heap } = await measureReplaying(browser, address);
  const both = ({ p50, p99 }) => `p50 ${ms(p50)}, p99 ${ms(p99)}`;
  const stream = `the stream without a page: ${both(bare)}`;
  row("page: replay, from the click on the first bar to its picture", ms(entered), stream, "<= 300 ms");
  row("page: replay, seek over 500,000 candles to the picture", both(sought), stream, "p99 <= 150 ms");
  row("page: replay, step to the picture", both(stepped), "one frame of 60 a second: 17 ms", "p99 <= 33 ms");
  row(
    "page: replay, bars a second played at 1,000x",
    `${rate.toFixed(0)}, longest frame ${ms(frames.longest)}`,
    "asked for: 1000",
    ">= 990",
  );
  row(
    "page: replay, JavaScript memory after 10,000 bars forward and back",
    mb(heap.after),
    `before: ${mb(heap.before)}`,
    "<= +10 %",
  );
}

const browser = await launch();
try {
  await withServer(["--demo"], (address) => printLoading(browser, address));
  await withServer(BARE, (address) => printMoving(browser, address));
  await withServer(BARE, (address) => printReplaying(browser, address));
} finally {
  await browser.close();
}
