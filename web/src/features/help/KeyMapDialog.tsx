import { useState } from "react";
import type { PlainKey } from "../../i18n/catalogue";
import { useT } from "../../i18n/react";
import { caps } from "../../ui/commands/chord";
import { useCommands } from "../../ui/commands/context";
import { fuzzy } from "../../ui/commands/fuzzy";
import type { Command, CommandGroup } from "../../ui/commands/registry";
import { Icon } from "../../ui/controls/Icon";
import { Keys } from "../../ui/controls/Keys";
import { Dialog } from "../../ui/overlays/Dialog";

const GROUPS: readonly CommandGroup[] = ["navigate", "chart", "view", "replay", "factors", "help"];

/** Every key there is, made from the registry. */
export default function KeyMapDialog({
  onClose,
  titleOf,
}: {
  onClose: () => void;
  titleOf: (command: Command) => string;
}) {
  const t = useT();
  const [query, setQuery] = useState("");
  const all = [...useCommands().values()].filter((command) => command.keys.length > 0 && command.when());
  const found = all.filter((command) => {
    const text = `${titleOf(command)} ${command.keys.map((chord) => caps(chord).join("+")).join(" ")}`;
    return fuzzy(query, text) !== undefined;
  });
  return (
    <Dialog title={t("keys.title")} onClose={onClose} width="w-[720px]" testId="keys">
      <div className="sticky top-0 border-b border-line bg-bg-1 p-3">
        <label className="flex items-center gap-2 rounded-control border border-line-strong bg-bg-2 px-2 focus-within:outline-(--focus-ring)">
          <Icon name="search" className="text-text-3" />
          <input
            data-autofocus
            aria-label={t("keys.search")}
            placeholder={t("keys.search")}
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            className="h-8 flex-1 outline-none"
          />
        </label>
      </div>
      <div className="gap-x-8 p-4 phone:columns-2">
        {GROUPS.map((group) => (
          <Group key={group} group={group} commands={found} titleOf={titleOf} />
        ))}
      </div>
      {found.length === 0 && <p className="px-4 pb-4 text-text-2">{t("keys.none", { query })}</p>}
      <p className="border-t border-line px-4 py-2 text-12 text-text-3">{t("keys.single")}</p>
    </Dialog>
  );
}

function Group({
  group,
  commands,
  titleOf,
}: {
  group: CommandGroup;
  commands: readonly Command[];
  titleOf: (command: Command) => string;
}) {
  const t = useT();
  const own = commands.filter((command) => command.group === group);
  if (own.length === 0) return null;
  return (
    <section className="mb-4 break-inside-avoid">
      <h3 className="mb-1 text-12 font-semibold text-text-3">{t(`keys.group.${group}` satisfies PlainKey)}</h3>
      <dl>
        {own.map((command) => (
          <div
            key={command.id}
            className="flex items-start justify-between gap-3 border-b border-line py-1 last:border-b-0"
          >
            <dt className="min-w-0">{titleOf(command)}</dt>
            <dd className="flex flex-wrap justify-end gap-x-2 gap-y-1">
              {command.keys.map((chord) => (
                <Keys key={chord} chord={chord} />
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
