import type { FactorCatalog, FactorEntry, SubFeature } from "../../api/types";
import { useT } from "../../i18n/react";
import { Icon } from "../../ui/controls/Icon";
import { factorHint, factorName } from "./names";
import { Swatch } from "./Swatch";
import { type Check, checkOf, isShown, showOnly, toggleFactor, toggleFeature, type Visibility } from "./tree";
import { visibility } from "./visibility";

interface FactorRowProps {
  catalog: FactorCatalog;
  factor: FactorEntry;
  choice: Visibility;
  /** Laid out in view. */
  count: number;
  /** Position in the catalogue, from 1: the digit of its key. */
  order: number;
}

export function FactorRow({ catalog, factor, choice, count, order }: FactorRowProps) {
  const name = factorName(factor.key, factor.label, useT());
  return (
    <Row
      factorKey={factor.key}
      name={name}
      check={checkOf(choice, factor)}
      count={count}
      keys={order <= 9 ? `Shift+${order}` : undefined}
      onToggle={() => visibility.setState(toggleFactor(choice, factor))}
      onOnly={() => visibility.setState(showOnly(catalog, factor.key))}
      strong
    />
  );
}

interface FeatureRowProps extends Omit<FactorRowProps, "order"> {
  feature: SubFeature;
  hue: number;
}

export function FeatureRow({ catalog, factor, feature, choice, count, hue }: FeatureRowProps) {
  const t = useT();
  const name = factorName(feature.key, feature.label, t);
  const full = `${factorName(factor.key, factor.label, t)} · ${name}`;
  return (
    <li>
      <Row
        factorKey={feature.key}
        name={name}
        full={full}
        hint={factorHint(feature.key, t)}
        check={isShown(choice, factor, feature.key) ? "on" : "off"}
        count={count}
        swatch={<Swatch feature={feature.key} hue={hue} />}
        onToggle={() => visibility.setState(toggleFeature(choice, factor, feature.key))}
        onOnly={() => visibility.setState(showOnly(catalog, feature.key))}
      />
    </li>
  );
}

interface RowProps {
  factorKey: string;
  name: string;
  full?: string;
  hint?: string;
  check: Check;
  count: number;
  keys?: string | undefined;
  swatch?: React.ReactNode;
  strong?: boolean;
  onToggle: () => void;
  onOnly: () => void;
}

function Row({
  factorKey,
  name,
  full = name,
  hint,
  check,
  count,
  keys,
  swatch,
  strong = false,
  onToggle,
  onOnly,
}: RowProps) {
  const t = useT();
  const off = check === "off";
  return (
    <div
      className={`group relative flex min-h-7 items-center pr-2 hover:bg-bg-3 coarse:min-h-11 ${strong ? "" : "text-text-2"}`}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: an input cannot be declared mixed. */}
      <button
        type="button"
        role="checkbox"
        aria-checked={check === "mixed" ? "mixed" : check === "on"}
        aria-label={t("factors.toggle", { name: full })}
        data-factor={factorKey}
        data-tip={hint || undefined}
        data-tip-keys={keys}
        onClick={onToggle}
        className={`flex min-w-0 flex-1 items-center gap-2 self-stretch text-left outline-offset-[-2px] ${strong ? "pl-3 font-semibold" : "pl-7"}`}
      >
        <Box check={check} />
        {swatch && <span className={off ? "opacity-35" : ""}>{swatch}</span>}
        <span className={`truncate ${off ? "text-text-3" : ""}`}>{name}</span>
      </button>
      <Count off={off} count={count} />
      <button
        type="button"
        aria-label={t("factors.onlyLabel", { name: full })}
        onClick={onOnly}
        className="absolute inset-y-0 right-0 bg-bg-3 pr-3 pl-3 text-12 text-accent opacity-0 outline-offset-[-2px] group-hover:opacity-100 hover:underline focus-visible:opacity-100 coarse:static coarse:bg-transparent coarse:opacity-100"
      >
        {t("factors.only")}
      </button>
    </div>
  );
}

function Count({ off, count }: { off: boolean; count: number }) {
  const t = useT();
  const words = off ? t("factors.hidden") : count === 0 ? t("factors.nothing") : t("factors.count", { n: count });
  return (
    <span className="min-w-7 text-right text-12 whitespace-nowrap text-text-3">
      <span aria-hidden="true">{off ? t("common.dash") : count === 0 ? words : count}</span>
      <span className="sr-only">{words}</span>
    </span>
  );
}

function Box({ check }: { check: Check }) {
  const filled = check !== "off";
  return (
    <span
      aria-hidden="true"
      className={`grid size-4 shrink-0 place-items-center rounded-[3px] border ${filled ? "border-accent bg-accent text-on-accent" : "border-line-strong"}`}
    >
      {check === "on" && <Icon name="check" size={12} />}
      {check === "mixed" && <Icon name="dash" size={12} />}
    </span>
  );
}
