// ESLint answers one question here, which Biome cannot: which folder may import which.
import parser from "@typescript-eslint/parser";
import boundaries from "eslint-plugin-boundaries";

const element = (type) => ({ element: { type } });
const elements = (...types) => ({ element: { types: { anyOf: types } } });

/** Allowed directions; whatever is not listed is refused. */
const policies = [
  { from: element("app"), allow: { to: elements("app", "feature", "feed", "chart", "api", "ui", "i18n") } },
  { from: element("feature"), allow: { to: elements("feed", "chart", "api", "ui", "i18n") } },
  {
    from: element("feature"),
    allow: {
      to: { element: { type: "feature", captured: { name: "{{ from.element.captured.name }}" } } },
    },
  },
  { from: element("chart"), allow: { to: elements("chart", "feed", "api") } },
  { from: element("feed"), allow: { to: elements("feed", "api") } },
  { from: element("api"), allow: { to: elements("api") } },
  { from: element("ui"), allow: { to: elements("ui", "i18n") } },
  { from: element("i18n"), allow: { to: elements("i18n") } },
];

const frameworkFree = {
  paths: ["react", "react-dom", "react-dom/client"].map((name) => ({
    name,
    message: "feed, chart and api stay outside React: bars and drawings never pass through it.",
  })),
};

export default [
  {
    files: ["src/**/*.{ts,tsx}"],
    languageOptions: { parser },
    plugins: { boundaries },
    settings: {
      "import/resolver": { typescript: { project: "./tsconfig.app.json" } },
      "boundaries/elements": [
        { type: "feature", pattern: "src/features/*", capture: ["name"] },
        { type: "app", pattern: "src/app" },
        { type: "feed", pattern: "src/feed" },
        { type: "chart", pattern: "src/chart" },
        { type: "api", pattern: "src/api" },
        { type: "ui", pattern: "src/ui" },
        { type: "i18n", pattern: "src/i18n" },
      ],
    },
    rules: {
      "boundaries/dependencies": ["error", { default: "disallow", policies }],
      "boundaries/no-unknown-files": "error",
    },
  },
  {
    files: ["src/feed/**/*.ts", "src/chart/**/*.ts", "src/api/**/*.ts"],
    languageOptions: { parser },
    rules: { "no-restricted-imports": ["error", frameworkFree] },
  },
];
