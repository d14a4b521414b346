import { describe, expect, it, vi } from "vitest";
import { en } from "./en";
import { browserLocale, isLoaded, loadLocale, onLoaded, translator } from "./locale";
import { format } from "./message";
import { zhCN } from "./zh-CN";

const names = (text: string) =>
  [...text.matchAll(/\{(\w+)(?=[},])/g)]
    .map((match) => match[1] ?? "")
    .filter((name, at, all) => all.indexOf(name) === at);

const catalogues = { en, "zh-CN": zhCN };

describe("catalogues", () => {
  it("have the same keys and no empty text", () => {
    for (const catalogue of Object.values(catalogues)) {
      expect(Object.keys(catalogue).sort()).toEqual(Object.keys(en).sort());
      expect(Object.entries(catalogue).filter(([, text]) => text.trim() === "")).toEqual([]);
    }
  });

  it("ask for the same arguments in every language", () => {
    for (const [key, text] of Object.entries(catalogues["zh-CN"])) {
      expect([key, names(text).sort()]).toEqual([key, names(en[key as keyof typeof en]).sort()]);
    }
  });

  it("are really translated: Chinese texts with words carry Chinese characters", () => {
    const untranslated = Object.entries(catalogues["zh-CN"])
      .filter(
        ([key, text]) => text === en[key as keyof typeof en] && /[a-z]{4}/i.test(text.replaceAll(/\{[^}]*\}/g, "")),
      )
      .map(([key]) => key);
    expect(untranslated).toEqual(["app.title"]);
  });
});

describe("usage", () => {
  it("every key is used somewhere, by name or by a name put together from a prefix", () => {
    const files = import.meta.glob<string>("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
    const code = Object.entries(files)
      .filter(([path]) => !/\/(en|zh-CN)(\/\w+)?\.ts$|\.test\./.test(path))
      .map(([, text]) => text)
      .join("\n");
    const prefixes = [...code.matchAll(/`([a-z]+\.[a-zA-Z.]*)\$\{/g)].map((match) => match[1] ?? "");
    const unused = Object.keys(en).filter(
      (key) => !code.includes(`"${key}"`) && !prefixes.some((prefix) => key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });
});

describe("format", () => {
  it("chooses the plural branch", () => {
    const text = "{n, plural, one {# bar} other {# bars}} in {place}";
    expect(format(text, "en", { n: 1, place: "view" })).toBe("1 bar in view");
    expect(format(text, "en", { n: 3, place: "view" })).toBe("3 bars in view");
    expect(
      format("{n, plural, one {# candle missing} other {# candles missing}}, head {time}", "en", { n: 2, time: "9" }),
    ).toBe("2 candles missing, head 9");
  });

  it("keeps a missing argument visible", () => {
    expect(format("to {time}", "en", {})).toBe("to {time}");
  });
});

describe("locale", () => {
  it("follows the browser and falls back to English", () => {
    expect(browserLocale(["zh-TW", "en"])).toBe("zh-CN");
    expect(browserLocale(["fr", "en-GB"])).toBe("en");
    expect(browserLocale(["fr"])).toBe("en");
  });

  it("a language is fetched before its first use; until then English speaks", async () => {
    const told = vi.fn();
    const stop = onLoaded(told);
    expect([isLoaded("en"), isLoaded("zh-CN")]).toEqual([true, false]);
    expect(translator("zh-CN")("factors.behind", { n: 2 })).toBe("2 candles behind");
    await loadLocale("zh-CN");
    await loadLocale("zh-CN");
    stop();
    expect(isLoaded("zh-CN")).toBe(true);
    expect(told).toHaveBeenCalledTimes(1);
  });

  it("gives one translator per language", () => {
    expect(translator("en")).toBe(translator("en"));
    expect(translator("zh-CN")("factors.behind", { n: 2 })).toBe("落后 2 根");
  });
});
