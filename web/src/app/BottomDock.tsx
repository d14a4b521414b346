import { type ReactNode, useSyncExternalStore } from "react";
import { useT } from "../i18n/react";
import { useCommand } from "../ui/commands/context";
import { IconButton } from "../ui/controls/Button";
import { useStored } from "../ui/storage/useStored";
import { BottomSheet } from "./BottomSheet";
import type { Control } from "./control";
import { type Arrangement, BACKTEST_SHARE, BOTTOM, clampBottom, layout } from "./layout";
import { Splitter } from "./Splitter";
import { useCovered } from "./useCovered";
import type { TabName } from "./view";

interface BottomDockProps {
  control: Control;
  /** Tabs of the mode. */
  tabs: readonly TabName[];
  /** The open tab; null: folded. */
  tab: TabName | null;
  arranged: Arrangement;
  children: ReactNode;
}

const TITLES = {
  replay: "replay.title",
  backtest: "backtest.title",
  orders: "paper.title",
  log: "log.title",
} as const;

/** A strip of tabs below everything, and the open one: under the chart, floating over it, or as a sheet. */
export function BottomDock({ control, tabs, tab, arranged, children }: BottomDockProps) {
  const t = useT();
  if (arranged === "phone") {
    return tab ? (
      <BottomSheet title={t(TITLES[tab])} label={t("dock.bottom")} region="bottom" onClose={() => control.setTab(null)}>
        {children}
      </BottomSheet>
    ) : null;
  }
  return (
    <section
      data-region="bottom"
      data-open={tab ?? ""}
      aria-label={t("dock.bottom")}
      className={`shrink-0 border-t border-line bg-bg-2 ${arranged === "floating" ? "relative z-20" : ""}`}
    >
      {tab && arranged === "floating" && (
        <div className="absolute inset-x-0 bottom-full border-t border-line bg-bg-1 shadow-float">
          <Content control={control} tab={tab} over>
            {children}
          </Content>
        </div>
      )}
      <Tabs control={control} tabs={tabs} tab={tab} />
      {tab && arranged !== "floating" && (
        <Content control={control} tab={tab}>
          {children}
        </Content>
      )}
    </section>
  );
}

function Tabs({ control, tabs, tab }: Pick<BottomDockProps, "control" | "tabs" | "tab">) {
  const t = useT();
  const fold = useCommand("dock.bottom");
  return (
    <div className="flex h-(--tabs) items-center gap-1 px-1.5">
      <div role="tablist" aria-label={t("dock.bottom")} className="flex h-full">
        {tabs.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={tab === name}
            aria-controls="bottom-content"
            data-cmd={`panel.${name}`}
            onClick={() => control.setTab(tab === name ? null : name)}
            className="relative h-full px-3 text-12 text-text-2 outline-offset-[-2px] hover:text-text-1 aria-selected:font-semibold aria-selected:text-text-1 aria-selected:shadow-[inset_0_-2px_0_var(--accent)]"
          >
            {t(TITLES[name])}
          </button>
        ))}
      </div>
      <div className="flex-1" />
      <IconButton
        icon={tab ? "chevronDown" : "chevronUp"}
        label={t(tab ? "dock.fold" : "dock.unfold")}
        keys={fold.keys[0]}
        data-cmd="dock.bottom"
        aria-expanded={tab !== null}
        onClick={() => fold.run()}
      />
    </div>
  );
}

interface ContentProps extends Pick<BottomDockProps, "control" | "children"> {
  tab: TabName;
  /** It lies over the chart. */
  over?: boolean;
}

function Content({ control, tab, over = false, children }: ContentProps) {
  const t = useT();
  const windowHeight = useWindowHeight();
  const name = tab === "backtest" ? "backtestHeight" : "bottomHeight";
  const dragged = useStored(layout, (state) => state[name]);
  const preset = tab === "backtest" ? windowHeight * BACKTEST_SHARE : BOTTOM.open;
  const height = clampBottom(dragged ?? preset, windowHeight);
  useCovered(over ? `calc(${height}px - var(--tabs))` : null);
  const restore = () => {
    const { [name]: _, ...rest } = layout.getState();
    layout.setState(rest, true);
  };
  return (
    <div
      id="bottom-content"
      role="tabpanel"
      aria-labelledby={`tab-${tab}`}
      // The strip of tabs is a part of the dock's height.
      style={{ height: `calc(${height}px - var(--tabs))` }}
      className="relative flex min-h-0 flex-col border-t border-line bg-bg-1"
    >
      <Splitter
        line="horizontal"
        label={t("cmd.dock.bottom")}
        size={height}
        least={BOTTOM.least}
        most={clampBottom(Number.POSITIVE_INFINITY, windowHeight)}
        onSize={(next) => layout.setState({ [name]: clampBottom(next, windowHeight) })}
        onRestore={restore}
        onFold={() => control.setTab(null)}
      />
      {children}
    </div>
  );
}

function subscribe(onChange: () => void): () => void {
  addEventListener("resize", onChange);
  return () => removeEventListener("resize", onChange);
}

function useWindowHeight(): number {
  return useSyncExternalStore(subscribe, () => innerHeight);
}
