import { beforeEach, describe, expect, it } from "vitest";
import { dismissToast, toast, toasts } from "./toasts";

const shown = () => toasts.getState().list.map(({ code }) => code);
const say = (code: string, tone: "info" | "error" = "info") => toast({ code, text: code, tone });

describe("toasts", () => {
  beforeEach(() => toasts.setState({ list: [] }));

  it("merges equal ones and keeps three, the newest", () => {
    for (const code of ["a", "b", "b", "c", "d"]) say(code);
    expect(shown()).toEqual(["b", "c", "d"]);
    expect(toasts.getState().list[0]?.count).toBe(2);
  });

  it("an error stays until it is closed, whatever else happens", () => {
    say("failed", "error");
    for (const code of ["a", "b", "c"]) say(code);
    expect(shown()).toEqual(["failed", "b", "c"]);
    dismissToast(toasts.getState().list[0]?.id ?? 0);
    expect(shown()).toEqual(["b", "c"]);
  });

  it("of nothing but errors the oldest goes", () => {
    for (const code of ["a", "b", "c", "d"]) say(code, "error");
    expect(shown()).toEqual(["b", "c", "d"]);
  });
});
