// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { oneOf, record, stored } from "./stored";

interface Choice {
  theme: "dark" | "light";
}
const make = () =>
  stored<Choice>(
    "test",
    () => ({ theme: "dark" }),
    (value) => {
      const theme = oneOf(["dark", "light"], record(value)?.theme);
      return theme && { theme };
    },
  );

describe("stored", () => {
  beforeEach(() => localStorage.clear());

  it("survives a reload", () => {
    make().setState({ theme: "light" });
    expect(localStorage.getItem("tc:v1:test")).toBe('{"theme":"light"}');
    expect(make().getState().theme).toBe("light");
  });

  it.each(["{", '{"theme":"pink"}', "null", "[]"])("drops %s in silence", (text) => {
    localStorage.setItem("tc:v1:test", text);
    expect(make().getState()).toEqual({ theme: "dark" });
  });

  it("forgets on reset", () => {
    const store = make();
    store.setState({ theme: "light" });
    store.reset();
    expect(store.getState().theme).toBe("dark");
    expect(localStorage.getItem("tc:v1:test")).toBeNull();
  });
});
