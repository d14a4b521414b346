import { expect, it } from "vitest";
import { askFor, beginFit, isFound, learn } from "./package-fit";

it.each([
  { bars: 100, missing: [40, 90], run: 10 },
  { bars: 2_000, missing: [1_500], run: 500 },
  { bars: 501, missing: Array.from({ length: 11 }, (_, n) => 300 + n), run: 191 },
  { bars: 2, missing: [1], run: 1 },
  { bars: 50, missing: [49], run: 1 },
])("finds the bars after the last hole of $bars in a few questions", ({ bars, missing, run }) => {
  const stored = (asked: number) => asked - missing.filter((n) => n > bars - asked).length;
  let fit = beginFit(bars, stored(bars));
  let questions = 0;
  while (!isFound(fit)) {
    const asked = askFor(fit);
    fit = learn(fit, asked, stored(asked));
    questions += 1;
  }
  expect(askFor(fit)).toBe(run);
  expect(questions).toBeLessThan(12);
});
