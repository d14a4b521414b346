import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import type { PlainKey } from "../../i18n/catalogue";
import { useT } from "../../i18n/react";
import { Icon } from "../../ui/controls/Icon";
import { Keys } from "../../ui/controls/Keys";
import { Marked } from "../../ui/controls/Marked";
import { EmptyState } from "../../ui/feedback/States";
import { Dialog } from "../../ui/overlays/Dialog";
import { useStored } from "../../ui/storage/useStored";
import { type Entry, type Section, sections } from "./entries";
import { recentCommands, rememberCommand } from "./recent";

interface CommandPaletteProps {
  entries: readonly Entry[];
  onClose: () => void;
}

export default function CommandPalette({ entries, onClose }: CommandPaletteProps) {
  const t = useT();
  const list = useId();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const recent = useStored(recentCommands, (state) => state.ids);
  const groups = useMemo(() => sections(entries, typed, recent), [entries, typed, recent]);
  const flat = groups.flatMap((group) => group.entries);
  const at = Math.min(active, Math.max(0, flat.length - 1));

  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    rememberCommand(entry.id);
    onClose();
    // After the dialog gave the focus back: what runs may move it elsewhere.
    queueMicrotask(entry.run);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter") run(flat[at]);
    else if (event.key === "ArrowDown") setActive((at + 1) % Math.max(1, flat.length));
    else if (event.key === "ArrowUp") setActive((at - 1 + flat.length) % Math.max(1, flat.length));
    else if (event.key === "k" && (event.ctrlKey || event.metaKey)) onClose();
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title={t("palette.title")} onClose={onClose} bare testId="palette">
      <div className="flex max-h-[min(72vh,560px)] flex-col" data-rows={flat.length}>
        <div className="flex items-center gap-2 border-b border-line bg-bg-2 px-3">
          <Icon name="search" className="text-text-3" />
          <input
            data-autofocus
            role="combobox"
            aria-label={t("palette.title")}
            aria-expanded="true"
            aria-controls={list}
            aria-activedescendant={flat[at] && `${list}-${at}`}
            placeholder={t("palette.placeholder")}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setActive(0);
            }}
            onKeyDown={onKeyDown}
            autoComplete="off"
            spellCheck={false}
            className="h-11 min-w-0 flex-1 text-15 outline-none"
          />
        </div>
        <div
          id={list}
          role="listbox"
          aria-label={t("palette.title")}
          className="min-h-[120px] flex-1 overflow-y-auto py-1"
        >
          {flat.length === 0 && (
            <EmptyState icon="search" title={t("palette.none", { query: typed.trim() })} text={t("palette.noneHint")} />
          )}
          {groups.map((group, index) => (
            <Group
              key={group.kind}
              id={list}
              group={group}
              first={groups.slice(0, index).reduce((sum, before) => sum + before.entries.length, 0)}
              active={at}
              onHover={setActive}
              onPick={run}
            />
          ))}
        </div>
        <p role="status" className="sr-only">
          {t("palette.results", { n: flat.length })}
        </p>
      </div>
    </Dialog>
  );
}

interface GroupProps {
  id: string;
  group: Section;
  /** Position of the first entry in the whole list. */
  first: number;
  active: number;
  onHover: (at: number) => void;
  onPick: (entry: Entry) => void;
}

function Group({ id, group, first, active, onHover, onPick }: GroupProps) {
  const t = useT();
  const title = t(`palette.group.${group.kind}` satisfies PlainKey);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a list box groups with a role, there is no element for it.
    <div role="group" aria-label={title} className="pb-1">
      <p aria-hidden="true" className="px-3 py-1 text-11 text-text-3">
        {title}
      </p>
      {group.entries.map((entry, index) => (
        <Row
          key={entry.id}
          id={`${id}-${first + index}`}
          entry={entry}
          selected={first + index === active}
          onHover={() => onHover(first + index)}
          onPick={() => onPick(entry)}
        />
      ))}
    </div>
  );
}

interface RowProps {
  id: string;
  entry: Section["entries"][number];
  selected: boolean;
  onHover: () => void;
  onPick: () => void;
}

function Row({ id, entry, selected, onHover, onPick }: RowProps) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (selected) ref.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above holds the focus and its keys choose the row.
    // biome-ignore lint/a11y/useFocusableInteractive: same; `aria-activedescendant` points here.
    <div
      ref={ref}
      id={id}
      role="option"
      aria-selected={selected}
      data-key={entry.id}
      onClick={onPick}
      onPointerMove={onHover}
      className="flex min-h-8 items-center gap-3 px-3 aria-selected:bg-bg-3 coarse:min-h-11"
    >
      <span className="min-w-0 flex-1 truncate">
        <Marked text={entry.title} at={entry.at} />
      </span>
      {entry.note && <span className="text-12 text-text-3">{entry.note}</span>}
      {entry.keys && <Keys chord={entry.keys} />}
    </div>
  );
}
