import { describe, expect, it } from "vitest";
import { type Device, effective, parsePreferences } from "./preferences";

const device: Device = { dark: true, width: 1600, locale: "en", timeZone: "Europe/Berlin" };
const chosen = (value: unknown) => {
  const parsed = parsePreferences(value);
  if (!parsed) throw new Error("not parsed");
  return parsed;
};

describe("preferences", () => {
  it("keep what is valid and drop the rest", () => {
    const parsed = chosen({
      theme: "light",
      palette: "pink",
      timeZone: "Mars/Base",
      defaultBars: 9_999,
      singleKeys: 1,
    });
    expect(parsed).toMatchObject({
      theme: "light",
      palette: "standard",
      timeZone: "local",
      defaultBars: 1000,
      singleKeys: true,
    });
    expect(parsePreferences("dark")).toBeUndefined();
  });

  it("follow the device where nothing was chosen", () => {
    expect(effective(chosen({}), device)).toEqual({
      locale: "en",
      theme: "dark",
      palette: "standard",
      direction: "green-up",
      timeZone: "Europe/Berlin",
      density: "compact",
      numberLocale: "en",
    });
    expect(effective(chosen({}), { ...device, dark: false, width: 820 })).toMatchObject({
      theme: "light",
      density: "comfortable",
    });
  });

  it("red is up in a Chinese browser until something else is chosen, also after the language changed", () => {
    const zh: Device = { ...device, locale: "zh-CN" };
    expect(effective(chosen({}), zh)).toMatchObject({ locale: "zh-CN", direction: "red-up", numberLocale: "zh-CN" });
    expect(effective(chosen({ language: "en" }), zh).direction).toBe("red-up");
    expect(effective(chosen({ direction: "green-up" }), zh).direction).toBe("green-up");
  });

  it("resolve zones and number units", () => {
    expect(effective(chosen({ timeZone: "exchange" }), device).timeZone).toBe("UTC");
    expect(effective(chosen({ timeZone: "Asia/Shanghai" }), device).timeZone).toBe("Asia/Shanghai");
    expect(effective(chosen({ numberStyle: "myriads" }), device).numberLocale).toBe("zh-CN");
  });
});
