import { describe, expect, it } from "vitest";
import { troubleOf } from "./package-trouble";

describe("what went wrong with a package", () => {
  it("is said by code, never by the server's sentence", () => {
    expect(troubleOf("replay.import.bad_package")).toBe("replay.package.trouble.bad");
    expect(troubleOf("request.payload_too_large")).toBe("replay.package.trouble.large");
    expect(troubleOf("client.timeout")).toBe("replay.package.trouble.unreachable");
    expect(troubleOf("replay.build.ledger_out_of_sync")).toBe("replay.package.behind");
    expect(troubleOf("server.internal")).toBe("replay.package.trouble.other");
  });

  it("of a job is said by the first word of its error", () => {
    const refused = "rest_backfill_failed:venue refused the request with status 400: Invalid symbol. (-1121)";
    expect(troubleOf(refused)).toBe("replay.package.trouble.source");
    expect(troubleOf("coverage_missing")).toBe("replay.package.trouble.missing");
    expect(troubleOf("ledger_out_of_sync:replay")).toBe("replay.package.behind");
    expect(troubleOf("the server is stopping")).toBe("replay.package.trouble.other");
  });
});
