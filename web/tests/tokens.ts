import type { ChartTokens } from "../src/chart/types";

export const testTokens: ChartTokens = {
  bg: "#141a22",
  bgRaised: "#1b232d",
  grid: "#1c2530",
  line: "#2a3441",
  lineStrong: "#6b7a8f",
  text1: "#e6ebf1",
  text2: "#aab6c3",
  text3: "#8c99a7",
  accent: "#6ea8fe",
  onAccent: "#08162b",
  up: "#2ebd85",
  down: "#ff6b7a",
  pen: "#ffffff",
  pivotHigh: "#ef4444",
  pivotLow: "#22c55e",
  gap: "#d29922",
  halo: "rgb(20 26 34 / 85%)",
  series: [],
  features: {},
  fontFamily: "sans-serif",
};
