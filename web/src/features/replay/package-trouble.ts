import type { PlainKey } from "../../i18n/catalogue";

/** What went wrong with a package, in the reader's words: by the code of an answer, or by the first word of a job's error. */
export function troubleOf(error: string): PlainKey {
  const [word = ""] = error.split(/[: ]/);
  switch (error) {
    case "replay.import.bad_package":
      return "replay.package.trouble.bad";
    case "request.payload_too_large":
      return "replay.package.trouble.large";
    case "replay.no_data":
    case "replay.build.coverage_missing":
      return "replay.package.trouble.missing";
    case "replay.build.ledger_out_of_sync":
      return "replay.package.behind";
    case "client.unreachable":
    case "client.timeout":
      return "replay.package.trouble.unreachable";
    default:
  }
  if (word.endsWith("_failed")) return "replay.package.trouble.source";
  if (word === "coverage_missing") return "replay.package.trouble.missing";
  if (word === "ledger_out_of_sync") return "replay.package.behind";
  return "replay.package.trouble.other";
}
