import { type KeyboardEvent, useId, useMemo, useState } from "react";
import type { StrategyList } from "../../../api/backtest-types";
import { useT } from "../../../i18n/react";
import { Field, INPUT } from "./Field";
import type { Problem } from "./form";

interface StrategyFieldProps {
  list: StrategyList;
  value: string;
  problem: Problem | undefined;
  onChange: (name: string) => void;
}

const MOST = 100;

/** A name that is searched while it is typed: arrow keys move, Enter takes, Escape leaves it as it was. */
export function StrategyField({ list, value, problem, onChange }: StrategyFieldProps) {
  const t = useT();
  const listId = useId();
  /** What is typed; null: the list is closed. */
  const [typed, setTyped] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  const found = useMemo(() => matching(list, typed ?? ""), [list, typed]);
  const spec = list.specs.find(({ name }) => name === value);
  const take = (name: string | undefined) => {
    setTyped(null);
    if (name !== undefined) onChange(name);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown" && typed === null) open();
    else if (event.key === "ArrowDown") setActive(Math.min(active + 1, found.length - 1));
    else if (event.key === "ArrowUp" && typed !== null) setActive(Math.max(active - 1, 0));
    else if (event.key === "Enter" && typed !== null) take(found[active]);
    else if (event.key === "Escape" && typed !== null) setTyped(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const open = () => {
    setTyped("");
    setActive(Math.max(0, list.names.indexOf(value)));
  };
  const versions = spec ? t("backtest.strategy.version", { version: spec.version }) : "";
  return (
    <Field
      name="strategy"
      label={t("backtest.strategy")}
      problem={problem}
      note={
        spec && <span className="whitespace-pre-line">{[spec.description, versions].filter(Boolean).join("\n")}</span>
      }
    >
      {(ids) => (
        <div className="relative">
          <input
            {...ids}
            role="combobox"
            aria-expanded={typed !== null}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={typed !== null && found[active] ? `${listId}-${active}` : undefined}
            autoComplete="off"
            spellCheck={false}
            placeholder={t("backtest.strategy.search", { n: list.names.length })}
            value={typed ?? value}
            onClick={open}
            onChange={(event) => {
              setTyped(event.target.value);
              setActive(0);
            }}
            onBlur={() => setTyped(null)}
            onKeyDown={onKeyDown}
            className={INPUT}
          />
          {typed !== null && (
            <div
              id={listId}
              role="listbox"
              aria-label={t("backtest.strategy")}
              className="absolute inset-x-0 top-full z-20 mt-0.5 max-h-56 overflow-y-auto rounded-card border border-line bg-bg-2 shadow-float"
            >
              {found.map((name, at) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys of its list.
                // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus, and names the active one.
                <div
                  key={name}
                  id={`${listId}-${at}`}
                  role="option"
                  data-key={name}
                  aria-selected={at === active}
                  onPointerDown={(event) => event.preventDefault()}
                  onClick={() => take(name)}
                  className="truncate px-2 py-1 text-12 hover:bg-bg-3 aria-selected:bg-bg-3 coarse:py-3"
                >
                  {name}
                  <span className="pl-2 text-text-3">{labelOf(list, name)}</span>
                </div>
              ))}
              {found.length === 0 && <p className="px-2 py-1 text-12 text-text-2">{t("backtest.strategy.none")}</p>}
            </div>
          )}
        </div>
      )}
    </Field>
  );
}

function labelOf({ specs }: StrategyList, name: string): string {
  return specs.find((spec) => spec.name === name)?.label ?? "";
}

/** Names with the typed words in them or in their labels, those that begin so first. */
function matching(list: StrategyList, typed: string): readonly string[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (name: string) => `${name} ${labelOf(list, name)}`.toLowerCase();
  const found = list.names.filter((name) => words.every((word) => text(name).includes(word)));
  const begins = (name: string) => Number(!name.toLowerCase().startsWith(words[0] ?? ""));
  return [...found].sort((a, b) => begins(a) - begins(b)).slice(0, MOST);
}
