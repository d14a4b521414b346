import { readFileSync } from "node:fs";

/** Paths the page asks for before anything else happens: what `index.html` names. */
function initial(extension) {
  const page = readFileSync(new URL("./dist/index.html", import.meta.url), "utf8");
  const paths = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => `dist${match[1]}`);
  return paths.filter((path) => path.endsWith(extension));
}

/** Loaded when somebody goes back in time. */
const REPLAY = [
  "ReplayLayer",
  "ReplayPanel",
  "PaperPanel",
  "PaperLayer",
  "LeaveDialog",
  "quick",
  "ticket",
  "useHistory",
].map((name) => `dist/assets/${name}-*.js`);

/** Loaded when somebody tests a strategy. */
const BACKTEST = ["BacktestPanel", "BacktestLayer", "useRuns", "useQueries"].map((name) => `dist/assets/${name}-*.js`);

export default [
  { name: "initial JavaScript", path: initial(".js"), limit: "250 kB" },
  { name: "replay and paper orders", path: REPLAY, limit: "80 kB" },
  { name: "backtests", path: BACKTEST, limit: "80 kB" },
  { name: "initial CSS", path: initial(".css"), limit: "25 kB" },
];
