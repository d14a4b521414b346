import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FactorCatalog, FactorEntry } from "../../api/types";
import { checkOf, featuresOf, flatten, isShown, NOTHING_CHOSEN, showOnly, toggleFactor, toggleFeature } from "./tree";

const sub = (key: string, default_visible = true) => ({ key, label: key, default_visible });
const pivot: FactorEntry = {
  key: "pivot",
  label: "Pivot",
  default_visible: true,
  sub_features: [sub("pivot.major"), sub("pivot.minor", false)],
};
const pen: FactorEntry = {
  key: "pen",
  label: "Pen",
  default_visible: true,
  sub_features: [sub("pen.confirmed"), sub("pen.extending"), sub("pen.candidate")],
};
const plain: FactorEntry = { key: "plain", label: "Plain", default_visible: true, sub_features: [] };
const catalog: FactorCatalog = { schema_version: 1, factors: [pivot, pen, plain] };

describe("factor tree", () => {
  it("starts as the catalogue says", () => {
    expect(checkOf(NOTHING_CHOSEN, pivot)).toBe("mixed");
    expect(checkOf(NOTHING_CHOSEN, pen)).toBe("on");
    expect(flatten(NOTHING_CHOSEN, catalog)).toEqual({
      "pivot.major": true,
      "pivot.minor": false,
      "pen.confirmed": true,
      "pen.extending": true,
      "pen.candidate": true,
      plain: true,
    });
  });

  it("some becomes all, all becomes none, none brings back what was", () => {
    const all = toggleFactor(NOTHING_CHOSEN, pivot);
    expect(checkOf(all, pivot)).toBe("on");
    const one = toggleFeature(all, pivot, "pivot.minor");
    const none = toggleFactor(toggleFactor(one, pivot), pivot);
    expect(checkOf(none, pivot)).toBe("off");
    const penTwo = toggleFeature(NOTHING_CHOSEN, pen, "pen.candidate");
    expect(checkOf(penTwo, pen)).toBe("mixed");
  });

  it("remembers the children while a factor is off", () => {
    const off = { features: { "pen.candidate": false }, off: ["pen"] };
    const back = toggleFactor(off, pen);
    expect(checkOf(back, pen)).toBe("mixed");
    expect(isShown(back, pen, "pen.candidate")).toBe(false);
  });

  it("shows one alone", () => {
    const only = showOnly(catalog, "pen.extending");
    expect(Object.entries(flatten(only, catalog)).filter(([, on]) => on)).toEqual([["pen.extending", true]]);
    const factor = showOnly(catalog, "pivot");
    expect(checkOf(factor, pivot)).toBe("on");
    expect(checkOf(factor, pen)).toBe("off");
  });

  it("turning a feature on never changes what its siblings show, in any state", () => {
    const steps = fc.array(fc.record({ factor: fc.constantFrom(pivot, pen), at: fc.nat(3) }), { maxLength: 12 });
    fc.assert(
      fc.property(steps, fc.constantFrom(...featuresOf(pen)), (moves, key) => {
        let choice = NOTHING_CHOSEN;
        for (const { factor, at } of moves) {
          const feature = featuresOf(factor)[at];
          choice = feature ? toggleFeature(choice, factor, feature) : toggleFactor(choice, factor);
        }
        const before = isShown(choice, pen, key);
        const after = toggleFeature(choice, pen, key);
        expect(isShown(after, pen, key)).toBe(!before);
        for (const sibling of featuresOf(pen).filter((entry) => entry !== key)) {
          expect(isShown(after, pen, sibling)).toBe(isShown(choice, pen, sibling));
        }
      }),
    );
  });
});
