import { beforeEach, describe, expect, it } from "vitest";
import { dismissToast, shownToasts, toast, toasts } from "./toasts";

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

  it("errors without room wait until one is closed, and take the room of everything else", () => {
    for (const code of ["a", "b", "c", "d"]) say(code, "error");
    say("info");
    const screen = () => {
      const { shown, waiting } = shownToasts(toasts.getState().list);
      return [shown.map(({ code }) => code), waiting];
    };
    expect(screen()).toEqual([["a", "b", "c"], 1]);
    dismissToast(toasts.getState().list[1]?.id ?? 0);
    expect(screen()).toEqual([["a", "c", "d"], 0]);
  });
});
