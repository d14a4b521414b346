import { store, walk } from "./support/market";
import { picture, plotBox, token } from "./support/pixels";
import { expect, SERIES, test } from "./support/test";

test("hiding the pens takes their colour off the chart", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(2_000));
  // Wide enough that settled pens are in view: the unfinished ones are not opaque.
  await desk.open(`/live?s=${SERIES}&n=350`);
  await desk.drawn();
  await desk.rest();
  const box = await plotBox(desk.chart);
  const pen = await token(page, "--pen");
  // Drawings fade in after the candles.
  await expect.poll(async () => (await picture(page, box)).count(pen)).toBeGreaterThan(100);

  const pens = desk.factor("pen");
  await expect(pens).toHaveAttribute("aria-checked", "true");
  await pens.click();
  await expect(pens).toHaveAttribute("aria-checked", "false");
  await expect(desk.chart).toHaveAttribute("data-shown-pen-confirmed", "0");
  await desk.rest();
  await expect.poll(async () => (await picture(page, box)).count(pen)).toBe(0);

  await desk.factor("pen.extending").click();
  await expect(pens).toHaveAttribute("aria-checked", "mixed");
  await pens.click();
  await expect(pens).toHaveAttribute("aria-checked", "true");
});

test("only shows one feature alone, and reset brings the defaults back", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(2_000));
  await desk.open();
  await desk.drawn();
  await expect(page.locator('[data-panel="factors"]')).toHaveAttribute("data-state", "ready");
  await expect(desk.factor("pivot")).toHaveAttribute("aria-checked", "mixed");
  await page.getByRole("button", { name: "Show only Pivots · Minor" }).click();
  await expect(desk.chart).toHaveAttribute("data-shown-pivot-major", "0");
  await expect(desk.chart).toHaveAttribute("data-shown-pen-confirmed", "0");
  await expect.poll(() => desk.number("data-shown-pivot-minor")).toBeGreaterThan(0);
  await desk.command("factors.reset").click();
  await expect(desk.factor("pivot.minor")).toHaveAttribute("aria-checked", "false");
  await expect.poll(() => desk.number("data-shown-pivot-major")).toBeGreaterThan(0);
  await expect(page.getByTestId("factors-freshness")).toContainText("Complete to");
});

test("themes, palettes and directions repaint from the tokens", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(1_000));
  await desk.open();
  const dark = await token(page, "--bg-1");
  const box = await plotBox(desk.chart);
  expect((await picture(page, box)).at(4, box.height - 4)).not.toBe("#ffffff");

  await desk.command("settings.open").click();
  await page.getByRole("radio", { name: "Light" }).check();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await page.keyboard.press("Escape");
  await desk.rest();
  const light = await token(page, "--bg-1");
  expect(light).not.toBe(dark);
  await expect.poll(async () => (await picture(page, box)).count(dark)).toBe(0);
  const bright = await picture(page, box);
  // Zones and bands tint the rest.
  expect(bright.count(light)).toBeGreaterThan(box.width * box.height * 0.25);
  const up = await token(page, "--up");
  expect(bright.count(up)).toBeGreaterThan(500);

  await page.keyboard.press("Control+k");
  await page.getByTestId("palette").getByRole("combobox").fill("swap direction");
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("data-direction", "red-up");
  expect(await token(page, "--down")).toBe(up);
  await page.keyboard.press("Control+k");
  await page.getByTestId("palette").getByRole("combobox").fill("colour-blind");
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("data-palette", "colour-blind");
  await desk.rest();
  await expect.poll(async () => (await picture(page, box)).count(up)).toBe(0);
});

test("the language changes at once, everywhere", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(500));
  await desk.open();
  await expect(desk.chart).toHaveAttribute("aria-label", "TEST/USDT 1 minute, candlestick chart");
  await desk.command("settings.open").click();
  await page.getByRole("radio", { name: "简体中文" }).check();
  await expect(page.locator("html")).toHaveAttribute("data-locale", "zh-CN");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await expect(page.getByTestId("settings").getByRole("heading", { name: "设置" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(desk.chart).toHaveAttribute("aria-label", "TEST/USDT 1 分钟 K线图");
  await expect(page.locator('[data-panel="factors"]')).toContainText("拐点");
  await expect(desk.chart).toContainText("开");
  await expect(desk.chart).toContainText(/量\s*\d+\.\d万/);

  await desk.command("settings.open").click();
  await page.getByRole("radio", { name: "12.3K 4.5M" }).check();
  await page.keyboard.press("Escape");
  await expect(desk.chart).toContainText(/量\s*\d+\.\dK/);
});

test.describe("in a Chinese browser", () => {
  test.use({ locale: "zh-CN" });

  test("red is up at first, and one click makes it green", async ({ server, page, complaints }) => {
    await store(server.url, SERIES, walk(500));
    await page.goto(`${server.url}/live?s=${SERIES}`);
    await expect(page.locator("html")).toHaveAttribute("data-direction", "red-up");
    await page.getByRole("button", { name: "改为绿涨" }).click();
    await expect(page.locator("html")).toHaveAttribute("data-direction", "green-up");
    await expect(page.getByTestId("first-run")).toHaveCount(0);
    await page.reload();
    await expect(page.locator("html")).toHaveAttribute("data-direction", "green-up");
    expect(complaints).toEqual([]);
  });
});
