import { useMemo } from "react";
import { useT } from "../../i18n/react";
import { Icon } from "../../ui/controls/Icon";
import { copyText } from "../../ui/feedback/clipboard";
import { Popover } from "../../ui/overlays/Popover";

/** Where the menu was opened and what lies there. */
export interface MenuTarget {
  x: number;
  y: number;
  price: string | null;
  time: string | null;
  /** Open time of the bar, seconds; null: there is none. */
  bar: number | null;
}

/** A drawing that can be hidden from here. */
export interface MenuFeature {
  key: string;
  name: string;
  shown: boolean;
  toggle: () => void;
}

export function ContextMenu({
  target,
  features,
  onInspect,
  onReplay,
  onClose,
}: {
  target: MenuTarget;
  features: readonly MenuFeature[];
  onInspect: (bar: number) => void;
  /** Absent where there is no replay. */
  onReplay: ((bar: number) => void) | undefined;
  onClose: () => void;
}) {
  const t = useT();
  const { x, y, price, time, bar } = target;
  const anchor = useMemo(() => ({ x, y }), [x, y]);
  const act = (run: () => void) => () => {
    onClose();
    run();
  };
  return (
    <Popover anchor={anchor} onClose={onClose} label={t("menu.title")} role="menu" className="min-w-[220px] py-1">
      {price !== null && (
        <Item icon="copy" label={t("menu.copyPrice", { price })} onClick={act(() => void copyText(price, t))} />
      )}
      {time !== null && (
        <Item icon="copy" label={t("menu.copyTime", { time })} onClick={act(() => void copyText(time, t))} />
      )}
      {bar !== null && time !== null && (
        <Item icon="inspector" label={t("menu.inspectBar", { time })} onClick={act(() => onInspect(bar))} />
      )}
      {bar !== null && time !== null && onReplay && (
        <Item icon="replay" label={t("replay.here", { time })} onClick={act(() => onReplay(bar))} />
      )}
      {features.length > 0 && <hr className="my-1 border-t border-line" />}
      {features.map((feature) => (
        <Item
          key={feature.key}
          label={t(feature.shown ? "menu.hide" : "menu.show", { name: feature.name })}
          onClick={act(feature.toggle)}
        />
      ))}
    </Popover>
  );
}

function Item({
  icon,
  label,
  onClick,
}: {
  icon?: "copy" | "inspector" | "replay";
  label: string;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      onClick={onClick}
      className="flex h-7 w-full items-center gap-2 px-3 text-left outline-offset-[-2px] hover:bg-bg-3 focus:bg-bg-3 coarse:h-11"
    >
      <span className="flex w-4 text-text-3">{icon && <Icon name={icon} size={14} />}</span>
      {label}
    </button>
  );
}
