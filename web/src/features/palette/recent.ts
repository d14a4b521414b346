import { record, stored } from "../../ui/storage/stored";

const LIMIT = 8;

/** Ids of entries run from the palette, newest first. */
export const recentCommands = stored<{ ids: readonly string[] }>(
  "palette",
  () => ({ ids: [] }),
  (value) => {
    const ids = record(value)?.ids;
    return Array.isArray(ids) ? { ids: ids.filter((id) => typeof id === "string").slice(0, LIMIT) } : undefined;
  },
);

export function rememberCommand(id: string): void {
  recentCommands.setState(({ ids }) => ({ ids: [id, ...ids.filter((entry) => entry !== id)].slice(0, LIMIT) }));
}
