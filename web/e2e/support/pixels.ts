/** Colours on the screen, read from screenshots: what a person sees, canvas or not. */
import type { Locator, Page } from "@playwright/test";
import { PNG } from "pngjs";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Picture {
  width: number;
  height: number;
  /** `#rrggbb` at a point. */
  at: (x: number, y: number) => string;
  /** Pixels of exactly this colour, in a part of the picture. */
  count: (colour: string, part?: Box) => number;
  /** Columns in which the two pictures differ. */
  differs: (other: Picture, part?: Box) => number[];
}

export async function picture(page: Page, clip: Box): Promise<Picture> {
  const png = PNG.sync.read(await page.screenshot({ clip, animations: "disabled", caret: "hide" }));
  const { width, height, data } = png;
  const at = (x: number, y: number) => {
    const start = (y * width + x) * 4;
    return `#${[data[start], data[start + 1], data[start + 2]].map((value) => (value ?? 0).toString(16).padStart(2, "0")).join("")}`;
  };
  const whole = { x: 0, y: 0, width, height };
  return {
    width,
    height,
    at,
    count(colour, part = whole) {
      let found = 0;
      for (let y = part.y; y < part.y + part.height; y += 1) {
        for (let x = part.x; x < part.x + part.width; x += 1) if (at(x, y) === colour) found += 1;
      }
      return found;
    },
    differs(other, part = whole) {
      const columns: number[] = [];
      for (let x = part.x; x < part.x + part.width; x += 1) {
        for (let y = part.y; y < part.y + part.height; y += 1) {
          if (at(x, y) === other.at(x, y)) continue;
          columns.push(x);
          break;
        }
      }
      return columns;
    },
  };
}

/** The plot without axes and without the legend, in page coordinates. */
export async function plotBox(chart: Locator): Promise<Box> {
  const box = await chart.boundingBox();
  if (!box) throw new Error("the chart is not on the screen");
  const axis = await chart.evaluate((node) => {
    const size = (name: string) => Number.parseFloat(getComputedStyle(node).getPropertyValue(name)) || 0;
    return { price: size("--tc-price-axis"), time: size("--tc-time-axis") };
  });
  const legend = 44;
  return {
    x: Math.ceil(box.x),
    y: Math.ceil(box.y) + legend,
    width: Math.floor(box.width - axis.price) - 2,
    height: Math.floor(box.height - axis.time) - legend - 2,
  };
}

/** A colour token as the browser resolves it. */
export function token(page: Page, name: string): Promise<string> {
  return page.evaluate((variable) => {
    const value = getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
    // The build shortens `#ffffff` to `#fff`.
    return value.toLowerCase().replace(/^#([0-9a-f])([0-9a-f])([0-9a-f])$/, "#$1$1$2$2$3$3");
  }, name);
}
