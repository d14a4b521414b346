import { describe, expect, it } from "vitest";
import { loadLocale, translator } from "../../i18n/locale";
import { failureReasons, failureText } from "./failures";

describe("a failure", () => {
  it("is told by its code in the language of the reader, and by the server where the code is not known", async () => {
    await loadLocale("zh-CN");
    const failure = { code: "backtest.run_not_found", message: "There is no backtest with this id." };
    expect(failureText(failure, translator("en"))).toBe("There is no backtest with this id.");
    expect(failureText(failure, translator("zh-CN"))).toBe("没有此编号的回测。");
    expect(failureText({ code: "other", message: "Words" }, translator("zh-CN"))).toBe("Words");
  });

  it("has the reasons of its detail, and none in a detail that is a word", () => {
    const detail = JSON.stringify({ message: "m", name: "fade", reason: "not a switch", stderr: " ", exit_code: 2 });
    expect(failureReasons(detail)).toEqual(["fade", "not a switch"]);
    expect([failureReasons("not_found"), failureReasons("[1]"), failureReasons("5")]).toEqual([[], [], []]);
  });
});
