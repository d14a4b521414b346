import type { Page } from "@playwright/test";
import { store, walk } from "./support/market";
import { expect, SERIES, test } from "./support/test";

const WIDTHS = [
  { width: 1600, height: 900 },
  { width: 1280, height: 800 },
  { width: 820, height: 1180 },
  { width: 390, height: 844 },
  { width: 320, height: 640 },
];

/** Visible elements that stick out of the page, or out of the region that holds them. Runs in the page. */
function outside(): string[] {
  const found: string[] = [];
  for (const region of document.querySelectorAll<HTMLElement>("[data-region]")) {
    const home = region.getBoundingClientRect();
    for (const element of region.querySelectorAll<HTMLElement>("button, input, p, h2, canvas, span")) {
      const box = element.getBoundingClientRect();
      const clipped = element.closest(".sr-only, .truncate, [data-testid='chart'] table, .overflow-y-auto");
      if (box.width === 0 || clipped || getComputedStyle(element).visibility === "hidden") continue;
      const limit = region.dataset.region === "dock" ? innerWidth : home.right;
      if (box.right > limit + 1 || box.left < -1) {
        found.push(
          `${region.dataset.region}: ${element.tagName} ${element.textContent?.slice(0, 30)} ${Math.round(box.right)}`,
        );
      }
    }
  }
  return found;
}

async function expectNoOverflow(page: Page): Promise<void> {
  const sizes = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(sizes[0]).toBeLessThanOrEqual(sizes[1] as number);
  expect(await page.evaluate(outside)).toEqual([]);
}

for (const viewport of WIDTHS) {
  test(`nothing sticks out at ${viewport.width}`, async ({ desk, server, page }) => {
    await page.setViewportSize(viewport);
    await store(server.url, SERIES, walk(800));
    await desk.open();
    await expectNoOverflow(page);
    const open = viewport.width < 600 ? desk.command("menu.open") : desk.command("panel.factors");
    if (viewport.width < 1_100) await open.click();
    if (viewport.width < 600) await page.getByRole("menuitem", { name: "Factors panel" }).click();
    await expect(page.locator('[data-panel="factors"]')).toBeVisible();
    await expectNoOverflow(page);
    const plot = await desk.chart.boundingBox();
    expect(plot?.width).toBeGreaterThanOrEqual(240);
    expect(plot?.height).toBeGreaterThanOrEqual(180);
  });
}

test("with one dock open the chart has most of the window", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(300));
  await desk.open();
  const box = await desk.chart.boundingBox();
  const size = page.viewportSize();
  expect(((box?.width ?? 0) * (box?.height ?? 0)) / ((size?.width ?? 1) * (size?.height ?? 1))).toBeGreaterThan(0.62);
});

test("a whole visit moves nothing by itself", async ({ desk, server, page }) => {
  await page.addInitScript(() => {
    const seen = { sum: 0 };
    (window as unknown as { shift: typeof seen }).shift = seen;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) seen.sum += entry.value;
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  await store(server.url, SERIES, walk(2_000));
  await desk.open();
  await desk.drawn();
  await expect(page.locator('[data-panel="factors"]')).toHaveAttribute("data-state", "ready");
  const moved = await page.evaluate(() => (window as unknown as { shift: { sum: number } }).shift.sum);
  expect(moved).toBeLessThanOrEqual(0.02);
});
