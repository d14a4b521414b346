import { visibility } from "../features/factors/visibility";
import { choices } from "../features/market/choices";
import { listLook, watchlist } from "../features/market/watchlist";
import { recentCommands } from "../features/palette/recent";
import { replayChoices } from "../features/replay/choices";
import { paperSetup } from "../features/replay/paper/setup";
import { preferences } from "../features/settings/preferences";
import { scales } from "../features/stage/scales";
import type { Translate } from "../i18n/catalogue";
import { toast } from "../ui/feedback/toasts";
import { layout } from "./layout";

/** Back to the first visit, with a way to take it back. */
export function resetEverything(t: Translate): void {
  const looks = [preferences, layout, visibility, scales, recentCommands];
  const stores = [...looks, choices, watchlist, listLook, replayChoices, paperSetup];
  const undo = stores.map((store) => {
    const before = store.getState();
    return () => (store.setState as (state: unknown, replace: true) => void)(before, true);
  });
  for (const store of stores) store.reset();
  toast({
    code: "settings_reset",
    text: t("settings.resetDone"),
    action: {
      label: t("settings.undo"),
      run: () => {
        for (const restore of undo) restore();
      },
    },
  });
}
