import { beforeAll, describe, expect, it } from "vitest";
import type { Activity, ActivityLevel, Happening } from "../../feed/activity";
import { loadLocale, translator } from "../../i18n/locale";
import { activityLine, activityText, filterActivities } from "./words";

beforeAll(() => loadLocale("zh-CN"));

let id = 0;
function row(what: Happening, level: ActivityLevel = "info", series: string | null = null): Activity {
  id += 1;
  return { id, atMs: 0, level, series, what, count: 1 };
}

const formats = { time: (time: number) => `T${time}`, duration: (seconds: number) => `${seconds} s` };
const en = translator("en");
const text = (entry: Activity) => activityText(entry, en, formats);

describe("rows of the log", () => {
  it("say what happened, with numbers", () => {
    expect(text(row({ kind: "restored", downMs: 4_000 }))).toBe("Connected again after 4 s");
    expect(text(row({ kind: "gap_opened", fromTime: 60, toTime: 180, missing: 3 }))).toBe(
      "3 candles are missing, T60 to T180",
    );
    const failure = { kind: "failure", code: "internal", message: "No.", path: "/api/x" } as const;
    expect(text(row({ ...failure, requestId: "r1" }))).toBe("/api/x: No. (internal, request r1)");
    expect(text(row({ ...failure, requestId: "" }))).toBe("/api/x: No. (internal)");
    expect(text(row({ ...failure, path: "", requestId: "" }))).toBe("No. (internal)");
    expect(text(row({ kind: "server", event: "write.x", message: "" }))).toBe("write.x");
    expect(activityText(row({ kind: "lost" }), translator("zh-CN"), formats)).toBe("连接已断开");
  });

  it("are copied with all of their fields", () => {
    const entry = { ...row({ kind: "rebuild" }, "info", "binance:spot:A/B:1m"), count: 2 };
    expect(activityLine(entry, text(entry), "14:05:07.123", en)).toBe(
      "14:05:07.123\tinfo\tData\tbinance:spot:A/B:1m\tStructures were computed again\t×2",
    );
  });
});

describe("filterActivities", () => {
  const rows = [
    row({ kind: "connected" }),
    row({ kind: "rebuild" }, "info", "binance:spot:A/B:1m"),
    row({ kind: "hole", fromTime: 1, nextTime: 2 }, "warn", "binance:spot:A/B:5m"),
    row({ kind: "server", event: "Write.Failed", message: "" }, "error"),
  ];
  const kinds = (filter: { level?: ActivityLevel; series?: string; text?: string }) =>
    filterActivities(rows, { level: "info", series: null, text: "", ...filter }, text).map(({ what }) => what.kind);

  it("by the least level, by series, by text in any case", () => {
    expect(kinds({ level: "warn" })).toEqual(["hole", "server"]);
    expect(kinds({ level: "error" })).toEqual(["server"]);
    expect(kinds({ series: "binance:spot:A/B:1m" })).toEqual(["rebuild"]);
    expect(kinds({ text: " write.failed " })).toEqual(["server"]);
    expect(kinds({ text: "b:5m" })).toEqual(["hole"]);
    expect(kinds({ level: "error", text: "hole" })).toEqual([]);
  });
});
